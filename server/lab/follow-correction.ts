/**
 * What a corrected result takes back, done by the job after its release and repeatable: the report and the critical
 * value of a positive that was none, and what people were told. Cards and recalls go with the release itself, in its
 * transaction (`app.apply_lab_result`, `app.take_cards_back`).
 */
import { sql } from "drizzle-orm";
import { trace } from "../audit/service.ts";
import type { Tx } from "../db/client.ts";
import type { Services, Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { findWithPermission } from "../identity/service.ts";
import { notify, tellPatient } from "../notices/service.ts";
import { takeBackCriticalValue, takeBackReport } from "../reporting/service.ts";
import { tellRecall } from "./tell.ts";
import { correctedText, recallEndedText } from "./texts.ts";

/** LOINC: SARS-CoV-2 RNA in a respiratory specimen, by amplification. */
export const itemCode = "94500-6";
/** A call about a corrected result helps for a day. */
const callMinutes = 24 * 60;

type Withdrawn = {
  /** The result that was taken back. */
  id: string;
  patientId: string;
  tubeCode: string;
  result: "negative" | "positive";
  laboratoryId: string;
  institutionId: string;
  /** Of that result. */
  testedAt: string;
  reportedAt: string;
  /** Who released the correction, and when. */
  byId: string;
  by: string;
};

/**
 * Follow the corrections of a plate: in the name of whoever released them.
 * @param plateId plate on which the new results were released
 */
export async function followCorrections(
  services: Services,
  tx: Tx,
  plateId: string,
  now: Date,
): Promise<void> {
  const rows = await findWithdrawn(tx, plateId);
  for (const row of rows) {
    const work = workOf(tx, row, plateId, now);
    const traced = await tx.execute(sql`
      select 1 from audit_event where patient_id = ${row.patientId} and action = 'test-result.correct' and entity_id = ${row.id} limit 1`);
    if (traced.length === 0)
      await trace(tx, work.actor, work.origin, {
        action: "test-result.correct",
        entityType: "test-result",
        entityId: row.id,
        patientId: row.patientId,
        purpose: "treatment",
        detail: { tube: row.tubeCode },
      });
    if (row.result !== "positive") continue;
    const reason = `实验室更正：采样管 ${row.tubeCode} 原报阳性，现已更正`;
    await takeBackReport(services, work, {
      patientId: row.patientId,
      diagnosedAt: new Date(row.reportedAt),
      reason,
    });
    await takeBackCriticalValue(services, work, {
      patientId: row.patientId,
      itemCode,
      measuredAt: new Date(row.testedAt),
      reason,
    });
  }
  await tellLeads(tx, plateId, rows, now);
  await tellEnded(services, tx, plateId, now);
}

/** Results of persons that were released and that a correction on this plate took back. */
function findWithdrawn(tx: Tx, plateId: string): Promise<Withdrawn[]> {
  return tx.execute<Withdrawn>(sql`
    select p.id, p.patient_id as "patientId", t.code as "tubeCode", p.result, t.laboratory_id as "laboratoryId",
      t.institution_id as "institutionId", r.tested_at as "testedAt", r.reported_at as "reportedAt", o.id as "byId", o.name as by
    from lab_finding f join lab_result n on n.id = f.lab_result_id join person o on o.id = n.reported_by
      join lab_result r on r.id = f.replaces_id join person_result p on p.lab_result_id = r.id join tube t on t.id = f.tube_id
    where f.plate_id = ${plateId} and f.state = 'released' and p.released_at is not null and p.withdrawn_at is not null order by p.id`);
}

function workOf(tx: Tx, row: Withdrawn, plateId: string, now: Date): Work<StaffActor> {
  return {
    tx,
    actor: {
      kind: "staff",
      personId: row.byId,
      institutionId: row.laboratoryId,
      permissions: new Set(["infectious-report.report", "critical-value.raise"]),
      sessionId: "",
      name: row.by,
      language: "zh-CN",
    },
    origin: { correlationId: `lab-plate:${plateId}`, address: null },
    now,
  };
}

/** Whoever leads the sites where these people were sampled has given out what does not hold. */
async function tellLeads(
  tx: Tx,
  plateId: string,
  rows: readonly Withdrawn[],
  now: Date,
): Promise<void> {
  for (const institutionId of new Set(rows.map((row) => row.institutionId))) {
    await notify(tx, {
      personIds: await findWithPermission(tx, institutionId, "sampling.lead", now),
      kind: "results-corrected",
      entityType: "recall",
      entityId: plateId,
      detail: { count: rows.filter((row) => row.institutionId === institutionId).length },
      dedupeKey: `results-corrected:${plateId}:${institutionId}`,
      at: now,
    });
    await tellRecall(tx, plateId, institutionId);
  }
}

/** Who was asked to come again and has no reason any more: at any hour, as he wants to be told. */
async function tellEnded(services: Services, tx: Tx, plateId: string, now: Date): Promise<void> {
  const ended = await tx.execute<{
    id: string;
    patientId: string;
    institutionId: string;
  }>(sql`
    select c.id, c.patient_id as "patientId", c.institution_id as "institutionId" from recall c
    where c.state = 'withdrawn' and c.told_at is not null
      and c.tube_id in (select tube_id from lab_finding where plate_id = ${plateId} and state = 'released' and replaces_id is not null)
      and not exists (select 1 from recall n where n.patient_id = c.patient_id and n.state in ('issued', 'told', 'sampled'))`);
  for (const row of ended)
    await tellPatient(tx, services.vault, {
      ...row,
      kind: "recall-ended",
      words: recallEndedText,
      once: `recall-ended:${row.id}`,
      now,
      call: { kind: "result-corrected", dueAt: minutesAfter(now, callMinutes) },
    });
}

export type Corrected = {
  id: string;
  patientId: string;
  institutionId: string;
};

/**
 * People whose released result another one took the place of: whoever saw, printed or showed the first one is told
 * that it does not count any more. What it says stands on the page only.
 */
export async function tellCorrected(
  tx: Tx,
  services: Pick<Services, "vault">,
  rows: readonly Corrected[],
  now: Date,
): Promise<void> {
  for (const row of rows)
    await tellPatient(tx, services.vault, {
      ...row,
      kind: "result-corrected",
      words: correctedText,
      once: `result:${row.id}`,
      now,
      call: { kind: "result-corrected", dueAt: minutesAfter(now, callMinutes) },
    });
}

const minutesAfter = (now: Date, minutes: number) => new Date(now.getTime() + minutes * 60_000);
