import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { z } from "zod";
import type {
  invoiceList,
  invoiceView,
  ledgerAnswer,
  previewAnswer,
  priceList,
  unbilledList,
} from "../../server/billing/contract.ts";
import type { CoverageScheme } from "../../server/billing/domain.ts";
import { api } from "../api/client.ts";
import { useWrite } from "../api/write.ts";

export type Invoice = z.infer<typeof invoiceView>;
export type Invoices = z.infer<typeof invoiceList>;
export type Unbilled = z.infer<typeof unbilledList>["encounters"][number];
export type Preview = z.infer<typeof previewAnswer>;
export type Price = z.infer<typeof priceList>["prices"][number];
export type Ledger = z.infer<typeof ledgerAnswer>;

export const useUnbilled = () =>
  useQuery({
    queryKey: ["billing", "unbilled"],
    queryFn: ({ signal }) => api.get<{ encounters: Unbilled[] }>("/api/billing/unbilled", signal),
  });
export const useInvoices = () =>
  useQuery({
    queryKey: ["billing", "invoices"],
    queryFn: ({ signal }) => api.get<Invoices>("/api/billing/invoices", signal),
  });
export const useLedger = () =>
  useQuery({
    queryKey: ["billing", "ledger"],
    queryFn: ({ signal }) => api.get<Ledger>("/api/billing/ledger", signal),
  });
export const usePrices = () =>
  useQuery({
    queryKey: ["billing", "prices"],
    queryFn: ({ signal }) => api.get<{ prices: Price[] }>("/api/billing/prices", signal),
  });
/** What an encounter will cost, by the insurance that the card shows. */
export const usePreview = (one: Unbilled, scheme: CoverageScheme) =>
  useQuery({
    queryKey: ["billing", "preview", one.id, scheme],
    queryFn: () =>
      api.post<Preview>("/api/billing/preview", {
        patientId: one.patient.id,
        items: one.items,
        scheme,
      }),
    enabled: one.items.length > 0,
  });

/** One thing done about money; every list is read again after it. */
export function useAct(onDone?: () => void) {
  const client = useQueryClient();
  return useWrite(
    ({ path, body }: { path: string; body: object }, key) => api.post<unknown>(path, body, key),
    {
      onDone: async () => {
        await client.invalidateQueries({ queryKey: ["billing"] });
        onDone?.();
      },
    },
  );
}
