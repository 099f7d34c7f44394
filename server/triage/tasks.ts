/** A day after home advice somebody asks how it went: by message, or by the call that was asked for. */
import type { Vault } from "../crypto/vault.ts";
import type { Tx } from "../db/client.ts";
import type { Language } from "../identity/domain.ts";
import { tellPatient } from "../notices/service.ts";
import { findPatient } from "../patients/service.ts";
import type { ScheduledTask, TaskList } from "../queue/task.ts";
import { watchCheck } from "./check-clocks.ts";
import * as repository from "./repository.ts";

const hour = 3_600_000;
/** Later than this after it was due, asking would only confuse. */
const asksWithinHours = 24;
/** A call may be made for so long. */
const callHours = 8;

/** No complaint and no advice: others may read along on a shared phone. */
const asksHow: Record<Language, string> = {
  "zh-CN":
    "【医联】昨天的就诊前筛查过了一天，现在好些了吗？请打开首页点一下。如果加重，不要等，马上就医；紧急请拨120。",
  en: "[Yilian] A day has passed since your pre-visit questions. Better? Tell us with one press on the home page. If it is worse do not wait: see a doctor, in an emergency call 120.",
  bo: "【医联】ཁ་སང་གི་བརྟག་དཔྱད་ནས་ཉིན་གཅིག་སོང་། ད་ལྟ་དྲག་གམ། མདུན་ངོས་ཁ་ཕྱེས་ནས་གསུང་རོགས། ཇེ་སྡུག་ཏུ་སོང་ན་འཕྲལ་དུ་སྨན་པར་བསྟེན། ཛ་དྲག་ཡིན་ན་120ལ་ཁ་པར་གཏོང་།",
};

/** Ask those whose day is over, once each. @returns how many were asked */
export async function askAfterHomeAdvice(tx: Tx, vault: Vault, now: Date): Promise<number> {
  const since = new Date(now.getTime() - asksWithinHours * hour);
  const rows = await repository.findDueChecks(tx, now, since);
  for (const row of rows) {
    const record = await findPatient(tx, row.patientId);
    if (record)
      await tellPatient(tx, vault, {
        patientId: row.patientId,
        institutionId: row.institutionId ?? record.row.managingInstitutionId,
        kind: "triage-check",
        words: (language) => asksHow[language],
        once: `triage-check:${row.id}`,
        now,
        call: { kind: "triage-check", dueAt: new Date(now.getTime() + callHours * hour) },
      });
    await repository.markTold(tx, row.id, now);
    await watchCheck(tx, row, now);
  }
  return rows.length;
}

export const triageTasks = (vault: Vault): TaskList => ({
  "triage:checks": async (_, { asJob, clock }) => {
    await asJob((tx) => askAfterHomeAdvice(tx, vault, clock()));
  },
});

export const triageSchedule: readonly ScheduledTask[] = [
  { task: "triage:checks", cron: "*/5 * * * *" },
];
