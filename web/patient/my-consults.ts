import { useQuery } from "@tanstack/react-query";
import type { z } from "zod";
import type { patientConsult } from "../../server/consult/contract.ts";
import { api, asApiError } from "../api/client.ts";
import { localStore } from "../api/local-store.ts";

export type MyConsult = z.infer<typeof patientConsult>;
/** What was read, and when this phone kept it if the line is gone; null: it is fresh. */
export type Kept<Answer> = Answer & { keptAt: string | null };

/** Something of mine (`/api/my/…`); without a line what this phone has kept from the last time. */
export function useMine<Answer extends object>(
  what:
    | "consults"
    | "appointments"
    | "results"
    | "paper-codes"
    | "tests"
    | "fever"
    | "road"
    | "visits",
  address = `/api/my/${what}`,
) {
  return useQuery({
    queryKey: ["my", what],
    retry: 0,
    // What was kept is replaced as soon as there is a line again.
    refetchOnReconnect: "always",
    queryFn: async ({ signal }): Promise<Kept<Answer>> => {
      try {
        const answer = await api.get<Answer>(address, signal);
        void localStore.write(`my:${what}`, { ...answer, keptAt: new Date().toISOString() });
        return { ...answer, keptAt: null };
      } catch (cause) {
        const kept = asApiError(cause).isLine
          ? await localStore.read<Kept<Answer>>(`my:${what}`)
          : undefined;
        if (!kept) throw cause;
        return kept;
      }
    },
  });
}

/** My consults. */
export function useMyConsults() {
  return useMine<{ consults: MyConsult[] }>("consults");
}

/** Leaves nothing of the person on this phone. */
export function forgetKept(): Promise<void> {
  return localStore.removeAll("my:");
}

const over = new Set<MyConsult["state"]>([
  "signed",
  "acknowledged",
  "archived",
  "declined",
  "cancelled",
]);

/** What comes next: the meeting that is running, else the earliest that is set, else the one still waited for. */
export function nextConsult(consults: readonly MyConsult[]): MyConsult | null {
  const open = consults.filter((consult) => !over.has(consult.state));
  const weight = (consult: MyConsult) =>
    consult.state === "in-session"
      ? 0
      : consult.scheduledStart
        ? Date.parse(consult.scheduledStart)
        : Number.MAX_SAFE_INTEGER;
  return open.toSorted((left, right) => weight(left) - weight(right))[0] ?? null;
}

export function withOpinion(
  consults: readonly MyConsult[],
): (MyConsult & { opinion: NonNullable<MyConsult["opinion"]> })[] {
  return consults
    .filter(
      (consult): consult is MyConsult & { opinion: NonNullable<MyConsult["opinion"]> } =>
        consult.opinion !== null,
    )
    .toSorted(
      (left, right) => Date.parse(right.opinion.signedAt) - Date.parse(left.opinion.signedAt),
    );
}
