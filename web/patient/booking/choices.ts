import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import type { ContactRelation } from "../../../server/patients/domain.ts";
import { localStore } from "../../api/local-store.ts";
import type { PatientView } from "../../api/session.ts";

/** What this phone remembers of the last booking; forgotten at sign-out with everything under `my:`. */
type Remembered = { departmentId: string | null; doctorId: string | null; personId: string | null };
const nothing: Remembered = { departmentId: null, doctorId: null, personId: null };
const key = "my:booking-choice";

export function useRemembered() {
  const client = useQueryClient();
  const { data } = useQuery({
    queryKey: ["my", "booking-choice"],
    queryFn: async () => (await localStore.read<Remembered>(key)) ?? nothing,
  });
  const remember = useCallback(
    (change: Partial<Remembered>) => {
      const next = { ...nothing, ...client.getQueryData<Remembered>(["my", "booking-choice"]) };
      Object.assign(next, change);
      client.setQueryData(["my", "booking-choice"], next);
      void localStore.write(key, next);
    },
    [client],
  );
  return { remembered: data ?? null, remember };
}

export type Person = PatientView["patients"][number];

/** For whom: whoever was chosen last, else oneself, else the first whom this phone may book for. */
export function personOf(session: PatientView | null, remembered: Remembered | null) {
  const people = session?.patients ?? [];
  return (
    people.find(({ id }) => id === remembered?.personId) ??
    people.find(({ relation }) => relation === "self") ??
    people[0] ??
    null
  );
}

/** What this phone's owner is to a patient, as the session says. */
export function relationTo(session: PatientView | null, patientId: string): ContactRelation {
  const found = session?.patients.find(({ id }) => id === patientId);
  return (found?.relation ?? "self") as ContactRelation;
}
