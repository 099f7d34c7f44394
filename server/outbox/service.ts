import type { Tx } from "../db/client.ts";
import type { Changed } from "../realtime/contract.ts";
import { outboxEvent } from "./schema.ts";

/** Who is told of a change. */
export type Audience = {
  institutionIds?: (string | null)[];
  personIds?: string[];
  patientIds?: string[];
};

/** Tell of a change after commit; the row travels in the transaction of the change. */
export async function announce(
  tx: Tx,
  change: Changed,
  audience: Audience,
  detail: Record<string, unknown> = {},
): Promise<void> {
  await tx.insert(outboxEvent).values({
    topic: change.topic,
    entityId: change.id,
    version: change.version,
    institutionIds: (audience.institutionIds ?? []).filter((id) => id !== null),
    personIds: audience.personIds ?? [],
    patientIds: audience.patientIds ?? [],
    detail,
  });
}
