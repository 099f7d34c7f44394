import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { z } from "zod";
import type {
  ClinicAction,
  ClinicDay,
  calledNext,
  clinicRow,
  stopped,
} from "../../server/booking/contract.ts";
import { api } from "../api/client.ts";
import { useWrite } from "../api/write.ts";

export type Schedule = ClinicDay["schedules"][number];
export type Row = z.infer<typeof clinicRow>;
export type Stopped = z.infer<typeof stopped>;

/** The clinics of a day with everybody who comes; the socket says when it changed. */
export function useClinicDay(day: string) {
  return useQuery({
    queryKey: ["booking", "clinic", day],
    queryFn: ({ signal }) => api.get<ClinicDay>(`/api/clinic/days/${day}`, signal),
    refetchInterval: 30_000,
  });
}

/** Whatever the clinic does: afterwards its day is read again. */
function useClinicWrite<Variables, Answer>(
  day: string,
  write: (variables: Variables, key: string) => Promise<Answer>,
  onDone?: (answer: Answer) => void,
) {
  const client = useQueryClient();
  return useWrite(write, {
    onDone: async (answer) => {
      onDone?.(answer);
      await client.invalidateQueries({ queryKey: ["booking", "clinic", day] });
    },
  });
}

export const useCallNext = (day: string) =>
  useClinicWrite(day, (scheduleId: string, key) =>
    api.post<z.infer<typeof calledNext>>(
      `/api/clinic/schedules/${scheduleId}/call-next`,
      { day },
      key,
    ),
  );
export const useRowAction = (day: string) =>
  useClinicWrite(day, ({ id, ...body }: ClinicAction & { id: string }, key) =>
    api.post<Row>(`/api/clinic/appointments/${id}/actions`, body, key),
  );
export const useWalkIn = (day: string, onDone: () => void) =>
  useClinicWrite(
    day,
    (body: { scheduleId: string; patientId: string }, key) =>
      api.post<Row>("/api/clinic/walk-ins", { day, ...body }, key),
    onDone,
  );
export const useDelay = (day: string, onDone: (answer: { told: number }) => void) =>
  useClinicWrite(
    day,
    ({ scheduleId, minutes }: { scheduleId: string; minutes: number }, key) =>
      api.post<{ told: number }>(
        `/api/clinic/schedules/${scheduleId}/delay`,
        { day, minutes },
        key,
      ),
    onDone,
  );
export const useStop = (day: string, onDone: (answer: Stopped) => void) =>
  useClinicWrite(
    day,
    ({ scheduleId, reason }: { scheduleId: string; reason: string }, key) =>
      api.post<Stopped>(
        `/api/clinic/schedules/${scheduleId}/stop`,
        { day, from: null, reason },
        key,
      ),
    onDone,
  );
