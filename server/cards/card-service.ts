import { randomBytes } from "node:crypto";
import type { z } from "zod";
import { trace } from "../audit/service.ts";
import { findInstitutions } from "../directory/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import type { Services, Work } from "../http/context.ts";
import type { PatientActor } from "../identity/domain.ts";
import { findPatients, localDay, type PatientRecord } from "../patients/service.ts";
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
  const { tests, records, policies, laboratories } = await readTests(work);
  for (const patientId of new Set(tests.map((test) => test.patientId)))
    await trace(tx, actor, origin, {
      action: "test-result.read",
      entityType: "test-result",
      patientId,
    });
  return {
    results: tests.map((test) => {
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
    }),
  };
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
  const { tx, actor, origin, now } = work;
  assertMaySign(services);
  const { tests, records, policies, laboratories } = await readTests(work);
  const test = tests.find((one) => one.id === resultId);
  const record = test && records.get(test.patientId);
  if (!test || !record) throw new DomainError("request.not-found");
  // A card of nobody proves nothing.
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
    action: "card.issue",
    entityType: "card",
    entityId: row.id,
    patientId: test.patientId,
  });
  return { jws: signCard(claims, key), result: test.state, sampledAt: sampledAt.toISOString() };
}

async function readTests({ tx, actor, now }: Work<PatientActor>) {
  const tests = await repository.findMyTests(
    tx,
    new Date(now.getTime() - shownDays * dayMilliseconds),
  );
  const records = await findPatients(tx, actor.patientIds);
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
