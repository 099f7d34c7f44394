import type { z } from "zod";
import { putAlarm } from "../alarms/service.ts";
import { trace } from "../audit/service.ts";
import { addDays, addWorkingMinutes } from "../calendar/domain.ts";
import { guardianBelowYears, needsGuardian } from "../consult/domain.ts";
import type { Tx } from "../db/client.ts";
import { findCalendar } from "../directory/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Services, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { findWithPermission } from "../identity/service.ts";
import { notify } from "../notices/service.ts";
import { ageOn, findPatients, localDay, parsePhone, personOf } from "../patients/service.ts";
import { keepBed } from "./bed-service.ts";
import {
  assertNewest,
  changeReferral,
  loadReferral,
  mayRequest,
  sidesOf,
  takeStep,
  tellOf,
  writeStep,
} from "./change.ts";
import type {
  consentOfReferral,
  createBody,
  ReferralContentBody,
  ReferralDetail,
} from "./contract.ts";
import { missingOfReferral, responseMinutes, rungAt } from "./domain.ts";
import { policyOf } from "./policy.ts";
import type { EpisodeRow, ReferralRow } from "./repository.ts";
import * as repository from "./repository.ts";
import { keepSeat } from "./seat-service.ts";
import { mayAmendReferral } from "./states.ts";
import { consentedTo, viewDetail } from "./view.ts";

/** Begin a referral: a draft that the own house sees alone, in the patient's open episode or a new one. */
export async function createReferral(
  services: Services,
  work: Work<StaffActor>,
  input: z.infer<typeof createBody>,
): Promise<ReferralDetail> {
  const { tx, actor, now } = work;
  assertPermission(actor, "referral.request");
  const above = input.previousId ? await loadReferral(work, input.previousId) : null;
  if (
    above &&
    (input.direction !== "down" || !(await isSamePerson(tx, above.patientId, input.patientId)))
  )
    throw new DomainError("request.invalid");
  const episode = await episodeFor(work, input, above);
  const { direction, patientId } = input;
  const row = await repository.insertReferral(
    tx,
    {
      ...columnsOf(input.content),
      // Home is where the patient came from.
      ...(above && input.content.toInstitutionId === undefined
        ? { toInstitutionId: above.fromInstitutionId }
        : {}),
      direction,
      patientId,
      episodeId: episode.id,
      previousId: above?.id ?? null,
      fromInstitutionId: actor.institutionId,
      requesterId: actor.personId,
      updatedAt: now,
    },
    localDay(now),
  );
  await writeStep(work, row, { action: "draft", from: null });
  await tellOf(work, row);
  return viewDetail(services, work, row);
}

/** Two registrations of one person have one episode between them. */
const isSamePerson = async (tx: Tx, one: string, other: string): Promise<boolean> =>
  one === other || (await personOf(tx, one)) === (await personOf(tx, other));

/** @throws DomainError `referral.episode-closed` */
async function episodeFor(
  work: Work<StaffActor>,
  input: z.infer<typeof createBody>,
  above: ReferralRow | null,
): Promise<EpisodeRow> {
  const { tx, actor, now } = work;
  const wanted = input.episodeId ?? above?.episodeId;
  if (wanted) {
    const found = await repository.findEpisode(tx, wanted);
    if (!found || !(await isSamePerson(tx, found.patientId, input.patientId)))
      throw new DomainError("request.not-found");
    if (found.state !== "active") throw new DomainError("referral.episode-closed");
    return found;
  }
  const open = (await repository.findEpisodesOf(tx, [input.patientId])).find(
    (one) => one.state === "active",
  );
  if (open) return open;
  return repository.insertEpisode(
    tx,
    {
      patientId: input.patientId,
      complaint: input.content.reason?.slice(0, 300) ?? "",
      openedByInstitutionId: actor.institutionId,
      openedBy: actor.personId,
      openedAt: now,
      careInstitutionId: actor.institutionId,
    },
    localDay(now),
  );
}

const columnsOf = (content: ReferralContentBody) => content as Partial<ReferralRow>;

/** A referral as this reader may see it, with a trace. */
export async function readReferral(
  services: Services,
  work: Work<StaffActor>,
  id: string,
): Promise<ReferralDetail> {
  const row = await loadReferral(work, id);
  await trace(work.tx, work.actor, work.origin, {
    action: "referral.read",
    entityType: "referral",
    entityId: id,
    patientId: row.patientId,
    purpose: "treatment",
  });
  return viewDetail(services, work, row);
}

/** Save what was written; the version protects what another page wrote. */
export async function saveDraft(
  work: Work<StaffActor>,
  id: string,
  input: { version: number; content: ReferralContentBody },
): Promise<{ version: number; state: ReferralRow["state"]; updatedAt: string; missing: string[] }> {
  const row = await loadReferral(work, id);
  if (!sidesOf(work.actor, row).includes("from") || !mayRequest(work.actor, row))
    throw new DomainError("permission.denied");
  await assertNewest(work, row, input.version);
  if (!mayAmendReferral(row.state, row.urgency))
    throw new DomainError("referral.illegal-step", { from: row.state, action: "save" });
  const { toInstitutionId, toDepartmentId, toDoctorId, pathwayId, urgency, ...rest } =
    input.content;
  const target = { toInstitutionId, toDepartmentId, toDoctorId, pathwayId, urgency };
  const changed = await changeReferral(work, row, {
    version: input.version,
    change: columnsOf(row.state === "draft" ? { ...rest, ...defined(target) } : rest),
  });
  if (row.state !== "draft") await writeStep(work, changed, { action: "amend", from: row.state });
  // The first words of a draft name the episode.
  if (row.state === "draft" && input.content.reason)
    await nameEpisode(work, row, input.content.reason);
  const consents = await repository.findConsents(work.tx, row.episodeId);
  return {
    version: changed.version,
    state: changed.state,
    updatedAt: changed.updatedAt.toISOString(),
    missing: missingOfReferral(changed, consentedTo(consents, changed.toInstitutionId)),
  };
}

const defined = (parts: ReferralContentBody): ReferralContentBody =>
  Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined));

async function nameEpisode(work: Work, row: ReferralRow, words: string): Promise<void> {
  const episode = await repository.findEpisode(work.tx, row.episodeId);
  if (episode?.complaint === "")
    await repository.updateEpisode(work.tx, episode.id, episode.version, {
      complaint: words.slice(0, 300),
    });
}

/**
 * Record that the patient agreed to this recipient, or refused. A refusal ends what was not begun.
 * @throws DomainError `consent.evidence`, `consent.guardian`, `referral.incomplete`
 */
export async function recordConsent(
  services: Services,
  work: Work<StaffActor>,
  id: string,
  input: z.infer<typeof consentOfReferral>,
): Promise<ReferralDetail> {
  const { tx, actor, origin, now } = work;
  const row = await loadReferral(work, id);
  if (!sidesOf(actor, row).includes("from") || !mayRequest(actor, row))
    throw new DomainError("permission.denied");
  if (!row.toInstitutionId)
    throw new DomainError("referral.incomplete", { missing: ["toInstitutionId"] });
  const signed =
    input.method === "signature" &&
    (input.signature?.strokes ?? []).some((stroke) => stroke.length > 1);
  const witnessed = input.method === "fingerprint" && input.witnessName && input.reason;
  const emergency = input.method === "emergency" && input.reason && row.urgency === "emergency";
  if (input.given && !signed && !witnessed && !emergency) throw new DomainError("consent.evidence");
  if (input.method !== "emergency") {
    const [patient] = await findPatients(tx, [row.patientId]);
    const birthDate = patient?.row.birthDate;
    const age = birthDate ? (ageOn(birthDate, localDay(now))?.years ?? null) : null;
    if (needsGuardian(age, input.signerRelation))
      throw new DomainError("consent.guardian", { years: guardianBelowYears });
  }
  const consent = await repository.insertConsent(tx, {
    ...input,
    signature: input.signature ?? null,
    episodeId: row.episodeId,
    recipientInstitutionId: row.toInstitutionId,
    recordedBy: actor.personId,
    recordedAt: now,
  });
  await trace(tx, actor, origin, {
    action: input.given ? "consent.given" : "consent.refused",
    entityType: "consent",
    entityId: consent.id,
    patientId: row.patientId,
    purpose: "treatment",
    detail: { kind: "referral", method: input.method },
  });
  if (input.given && row.state === "draft")
    return viewDetail(
      services,
      work,
      await takeStep(work, row, { action: "agree", version: row.version }),
    );
  if (!input.given && row.state === "patient-consented")
    return viewDetail(
      services,
      work,
      await takeStep(work, row, {
        action: "withdraw",
        version: row.version,
        reason: input.reason ?? "",
      }),
    );
  return viewDetail(services, work, row);
}

/** The patient's phone shows it and asks; the paper is not needed then. */
export async function askPatient(
  work: Work<StaffActor>,
  row: ReferralRow,
  version: number,
): Promise<ReferralRow> {
  if (row.state !== "draft")
    throw new DomainError("referral.illegal-step", { from: row.state, action: "askPatient" });
  if (!row.toInstitutionId)
    throw new DomainError("referral.incomplete", { missing: ["toInstitutionId"] });
  await assertNewest(work, row, version);
  const changed = await changeReferral(work, row, {
    version,
    change: { patientAskedAt: work.now },
  });
  await writeStep(work, changed, { action: "askPatient", from: row.state });
  return changed;
}

/**
 * Send it. The clock of the other house starts: emergencies and urgent ones at once, routine ones in its
 * working hours; its ladder is set with it.
 * @throws DomainError `referral.incomplete`, `referral.consent-missing`, `referral.duplicate`, `patient.phone`
 */
export async function submitReferral(
  work: Work<StaffActor>,
  row: ReferralRow,
  {
    version,
    bed,
    segmentId,
  }: { version: number; bed: boolean; segmentId?: string | null | undefined },
): Promise<ReferralRow> {
  const { tx, actor, origin, now } = work;
  const consents = await repository.findConsents(tx, row.episodeId);
  const consented = consentedTo(consents, row.toInstitutionId);
  const missing = missingOfReferral(row, consented);
  if (missing.includes("consent") && missing.length === 1)
    throw new DomainError("referral.consent-missing");
  if (missing.length > 0) throw new DomainError("referral.incomplete", { missing });
  if (row.requesterPhone && !parsePhone(row.requesterPhone).ok)
    throw new DomainError("patient.phone");
  const open = (await repository.findOpenTowards(tx, row.patientId, row.direction)).find(
    (one) =>
      one.id !== row.id &&
      one.submittedAt !== null &&
      one.toInstitutionId === row.toInstitutionId &&
      one.toDepartmentId === row.toDepartmentId,
  );
  if (open) throw new DomainError("referral.duplicate", { number: open.number });
  await assertNewest(work, row, version);
  const kept = bed && row.direction === "up" ? await keepBed(work, row, null) : null;
  const seat =
    segmentId && row.direction === "up"
      ? await keepSeat(work, row, { segmentId, until: await holdUntil(work, row) })
      : null;
  const respondBy = await startClock(work, row);
  const sent = await takeStep(work, row, {
    action: "submit",
    version,
    change: { submittedAt: now, respondBy, escalationLevel: 0, ...kept, ...seat },
  });
  if (!consented)
    await trace(tx, actor, origin, {
      action: "referral.emergency-without-consent",
      entityType: "referral",
      entityId: row.id,
      patientId: row.patientId,
      purpose: "emergency",
    });
  await notify(tx, {
    personIds: await findWithPermission(tx, row.toInstitutionId!, "referral.desk", now),
    kind: row.urgency === "emergency" ? "referral-emergency" : "referral-submitted",
    entityType: "referral",
    entityId: row.id,
    detail: { urgency: row.urgency, direction: row.direction, number: row.number },
    dedupeKey: `referral:${row.id}:submitted:${sent.version}`,
    at: now,
  });
  return sent;
}

/** What is kept lasts as long as the rule of the house that keeps it says. */
async function holdUntil({ tx, now }: Work, row: ReferralRow): Promise<Date> {
  const policy = await policyOf(tx, row.toInstitutionId!, localDay(now));
  return new Date(now.getTime() + policy.holdHours * 3_600_000);
}

/** When the other house must have answered, and the first rung of its ladder. */
export async function startClock(work: Work, row: ReferralRow): Promise<Date> {
  const { tx, now } = work;
  const toId = row.toInstitutionId!;
  const policy = await policyOf(tx, toId, localDay(now));
  const minutes = responseMinutes(policy, row.urgency);
  const today = localDay(now);
  const due =
    row.urgency === "routine"
      ? addWorkingMinutes(await findCalendar(tx, toId, today, addDays(today, 60)), now, minutes)
      : new Date(now.getTime() + minutes * 60_000);
  await putAlarm(tx, {
    kind: "referral:respond",
    entityId: row.id,
    key: `referral:${row.id}:respond`,
    dueAt: rungAt(due, "desk", policy),
    detail: { rung: 0 },
  });
  return due;
}

/** What was asked is answered; the clock begins again. */
export async function answerMore(
  work: Work<StaffActor>,
  row: ReferralRow,
  version: number,
  text: string,
): Promise<ReferralRow> {
  await repository.insertMessage(work.tx, {
    referralId: row.id,
    byPersonId: work.actor.personId,
    byInstitutionId: work.actor.institutionId,
    text,
    at: work.now,
  });
  return takeStep(work, row, {
    action: "answerMore",
    version,
    change: { respondBy: await startClock(work, row), escalationLevel: 0 },
  });
}

/** A word between both houses, in the referral. */
export async function say(
  services: Services,
  work: Work<StaffActor>,
  id: string,
  text: string,
): Promise<ReferralDetail> {
  const { tx, actor, now } = work;
  const row = await loadReferral(work, id);
  if (!actor.permissions.has("referral.request") && !actor.permissions.has("referral.desk"))
    assertPermission(actor, "referral.ward");
  await repository.insertMessage(tx, {
    referralId: id,
    byPersonId: actor.personId,
    byInstitutionId: actor.institutionId,
    text,
    at: now,
  });
  await trace(tx, actor, work.origin, {
    action: "referral.message",
    entityType: "referral",
    entityId: id,
    patientId: row.patientId,
    purpose: "treatment",
  });
  const others = sidesOf(actor, row).includes("from")
    ? row.submittedAt && row.toInstitutionId
      ? await findWithPermission(tx, row.toInstitutionId, "referral.desk", now)
      : []
    : [row.requesterId];
  await notify(tx, {
    personIds: others.filter((one) => one !== actor.personId),
    kind: "referral-message",
    entityType: "referral",
    entityId: id,
    detail: { number: row.number },
    dedupeKey: `referral:${id}:message:${now.toISOString()}`,
    at: now,
  });
  await tellOf(work, row);
  return viewDetail(services, work, row);
}
