import type { z } from "zod";
import type { StaffActor } from "../identity/domain.ts";
import type { findingView, plateLine, resultLine, tubeView } from "./contract.ts";
import { needsSecond } from "./domain.ts";
import type { FindingRow, PlateRow, ResultRow, TubeRow } from "./repository.ts";

export const iso = (at: string | Date): string => new Date(at).toISOString();
export const isoOrNull = (at: string | Date | null): string | null => (at ? iso(at) : null);

export const siteName = (row: {
  siteZh: string;
  siteEn: string | null;
  siteBo: string | null;
}) => ({
  zh: row.siteZh,
  en: row.siteEn,
  bo: row.siteBo,
});

export function viewTube(row: TubeRow): z.input<typeof tubeView> {
  return {
    code: row.code,
    size: row.size,
    count: row.count,
    state: row.state,
    purpose: row.purpose,
    retest: row.retest,
    site: siteName(row),
    firstSampledAt: isoOrNull(row.firstSampledAt),
    labDueAt: isoOrNull(row.labDueAt),
    resultDueAt: isoOrNull(row.resultDueAt),
    receivedAt: isoOrNull(row.receivedAt),
  };
}

export function viewFinding(row: FindingRow, actor: StaffActor): z.input<typeof findingView> {
  const second = row.result !== null && needsSecond(row.result, row.replacesId !== null);
  return {
    id: row.id,
    version: row.version,
    tube: row.tubeCode,
    size: row.size,
    count: row.count,
    purpose: row.purpose,
    retest: row.retest,
    resultDueAt: isoOrNull(row.resultDueAt),
    state: row.state,
    result: row.result,
    method: row.method,
    detail: row.detail,
    testedAt: isoOrNull(row.testedAt),
    enteredBy: row.enteredBy,
    enteredAt: iso(row.enteredAt),
    secondBy: row.secondBy,
    reason: row.reason,
    source: row.source,
    corrects: row.replacesId !== null,
    needsSecond: second,
    mayConfirm: second && row.state === "entered" && row.enteredById !== actor.personId,
  };
}

export function viewPlate(row: PlateRow): z.input<typeof plateLine> {
  return {
    ...row,
    openedAt: iso(row.openedAt),
    releasedAt: isoOrNull(row.releasedAt),
    dueAt: isoOrNull(row.dueAt),
  };
}

export function viewResult(row: ResultRow): z.input<typeof resultLine> {
  const { id, result, method, reportedBy, source, reason, replaced } = row;
  return {
    id,
    result,
    method,
    testedAt: iso(row.testedAt),
    reportedAt: iso(row.reportedAt),
    reportedBy,
    source,
    reason,
    replaced,
  };
}
