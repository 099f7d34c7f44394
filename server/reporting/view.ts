import { findInstitutions, type InstitutionRow } from "../directory/service.ts";
import type { Services, Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { findPeopleNames } from "../identity/service.ts";
import {
  ageOn,
  findPatients,
  localDay,
  maskPhone,
  type PatientRecord,
  phoneContext,
} from "../patients/service.ts";
import { sidesOfReport, sidesOfValue } from "./access.ts";
import type { CriticalValueView, InfectiousReportView } from "./contract.ts";
import {
  compareByDue,
  criticalValueDueAt,
  criticalValueSides,
  possibleCriticalValueActions,
  possibleReportActions,
  reportDueAt,
  reportOwner,
} from "./domain.ts";
import * as repository from "./repository.ts";

/** What is authenticated with the sealed telephone of a receiver. */
export const receiverPhoneContext = "critical_value.receiver_phone";

type Known = {
  institutions: InstitutionRow[];
  patients: PatientRecord[];
  names: Map<string, string>;
  now: Date;
};

/** Critical values as this reader may see them: what runs first, the clock that ends soonest on top. */
export async function viewCriticalValues(
  services: Services,
  work: Work<StaffActor>,
  rows: readonly repository.CriticalValueRow[],
): Promise<CriticalValueView[]> {
  const { tx, actor } = work;
  const steps = await repository.findCriticalValueSteps(
    tx,
    rows.map((row) => row.id),
  );
  const known = await look(
    work,
    rows.map((row) => row.patientId),
    [
      ...rows.flatMap((row) => [row.institutionId, row.receiverInstitutionId]),
      ...steps.map((one) => one.byInstitutionId),
    ],
    rows.flatMap((row) => [row.foundBy, row.readBackRecordedBy, row.actedBy, row.cancelledBy]),
  );
  return [...rows]
    .sort((left, right) =>
      compareByDue(
        { dueAt: criticalValueDueAt(left), at: left.updatedAt },
        { dueAt: criticalValueDueAt(right), at: right.updatedAt },
      ),
    )
    .map((row) => {
      const sides = sidesOfValue(actor, row);
      return {
        ...row,
        patient: patientLine(known, row.patientId),
        institution: institutionLine(known, row.institutionId),
        measuredAt: row.measuredAt.toISOString(),
        found: stamp(known, row.foundBy, row.foundAt)!,
        receiver: {
          personId: row.receiverId,
          name: row.receiverName,
          institution: institutionLine(known, row.receiverInstitutionId),
          phoneMasked: row.receiverPhoneCipher
            ? maskPhone(services.vault.open(receiverPhoneContext, row.receiverPhoneCipher))
            : null,
        },
        mine: row.receiverId === actor.personId && sides.includes("receiving"),
        foundByMe: row.foundBy === actor.personId,
        readBack: row.readBackAt
          ? {
              words: row.readBackWords ?? "",
              name: row.readBackName ?? "",
              recordedBy: known.names.get(row.readBackRecordedBy ?? "") ?? "",
              at: row.readBackAt.toISOString(),
            }
          : null,
        acted: extend(stamp(known, row.actedBy, row.actedAt), { text: row.actionTaken ?? "" }),
        cancelled: extend(stamp(known, row.cancelledBy, row.cancelledAt), {
          reason: row.cancelReason ?? "",
        }),
        dueAt: criticalValueDueAt(row)?.toISOString() ?? null,
        actions: possibleCriticalValueActions(row.state).filter((action) =>
          criticalValueSides[action].some((side) => sides.includes(side)),
        ),
        steps: steps
          .filter((one) => one.criticalValueId === row.id)
          .map((one) => viewStep(known, one)),
      };
    });
}

/** Reports as this reader may see them: what runs first, the clock that ends soonest on top. */
export async function viewReports(
  services: Services,
  work: Work<StaffActor>,
  rows: readonly repository.ReportRow[],
): Promise<InfectiousReportView[]> {
  const { tx, actor } = work;
  const steps = await repository.findReportSteps(
    tx,
    rows.map((row) => row.id),
  );
  const diseases = await repository.findDiseaseNames(tx, [
    ...new Set(rows.map((row) => row.diseaseCode)),
  ]);
  const known = await look(
    work,
    rows.map((row) => row.patientId),
    [
      ...rows.flatMap((row) => [row.institutionId, row.cdcInstitutionId]),
      ...steps.map((one) => one.byInstitutionId),
    ],
    rows.flatMap((row) => [
      row.reportedBy,
      row.correctedBy,
      row.receivedBy,
      row.filedBy,
      row.returnedBy,
      row.withdrawnBy,
    ]),
  );
  return [...rows]
    .sort((left, right) =>
      compareByDue(
        { dueAt: reportDueAt(left), at: left.updatedAt },
        { dueAt: reportDueAt(right), at: right.updatedAt },
      ),
    )
    .map((row) => {
      const sides = sidesOfReport(actor, row);
      const owner = reportOwner[row.state];
      const disease = diseases.find((one) => one.code === row.diseaseCode);
      const record = known.patients.find((one) => one.row.id === row.patientId);
      return {
        ...row,
        patient: {
          ...patientLine(known, row.patientId),
          contacts: (record?.contacts ?? []).map((one) => ({
            name: one.name,
            phoneMasked: maskPhone(services.vault.open(phoneContext, one.phoneCipher)),
          })),
        },
        institution: institutionLine(known, row.institutionId),
        cdc: row.cdcInstitutionId ? institutionLine(known, row.cdcInstitutionId) : null,
        diseaseNameEn: disease?.nameEn ?? null,
        diseaseNameBo: disease?.nameBo || null,
        diagnosedAt: row.diagnosedAt.toISOString(),
        reported: stamp(known, row.reportedBy, row.reportedAt)!,
        corrected: stamp(known, row.correctedBy, row.correctedAt),
        received: stamp(known, row.receivedBy, row.receivedAt),
        filed: extend(stamp(known, row.filedBy, row.filedAt), { number: row.filedNumber }),
        returned: extend(stamp(known, row.returnedBy, row.returnedAt), {
          reason: row.returnReason ?? "",
        }),
        withdrawn: extend(stamp(known, row.withdrawnBy, row.withdrawnAt), {
          reason: row.withdrawReason ?? "",
        }),
        dueAt: reportDueAt(row)?.toISOString() ?? null,
        owner,
        mine: owner !== null && sides.includes(owner),
        actions: possibleReportActions(row.state, sides),
        steps: steps.filter((one) => one.reportId === row.id).map((one) => viewStep(known, one)),
      };
    });
}

async function look(
  { tx, now }: Work<StaffActor>,
  patientIds: readonly string[],
  institutionIds: readonly (string | null)[],
  personIds: readonly (string | null)[],
): Promise<Known> {
  const unique = (ids: readonly (string | null)[]) => [
    ...new Set(ids.filter((one) => one !== null)),
  ];
  return {
    institutions: await findInstitutions(tx, unique(institutionIds)),
    patients: await findPatients(tx, unique(patientIds)),
    names: await findPeopleNames(tx, unique(personIds)),
    now,
  };
}

function patientLine({ patients, now }: Known, id: string): CriticalValueView["patient"] {
  const row = patients.find((one) => one.row.id === id)?.row;
  return {
    id,
    fullName: row?.fullName ?? null,
    fullNameBo: row?.fullNameBo ?? null,
    sex: row?.sex ?? "unknown",
    ageYears: row?.birthDate ? (ageOn(row.birthDate, localDay(now))?.years ?? null) : null,
  };
}

function institutionLine({ institutions }: Known, id: string): CriticalValueView["institution"] {
  const row = institutions.find((one) => one.id === id);
  return {
    id,
    name: row?.name ?? "",
    nameBo: row?.nameBo ?? null,
    nameEn: row?.nameEn ?? null,
    phone: row?.phone ?? null,
  };
}

function stamp({ names }: Known, personId: string | null, at: Date | null) {
  return at ? { name: names.get(personId ?? "") ?? "", at: at.toISOString() } : null;
}

function extend<Stamp extends object, More extends object>(
  found: Stamp | null,
  more: More,
): (Stamp & More) | null {
  return found ? { ...found, ...more } : null;
}

function viewStep(
  { institutions }: Known,
  one: repository.CriticalValueStepRow | repository.ReportStepRow,
): CriticalValueView["steps"][number] {
  return {
    action: one.action,
    by: one.byName,
    institution: institutions.find((found) => found.id === one.byInstitutionId)?.name ?? null,
    reason: one.reason,
    at: one.at.toISOString(),
  };
}
