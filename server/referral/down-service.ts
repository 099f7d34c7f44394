import { putAlarm } from "../alarms/service.ts";
import type { Work } from "../http/context.ts";
import { findWithPermission } from "../identity/service.ts";
import { notify } from "../notices/service.ts";
import { outOfBed } from "./bed-service.ts";
import { type Acting, personOf, takeStep } from "./change.ts";
import type { ActionBody } from "./contract.ts";
import { stopClocks, tellSender } from "./desk-service.ts";
import { followUpDueAt } from "./follow-up-domain.ts";
import { insertFollowUp } from "./follow-up-repository.ts";
import type { ReferralRow } from "./repository.ts";
import * as repository from "./repository.ts";

/** Days until a patient who was sent home and did not come is looked for. */
const comeHomeDays = 3;

/**
 * The patient leaves the ward: the community had said yes before. The way up follows by the database.
 * @throws DomainError `referral.illegal-step` before the community accepted
 */
export async function discharge(
  work: Work<Acting>,
  row: ReferralRow,
  version: number,
): Promise<ReferralRow> {
  const { tx, now } = work;
  const sent = await takeStep(work, row, {
    action: "discharge",
    version,
    change: { dischargedAt: now },
  });
  await outOfBed(work, row.previousId ? await repository.findReferral(tx, row.previousId) : null);
  await notify(tx, {
    personIds: await findWithPermission(tx, row.toInstitutionId!, "referral.follow-up", now),
    kind: "referral-sent-down",
    entityType: "referral",
    entityId: row.id,
    detail: { number: row.number },
    dedupeKey: `referral:${row.id}:sent-down:${sent.version}`,
    at: now,
  });
  await putAlarm(tx, {
    kind: "referral:not-come",
    entityId: row.id,
    key: `referral:${row.id}:not-come`,
    dueAt: new Date(now.getTime() + comeHomeDays * 86_400_000),
  });
  return sent;
}

/** The community has the patient: the plan becomes follow-ups with their clocks. */
export async function takeOn(
  work: Work<Acting>,
  row: ReferralRow,
  body: Extract<ActionBody, { action: "takeOn" }>,
): Promise<ReferralRow> {
  const { tx, actor, now } = work;
  const taken = await takeStep(work, row, { action: "takeOn", version: body.version });
  const episode = await repository.findEpisode(tx, row.episodeId);
  // Follow-ups are made where the patient is looked after from now on.
  if (episode && episode.careInstitutionId !== actor.institutionId)
    await repository.updateEpisode(tx, episode.id, episode.version, {
      careInstitutionId: actor.institutionId,
    });
  const planned =
    body.followUps.length > 0 || row.reviewOn === null
      ? body.followUps
      : [{ dueOn: row.reviewOn, kind: "visit" as const, purpose: row.plan?.slice(0, 300) ?? "" }];
  for (const one of planned) {
    const followUp = await insertFollowUp(tx, {
      ...one,
      episodeId: row.episodeId,
      referralId: row.id,
      patientId: row.patientId,
      institutionId: actor.institutionId,
      ownerId: personOf(actor),
      updatedAt: now,
    });
    await putAlarm(tx, {
      kind: "follow-up:missed",
      entityId: followUp.id,
      key: `follow-up:${followUp.id}`,
      dueAt: followUpDueAt(followUp.dueOn),
    });
  }
  await stopClocks(work, row);
  await tellSender(work, taken, "referral-taken-on");
  return taken;
}
