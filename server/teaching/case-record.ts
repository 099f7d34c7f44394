/** What of a patient's record may go into a case, as the reader's house sees it anyway. */
import { and, desc, eq } from "drizzle-orm";
import { attachment } from "../attachments/schema.ts";
import { consult } from "../consult/schema.ts";
import type { Services, Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { ofPerson } from "../patients/service.ts";
import {
  beginRecord,
  type Federation,
  locateRecord,
  type RecordEvent,
  type RecordItem,
  streamRecord,
} from "../records/service.ts";

/** Everything that houses answer, joined; who did not answer is named. */
export async function readRecord(
  { services, federation, via }: { services: Services; federation: Federation; via: URL | null },
  work: { actor: StaffActor; origin: Work["origin"] },
  patientId: string,
): Promise<{ items: RecordItem[]; missing: string[] }> {
  const begun = await services.db.withActor(work.actor, (tx) =>
    beginRecord(
      services,
      { ...work, tx, now: services.clock() },
      {
        patientId,
        source: null,
        emergency: null,
      },
    ),
  );
  const opened = await locateRecord(services, begun, via);
  const items = new Map<string, RecordItem>();
  const missing: string[] = [];
  await streamRecord(services, federation, opened, (event: RecordEvent) => {
    // A thing that two houses tell comes again with both: the last word counts.
    if (event.type === "items") for (const item of event.items) items.set(item.key, item);
    if (event.type === "source" && event.state === "down") missing.push(event.source);
  });
  return { items: [...items.values()], missing };
}

/** Stills of the patient's consults that the reader's house takes part in. */
export async function findStills(
  work: Work<StaffActor>,
  patientId: string,
): Promise<{ attachmentId: string; storageKey: string; takenAt: Date }[]> {
  const rows = await work.tx
    .select({
      attachmentId: attachment.id,
      storageKey: attachment.storageKey,
      takenAt: attachment.createdAt,
    })
    .from(attachment)
    .innerJoin(consult, eq(consult.id, attachment.consultId))
    .where(
      and(
        ofPerson(consult.patientId, patientId),
        eq(attachment.purpose, "still"),
        eq(attachment.state, "complete"),
      ),
    )
    .orderBy(desc(attachment.createdAt))
    .limit(40);
  return rows;
}
