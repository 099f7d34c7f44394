import { useQuery, useQueryClient } from "@tanstack/react-query";
import type {
  DeskView,
  FeverActionBody,
  PolicyQuestions,
  PolicyView,
  RoomList,
  VisitView,
} from "../../server/fever/contract.ts";
import { api } from "../api/client.ts";
import { useWrite } from "../api/write.ts";

export type { DeskView, PolicyView, RoomList, VisitView };

type RegisterFields = { version: number; phone?: string; onsetOn: string | null } & Record<
  "currentAddress" | "workplace" | "complaint" | "companions",
  string
>;
export type VisitLine = DeskView["visits"][number];
export type Room = DeskView["rooms"][number];
export type Transfer = DeskView["incoming"][number];
export type DistributiveOmit<Type, Key extends PropertyKey> = Type extends unknown
  ? Omit<Type, Key>
  : never;
export type ActionBody = DistributiveOmit<FeverActionBody, "version">;

/** The desk; the socket says when it changed. */
export function useDesk() {
  return useQuery({
    queryKey: ["fever", "desk"],
    queryFn: ({ signal }) => api.get<DeskView>("/api/fever/desk", signal),
    refetchInterval: 60_000,
  });
}
export function useVisit(id: string) {
  return useQuery({
    queryKey: ["fever", "visit", id],
    queryFn: ({ signal }) => api.get<VisitView>(`/api/fever/visits/${id}`, signal),
  });
}

/** Whatever is written: the answer is shown, the desk is read again. */
function useVisitWrite<Variables>(
  write: (variables: Variables, key: string) => Promise<VisitView>,
  onDone?: (visit: VisitView) => unknown,
) {
  const client = useQueryClient();
  return useWrite(write, {
    onDone: (visit) => {
      client.setQueryData(["fever", "visit", visit.id], visit);
      // What the answer opens is there at once; the desk follows.
      void client.invalidateQueries({ queryKey: ["fever", "desk"] });
      return onDone?.(visit);
    },
  });
}

export const useAdmit = (onDone: (visit: VisitView) => unknown) =>
  useVisitWrite(
    (body: { appointmentId: string } | { patientId: string } | { code: string }, key) =>
      api.post<VisitView>("/api/fever/visits", body, key),
    onDone,
  );
export const useMeasure = (id: string, onDone?: () => unknown) =>
  useVisitWrite(
    (
      body:
        | { kind: "temperature"; value: number }
        | { kind: "spo2"; value: number; altitudeMetres: number | null },
      key,
    ) => api.post<VisitView>(`/api/fever/visits/${id}/measurements`, body, key),
    onDone,
  );
export const useAct = (id: string, onDone?: (visit: VisitView) => unknown) =>
  useVisitWrite(
    (body: ActionBody & { version: number }, key) =>
      api.post<VisitView>(`/api/fever/visits/${id}/actions`, body, key),
    onDone,
  );
export const useRegister = (id: string) =>
  useVisitWrite((body: RegisterFields, key) =>
    api.put<VisitView>(`/api/fever/visits/${id}/register`, body, key),
  );
export const useAnswers = (id: string, onDone?: () => unknown) =>
  useVisitWrite(
    (
      body: { version: number; policyId: string; answers: { question: string; value: string }[] },
      key,
    ) => api.post<VisitView>(`/api/fever/visits/${id}/answers`, body, key),
    onDone,
  );
export const useAlarm = (id: string) =>
  useVisitWrite((body: { measurementId: number; receiverId: string }, key) =>
    api.post<VisitView>(`/api/fever/visits/${id}/critical-values`, body, key),
  );

function useDeskWrite<Variables>(write: (variables: Variables, key: string) => Promise<unknown>) {
  const client = useQueryClient();
  return useWrite(write, { onDone: () => client.invalidateQueries({ queryKey: ["fever"] }) });
}
export const useCleanRoom = () =>
  useDeskWrite((stayId: string, key) => api.post("/api/fever/rooms/disinfected", { stayId }, key));
export const useLift = () =>
  useDeskWrite(({ id, reason }: { id: string; reason: string }, key) =>
    api.post(`/api/fever/blocks/${id}/lift`, { reason }, key),
  );

export function useRoomList() {
  return useQuery({
    queryKey: ["fever", "rooms"],
    queryFn: ({ signal }) => api.get<RoomList>("/api/fever/rooms", signal),
  });
}
export const useAddRoom = () =>
  useDeskWrite((body: { name: string; kind: string }, key) =>
    api.post("/api/fever/rooms", body, key),
  );
export const useChangeRoom = () =>
  useDeskWrite(({ id, ...body }: { id: string; name?: string; active?: boolean }, key) =>
    api.put(`/api/fever/rooms/${id}`, body, key),
  );
export const useEntrance = () =>
  useDeskWrite((body: { zh: string; en: string; bo: string }, key) =>
    api.put("/api/fever/entrance", body, key),
  );

export function useRules() {
  return useQuery({
    queryKey: ["fever", "rules"],
    queryFn: ({ signal }) => api.get<{ policies: PolicyView[] }>("/api/fever/rules", signal),
  });
}
export const useDraft = () =>
  useDeskWrite((body: object, key) => api.post("/api/fever/rules", body, key));
/** What would be asked with these numbers; what was shown stays while it is asked for. */
export const usePreview = (numbers: object) =>
  useQuery({
    queryKey: ["fever", "preview", numbers],
    queryFn: (): Promise<PolicyQuestions> => api.post("/api/fever/rules/preview", numbers),
    placeholderData: (before) => before,
    retry: false,
  });
export const usePublish = () =>
  useDeskWrite((id: string, key) => api.post(`/api/fever/rules/${id}/publish`, {}, key));
