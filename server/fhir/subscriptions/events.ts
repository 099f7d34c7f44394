/** Events on their way out. */
import { callerParameter, type StoreContext } from "../store/caller.ts";
import type { StoreTx } from "../store/database.ts";
import type { NotifiedEvent } from "./notification.ts";
import type * as repository from "./repository.ts";

/** Says whose data went out; nothing when none did. */
export async function auditEvents(
  tx: StoreTx,
  context: StoreContext,
  interaction: "notify" | "events",
  id: string,
  rows: readonly repository.EventRow[],
): Promise<void> {
  const shown = rows.filter((one) => one.seen);
  const patients = [...new Set(shown.flatMap((one) => one.patients))];
  if (patients.length === 0) return;
  await tx.unsafe(
    "SELECT fhir.audit($1::text::jsonb, $2, 'Subscription', $3, 'ok', $4::text[], $5::text[], NULL)",
    [
      callerParameter(context),
      interaction,
      id,
      patients,
      [...new Set(shown.map((one) => `${one.type}/${one.resourceId}`))],
    ],
  );
}

export const notifiedOf = (row: repository.EventRow): NotifiedEvent => ({
  number: row.number,
  at: row.at,
  focus: row.seen
    ? {
        type: row.type,
        id: row.resourceId,
        version: row.version,
        method: row.method,
        text: row.text,
      }
    : null,
});
