/** Who read a person in the record stores: their own audit rows, beside what the alliance noted. */
import { and, eq, inArray } from "drizzle-orm";
import type { z } from "zod";
import { auditEvent } from "../audit/schema.ts";
import { findInstitutions } from "../directory/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { callerParameter } from "../fhir/service.ts";
import type { Services, Work } from "../http/context.ts";
import type { PatientActor } from "../identity/domain.ts";
import type { Holder } from "./locator-service.ts";
import { namesOf } from "./own-choice-service.ts";
import type { ownAccess } from "./own-contract.ts";
import { ownPerson } from "./own-person.ts";
import { keepersOf, ownContext } from "./own-rules.ts";

const rowsMax = 200;
/** Lines of systems and apps beside them: one a day for each, so that none pushes a person out. */
const systemLinesMax = 60;
/** What a reading and a change are called in `patient.access.action.*`. */
const readings = new Set([
  "read",
  "vread",
  "search",
  "history",
  "everything",
  "export",
  "summary",
  "match",
  "notify",
  "events",
]);

type Row = {
  at: Date;
  actor_kind: string;
  actor_name: string | null;
  client_name: string | null;
  institution: string | null;
  purpose: string;
  reason: string | null;
  interaction: string;
  correlation_id: string | null;
};

/**
 * Readings of the stores that keep something about who may be asked for at this phone, the newest first.
 * What the alliance noted of the same request already is left out; a store that is away is named.
 */
export async function listStoreAccess(
  services: Services,
  work: Work<PatientActor>,
): Promise<z.input<typeof ownAccess>> {
  const { tx, actor } = work;
  const institutions = await findInstitutions(tx);
  const nameOf = (id: string | null) => institutions.find((one) => one.id === id)?.name ?? null;
  const noted = await notedAlready(work);
  const entries: z.input<typeof ownAccess>["entries"] = [];
  const silent = new Map<string, ReturnType<typeof namesOf>>();
  for (const patientId of actor.patientIds) {
    const isTheirs = await ownPerson(work, patientId).catch((error: unknown) => {
      if (error instanceof DomainError) return null;
      throw error;
    });
    if (!isTheirs) continue;
    for (const keeper of await keepersOf(services, patientId)) {
      const rows = await readingsAt(services, keeper, patientId);
      if (!rows) {
        const one = institutions.find((each) => each.id === keeper.institutionId);
        if (one) silent.set(one.id, namesOf(one));
        continue;
      }
      for (const row of rows)
        if (row.correlation_id === null || !noted.has(row.correlation_id))
          entries.push({
            at: new Date(row.at).toISOString(),
            who: whoOf(row),
            institution: nameOf(row.institution),
            action: actionOf(row),
            purpose: row.purpose,
            source: nameOf(keeper.institutionId),
            reason: row.reason,
          });
    }
  }
  return {
    entries: entries.sort((a, b) => b.at.localeCompare(a.at)).slice(0, rowsMax + systemLinesMax),
    silent: [...silent.values()],
  };
}

/** A person, with the app through which he looked; a system or an own app by its name. */
const whoOf = ({ actor_kind, actor_name, client_name }: Row): string =>
  actor_kind === "person" && client_name
    ? `${actor_name ?? ""} (${client_name})`
    : (actor_name ?? client_name ?? "");

/** What it is called in `patient.access.action.*`. */
function actionOf({ actor_kind, client_name, interaction }: Row): string {
  if (interaction.startsWith("export")) return "record.export";
  const isReading = readings.has(interaction);
  if (actor_kind === "person") return isReading ? "record.read" : "record.write";
  if (client_name !== null) return "record.own-app";
  return isReading ? "record.system-read" : "record.system-write";
}

/** Requests that "who looked" tells already with the house that was asked. */
async function notedAlready({ tx, actor }: Work<PatientActor>): Promise<ReadonlySet<string>> {
  if (actor.patientIds.length === 0) return new Set();
  const rows = await tx
    .selectDistinct({ correlationId: auditEvent.correlationId })
    .from(auditEvent)
    .where(
      and(
        inArray(auditEvent.patientId, [...actor.patientIds]),
        eq(auditEvent.action, "record.ask"),
      ),
    );
  return new Set(rows.flatMap((row) => row.correlationId ?? []));
}

/**
 * Readings and changes of people, of other systems and of the person's own apps; what the server does by
 * itself and what the person read on our pages (with his own number) is none. Whoever comes by a token of ours has a number for a
 * name; the server's own tasks have words.
 */
async function readingsAt(
  services: Services,
  keeper: Holder,
  patientId: string,
): Promise<readonly Row[] | null> {
  try {
    const hosted = await services.records.find({ code: keeper.code });
    const context = ownContext(services, hosted);
    return await hosted.store.transaction(context, async (tx) => {
      await tx.unsafe("SELECT fhir.enter($1::text::jsonb)", [callerParameter(context)]);
      const about = [context.tenant, [...keeper.localIds]];
      const people = await tx.unsafe(
        `SELECT at, actor_kind, actor_name, client_name, institution, purpose, reason, interaction, correlation_id
         FROM audit_event
         WHERE tenant = $1 AND patients && $2::text[] AND actor_kind = 'person' AND outcome = 'ok'
           AND NOT (purpose = 'patient-request' AND actor = $3)
         ORDER BY at DESC, key DESC LIMIT ${rowsMax}`,
        [...about, patientId],
      );
      const systems = await tx.unsafe(
        `SELECT max(at) AS at, actor_kind, actor_name, max(client_name) AS client_name, institution, purpose,
           NULL::text AS reason, min(interaction) AS interaction, NULL::text AS correlation_id
         FROM audit_event
         WHERE tenant = $1 AND patients && $2::text[] AND actor_kind = 'client' AND outcome = 'ok'
           AND actor ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
         GROUP BY actor_kind, actor, actor_name, institution, purpose, interaction LIKE 'export%',
           interaction = ANY ($3::text[]), (at AT TIME ZONE 'Asia/Shanghai')::date
         ORDER BY 1 DESC LIMIT ${systemLinesMax}`,
        [...about, [...readings]],
      );
      return [...people, ...systems] as Row[];
    });
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return null;
  }
}
