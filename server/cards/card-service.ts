import { randomBytes } from "node:crypto";
import type { z } from "zod";
import { trace } from "../audit/service.ts";
import type { Tx } from "../db/client.ts";
import { findInstitutions } from "../directory/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Services, type Work } from "../http/context.ts";
import type { PatientActor, StaffActor } from "../identity/domain.ts";
import { findPatient, findPatients, localDay, type PatientRecord } from "../patients/service.ts";
import { cardClaims, type SigningKey, signCard } from "./card.ts";
import type * as contract from "./contract.ts";
import { type CardPolicy, policyOn, validUntil } from "./domain.ts";
import { assertMaySign, issuerOf } from "./issuer.ts";
import * as repository from "./repository.ts";

/** How long a test stays on the page, days. */
const shownDays = 90;
const dayMilliseconds = 86_400_000;
const ridBytes = 12;

/** The tests of the people whom a phone books for: results, what is waited for, what is to be done again. */
export async function listMyResults(
  work: Work<PatientActor>,
): Promise<z.input<typeof contract.myResults>> {
  const { tx, actor, origin } = work;
  const found = await readTests(work);
  const { tests } = found;
  for (const patientId of new Set(tests.map((test) => test.patientId)))
    await trace(tx, actor, origin, {
      action: "test-result.read",
      entityType: "test-result",
      patientId,
    });
  return { results: viewTests(found) };
}

/**
 * What was released of somebody who stands at the window without a phone: nothing that is waited for, and no card
 * while he is to be tested again.
 * @throws DomainError `permission.denied`, `request.not-found`
 */
export async function listPrintable(
  work: Work<StaffActor>,
  patientId: string,
): Promise<z.input<typeof contract.myResults>> {
  const { tx, actor, origin } = work;
  const found = await readPrintable(work, patientId);
  if (found.tests.length > 0)
    await trace(tx, actor, origin, {
      action: "test-result.read",
      entityType: "test-result",
      patientId,
    });
  return { results: viewTests(found) };
}

/**
 * The signed card of a released result, to be printed for its person; he sees afterwards who printed it.
 * @param key asked for before this transaction
 * @throws DomainError `permission.denied`, `request.not-found`, `card.none` (recalled, corrected), `card.issuer`
 */
export async function printCard(
  services: Services,
  work: Work<StaffActor>,
  key: SigningKey,
  { patientId, resultId }: { patientId: string; resultId: string },
): Promise<z.input<typeof contract.cardAnswer>> {
  const found = await readPrintable(work, patientId);
  assertMaySign(services);
  return signed(services, work, key, found, resultId, "card.print");
}

function viewTests({ tests, records, policies, laboratories }: Tests) {
  return tests.map((test) => {
    const sampledAt = new Date(test.sampledAt);
    const hours =
      test.state === "negative" ? policyOn(policies, localDay(sampledAt)).validityHours : null;
    return {
      id: test.id,
      patientId: test.patientId,
      patientName: nameOf(records.get(test.patientId)),
      state: test.state,
      sampledAt: sampledAt.toISOString(),
      place: test.place,
      dueAt: iso(test.dueAt),
      releasedAt: iso(test.releasedAt),
      laboratory: laboratories.get(test.laboratoryId ?? "") ?? null,
      validityHours: hours,
      validUntil: hours ? validUntil(sampledAt, hours).toISOString() : null,
      hasCard: test.mayHaveCard,
    };
  });
}

/**
 * The signed card of a released result, for the person or whoever books for him. Asked again it is the
 * same card: its name on the list of revoked ones stays.
 * @param key asked for before this transaction
 * @throws DomainError `request.not-found`, `card.none` (recalled, corrected), `card.issuer`
 */
export async function readCard(
  services: Services,
  work: Work<PatientActor>,
  key: SigningKey,
  resultId: string,
): Promise<z.input<typeof contract.cardAnswer>> {
  assertMaySign(services);
  return signed(services, work, key, await readTests(work), resultId, "card.issue");
}

async function signed(
  services: Services,
  { tx, actor, origin, now }: Work<PatientActor | StaffActor>,
  key: SigningKey,
  { tests, records, policies, laboratories }: Tests,
  resultId: string,
  action: "card.issue" | "card.print",
): Promise<z.input<typeof contract.cardAnswer>> {
  const test = tests.find((one) => one.id === resultId);
  const record = test && records.get(test.patientId);
  if (!test || !record) throw new DomainError("request.not-found");
  // A card of nobody proves nothing; who is to be tested again has none before that result.
  if (!test.mayHaveCard) throw new DomainError("card.none");
  if ((test.state !== "negative" && test.state !== "positive") || nameOf(record) === "")
    throw new DomainError("card.none");
  const row = await repository.ensureCard(tx, {
    resultId,
    patientId: test.patientId,
    kid: key.kid,
    rid: randomBytes(ridBytes).toString("base64url"),
    issuedAt: now,
  });
  if (row.revokedAt) throw new DomainError("card.none");
  const sampledAt = new Date(test.sampledAt);
  const { birthDate, birthDateEstimated } = record.row;
  const claims = cardClaims({
    issuer: issuerOf(services),
    issuedAt: row.issuedAt,
    rid: row.rid,
    content: {
      fullName: nameOf(record),
      birthDate: birthDateEstimated ? (birthDate?.slice(0, 4) ?? null) : birthDate,
      code: testCode(policies, sampledAt),
      result: test.state,
      sampledAt,
      laboratory: laboratories.get(test.laboratoryId ?? "") ?? "",
    },
  });
  await trace(tx, actor, origin, {
    action,
    entityType: "card",
    entityId: row.id,
    patientId: test.patientId,
  });
  return { jws: signCard(claims, key), result: test.state, sampledAt: sampledAt.toISOString() };
}

type Tests = Awaited<ReturnType<typeof readTests>>;

async function readTests({ tx, actor, now }: Work<PatientActor>) {
  const since = new Date(now.getTime() - shownDays * dayMilliseconds);
  const tests = await repository.findMyTests(tx, since);
  return withWords(tx, tests, await findPatients(tx, actor.patientIds));
}

/** @throws DomainError `permission.denied`, `request.not-found` */
async function readPrintable(
  { tx, actor, now }: Work<StaffActor>,
  patientId: string,
): Promise<Tests> {
  assertPermission(actor, "card.print");
  const record = await findPatient(tx, patientId);
  if (!record) throw new DomainError("request.not-found");
  const since = new Date(now.getTime() - shownDays * dayMilliseconds);
  return withWords(tx, await repository.findPrintableTests(tx, patientId, since), [record]);
}

async function withWords(
  tx: Tx,
  tests: readonly repository.TestRow[],
  records: readonly PatientRecord[],
) {
  const institutions = await findInstitutions(tx, [
    ...new Set(tests.flatMap((test) => test.laboratoryId ?? [])),
  ]);
  return {
    tests,
    records: new Map(records.map((record) => [record.row.id, record])),
    policies: await repository.findPolicies(tx),
    laboratories: new Map(institutions.map((one) => [one.id, one.name])),
  };
}

function testCode(
  policies: readonly (CardPolicy & { testCode: string })[],
  sampledAt: Date,
): string {
  const { validFrom } = policyOn(policies, localDay(sampledAt));
  return policies.find((one) => one.validFrom === validFrom)?.testCode ?? defaultTestCode;
}
/** LOINC: SARS-CoV-2 RNA, respiratory specimen, by amplification. */
const defaultTestCode = "94500-6";

function nameOf(record: PatientRecord | undefined): string {
  return record?.row.fullName ?? record?.row.fullNameBo ?? "";
}

function iso(at: string | null): string | null {
  return at ? new Date(at).toISOString() : null;
}
