import { useQueryClient } from "@tanstack/react-query";
import type { z } from "zod";
import type {
  AppointmentView,
  addedPerson,
  addPersonBody,
  Confirmed,
  holdBody,
  joinWaitlistBody,
  MyAppointments,
} from "../../../server/booking/contract.ts";
import { api } from "../../api/client.ts";
import { sessionKey } from "../../api/session.ts";
import { useWrite } from "../../api/write.ts";
import type { Kept } from "../my-consults.ts";

type Answer = { appointment: AppointmentView };
type Done = (appointment: AppointmentView) => unknown;

/** Puts an answer into what is shown at once, then reads everything that it touches again. */
function useTake() {
  const client = useQueryClient();
  return (appointment: Pick<AppointmentView, "id"> & Partial<AppointmentView>) => {
    client.setQueryData<Kept<MyAppointments>>(["my", "appointments"], (before) => {
      if (!before) return before;
      const known = before.appointments.some(({ id }) => id === appointment.id);
      const whole = "institution" in appointment ? (appointment as AppointmentView) : null;
      return {
        ...before,
        appointments: known
          ? before.appointments.map((one) =>
              one.id === appointment.id ? { ...one, ...appointment } : one,
            )
          : whole
            ? [...before.appointments, whole]
            : before.appointments,
      };
    });
    void client.invalidateQueries({ queryKey: ["my", "appointments"] });
    void client.invalidateQueries({ queryKey: ["booking"] });
  };
}

export function useHold(onDone: Done) {
  const take = useTake();
  return useWrite(
    (body: z.input<typeof holdBody>, key) => api.post<Answer>("/api/appointments/hold", body, key),
    {
      onDone: ({ appointment }) => {
        take(appointment);
        return onDone(appointment);
      },
    },
  );
}

export function useConfirm(onDone: (confirmed: Confirmed) => unknown) {
  const take = useTake();
  return useWrite(
    (id: string, key) => api.post<Confirmed>(`/api/appointments/${id}/confirm`, {}, key),
    {
      onDone: (confirmed) => {
        take({
          id: confirmed.id,
          state: confirmed.state,
          ticket: confirmed.ticket,
          heldUntil: null,
          version: confirmed.version,
        });
        return onDone(confirmed);
      },
    },
  );
}

/** One of the steps that answer with the appointment as it is then. */
export function useStep<Body extends object>(
  step: "cancel" | "move" | "check-in",
  onDone: Done = () => {},
) {
  const take = useTake();
  return useWrite(
    ({ id, ...body }: Body & { id: string }, key) =>
      api.post<Answer>(`/api/appointments/${id}/${step}`, body, key),
    {
      onDone: ({ appointment }) => {
        take(appointment);
        return onDone(appointment);
      },
    },
  );
}

export function useAddPerson(onDone: (person: z.infer<typeof addedPerson>) => unknown) {
  const client = useQueryClient();
  return useWrite(
    (body: z.input<typeof addPersonBody>, key) =>
      api.post<z.infer<typeof addedPerson>>("/api/my/patients", body, key),
    {
      onDone: async (person) => {
        await client.invalidateQueries({ queryKey: sessionKey });
        return onDone(person);
      },
    },
  );
}

export function useJoinWaitlist(onDone: () => unknown) {
  const client = useQueryClient();
  return useWrite(
    (body: z.input<typeof joinWaitlistBody>, key) => api.post("/api/waitlist", body, key),
    {
      onDone: async () => {
        await client.invalidateQueries({ queryKey: ["my", "appointments"] });
        return onDone();
      },
    },
  );
}

export function useWithdraw() {
  const client = useQueryClient();
  return useWrite((id: string, key) => api.post(`/api/waitlist/${id}/withdraw`, {}, key), {
    onDone: () => client.invalidateQueries({ queryKey: ["my", "appointments"] }),
  });
}
