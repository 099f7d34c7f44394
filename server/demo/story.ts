import { and, desc, eq, inArray } from "drizzle-orm";
import { consult } from "../consult/schema.ts";
import { readConsult } from "../consult/service.ts";
import type { Tx } from "../db/client.ts";
import { institution } from "../directory/schema.ts";
import { DomainError } from "../errors/domain-error.ts";
import type { Services } from "../http/context.ts";
import { person, staffAccount } from "../identity/schema.ts";
import { systemActor } from "../identity/service.ts";
import { patient } from "../patients/schema.ts";
import { dawaRequest, draft, openDemoRoom, submitDemoConsult } from "./consults.ts";
import { asDemo, type DemoIds, demoActor } from "./load.ts";
import { demoPatients } from "./people.ts";

/** Ids of the demo's people, read back from the database. */
export async function findDemoIds(tx: Tx): Promise<DemoIds> {
  const institutions = await tx
    .select({ id: institution.id, slug: institution.slug })
    .from(institution);
  const people = await tx
    .select({ id: staffAccount.personId, loginName: staffAccount.loginName })
    .from(staffAccount)
    .innerJoin(person, eq(person.id, staffAccount.personId))
    .where(eq(person.demo, true));
  const patients = await tx
    .select({ id: patient.id, fullName: patient.fullName })
    .from(patient)
    .where(eq(patient.demo, true))
    .orderBy(desc(patient.createdAt));
  return {
    institutions: new Map(institutions.map((row) => [row.slug, row.id])),
    people: new Map(people.map((row) => [row.loginName, row.id])),
    patients: new Map(
      demoPatients.flatMap((one) =>
        patients
          .filter((row) => row.fullName === one.fullName)
          .map((row) => [one.key, row.id] as const),
      ),
    ),
  };
}

/**
 * Bring the story's consult to where its room is open, by the same services that people use: an
 * open one is used again, a draft is sent and accepted, a finished one is followed by a new one.
 */
export async function openStoryRoom(services: Services): Promise<{ consultId: string }> {
  const { ids, open } = await services.db.withActor(systemActor("demo"), async (tx) => {
    const found = await findDemoIds(tx);
    const patientId = found.patients.get("dawa");
    if (!patientId) throw new DomainError("auth.no-demo");
    const rows = await tx
      .select()
      .from(consult)
      .where(
        and(
          eq(consult.patientId, patientId),
          inArray(consult.state, [
            "draft",
            "submitted",
            "accepted",
            "scheduled",
            "in-session",
            "interrupted",
            "opinion-pending",
          ]),
        ),
      )
      .orderBy(desc(consult.updatedAt));
    return { ids: found, open: rows };
  });
  const ready = open.find((row) => row.state !== "draft" && row.state !== "submitted");
  if (ready) return { consultId: ready.id };
  const attending = demoActor(ids, "danzeng");
  const waiting = open[0]
    ? await asDemo(services, attending, (work) => readConsult(services, work, open[0]!.id))
    : await draft(services, ids, "danzeng", "dawa", dawaRequest);
  const sent =
    waiting.state === "draft"
      ? await submitDemoConsult(services, ids, "danzeng", waiting)
      : waiting;
  const opened = await openDemoRoom(services, ids, sent);
  return { consultId: opened.id };
}

/**
 * Partners join the story's own consult and no other.
 * @throws DomainError `request.not-found`
 */
export async function assertStoryConsult(tx: Tx, consultId: string): Promise<void> {
  const { patients } = await findDemoIds(tx);
  const [row] = await tx
    .select({ patientId: consult.patientId })
    .from(consult)
    .where(eq(consult.id, consultId));
  if (!row || row.patientId !== patients.get("dawa")) throw new DomainError("request.not-found");
}
