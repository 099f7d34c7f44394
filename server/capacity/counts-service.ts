/** How many beds there are, of whom nobody is named: for the own house and its allies. */
import type { Tx } from "../db/client.ts";
import { distanceMetres, findInstitutions } from "../directory/service.ts";
import {
  addDays,
  type BedHoldPurpose,
  type BedUnitKind,
  type BedUnitMode,
  expectedFree,
  staffedFree,
  usualKinds,
} from "./domain.ts";
import * as repository from "./repository.ts";
import { kilometres, type Words } from "./texts.ts";

export type Names = { zh: string; en: string | null; bo: string | null };
export type UnitCapacity = {
  unitId: string;
  name: Names;
  kind: BedUnitKind;
  mode: BedUnitMode;
  /** Being emptied for an emergency: nobody ordinary is taken. */
  clearing: boolean;
  /** When the ward last said that this is so. */
  updatedAt: string;
  stale: boolean;
  beds: number;
  occupied: number;
  held: number;
  cleaning: number;
  outOfUse: number;
  free: number;
  /** Free beds that are kept for referrals from below. */
  priorityLeft: number;
  /** Expected to be free if nobody new came. */
  freeTomorrow: number;
  freeInThreeDays: number;
};
export type DepartmentCapacity = {
  institutionId: string;
  departmentId: string;
  name: Names;
  /** Staff away today, and those of them whom nobody covers. */
  absent: number;
  uncovered: number;
  free: number;
  /** Free ones that somebody is there to look after. */
  staffedFree: number;
  units: UnitCapacity[];
};

/**
 * Capacity by department and unit of institutions that the actor may see (the own one, allies; all for a
 * health commission); what may not be seen is left out.
 */
export async function capacityOf(
  tx: Tx,
  { institutionIds, now }: { institutionIds: readonly string[] | null; now: Date },
): Promise<DepartmentCapacity[]> {
  const rows = await repository.findCounts(tx, institutionIds, now);
  const departments = new Map(
    (
      await repository.findDepartmentsById(tx, [...new Set(rows.map((row) => row.department_id))])
    ).map((one) => [one.id, one]),
  );
  const found = new Map<string, DepartmentCapacity>();
  for (const row of rows) {
    const known = departments.get(row.department_id);
    const place = found.get(row.department_id) ?? {
      institutionId: row.institution_id,
      departmentId: row.department_id,
      name: { zh: known?.name ?? "", en: known?.nameEn ?? null, bo: known?.nameBo ?? null },
      absent: row.absent,
      uncovered: row.uncovered,
      free: 0,
      staffedFree: 0,
      units: [],
    };
    const unit = viewCounts(row);
    place.units.push(unit);
    // What is free in a unit for an emergency is not there for others.
    if (unit.mode === "peace") place.free += unit.free;
    place.staffedFree = staffedFree(place.free, row.uncovered, row.beds_per_absence);
    found.set(row.department_id, place);
  }
  const slugOf = (id: string) => departments.get(id)?.slug ?? "";
  return [...found.values()].sort(
    (left, right) =>
      left.institutionId.localeCompare(right.institutionId) ||
      slugOf(left.departmentId).localeCompare(slugOf(right.departmentId)),
  );
}

function viewCounts(row: repository.CountRow): UnitCapacity {
  const open = row.mode !== "closed-for-disinfection" && !row.clearing;
  const free = open ? row.beds - row.occupied - row.held - row.cleaning - row.out_of_use : 0;
  const counted = { free, cleaning: row.cleaning, leavesOn: row.leaves_on };
  const expected = (days: number) =>
    open ? expectedFree(counted, row.today, addDays(row.today, days)) : 0;
  return {
    unitId: row.unit_id,
    name: { zh: row.name_zh, en: row.name_en, bo: row.name_bo },
    kind: row.kind as BedUnitKind,
    mode: row.mode as BedUnitMode,
    clearing: row.clearing,
    updatedAt: new Date(row.touched_at).toISOString(),
    stale: row.stale,
    beds: row.beds,
    occupied: row.occupied,
    held: row.held,
    cleaning: row.cleaning,
    outOfUse: row.out_of_use,
    free,
    priorityLeft: Math.min(free, row.priority_left),
    freeTomorrow: expected(1),
    freeInThreeDays: expected(3),
  };
}

export type Alternative = {
  institutionId: string;
  institution: Names;
  departmentId: string;
  department: Names;
  kind: BedUnitKind;
  free: number;
  /** From the house that asks, as the crow flies; null where a position is not known. */
  distanceMetres: number | null;
};
const mostAlternatives = 5;

/** Other departments and hospitals with free beds of the kind, the nearest first. */
export async function alternativesTo(
  tx: Tx,
  ask: {
    institutionId: string;
    departmentId: string;
    kind?: BedUnitKind | undefined;
    purpose?: BedHoldPurpose | undefined;
    fromInstitutionId: string;
    now: Date;
  },
): Promise<{ list: Alternative[]; words: Words }> {
  const infectious = ask.purpose === "infectious";
  const kinds: readonly BedUnitKind[] = ask.kind
    ? [ask.kind]
    : infectious
      ? ["isolation"]
      : usualKinds;
  // A unit for the emergency takes what the emergency is, whatever its kind.
  const takes = (unit: UnitCapacity) =>
    (kinds.includes(unit.kind) && unit.mode === "peace") ||
    (infectious && unit.mode === "emergency");
  const capacity = await capacityOf(tx, { institutionIds: null, now: ask.now });
  const institutions = await findInstitutions(tx, [
    ...new Set([...capacity.map((one) => one.institutionId), ask.fromInstitutionId]),
  ]);
  const from = institutions.find((one) => one.id === ask.fromInstitutionId);
  const list = capacity
    .filter((one) => one.departmentId !== ask.departmentId)
    .flatMap((one) => {
      const units = one.units.filter((unit) => unit.free > 0 && takes(unit));
      const place = institutions.find((institution) => institution.id === one.institutionId);
      if (units.length === 0 || !place) return [];
      return [
        {
          institutionId: one.institutionId,
          institution: { zh: place.name, en: place.nameEn, bo: place.nameBo },
          departmentId: one.departmentId,
          department: one.name,
          kind: units[0]!.kind,
          free: units.reduce((sum, unit) => sum + unit.free, 0),
          distanceMetres: distanceBetween(from, place),
        },
      ];
    })
    .sort(
      (left, right) =>
        Number(right.institutionId === ask.institutionId) -
          Number(left.institutionId === ask.institutionId) ||
        (left.distanceMetres ?? Number.POSITIVE_INFINITY) -
          (right.distanceMetres ?? Number.POSITIVE_INFINITY) ||
        right.free - left.free ||
        left.departmentId.localeCompare(right.departmentId),
    )
    .slice(0, mostAlternatives);
  return { list, words: wordsOf(list) };
}

type Placed = { latitude: number | null; longitude: number | null };
function distanceBetween(from: Placed | undefined, to: Placed): number | null {
  if (!from || from.latitude === null || from.longitude === null) return null;
  if (to.latitude === null || to.longitude === null) return null;
  return Math.round(
    distanceMetres(
      { latitude: from.latitude, longitude: from.longitude },
      { latitude: to.latitude, longitude: to.longitude },
    ),
  );
}

function wordsOf(list: readonly Alternative[]): Words {
  if (list.length === 0)
    return {
      zh: "医联体内暂时没有同类空床",
      en: "no bed of this kind is free in the alliance now",
      bo: "མཐུན་ཚོགས་ནང་རིགས་འདིའི་ཉལ་ཁྲི་སྟོང་པ་ད་ལྟ་མེད།",
    };
  const far = (one: Alternative) =>
    one.distanceMetres === null ? "" : ` ${kilometres(one.distanceMetres)}`;
  return {
    zh: list
      .map((one) => `${one.institution.zh}${one.department.zh} ${one.free} 张${far(one)}`)
      .join("；"),
    en: list
      .map(
        (one) =>
          `${one.institution.en ?? one.institution.zh}, ${one.department.en ?? one.department.zh}: ${one.free}${far(one)}`,
      )
      .join("; "),
    bo: list
      .map(
        (one) =>
          `${one.institution.bo ?? one.institution.zh} ${one.department.bo ?? one.department.zh} ${one.free}${far(one)}`,
      )
      .join("། "),
  };
}

/** An institution's names, for a sentence. */
export async function namesOf(tx: Tx, institutionId: string): Promise<Words> {
  const [found] = await findInstitutions(tx, [institutionId]);
  const zh = found?.name ?? "";
  return { zh, en: found?.nameEn ?? zh, bo: found?.nameBo ?? zh };
}
