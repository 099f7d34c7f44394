import { useQuery } from "@tanstack/react-query";
import type { z } from "zod";
import type { patientConsult } from "../../server/consult/contract.ts";
import { api, asApiError } from "../api/client.ts";
import { localStore } from "../api/local-store.ts";

export type MyConsult = z.infer<typeof patientConsult>;
export type MyConsults = { consults: MyConsult[]; keptAt: string | null };

const keptKey = "my:consults";

/** My consults; without a line those that this phone has kept from the last time. */
export function useMyConsults() {
  return useQuery({
    queryKey: ["my", "consults"],
    retry: 0,
    queryFn: async ({ signal }): Promise<MyConsults> => {
      try {
        const { consults } = await api.get<{ consults: MyConsult[] }>("/api/my/consults", signal);
        void localStore.write(keptKey, { consults, at: new Date().toISOString() });
        return { consults, keptAt: null };
      } catch (cause) {
        const kept = asApiError(cause).isLine
          ? await localStore.read<{ consults: MyConsult[]; at: string }>(keptKey)
          : undefined;
        if (!kept) throw cause;
        return { consults: kept.consults, keptAt: kept.at };
      }
    },
  });
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
