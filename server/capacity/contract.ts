/** What the pages send and receive about beds and capacity. */
import { z } from "zod";
import { day, instant, line, uuid } from "../http/contract.ts";
import {
  absenceKinds,
  bedHoldPurposes,
  bedStates,
  bedStaySources,
  bedUnitKinds,
  bedUnitModes,
  displacedDestinations,
  modeSwitchStates,
} from "./domain.ts";

const names = z.object({ zh: z.string(), en: z.string().nullable(), bo: z.string().nullable() });
const count = z.number().int();
const kind = z.enum(bedUnitKinds);
const version = z.number().int().positive();

export const unitCapacity = z.object({
  unitId: uuid,
  name: names,
  kind,
  mode: z.enum(bedUnitModes),
  clearing: z.boolean(),
  updatedAt: instant,
  stale: z.boolean(),
  beds: count,
  occupied: count,
  held: count,
  cleaning: count,
  outOfUse: count,
  free: count,
  priorityLeft: count,
  freeTomorrow: count,
  freeInThreeDays: count,
});
export const departmentCapacity = z.object({
  institutionId: uuid,
  departmentId: uuid,
  name: names,
  absent: count,
  uncovered: count,
  free: count,
  staffedFree: count,
  units: z.array(unitCapacity),
});
export const allianceView = z.object({
  at: instant,
  institutions: z.array(
    z.object({
      id: uuid,
      name: names,
      own: z.boolean(),
      phone: z.string().nullable(),
      /** From the reader's house, as the crow flies. */
      distanceMetres: z.number().nullable(),
      departments: z.array(departmentCapacity),
    }),
  ),
});
export type AllianceView = z.infer<typeof allianceView>;

const bedPatient = z.object({
  id: uuid,
  name: z.string(),
  sex: z.string(),
  ageYears: z.number().int().nullable(),
});
export const bedView = z.object({
  id: uuid,
  label: z.string(),
  state: z.enum(bedStates),
  /** Since when it is cleaned or out of use. */
  since: instant.nullable(),
  reason: z.string().nullable(),
  stay: z
    .object({
      id: uuid,
      patient: bedPatient.nullable(),
      since: instant,
      source: z.enum(bedStaySources),
      expectedDischargeOn: day.nullable(),
    })
    .nullable(),
  hold: z
    .object({
      id: uuid,
      patient: bedPatient.nullable(),
      purpose: z.enum(bedHoldPurposes),
      since: instant,
      until: instant,
      heldBy: names,
      extendedReason: z.string().nullable(),
    })
    .nullable(),
});
export type BedView = z.infer<typeof bedView>;
export const bedsView = z.object({
  at: instant,
  today: day,
  departments: z.array(
    departmentCapacity.extend({
      units: z.array(
        unitCapacity.extend({
          bedList: z.array(bedView),
        }),
      ),
    }),
  ),
  /** Closed units, to be reopened. */
  closedUnits: z.array(z.object({ id: uuid, name: names, department: names })),
  allDepartments: z.array(z.object({ id: uuid, name: names })),
});
export type BedsView = z.infer<typeof bedsView>;

export const admitBody = z
  .object({
    patientId: uuid,
    expectedDischargeOn: day.nullable().default(null),
    /** Why a bed that is kept for referrals is taken. */
    overQuotaReason: line(200).nullable().default(null),
  })
  .strict();
export const takeHoldBody = z
  .object({
    bedId: uuid.nullable().default(null),
    expectedDischargeOn: day.nullable().default(null),
  })
  .strict();
export const wardHoldBody = z
  .object({
    departmentId: uuid,
    kind: kind.nullable().default(null),
    patientId: uuid,
    hours: z.number().int().min(1).max(336).nullable().default(null),
    /** Made by the page, so that the same press holds one bed. */
    referenceId: uuid,
  })
  .strict();
export const extendBody = z.object({ until: instant, reason: line(200) }).strict();
export const releaseBody = z.object({ reason: line(200) }).strict();
export const dischargeBody = z.object({ at: instant.nullable().default(null) }).strict();
export const expectedBody = z.object({ expectedDischargeOn: day.nullable() }).strict();
export const bedActionBody = z.discriminatedUnion("action", [
  z.object({ action: z.literal("cleaned") }).strict(),
  z.object({ action: z.literal("out-of-use"), reason: line(200) }).strict(),
  z.object({ action: z.literal("back-in-use") }).strict(),
]);
export type BedAction = z.infer<typeof bedActionBody>;
export const newUnitBody = z
  .object({
    departmentId: uuid,
    nameZh: line(40),
    nameEn: line(80),
    nameBo: line(120).nullable().default(null),
    kind,
    beds: z.array(line(12)).min(1).max(100),
  })
  .strict();
export const unitBody = z
  .object({
    nameZh: line(40),
    nameEn: line(80),
    nameBo: line(120).nullable(),
    active: z.boolean(),
    /** Further beds. */
    beds: z.array(line(12)).max(100),
  })
  .partial()
  .strict();
export const made = z.object({ id: uuid });

const colleague = z.object({ id: uuid, name: z.string(), role: names });
export const absenceView = z.object({
  id: uuid,
  department: names,
  departmentId: uuid,
  person: z.string(),
  kind: z.enum(absenceKinds),
  fromDay: day,
  toDay: day,
  reason: z.string().nullable(),
  coveredBy: z.string().nullable(),
  /** Whether it is today. */
  now: z.boolean(),
});
export const absenceList = z.object({
  today: day,
  absences: z.array(absenceView),
  colleagues: z.array(colleague),
  departments: z.array(z.object({ id: uuid, name: names })),
});
export type AbsenceList = z.infer<typeof absenceList>;
export const absenceBody = z
  .object({
    departmentId: uuid,
    personId: uuid,
    kind: z.enum(absenceKinds),
    fromDay: day,
    toDay: day,
    reason: line(200).nullable().default(null),
    coveredBy: uuid.nullable().default(null),
  })
  .strict();
export const coverBody = z.object({ coveredBy: uuid.nullable() }).strict();

const planBody = z
  .object({
    destination: z.enum(displacedDestinations),
    toUnitId: uuid.nullable().default(null),
    toName: line(80).nullable().default(null),
  })
  .strict();
export const resolveBody = planBody;
export type Resolve = z.output<typeof planBody>;
export const switchPreview = z.object({
  unitId: uuid,
  name: names,
  beds: count,
  patients: z.array(
    z.object({
      stayId: uuid,
      bed: z.string(),
      patient: bedPatient.nullable(),
      since: instant,
      expectedDischargeOn: day.nullable(),
      suggestion: z.object({
        destination: z.enum(displacedDestinations),
        toUnitId: uuid.nullable(),
        toName: z.string().nullable(),
      }),
    }),
  ),
  /** Units of the house that could take somebody, with their free beds. */
  units: z.array(z.object({ id: uuid, name: names, department: names, free: count })),
  hospitals: z.array(z.object({ name: names, free: count })),
  holds: z.array(
    z.object({
      id: uuid,
      bed: z.string(),
      purpose: z.enum(bedHoldPurposes),
      until: instant,
      heldBy: names,
    }),
  ),
  /** Of the department, in the coming seven days. */
  appointments: count,
});
export type SwitchPreview = z.infer<typeof switchPreview>;
export const switchOrderBody = z
  .object({
    unitId: uuid,
    orderNumber: line(40),
    reason: line(200),
    /** Null: at once when it is confirmed. */
    plannedAt: instant.nullable().default(null),
    transfers: z
      .array(planBody.extend({ stayId: uuid }).strict())
      .max(200)
      .default([]),
  })
  .strict();
export const switchStepBody = z.discriminatedUnion("step", [
  z.object({ step: z.literal("confirm"), version }).strict(),
  z.object({ step: z.literal("execute"), version }).strict(),
  z.object({ step: z.literal("cancel"), version, reason: line(200) }).strict(),
  z.object({ step: z.literal("end"), version }).strict(),
  z.object({ step: z.literal("return"), version }).strict(),
]);
export type SwitchStep = z.infer<typeof switchStepBody>;
export const disinfectBody = z.object({ bedId: uuid, method: line(120) }).strict();
export const switchView = z.object({
  id: uuid,
  version,
  state: z.enum(modeSwitchStates),
  unitId: uuid,
  unit: names,
  department: names,
  orderNumber: z.string(),
  reason: z.string(),
  orderedBy: z.string(),
  orderedAt: instant,
  /** Whether the reader ordered it: then somebody else confirms. */
  own: z.boolean(),
  plannedAt: instant,
  confirmedBy: z.string().nullable(),
  confirmedAt: instant.nullable(),
  executedAt: instant.nullable(),
  emergencyAt: instant.nullable(),
  endOrderedAt: instant.nullable(),
  endedBy: z.string().nullable(),
  endedAt: instant.nullable(),
  cancelReason: z.string().nullable(),
  transfers: z.array(
    z.object({
      id: uuid,
      bed: z.string(),
      patient: bedPatient.nullable(),
      destination: z.enum(displacedDestinations).nullable(),
      toUnitId: uuid.nullable(),
      toUnit: names.nullable(),
      toName: z.string().nullable(),
      resolvedAt: instant.nullable(),
    }),
  ),
  beds: z.array(
    z.object({
      id: uuid,
      label: z.string(),
      disinfectedBy: z.string().nullable(),
      disinfectedAt: instant.nullable(),
      method: z.string().nullable(),
    }),
  ),
});
export type SwitchView = z.infer<typeof switchView>;
export const switchList = z.object({
  units: z.array(
    z.object({
      id: uuid,
      name: names,
      department: names,
      mode: z.enum(bedUnitModes),
      beds: count,
      free: count,
    }),
  ),
  switches: z.array(switchView),
  /** Orders there are, shown or not. */
  total: count,
});
/** How many orders are asked for. */
export const switchQuery = z.object({ take: z.coerce.number().int().min(1).max(1000).optional() });
export type SwitchList = z.infer<typeof switchList>;

const policyNumbers = z.object({
  holdHours: z.number().int().min(1).max(336),
  maxHoldHours: z.number().int().min(1).max(336),
  priorityPercent: z.number().int().min(0).max(100),
  bedsPerAbsence: z.number().int().min(0).max(50),
  averageStayDays: z.number().int().min(1).max(365),
  staleHours: z.number().int().min(1).max(168),
});
export const policyBody = policyNumbers
  .extend({
    validFrom: day,
    emergencyPurposes: z.array(z.enum(bedHoldPurposes)).max(3),
    source: line(200),
  })
  .strict()
  .refine((one) => one.holdHours <= one.maxHoldHours, { path: ["maxHoldHours"] });
export const policyList = z.object({
  current: policyNumbers,
  policies: z.array(
    policyNumbers.extend({
      id: uuid,
      validFrom: day,
      source: z.string(),
      enteredBy: z.string().nullable(),
    }),
  ),
});

const departmentId = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";
/** Of which departments it is asked who is away; ids with commas between. */
export const awayQuery = z
  .object({
    departments: z.string().regex(new RegExp(`^${departmentId}(?:,${departmentId}){0,99}$`)),
  })
  .strict();
export const awayList = z.object({
  absences: z.array(
    z.object({
      departmentId: uuid,
      personId: uuid,
      person: z.string(),
      fromDay: z.string(),
      toDay: z.string(),
      coveredById: uuid.nullable(),
      coveredBy: z.string().nullable(),
      here: z.number().int(),
      away: z.number().int(),
    }),
  ),
});
export type AwayList = z.infer<typeof awayList>;
