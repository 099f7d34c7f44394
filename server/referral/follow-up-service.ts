import type { z } from "zod";
import { putAlarm, stopAlarms } from "../alarms/service.ts";
import { trace } from "../audit/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Services, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { notify } from "../notices/service.ts";
import { announce } from "../outbox/service.ts";
import { localDay } from "../patients/service.ts";
import type { FollowUpBody, FollowUpView, followUpList, followUpQuery } from "./contract.ts";
import { followUpTransitions, triggersReached } from "./domain.ts";
import { followUpDueAt } from "./follow-up-domain.ts";
import * as rows from "./follow-up-repository.ts";
import { viewFollowUps } from "./follow-up-view.ts";
import * as repository from "./repository.ts";
import { createReferral } from "./request-service.ts";

/** Own follow-ups: what is due or was missed, or all; the first `limit` of `total`. */
export async function listFollowUps(
  work: Work<StaffActor>,
  { scope, limit, id }: z.output<typeof followUpQuery>,
): Promise<z.infer<typeof followUpList>> {
  const { tx, actor, now } = work;
  assertPermission(actor, "referral.follow-up");
  const which = {
    institutionId: actor.institutionId,
    ...(id ? { ids: [id] } : {}),
    ...(scope === "due" ? { dueUntil: localDay(now) } : {}),
  };
  const found = await rows.findFollowUps(tx, which, limit);
  const total = found.length < limit ? found.length : await rows.countFollowUps(tx, which);
  await trace(tx, actor, work.origin, {
    action: "follow-up.list",
    entityType: "follow-up",
    detail: { scope, count: found.length },
  });
  return { followUps: await viewFollowUps(work, found), total };
}

/**
 * A follow-up was made, moved, missed or is not needed. A value past a trigger raises the episode again: a
 * further way up is begun in the same episode, and both doctors are told.
 * @throws DomainError `referral.illegal-step`, `referral.changed-meanwhile`
 */
export async function actOnFollowUp(
  services: Services,
  work: Work<StaffActor>,
  id: string,
  body: FollowUpBody,
): Promise<{ followUp: FollowUpView; raisedReferralId: string | null }> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "referral.follow-up");
  const row = await rows.findFollowUp(tx, id);
  if (!row || row.institutionId !== actor.institutionId) throw new DomainError("request.not-found");
  const to = { done: "done", move: "planned", missed: "missed", cancel: "cancelled" } as const;
  if (!followUpTransitions[row.state].includes(to[body.action]))
    throw new DomainError("referral.illegal-step", { from: row.state, action: body.action });
  const triggers = (await repository.findTriggers(tx, [row.referralId])).get(row.referralId) ?? [];
  const reached =
    body.action === "done" ? triggersReached(triggers, body.vitals, body.triggered) : [];
  const changed = await rows.updateFollowUp(tx, id, body.version, {
    state: to[body.action],
    updatedAt: now,
    ...(body.action === "done"
      ? {
          vitals: body.vitals,
          findings: body.findings,
          triggered: reached,
          doneBy: actor.personId,
          doneAt: now,
        }
      : body.action === "move"
        ? { dueOn: body.dueOn }
        : { findings: body.reason }),
  });
  if (!changed) throw new DomainError("referral.changed-meanwhile", { by: "" });
  const key = `follow-up:${id}`;
  if (body.action === "move")
    await putAlarm(tx, {
      kind: "follow-up:missed",
      entityId: id,
      key,
      dueAt: followUpDueAt(body.dueOn),
    });
  else await stopAlarms(tx, [key], now);
  await trace(tx, actor, origin, {
    action: `follow-up.${body.action}`,
    entityType: "follow-up",
    entityId: id,
    patientId: row.patientId,
    purpose: "treatment",
    detail: { triggered: reached.length },
  });
  if (body.action === "done" && body.next) await planNext(work, changed, body.next);
  const raised =
    reached.length > 0 && body.action === "done"
      ? await raise(services, work, changed, reached)
      : null;
  await announce(
    tx,
    { topic: "referral", id: row.referralId, version: changed.version },
    { institutionIds: [row.institutionId], patientIds: [row.patientId] },
  );
  const [followUp] = await viewFollowUps(work, [changed]);
  return { followUp: followUp!, raisedReferralId: raised };
}

async function planNext(
  work: Work<StaffActor>,
  row: rows.FollowUpRow,
  next: { dueOn: string; kind: rows.FollowUpRow["kind"]; purpose: string },
): Promise<void> {
  const made = await rows.insertFollowUp(work.tx, {
    ...next,
    episodeId: row.episodeId,
    referralId: row.referralId,
    patientId: row.patientId,
    institutionId: row.institutionId,
    ownerId: work.actor.personId,
    updatedAt: work.now,
  });
  await putAlarm(work.tx, {
    kind: "follow-up:missed",
    entityId: made.id,
    key: `follow-up:${made.id}`,
    dueAt: followUpDueAt(made.dueOn),
  });
}

/** The episode goes up again: begun for the doctor at hand, known to the one who sent the patient home. */
async function raise(
  services: Services,
  work: Work<StaffActor>,
  row: rows.FollowUpRow,
  reached: readonly string[],
): Promise<string | null> {
  const { tx, actor, now } = work;
  const home = await repository.findReferral(tx, row.referralId);
  if (!home || !actor.permissions.has("referral.request")) return null;
  const open = (await repository.findOpenTowards(tx, row.patientId, "up")).find(
    (one) => one.episodeId === row.episodeId && one.id !== home.previousId,
  );
  const raised =
    open ??
    (await createReferral(services, work, {
      patientId: row.patientId,
      direction: "up",
      episodeId: row.episodeId,
      content: {
        urgency: "urgent",
        toInstitutionId: home.fromInstitutionId,
        reason: row.findings,
        vitals: row.vitals,
        impression: home.impression,
        presentHistory: row.findings,
        pastHistory: home.pastHistory,
        treatmentSoFar: home.treatmentSoFar,
        medicines: home.medicines,
        results: home.results,
      },
    }));
  await notify(tx, {
    personIds: [home.requesterId, ...(row.ownerId ? [row.ownerId] : [])],
    kind: "follow-up-triggered",
    entityType: "referral",
    entityId: home.id,
    detail: { triggers: reached.length },
    dedupeKey: `follow-up:${row.id}:triggered`,
    at: now,
  });
  return raised.id;
}
