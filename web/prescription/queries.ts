import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { z } from "zod";
import type {
  encounterList,
  medicineList,
  PrescriptionView,
  prescriptionList,
  stockView,
} from "../../server/prescription/contract.ts";
import { api } from "../api/client.ts";
import { useWrite } from "../api/write.ts";

export type List = z.infer<typeof prescriptionList>["prescriptions"];
export type Encounter = z.infer<typeof encounterList>["encounters"][number];
export type Found = z.infer<typeof medicineList>["medicines"][number];

export const useEncounters = () =>
  useQuery({
    queryKey: ["prescription", "encounters"],
    queryFn: ({ signal }) =>
      api.get<{ encounters: Encounter[] }>("/api/prescriptions/encounters", signal),
  });
/** `own`, `queue` or `desk`. */
export const useList = (which: "own" | "queue" | "desk") =>
  useQuery({
    queryKey: ["prescription", which],
    queryFn: ({ signal }) =>
      api.get<{ prescriptions: List }>(
        which === "own" ? "/api/prescriptions" : `/api/prescriptions/${which}`,
        signal,
      ),
  });
export const usePrescription = (id: string) =>
  useQuery({
    queryKey: ["prescription", id],
    queryFn: ({ signal }) => api.get<PrescriptionView>(`/api/prescriptions/${id}`, signal),
  });
export const useMedicines = (typed: string, prescription: string) =>
  useQuery({
    queryKey: ["medicines", prescription, typed],
    queryFn: ({ signal }) =>
      api.get<{ medicines: Found[] }>(
        `/api/prescriptions/medicines?q=${encodeURIComponent(typed)}&prescription=${prescription}`,
        signal,
      ),
    enabled: typed.length > 0,
  });
export const useStock = () =>
  useQuery({
    queryKey: ["prescription", "stock"],
    queryFn: ({ signal }) => api.get<z.infer<typeof stockView>>("/api/pharmacy/stock", signal),
  });

/** One thing done to a prescription; the answer is the whole of it. */
export function useAct(onDone?: (answer: PrescriptionView) => void) {
  const client = useQueryClient();
  return useWrite(
    ({ path, body }: { path: string; body: object }, key) =>
      api.post<PrescriptionView>(path, body, key),
    {
      onDone: (answer) => {
        client.setQueryData(["prescription", answer.id], answer);
        void client.invalidateQueries({ queryKey: ["prescription"] });
        onDone?.(answer);
      },
    },
  );
}
