/** A cloned database with two hospitals, their people, one patient and one submitted consult. */
import { randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import postgres from "postgres";
import { consult } from "../../server/consult/schema.ts";
import { createVault } from "../../server/crypto/vault.ts";
import { createDatabase, type Database, type Tx } from "../../server/db/client.ts";
import { agreement, institution } from "../../server/directory/schema.ts";
import type { Actor, PatientActor, StaffActor } from "../../server/identity/domain.ts";
import { person } from "../../server/identity/schema.ts";
import { patient, patientContact, patientInstitution } from "../../server/patients/schema.ts";
import { createTestDatabase } from "../support/database.ts";

export const system: Actor = { kind: "system", reason: "test", language: "zh-CN" };
export const origin = { correlationId: "test", address: null };
export const silent = { info: () => {}, warn: () => {}, error: () => {} };
export const vault = createVault({
  dataKeys: { k1: Buffer.alloc(32, 1) },
  currentDataKeyId: "k1",
  blindIndexKey: Buffer.alloc(32, 2),
});

export type Clone = {
  db: Database;
  /** A connection past all policies, to look at what really lies there. */
  admin: postgres.Sql;
  name: string;
  jobsUrl: string;
  close: () => Promise<void>;
};

/** A database of this test file alone, cloned from the migrated template. */
export async function cloneDatabase(): Promise<Clone> {
  const database = await createTestDatabase();
  const db = createDatabase(database.app, 6);
  const admin = postgres(database.admin, { max: 2, onnotice: () => {} });
  return {
    db,
    admin,
    name: new URL(database.app).pathname.slice(1),
    jobsUrl: database.jobs,
    close: async () => {
      await Promise.all([db.close(), admin.end({ timeout: 1 })]);
      await database.drop();
    },
  };
}

export type World = Awaited<ReturnType<typeof createWorld>>;

/** Sakya asks, Xuhui is asked, a third hospital has nothing to do with it. */
export async function createWorld(db: Database) {
  return db.withActor(system, async (tx) => {
    const now = new Date();
    const [sakya, xuhui, stranger] = await tx
      .insert(institution)
      .values(
        ["sakya", "xuhui", "stranger"].map((slug) => ({
          slug,
          kind: "hospital" as const,
          level: "tertiary" as const,
        })),
      )
      .returning();
    const people = await tx
      .insert(person)
      .values(["attending", "specialist", "outsider"].map((name) => ({ name })))
      .returning();
    const [signed] = await tx
      .insert(agreement)
      .values({
        invitingInstitutionId: sakya!.id,
        invitedInstitutionId: xuhui!.id,
        signedOn: "2026-01-01",
      })
      .returning();
    const [sick] = await tx
      .insert(patient)
      .values({
        fullName: "次仁",
        sex: "male",
        managingInstitutionId: sakya!.id,
        updatedAt: now,
      })
      .returning();
    const phoneIndex = vault.blindIndex("phone", "13800000001");
    await tx.insert(patientContact).values({
      patientId: sick!.id,
      relation: "self",
      phoneCipher: vault.seal("patient_contact.phone", "13800000001"),
      phoneIndex,
      maySignIn: true,
    });
    await tx
      .insert(patientInstitution)
      .values({ patientId: sick!.id, institutionId: sakya!.id, source: "registration" });
    const consultId = await submitConsult(tx, {
      patientId: sick!.id,
      invitingInstitutionId: sakya!.id,
      invitedInstitutionId: xuhui!.id,
      agreementId: signed!.id,
      requesterId: people[0]!.id,
    });
    const staff = (index: number, institutionId: string, permissions: string[]): StaffActor => ({
      kind: "staff",
      personId: people[index]!.id,
      institutionId,
      permissions: new Set(permissions),
      sessionId: randomUUID(),
      name: people[index]!.name,
      language: "zh-CN",
    });
    const sickActor: PatientActor = {
      kind: "patient",
      phoneIndex,
      patientIds: [sick!.id],
      sessionId: randomUUID(),
      language: "zh-CN",
    };
    return {
      consultId,
      patientId: sick!.id,
      sakyaId: sakya!.id,
      xuhuiId: xuhui!.id,
      attending: staff(0, sakya!.id, [
        "patient.read",
        "patient.register",
        "consult.request",
        "consult.room",
      ]),
      specialist: staff(1, xuhui!.id, ["patient.read", "consult.opinion", "consult.room"]),
      outsider: staff(2, stranger!.id, ["patient.read", "consult.opinion", "consult.desk"]),
      patient: sickActor,
    };
  });
}

type Parties = Pick<
  typeof consult.$inferInsert,
  "patientId" | "invitingInstitutionId" | "invitedInstitutionId" | "agreementId" | "requesterId"
>;

export async function submitConsult(tx: Tx, parties: Parties): Promise<string> {
  const now = new Date();
  const [draft] = await tx
    .insert(consult)
    .values({ ...parties, number: `HZ${randomUUID()}`, updatedAt: now })
    .returning();
  await tx
    .update(consult)
    .set({ state: "submitted", submittedAt: now, version: 2 })
    .where(eq(consult.id, draft!.id));
  return draft!.id;
}

/** Waits until `check` gives something, asking again; fails with `what` after `timeoutMs`. */
export async function eventually<Result>(
  what: string,
  check: () => Result | null | undefined | false | Promise<Result | null | undefined | false>,
  timeoutMs = 10_000,
): Promise<Result> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const result = await check();
    if (result) return result;
    if (Date.now() > end) throw new Error(`did not happen in ${timeoutMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
