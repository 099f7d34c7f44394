/** A telephone call: opened, kept on the server, handed over, dropped and called back. */
import type { z } from "zod";
import { trace } from "../audit/service.ts";
import { listCallersWaiting } from "../booking/service.ts";
import type { Tx } from "../db/client.ts";
import { findInstitutions } from "../directory/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Services, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { announce } from "../outbox/service.ts";
import { findPatients, parsePhone } from "../patients/service.ts";
import { callerPhoneContext, countLetters, viewCall, viewSummaries } from "./call-view.ts";
import type {
  beatBody,
  callView,
  endBody,
  hotlineOverview,
  openBody,
  saveBody,
  takeBody,
  transferBody,
} from "./contract.ts";
import {
  emergencyNumber,
  type HotlineOutcome,
  type HotlineState,
  isFlagged,
  silentSeconds,
} from "./domain.ts";
import { currentQuestions, questionsOf } from "./question-service.ts";
import type { CallRow } from "./repository.ts";
import * as repository from "./repository.ts";
import type { HotlineDraft } from "./schema.ts";

type View = z.input<typeof callView>;
type Held = { tab: string; version: number };

const emptyDraft: HotlineDraft = {
  step: "person",
  kind: null,
  institutionId: null,
  departmentId: null,
  doctorId: null,
  day: null,
  segmentId: null,
};

/** Operators, and nurses to whom calls are handed. @throws DomainError `permission.denied` */
export function assertHotline(actor: StaffActor): void {
  if (!actor.permissions.has("booking.assist") && !actor.permissions.has("hotline.triage"))
    throw new DomainError("permission.denied");
}

/** Pages with the list of calls, or with this one, read again. */
export async function tellCall(tx: Tx, row: CallRow): Promise<void> {
  await announce(
    tx,
    { topic: "hotline-call", id: row.id, version: row.version },
    { institutionIds: [row.institutionId] },
  );
}

async function note(
  { tx, actor, origin }: Work<StaffActor>,
  row: CallRow,
  action: string,
  detail: Record<string, unknown> = {},
): Promise<void> {
  await trace(tx, actor, origin, {
    action,
    entityType: "hotline-call",
    entityId: row.id,
    patientId: row.patientId,
    purpose: "treatment",
    detail,
  });
}

/** Everything the page needs before anybody calls: questions, numbers, calls that wait. */
export async function readOverview(
  services: Services,
  work: Work<StaffActor>,
): Promise<z.input<typeof hotlineOverview>> {
  const { tx, actor, now } = work;
  // Who only writes the questions sees no calls: the database shows none.
  if (!actor.permissions.has("hotline.rules")) assertHotline(actor);
  const set = await currentQuestions(tx, now);
  const [institution] = await findInstitutions(tx, [actor.institutionId]);
  const rows = await repository.findOpenCalls(tx, actor.institutionId);
  return {
    questionsId: set.id,
    questions: set.questions,
    nurseNumber: institution?.helpPhone ?? institution?.phone ?? null,
    emergencyNumber,
    mayTakeOver: actor.permissions.has("hotline.triage"),
    calls: await viewSummaries(services, tx, rows),
    letters: await countLetters(tx),
    waiting: await viewWaiting(tx, actor),
  };
}

/** Callers who hung up at the hour of release, for those who book. */
async function viewWaiting(
  tx: Tx,
  actor: StaffActor,
): Promise<z.input<typeof hotlineOverview>["waiting"]> {
  if (!actor.permissions.has("booking.assist")) return [];
  const rows = await listCallersWaiting(tx, actor.institutionId);
  const people = await findPatients(tx, [...new Set(rows.map((row) => row.patientId))]);
  return rows.map(({ patientId, ...row }) => {
    const who = people.find((one) => one.row.id === patientId)?.row;
    return { ...row, patientName: who?.fullName ?? who?.fullNameBo ?? "" };
  });
}

/** Somebody is on the line. @throws DomainError `permission.denied` */
export async function openCall(
  services: Services,
  work: Work<StaffActor>,
  input: z.output<typeof openBody>,
): Promise<View> {
  const { tx, actor, now } = work;
  assertPermission(actor, "booking.assist");
  const row = await repository.insertCall(tx, {
    institutionId: actor.institutionId,
    openedBy: actor.personId,
    openedAt: now,
    holderId: actor.personId,
    holderTab: input.tab,
    heldSince: now,
    lastSeenAt: now,
    draft: emptyDraft,
    updatedAt: now,
  });
  await note(work, row, "hotline.open");
  await tellCall(tx, row);
  return viewCall(services, work, row);
}

/** @throws DomainError `request.not-found` */
export async function loadCall({ tx, actor }: Work<StaffActor>, id: string): Promise<CallRow> {
  assertHotline(actor);
  const row = await repository.findCall(tx, id);
  if (!row) throw new DomainError("request.not-found");
  return row;
}

/** @throws DomainError `request.not-found` */
export async function readCall(
  services: Services,
  work: Work<StaffActor>,
  id: string,
): Promise<View> {
  const row = await loadCall(work, id);
  // Who has the call looks all the time; a colleague who opens it leaves a trace.
  if (row.patientId && row.holderId !== work.actor.personId) await note(work, row, "hotline.read");
  return viewCall(services, work, row);
}

/**
 * Change a call that this tab has.
 * @throws DomainError `hotline.held-elsewhere` when another tab or person has it, `hotline.changed-meanwhile`, `hotline.step`
 */
export async function changeCall(
  work: Work<StaffActor>,
  id: string,
  held: Held,
  change: (row: CallRow) => Partial<CallRow> | Promise<Partial<CallRow>>,
  states: readonly HotlineState[] = ["open"],
): Promise<CallRow> {
  const { tx, actor, now } = work;
  const row = await loadCall(work, id);
  if (!states.includes(row.state)) throw new DomainError("hotline.step");
  if (row.holderId !== actor.personId || row.holderTab !== held.tab)
    throw new DomainError("hotline.held-elsewhere");
  if (row.version !== held.version) throw new DomainError("hotline.changed-meanwhile");
  const changed = await repository.updateCall(tx, row, {
    ...(await change(row)),
    lastSeenAt: now,
    updatedAt: now,
  });
  if (!changed) throw new DomainError("hotline.changed-meanwhile");
  await tellCall(tx, changed);
  return changed;
}

/**
 * Keep what the page has: answers, caller, consent, choices. Consent is stamped with who heard it, and
 * when, each time its words change; a flag is what was answered, and stays.
 * @throws DomainError as {@link changeCall}, `patient.phone`, `hotline.flagged`
 */
export async function saveCall(
  services: Services,
  work: Work<StaffActor>,
  id: string,
  input: z.output<typeof saveBody>,
): Promise<View> {
  const { tx, actor, now } = work;
  const phone = input.callerPhone ? parsePhone(input.callerPhone) : null;
  if (phone && !phone.ok) throw new DomainError("patient.phone", { problem: phone.problem });
  const set = await questionsOf(tx, input.questionsId, now);
  const { questions } = set;
  const answered = input.answers.length > 0 && input.answers.length >= questions.length;
  const row = await changeCall(work, id, input, (before) => {
    const flag = input.answers.some((answer) => answer !== "no");
    const screened = answered || flag;
    const consent = input.consent;
    const same = consent?.words === before.consentWords && consent?.by === before.consentBy;
    return {
      callerName: input.callerName,
      callerRelation: input.callerRelation,
      ...(phone?.ok
        ? {
            callerPhoneCipher: services.vault.seal(callerPhoneContext, phone.value.national),
            callerPhoneIndex: services.vault.blindIndex("phone", phone.value.national),
          }
        : { callerPhoneCipher: null, callerPhoneIndex: null }),
      ...(before.flagged && !flag
        ? {}
        : {
            questionsFrom: set.validFrom,
            questionsId: set.id,
            answers: input.answers,
            flagged: screened && isFlagged(input.answers, questions.length),
            screenedAt: screened ? (before.screenedAt ?? now) : null,
          }),
      ...(consent
        ? same
          ? {}
          : {
              consentWords: consent.words,
              consentBy: consent.by,
              consentAt: now,
              consentHeardBy: actor.personId,
            }
        : { consentWords: null, consentBy: null, consentAt: null, consentHeardBy: null }),
      draft: input.draft,
      operatorMs: Math.max(before.operatorMs, input.operatorMs),
      operatorActions: Math.max(before.operatorActions, input.operatorActions),
    };
  });
  if (row.consentAt?.getTime() === now.getTime())
    await note(work, row, "hotline.consent", { by: row.consentBy });
  return viewCall(services, work, row);
}

/** The page is still there. @throws DomainError `hotline.held-elsewhere` when it is not this tab's any more */
export async function beat(
  work: Work<StaffActor>,
  id: string,
  input: z.output<typeof beatBody>,
): Promise<{ ok: true }> {
  const { tx, actor, now } = work;
  assertHotline(actor);
  const { tab, operatorMs: ms, operatorActions: actions } = input;
  const there = await repository.touchCall(tx, {
    id,
    holderId: actor.personId,
    tab,
    now,
    ms,
    actions,
  });
  if (!there) throw new DomainError("hotline.held-elsewhere");
  return { ok: true };
}

/**
 * Take a call: one that was dropped (somebody calls back), one that was handed to a nurse, or one that
 * another tab or colleague has. The draft comes along; whoever had it is told at once.
 * @throws DomainError `hotline.step` when it is over, `permission.denied` for a flagged one without triage
 */
export async function takeCall(
  services: Services,
  work: Work<StaffActor>,
  id: string,
  input: z.output<typeof takeBody>,
): Promise<View> {
  const { tx, actor, now } = work;
  const row = await loadCall(work, id);
  if (row.state === "ended") throw new DomainError("hotline.step");
  if (row.version !== input.version) throw new DomainError("hotline.changed-meanwhile");
  const handed = row.state === "transferred";
  if (handed) assertPermission(actor, "hotline.triage");
  const changed = await repository.updateCall(tx, row, {
    state: "open",
    holderId: actor.personId,
    holderTab: input.tab,
    heldSince: now,
    lastSeenAt: now,
    updatedAt: now,
    ...(handed ? { takenOverBy: actor.personId, takenOverAt: now } : {}),
    ...(row.state === "dropped" ? { callBackTries: row.callBackTries + 1 } : {}),
  });
  if (!changed) throw new DomainError("hotline.changed-meanwhile");
  await note(work, changed, "hotline.take", { from: row.state });
  await tellCall(tx, changed);
  return viewCall(services, work, changed);
}

/** Warm transfer: the caller stays on the line until the other side has it. The draft goes along. */
export async function transferCall(
  services: Services,
  work: Work<StaffActor>,
  id: string,
  input: z.output<typeof transferBody>,
): Promise<View> {
  const row = await changeCall(work, id, input, () => ({
    state: "transferred",
    transferTo: input.to,
    transferAt: work.now,
  }));
  await note(work, row, "hotline.transfer", { to: input.to });
  return viewCall(services, work, row);
}

/** The line went: it is called back, with its draft. */
export async function dropCall(
  services: Services,
  work: Work<StaffActor>,
  id: string,
  input: Held,
): Promise<View> {
  const row = await changeCall(work, id, input, () => ({
    state: "dropped",
    droppedAt: work.now,
    droppedBySilence: false,
  }));
  await note(work, row, "hotline.drop");
  return viewCall(services, work, row);
}

/** It is done. */
export async function endCall(
  services: Services,
  work: Work<StaffActor>,
  id: string,
  input: z.output<typeof endBody>,
): Promise<View> {
  const known = await loadCall(work, id);
  if (known.state === "ended" && known.outcome === input.outcome)
    return viewCall(services, work, known);
  const row = await changeCall(
    work,
    id,
    input,
    () => ({ state: "ended", outcome: input.outcome as HotlineOutcome, endedAt: work.now }),
    ["open", "dropped", "transferred"],
  );
  await note(work, row, "hotline.end", { outcome: input.outcome });
  return viewCall(services, work, row);
}

/** Calls whose page fell silent are to be called back. Run by the clock. */
export async function dropSilentCalls(tx: Tx, now: Date): Promise<number> {
  const rows = await repository.findSilentCalls(tx, new Date(now.getTime() - silentSeconds * 1000));
  for (const row of rows) {
    // A call that was booked already is over, not dropped.
    const change = row.confirmWay
      ? ({ state: "ended", outcome: "booked", endedAt: now } as const)
      : ({ state: "dropped", droppedAt: now, droppedBySilence: true } as const);
    const changed = await repository.updateCall(tx, row, { ...change, updatedAt: now });
    if (changed) await tellCall(tx, changed);
  }
  return rows.length;
}
