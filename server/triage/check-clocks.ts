/** After home advice: who is worse, or does not answer, is rung up by a person, by a clock that goes up the ladder. */
import { type AlarmHandlers, type AlarmRow, putAlarm, stopAlarms } from "../alarms/service.ts";
import { whoIsThere } from "../capacity/service.ts";
import type { Vault } from "../crypto/vault.ts";
import type { Tx } from "../db/client.ts";
import type { Language } from "../identity/domain.ts";
import { findWithPermission } from "../identity/service.ts";
import { endCall, findCallByKey, noticePolicyOf, notify, putCall } from "../notices/service.ts";
import { findPatient, localDay, type PatientRecord } from "../patients/service.ts";
import * as repository from "./repository.ts";

type CheckCall = "triage-worse" | "triage-silent";
const callKey = (kind: CheckCall, id: string) => `${kind}:${id}`;

/** Who is told when the call is not made: whoever makes calls, then the head, then the administrator. */
const rungs = [
  ["booking.assist", "booking.clinic"],
  ["booking.manage"],
  ["alliance.view"],
] as const;
const rungMinutes = 30;
const repeatMinutes = 60;

/** No complaint: others may hear it. The caller asks, and does not diagnose. */
const words: Record<CheckCall, Record<Language, string>> = {
  "triage-worse": {
    "zh-CN":
      "您好，您在手机上说回家以后加重了。现在怎么样？有没有胸口痛、喘不上气、叫不醒、抽搐、半边没力气或者大出血？有的话我马上帮您打120；没有的话，我们现在重新问一遍，再看去哪里看。",
    en: "Hello. You told us it got worse at home. How is it now? Any chest pain, trouble breathing, being hard to wake, a fit, weakness on one side or heavy bleeding? If yes, 120 is called at once. If not, we go through the questions again now and find where you should be seen.",
    bo: "བཀྲ་ཤིས་བདེ་ལེགས། ཁྱེད་ཀྱིས་ཁྱིམ་དུ་ཇེ་སྡུག་ཏུ་སོང་ཟེར་བྱུང་། ད་ལྟ་ཅི་འདྲ་ཡོད། བྲང་ན་བ་དང་དབུགས་གཏོང་དཀའ་བ། དྲན་མེད། འདར་སིག ལུས་ཕྱེད་ཤེད་མེད་པ། ཁྲག་མང་པོ་འཛག་པ་ཡོད་དམ། ཡོད་ན་འཕྲལ་དུ་120ལ་ཁ་པར་གཏོང་། མེད་ན་ད་ལྟ་བསྐྱར་དུ་འདྲི་ཆོག",
  },
  "triage-silent": {
    "zh-CN":
      "您好，昨天请您先在家观察，一直没有收到您的回话。现在好些了吗？如果加重了，我们现在重新问一遍；紧急请打120。",
    en: "Hello. Yesterday you were advised to stay at home, and we have not heard from you. Are you better? If it is worse, we go through the questions again now; in an emergency call 120.",
    bo: "བཀྲ་ཤིས་བདེ་ལེགས། ཁ་སང་ཁྱིམ་དུ་བསྡད་ནས་ལྟ་རོགས་ཞེས་ཞུས་ཀྱང་ལན་མ་འབྱོར། ད་ལྟ་དྲག་གམ། ཇེ་སྡུག་ཏུ་སོང་ན་ད་ལྟ་བསྐྱར་དུ་འདྲི། ཛ་དྲག་ཡིན་ན་120ལ་ཁ་པར་གཏོང་།",
  },
};

/** Nobody has answered yet: from when a person rings. Set when the question goes out. */
export async function watchCheck(tx: Tx, row: repository.AssessmentRow, now: Date): Promise<void> {
  const found = await placeOf(tx, row);
  if (!found) return;
  const policy = await noticePolicyOf(tx, found.house, localDay(now));
  await putAlarm(tx, {
    kind: "triage:silent",
    entityId: row.id,
    key: `triage:${row.id}:silent`,
    dueAt: new Date(now.getTime() + policy.silentHours * 3_600_000),
  });
}

/** The patient has answered: who is worse is rung up at once, who is not is left in peace. */
export async function hearOfCheck(tx: Tx, row: repository.AssessmentRow, now: Date): Promise<void> {
  await stopAlarms(tx, [`triage:${row.id}:silent`], now);
  // Calls are the staff's rows: the clock, which may write them, does it in a moment.
  await putAlarm(tx, {
    kind: "triage:answered",
    entityId: row.id,
    key: `triage:${row.id}:answered`,
    dueAt: now,
  });
}

async function placeOf(
  tx: Tx,
  row: repository.AssessmentRow,
): Promise<{ house: string; record: PatientRecord } | null> {
  const record = await findPatient(tx, row.patientId);
  return record && { house: row.institutionId ?? record.row.managingInstitutionId, record };
}

/** What the clocks of home advice do; each looks at the row, and at the call, before it rings. */
export function triageAlarms({ vault }: { vault: Vault }): AlarmHandlers {
  return {
    "triage:silent": async (alarm, { tx, now }) => {
      const row = await repository.findAssessmentRow(tx, alarm.entityId);
      if (!row || row.checkedAt) return;
      // Somebody who was reached by the call that asks has been spoken to.
      if ((await findCallByKey(tx, `triage-check:${row.id}`))?.state === "reached") return;
      await ask(tx, vault, row, "triage-silent", now);
    },
    "triage:answered": async (alarm, { tx, now }) => {
      const row = await repository.findAssessmentRow(tx, alarm.entityId);
      if (!row?.checkAnswer) return;
      for (const key of [callKey("triage-silent", row.id), `triage-check:${row.id}`])
        await endCall(tx, key, now);
      if (row.checkAnswer === "worse") await ask(tx, vault, row, "triage-worse", now);
    },
    "triage:ladder": (alarm, { tx, now }) => climb(tx, alarm, now),
  };
}

/** A call on the community's list, its clock, and word to whoever makes calls. */
async function ask(
  tx: Tx,
  vault: Vault,
  row: repository.AssessmentRow,
  kind: CheckCall,
  now: Date,
): Promise<void> {
  const found = await placeOf(tx, row);
  if (!found) return;
  const { house, record } = found;
  const policy = await noticePolicyOf(tx, house, localDay(now));
  const minutes = kind === "triage-worse" ? policy.worseMinutes : policy.silentMinutes;
  const dueAt = new Date(now.getTime() + minutes * 60_000);
  await putCall(tx, vault, {
    patientId: row.patientId,
    institutionId: house,
    appointmentId: null,
    contacts: record.contacts,
    kind,
    dueAt,
    words: (language) => words[kind][language],
    language: (record.row.language ?? "zh-CN") as Language,
    once: callKey(kind, row.id),
    now,
  });
  await tell(tx, row, house, { rung: 0, kind, once: callKey(kind, row.id), now });
  await putAlarm(tx, {
    kind: "triage:ladder",
    entityId: row.id,
    key: `triage:${row.id}:ladder:${kind}`,
    dueAt,
    detail: { rung: 0, call: kind },
  });
}

async function climb(tx: Tx, alarm: AlarmRow, now: Date): Promise<void> {
  const row = await repository.findAssessmentRow(tx, alarm.entityId);
  const kind = alarm.detail.call === "triage-worse" ? "triage-worse" : "triage-silent";
  if (!row || (await findCallByKey(tx, callKey(kind, row.id)))?.state !== "open") return;
  const found = await placeOf(tx, row);
  if (!found) return;
  const rung = Math.min(Number(alarm.detail.rung ?? 0), rungs.length - 1);
  const reached = await tell(tx, row, found.house, {
    rung,
    kind: "triage-call-overdue",
    once: `triage:${row.id}:${kind}:overdue:${now.toISOString().slice(0, 16)}`,
    now,
  });
  const last = reached >= rungs.length - 1;
  await putAlarm(tx, {
    kind: alarm.kind,
    entityId: row.id,
    key: alarm.key,
    dueAt: new Date(now.getTime() + (last ? repeatMinutes : rungMinutes) * 60_000),
    detail: { rung: Math.min(reached + 1, rungs.length - 1), call: kind },
  });
}

/** Everybody up to a rung who is there; where all of it are away, the next one as well. @returns the rung reached */
async function tell(
  tx: Tx,
  row: repository.AssessmentRow,
  house: string,
  what: { rung: number; kind: string; once: string; now: Date },
): Promise<number> {
  const people: string[] = [];
  let away = 0;
  let reached = -1;
  let empty = false;
  while (reached < what.rung || (empty && reached < rungs.length - 1)) {
    reached += 1;
    const holders: string[] = [];
    for (const permission of rungs[reached]!)
      holders.push(...(await findWithPermission(tx, house, permission, what.now)));
    const found = await whoIsThere(tx, house, [...new Set(holders)], what.now);
    people.push(...found.there);
    away += found.away.length;
    empty = found.there.length === 0;
  }
  await notify(tx, {
    personIds: people,
    kind: what.kind,
    entityType: "triage-assessment",
    entityId: row.id,
    detail: { urgency: row.checkAnswer === "worse" ? "emergency" : "urgent", away },
    dedupeKey: what.once,
    at: what.now,
  });
  return reached;
}
