/**
 * A house outside refers somebody to one of ours: a transaction of Task (`requested`), ServiceRequest and Patient,
 * created once under its own number. It stands in our tables, not in a store: one truth for desk, clocks and answers.
 */
import type { Bundle, Reference } from "@medplum/fhirtypes";
import { and, eq, inArray, or } from "drizzle-orm";
import { FhirMappingError } from "../../fhir-mappings/mapping-error.ts";
import {
  fromReferralBundle,
  isReferralBundle,
  type ReadReferral,
} from "../../fhir-mappings/referral-bundle.ts";
import { agreedBy, consentMethodPath } from "../../fhir-mappings/referral-consent.ts";
import { extensionUrls, identifierSystems } from "../../fhir-mappings/systems.ts";
import type { Origin } from "../audit/service.ts";
import type { Tx } from "../db/client.ts";
import { department, institution } from "../directory/schema.ts";
import { DomainError } from "../errors/domain-error.ts";
import { validateResource } from "../fhir/service.ts";
import type { Services, Work } from "../http/context.ts";
import type { HouseActor } from "../identity/domain.ts";
import { person } from "../identity/schema.ts";
import { findWithPermission } from "../identity/service.ts";
import { patient } from "../patients/schema.ts";
import { referral } from "../referral/schema.ts";
import { asOurOwn, draftIn, sendIn } from "../referral/service.ts";
import type { ReplacedNumber } from "./domain.ts";
import { patientIn } from "./patient-in.ts";
import * as repository from "./repository.ts";
import { referralOutside } from "./schema.ts";
import { numberSystem } from "./send.ts";

/** The Bundle, when it refers somebody; null: somebody else's. */
export const asReferral = (body: unknown): Bundle | null => (isReferralBundle(body) ? body : null);

/**
 * Take it in. The same number again answers with what is there.
 * @returns a transaction-response
 * @throws DomainError `fhir.resource` with the path, `referral.consent-missing`, `referral.duplicate`,
 *   `referral.redirect-ring`
 */
export async function takeReferral(
  services: Services,
  { actor, origin }: { actor: HouseActor; origin: Origin },
  bundle: Bundle,
): Promise<Bundle> {
  const read = readOrRefuse(bundle);
  return services.db.withActor(actor, (tx) => {
    const work: Work<HouseActor> = { tx, actor, origin, now: services.clock() };
    return asOurOwn(work, async () => {
      const ours = await houseOf(tx, read.owner);
      if (!ours || ours.id === actor.institutionId) throw refused("Task.owner", "not a house here");
      const desk = await findWithPermission(tx, ours.id, "referral.desk", work.now);
      if (desk.length === 0) throw refused("Task.owner", "nobody answers referrals there");
      const [known] = await repository.findByNumber(tx, actor.institutionId, read.number);
      const id = known ?? (await takeNew(services, work, ours.id, read));
      return responseOf(services, bundle, id, known === undefined);
    });
  });
}

function readOrRefuse(bundle: Bundle): ReadReferral {
  try {
    return fromReferralBundle(bundle);
  } catch (error) {
    throw error instanceof FhirMappingError ? refused(error.path, wordsOf(error)) : error;
  }
}

const problemWords = {
  missing: "this is missing",
  "unknown-code": "this code is not known here",
  "wrong-shape": "this is not as it has to be",
  contradiction: "this contradicts something else in the Bundle",
} as const;
/** What cannot be guessed from its path alone. */
const pathWords: Readonly<Record<string, string>> = {
  [consentMethodPath]: `how the patient agreed: extension ${extensionUrls.consentMethod} with valueCode ${agreedBy.join(", ")}, or the signed paper as Consent.source`,
  "DiagnosticReport.subject":
    "a result travels with the Patient whom it is about, and with no other",
  "Observation.subject": "a result travels with the Patient whom it is about, and with no other",
  "Consent.performer": "who agreed: the name as display, or the Patient",
  "Consent.dateTime": "when the patient agreed",
  "Consent.extension(consent-witness)": `a fingerprint has a named witness: extension ${extensionUrls.consentWitness} with valueString`,
  "Consent.extension(consent-reason)": `why it is a fingerprint: extension ${extensionUrls.consentReason} with valueString`,
};
const wordsOf = ({ path, problem }: FhirMappingError): string =>
  [problemWords[problem], pathWords[path]].filter(Boolean).join("; ");

const refused = (expression: string, diagnostics: string) =>
  new DomainError("fhir.resource", {
    issues: [{ severity: "error", code: "invalid", diagnostics, expression }],
  });

/** They are kept, shown and passed on as they are written: so they have to be written well. */
function assertResults(results: ReadReferral["results"]): void {
  for (const one of results) {
    const issues = validateResource(one).filter(({ severity }) => severity === "error");
    if (issues.length > 0) throw new DomainError("fhir.resource", { issues });
  }
}

async function takeNew(
  services: Services,
  work: Work<HouseActor>,
  ourId: string,
  read: ReadReferral,
): Promise<string> {
  const { tx, actor, now } = work;
  const { request } = read;
  assertResults(read.results);
  await assertNoRing(services, tx, ourId, read.replaces);
  const above = await wayUp(tx, ourId, actor.institutionId, read.endsWayUp);
  const { birthDate } = read.patient;
  if (above?.birthDate && birthDate && above.birthDate !== birthDate)
    throw refused("ServiceRequest.basedOn", "that referral is about somebody else");
  let patientId: string;
  try {
    // Whom we sent up ourselves comes home as the same person, with or without an ID card.
    patientId =
      above?.patientId ?? (await patientIn(services, work, actor.institutionId, read.patient));
  } catch (error) {
    throw error instanceof FhirMappingError ? refused(error.path, wordsOf(error)) : error;
  }
  const vitals = read.vitals;
  const row = await draftIn(work, {
    ...(above ? { previousId: above.id, episodeId: above.episodeId } : {}),
    direction: request.direction,
    urgency: request.urgency,
    patientId,
    requesterId: await requesterOf(tx, actor, read.requesterName),
    requesterPhone: request.requesterPhone,
    toInstitutionId: ourId,
    toDepartmentId: await departmentOf(tx, ourId, read.department),
    reason: request.reason,
    impression: request.impression.map(({ code, text }) => ({ code, text })),
    presentHistory: request.presentHistory,
    pastHistory: request.pastHistory,
    examination: request.examination,
    results: request.results,
    treatmentSoFar: request.treatmentSoFar,
    allergies: request.allergies,
    criteria: [...request.criteria],
    admissionNumber: request.admissionNumber,
    plan: read.plan?.plan ?? request.plan,
    rehabilitationAdvice: request.rehabilitationAdvice,
    reviewOn: read.plan?.reviewOn ?? null,
    returnTriggers: [...read.returnTriggers],
    medicines: (read.plan?.medicines ?? []).map((one) => ({
      ...one,
      available: null,
      substitute: null,
    })),
    // Whom to ring about a result that is still out: the house that waits for it.
    pendingResults: (read.plan?.pendingResults ?? []).map((one) => ({
      ...one,
      ownerPhone: request.requesterPhone ?? "",
    })),
    ...(vitals
      ? {
          vitals: {
            temperatureCelsius: vitals.temperatureCelsius,
            systolicMmHg: vitals.systolicMmHg,
            diastolicMmHg: vitals.diastolicMmHg,
            pulsePerMinute: vitals.pulsePerMinute,
            breathsPerMinute: vitals.breathsPerMinute,
            spo2Percent: vitals.spo2Percent,
            weightKg: vitals.weightKg,
            altitudeMetres: vitals.altitudeMetres,
            measuredAt: vitals.measuredAt?.toISOString() ?? null,
          },
        }
      : {}),
  });
  const server = await repository.findServer(tx, ourId, actor.institutionId);
  const within = server && read.taskAddress?.startsWith(`${server.base}/Task/`);
  const made = await repository.insertLine(tx, {
    referralId: row.id,
    ourInstitutionId: ourId,
    houseId: actor.institutionId,
    side: "from",
    outsideId: within ? server.id : null,
    theirSystem: read.number.system,
    theirNumber: read.number.value,
    theirTask: within ? (read.taskAddress?.split("/").at(-1) ?? null) : null,
    agreedState: "submitted",
    theirState: "submitted",
    consent: read.consent,
    replaces: [...read.replaces],
    results: [...read.results],
    requesterName: read.requesterName,
    readAt: now,
  });
  // Twice at the same moment: the other one stands, and this one is asked again.
  if (!made) throw new DomainError("fhir.conflict");
  await sendIn(
    work,
    row,
    read.consent && { ...read.consent, recordedAt: new Date(read.consent.at) },
  );
  return row.id;
}

/** A house of ours by a name that both sides have, or by its id here. */
async function houseOf(tx: Tx, owner: Reference): Promise<{ id: string } | null> {
  const { system, value } = owner.identifier ?? {};
  const [, id] = /^Organization\/([0-9a-f-]{36})$/.exec(owner.reference ?? "") ?? [];
  const where =
    system === identifierSystems.creditCode && value
      ? eq(institution.creditCode, value)
      : system === identifierSystems.institutionSlug && value
        ? eq(institution.slug, value)
        : id
          ? eq(institution.id, id)
          : null;
  if (!where) return null;
  const [found] = await tx.select({ id: institution.id }).from(institution).where(where);
  return found ?? null;
}

async function departmentOf(
  tx: Tx,
  institutionId: string,
  wanted: ReadReferral["department"],
): Promise<string | null> {
  if (!wanted) return null;
  const rows = await tx
    .select()
    .from(department)
    .where(eq(department.institutionId, institutionId));
  const found =
    rows.find((one) => one.slug === wanted.slug) ??
    rows.find((one) => [one.name, one.nameEn].includes(wanted.name));
  return found?.id ?? null;
}

/** Who asks there, once per house and name: nobody who signs in here. */
async function requesterOf(tx: Tx, actor: HouseActor, name: string | null): Promise<string> {
  const called = (name ?? actor.name).slice(0, 100);
  const [known] = await tx
    .select({ id: person.id })
    .from(person)
    .innerJoin(referral, eq(referral.requesterId, person.id))
    .innerJoin(referralOutside, eq(referralOutside.referralId, referral.id))
    .where(
      and(
        eq(referralOutside.houseId, actor.institutionId),
        eq(referralOutside.side, "from"),
        eq(person.name, called),
      ),
    )
    .limit(1);
  if (known) return known.id;
  const [made] = await tx.insert(person).values({ name: called }).returning({ id: person.id });
  return made!.id;
}

/**
 * Somebody whom our house sent on, or back, or referred itself, does not come to it again by this way. A number
 * counts with its system: two installations may give out the same one.
 */
async function assertNoRing(
  services: Services,
  tx: Tx,
  ourId: string,
  chain: readonly ReplacedNumber[],
): Promise<void> {
  if (chain.length === 0) return;
  const own = numberSystem(services);
  const ownNumbers = chain.flatMap(({ system, value }) =>
    system === null || system === own ? [value, value.replace(/-\d+$/, "")] : [],
  );
  const theirs = chain.map(({ system, value }) =>
    and(
      eq(referralOutside.theirNumber, value),
      system === null ? undefined : eq(referralOutside.theirSystem, system),
    ),
  );
  const [asked] = await tx
    .select({ id: referral.id })
    .from(referral)
    .leftJoin(referralOutside, eq(referralOutside.referralId, referral.id))
    .where(
      or(
        and(
          eq(referral.toInstitutionId, ourId),
          inArray(referral.state, ["redirected", "returned"]),
          or(inArray(referral.number, ownNumbers), ...theirs),
        ),
        and(eq(referral.fromInstitutionId, ourId), inArray(referral.number, ownNumbers)),
      ),
    )
    .limit(1);
  if (asked) throw new DomainError("referral.redirect-ring");
}

/** Our own way up to that house, which a way down of theirs ends, and whom it was about. */
async function wayUp(tx: Tx, ourId: string, houseId: string, number: string | null) {
  if (number === null) return null;
  const [found] = await tx
    .select({
      id: referral.id,
      episodeId: referral.episodeId,
      patientId: referral.patientId,
      birthDate: patient.birthDate,
    })
    .from(referral)
    .innerJoin(patient, eq(patient.id, referral.patientId))
    .where(
      and(
        // Behind it may stand which time it was sent.
        eq(referral.number, number.replace(/-\d+$/, "")),
        eq(referral.direction, "up"),
        eq(referral.fromInstitutionId, ourId),
        eq(referral.toInstitutionId, houseId),
      ),
    );
  return found ?? null;
}

function responseOf(services: Services, bundle: Bundle, id: string, fresh: boolean): Bundle {
  const base = `${services.publicUrl}/fhir`;
  return {
    resourceType: "Bundle",
    type: "transaction-response",
    entry: (bundle.entry ?? []).map(({ resource }) => ({
      response: {
        status: fresh ? "201 Created" : "200 OK",
        // What goes along is part of the referral: it is read with the Task.
        ...(resource?.resourceType === "Task" ? { location: `${base}/Task/${id}` } : {}),
      },
    })),
  };
}
