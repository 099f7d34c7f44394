/** Who is told when something became of an invoice. */
import type { Work } from "../http/context.ts";
import { announce } from "../outbox/service.ts";
import type { InvoiceRow } from "./repository.ts";

/** Its pages are told after commit. Amounts are read anew, never told. */
export const tellOf = ({ tx }: Pick<Work, "tx">, row: InvoiceRow): Promise<void> =>
  announce(
    tx,
    { topic: "invoice", id: row.id, version: 0 },
    { institutionIds: [row.institutionId], personIds: [], patientIds: [row.patientId] },
  );
