import { trace } from "../audit/service.ts";
import { guardianBelowYears, needsGuardian } from "../consult/domain.ts";
import { DomainError } from "../errors/domain-error.ts";
import type { Work } from "../http/context.ts";
import type { PatientActor } from "../identity/domain.ts";
import { notify } from "../notices/service.ts";
import { ageOn, findPatientRows, localDay } from "../patients/service.ts";
import { giveBedBack } from "./bed-service.ts";
import { actionsOf, assertNewest, loadReferral, takeStep, tellOf, writeStep } from "./change.ts";
import type { MyActionBody, Road } from "./contract.ts";
import { askCancel, setOff, stopClocks } from "./desk-service.ts";
import { findFollowUps } from "./follow-up-repository.ts";
import { viewFollowUps } from "./follow-up-view.ts";
import type { ReferralRow } from "./repository.ts";
import * as repository from "./repository.ts";
import { giveSeatBack } from "./seat-service.ts";
import { departmentRefs, institutionRefs, plainRef, subjectOf, viewStep } from "./view.ts";

/** What a patient does to a referral, of all that the table allows. */
const own = ["agree", "withdraw", "setOff", "askCancel"] as const;

/** The whole road of everybody whose pages this phone may open: where I am, what comes next, whom to call. */
export async function listRoads(work: Work<PatientActor>): Promise<Road> {
  const { tx, actor, now, origin } = work;
  const episodes = await repository.findEpisodesOf(tx, actor.patientIds);
  const ids = episodes.map((one) => one.id);
  const referrals = await repository.findReferralsOf(tx, { episodeIds: ids });
  const steps = await repository.findSteps(
    tx,
    referrals.map((one) => one.id),
  );
  const followUps = await findFollowUps(tx, { patientIds: actor.patientIds });
  const shown = await viewFollowUps(work, followUps);
  const patients = await findPatientRows(tx, actor.patientIds);
  const consents = (await Promise.all(ids.map((id) => repository.findConsents(tx, id)))).flat();
  const institutions = await institutionRefs(tx, [
    ...episodes.map((one) => one.careInstitutionId),
    ...referrals.flatMap((one) => [one.fromInstitutionId, one.toInstitutionId]),
    ...steps.map((one) => one.byInstitutionId),
  ]);
  const departments = await departmentRefs(
    tx,
    referrals.map((one) => one.toDepartmentId),
  );
  for (const patientId of new Set(episodes.map((one) => one.patientId)))
    await trace(tx, actor, origin, {
      action: "episode.read",
      entityType: "patient",
      entityId: patientId,
      patientId,
    });
  return {
    episodes: episodes
      .map((episode) => {
        const care = institutions.get(episode.careInstitutionId)!;
        return {
          id: episode.id,
          number: episode.number,
          state: episode.state,
          complaint: episode.complaint,
          openedAt: episode.openedAt.toISOString(),
          patient: subjectOf(patients, episode.patientId, now),
          care: plainRef(care),
          carePhone: care.row.helpPhone ?? care.row.phone,
          referrals: referrals
            .filter((one) => one.episodeId === episode.id)
            .map((row) => {
              const from = institutions.get(row.fromInstitutionId)!;
              const to = row.toInstitutionId ? institutions.get(row.toInstitutionId) : undefined;
              return {
                id: row.id,
                number: row.number,
                direction: row.direction,
                urgency: row.urgency,
                state: row.state,
                version: row.version,
                from: plainRef(from),
                to: to ? plainRef(to) : null,
                department: row.toDepartmentId
                  ? (departments.get(row.toDepartmentId) ?? null)
                  : null,
                toAddress: to?.row.address ?? null,
                toPhone: to ? (to.row.helpPhone ?? to.row.phone) : null,
                fromPhone: from.row.helpPhone ?? from.row.phone,
                respondBy: row.respondBy?.toISOString() ?? null,
                heldUntil: row.heldUntil?.toISOString() ?? null,
                appointmentId: row.appointmentId,
                reviewOn: row.reviewOn,
                returnTriggers: row.returnTriggers,
                medicines: row.medicines,
                // Why a desk sent it back is said between doctors; what to do when it said yes is for the patient.
                answer: row.acceptedAt ? row.answer : null,
                declined: refusedLast(consents, row),
                actions: own.filter((action) => actionsOf(actor, row).includes(action)),
                steps: steps
                  .filter((step) => step.referralId === row.id)
                  .map((step) => {
                    const { by: _by, reason: _reason, ...rest } = viewStep(step, institutions);
                    return rest;
                  }),
              };
            }),
          followUps: shown
            .filter((one) => one.episodeId === episode.id)
            .map(({ id, kind, purpose, dueOn, state, institution }) => ({
              id,
              kind,
              purpose,
              dueOn,
              state,
              institution,
            })),
        };
      })
      // An episode whose only draft is not shown to the patient yet is not there.
      .filter((one) => one.referrals.length > 0 || one.followUps.length > 0),
  };
}

/** The newest word on this recipient is a no. */
function refusedLast(
  consents: readonly repository.ReferralConsentRow[],
  row: ReferralRow,
): boolean {
  const last = consents.findLast(
    (one) => one.episodeId === row.episodeId && one.recipientInstitutionId === row.toInstitutionId,
  );
  return last?.given === false;
}

/**
 * The patient's own step: agrees to a recipient or says no, takes it back, is on the way, or wants it ended.
 * @throws DomainError `request.not-found`, `referral.illegal-step`, `referral.changed-meanwhile`, `consent.guardian`
 */
export async function actAsPatient(
  work: Work<PatientActor>,
  id: string,
  body: MyActionBody,
): Promise<Road> {
  const { tx, actor, origin, now } = work;
  const row = await loadReferral(work, id);
  if (body.action === "agree") {
    if (!row.toInstitutionId) throw new DomainError("request.invalid");
    const [patient] = await findPatientRows(tx, [row.patientId]);
    const birthDate = patient?.birthDate;
    const age = birthDate ? (ageOn(birthDate, localDay(now))?.years ?? null) : null;
    if (needsGuardian(age, body.signerRelation))
      throw new DomainError("consent.guardian", { years: guardianBelowYears });
    const consent = await repository.insertConsent(tx, {
      episodeId: row.episodeId,
      recipientInstitutionId: row.toInstitutionId,
      given: true,
      method: null,
      language: body.language,
      textVersion: consentTextVersion,
      signerName: body.signerName,
      signerRelation: body.signerRelation,
      recordedAt: now,
    });
    await trace(tx, actor, origin, {
      action: "consent.given",
      entityType: "consent",
      entityId: consent.id,
      patientId: row.patientId,
      purpose: "treatment",
      detail: { kind: "referral", method: "phone" },
    });
    const agreed = await takeStep(work, row, { action: "agree", version: body.version });
    await notify(tx, {
      personIds: [row.requesterId],
      kind: "referral-agreed",
      entityType: "referral",
      entityId: row.id,
      detail: {},
      dedupeKey: `referral:${row.id}:agreed:${agreed.version}`,
      at: now,
    });
  } else if (body.action === "decline") await decline(work, row, body.version);
  else if (body.action === "withdraw") {
    if (row.toInstitutionId)
      await repository.withdrawConsents(tx, row.episodeId, row.toInstitutionId, now);
    const back = await takeStep(work, row, {
      action: "withdraw",
      version: body.version,
      reason: body.reason,
    });
    await giveBedBack(work, row, "withdraw");
    await giveSeatBack(work, row);
    await stopClocks(work, row);
    await notify(tx, {
      personIds: [row.requesterId],
      kind: "referral-withdrawn",
      entityType: "referral",
      entityId: row.id,
      detail: {},
      dedupeKey: `referral:${row.id}:withdrawn:${back.version}`,
      at: now,
    });
  } else if (body.action === "setOff") await setOff(work, row, { version: body.version });
  else await askCancel(work, row, { version: body.version, reason: body.reason });
  return listRoads(work);
}

/** A no before anything was sent: it stays a draft of the house that asked, which is told. */
async function decline(work: Work<PatientActor>, row: ReferralRow, version: number): Promise<void> {
  const { tx, actor, origin, now } = work;
  await assertNewest(work, row, version);
  if (!actionsOf(actor, row).includes("agree") || !row.toInstitutionId)
    throw new DomainError("referral.illegal-step", { from: row.state, action: "decline" });
  const consent = await repository.insertConsent(tx, {
    episodeId: row.episodeId,
    recipientInstitutionId: row.toInstitutionId,
    given: false,
    method: null,
    language: actor.language,
    textVersion: consentTextVersion,
    signerName: "",
    signerRelation: "",
    recordedAt: now,
  });
  await trace(tx, actor, origin, {
    action: "consent.refused",
    entityType: "consent",
    entityId: consent.id,
    patientId: row.patientId,
    purpose: "treatment",
    detail: { kind: "referral", method: "phone" },
  });
  await writeStep(work, row, { action: "decline", from: row.state });
  await notify(tx, {
    personIds: [row.requesterId],
    kind: "referral-declined",
    entityType: "referral",
    entityId: row.id,
    detail: {},
    dedupeKey: `referral:${row.id}:declined:${consent.id}`,
    at: now,
  });
  await tellOf(work, row);
}

/** The words under which a patient agrees on the phone; pages show them, a change is a new version. */
export const consentTextVersion = "referral-2026-11";
