/**
 * A ward of the demo with people who came by referral, so that its page has something to suggest: of one all is
 * known, of one a critical value is open, of one nobody wrote the planned day and too little was measured.
 */
import { and, eq, isNotNull } from "drizzle-orm";
import { addDays } from "../calendar/domain.ts";
import { bedStay } from "../capacity/schema.ts";
import { department } from "../directory/schema.ts";
import type { FhirResource } from "../fhir/service.ts";
import type { Services } from "../http/context.ts";
import { systemActor } from "../identity/service.ts";
import { localDay } from "../patients/service.ts";
import { actOnCriticalValue, raiseCriticalValue } from "../reporting/service.ts";
import { asDemo, type DemoIds, demoActor } from "./load.ts";
import { type DemoRecord, recordWriter } from "./record-resources.ts";
import { importDemo, isNoDatabase } from "./records.ts";
import { type Case, makeCase, routes } from "./referral.ts";

const day = 24 * 60;
type Lying = {
  case: Omit<Case, "route" | "steps">;
  bedFor: { plannedInDays: number | null };
  /** Hours ago, with temperature, pulse and pressure. */
  looks: readonly (readonly [
    hoursAgo: number,
    celsius: number,
    pulse: number,
    systolic: number,
    diastolic: number,
  ])[];
  /** What was taken off; null: nobody noted devices. */
  deviceOff: string | null;
  critical?: { item: string; value: string; unit: string };
};

const lying: readonly Lying[] = [
  {
    case: {
      name: "单桂珍",
      sex: "female",
      age: 66,
      urgency: "urgent",
      reason: "肺炎，社区治疗三日仍发热",
      diagnosis: ["J18.9", "肺炎"],
      present: "发热 39.1 ℃、咳黄痰四日，右下肺湿啰音",
      treatment: "头孢呋辛三日",
      criterion: "treatment-failing",
      begunMinutesAgo: 8 * day,
    },
    bedFor: { plannedInDays: 0 },
    looks: [
      [3, 36.6, 76, 128, 78],
      [9, 36.8, 80, 132, 80],
      [16, 36.7, 78, 126, 76],
    ],
    deviceOff: "鼻导管吸氧",
  },
  {
    case: {
      name: "路志明",
      sex: "male",
      age: 72,
      urgency: "urgent",
      reason: "心力衰竭加重，夜间不能平卧",
      diagnosis: ["I50.9", "心力衰竭"],
      present: "活动后气促两周，双下肢水肿",
      treatment: "呋塞米 20 mg，螺内酯 20 mg",
      criterion: "treatment-failing",
      begunMinutesAgo: 7 * day,
    },
    bedFor: { plannedInDays: 0 },
    looks: [
      [2, 36.5, 72, 118, 70],
      [10, 36.6, 74, 120, 72],
    ],
    deviceOff: "鼻导管吸氧",
    critical: { item: "血钾", value: "6.4", unit: "mmol/L" },
  },
  {
    case: {
      name: "祁秀兰",
      sex: "female",
      age: 58,
      urgency: "routine",
      reason: "脑梗死后右侧肢体无力，需进一步检查",
      diagnosis: ["I63.9", "脑梗死"],
      present: "十日前右侧肢体无力，逐渐好转，肌力 4 级",
      treatment: "阿司匹林 100 mg，阿托伐他汀 20 mg",
      criterion: "beyond-equipment",
      begunMinutesAgo: 6 * day,
    },
    bedFor: { plannedInDays: null },
    looks: [[4, 36.7, 74, 138, 82]],
    deviceOff: null,
  },
];

const temperature = ["8310-5", "体温", "Cel"] as const;
const pulse = ["8867-4", "心率", "/min"] as const;

/** @returns false when somebody came into a bed of this house by referral already */
export async function loadDemoWard(services: Services, ids: DemoIds): Promise<boolean> {
  const { from, to, department: unit, doctor, desk, ward } = routes.pengpu;
  if (![doctor, desk, ward, raiser].every((login) => ids.people.has(login))) return false;
  const toInstitutionId = ids.institutions.get(to)!;
  const place = await services.db.withActor(systemActor("demo"), async (tx) => {
    const [there] = await tx
      .select({ id: bedStay.id })
      .from(bedStay)
      .where(and(eq(bedStay.institutionId, toInstitutionId), isNotNull(bedStay.holdId)))
      .limit(1);
    if (there) return null;
    const [found] = await tx
      .select({ id: department.id })
      .from(department)
      .where(and(eq(department.institutionId, toInstitutionId), eq(department.slug, unit)));
    return found ?? null;
  });
  if (!place) return false;
  const people = {
    doctor: demoActor(ids, doctor, from),
    desk: demoActor(ids, desk, to),
    ward: demoActor(ids, ward, to),
    target: { toInstitutionId, toDepartmentId: place.id },
  };
  const today = localDay(services.clock());
  const held: FhirResource[] = [];
  for (const [index, one] of lying.entries()) {
    const { plannedInDays } = one.bedFor;
    const begun = one.case.begunMinutesAgo;
    const up = await makeCase(
      services,
      {
        ...one.case,
        route: "pengpu",
        steps: [
          ["desk", begun - 60, { action: "accept", answer: "床位已留，请当日来院", bed: true }],
          [
            "desk",
            begun - 300,
            { action: "arrive" },
            {
              action: "admit",
              admissionNumber: `Z${begun}`,
              expectedDischargeOn: plannedInDays === null ? null : addDays(today, plannedInDays),
            },
          ],
        ],
      },
      people,
    );
    const record = {
      key: `ward-${index}`,
      patientId: up.patient.id,
      name: one.case.name,
      sex: one.case.sex,
      ageYears: one.case.age,
    };
    held.push(...recordOf(one, record, services.clock()));
    if (one.critical) await raise(services, ids, up.patient.id, one.critical);
  }
  try {
    await importDemo(services, await services.records.find({ code: to }), held);
  } catch (error) {
    if (!isNoDatabase(error)) throw error;
  }
  return true;
}

function recordOf(one: Lying, record: DemoRecord, now: Date): FhirResource[] {
  const w = recordWriter(record, now);
  return [
    w.patient(),
    w.condition(...one.case.diagnosis, one.case.begunMinutesAgo / day),
    ...one.looks.flatMap(([hours, celsius, beats, systolic, diastolic]) => [
      w.vital(temperature, celsius, hours / 24),
      w.vital(pulse, beats, hours / 24),
      w.pressure(systolic, diastolic, hours / 24),
    ]),
    ...(one.deviceOff === null ? [] : [w.device(one.deviceOff, "completed", 2)]),
  ];
}

const raiser = "fangyun";

/** Told to the ward's doctor and read back; what he does about it is still to come. */
async function raise(
  services: Services,
  ids: DemoIds,
  patientId: string,
  { item, value, unit }: NonNullable<Lying["critical"]>,
): Promise<void> {
  const { to, ward } = routes.pengpu;
  const found = demoActor(ids, raiser, to);
  const receiver = demoActor(ids, ward, to);
  const raised = await asDemo(services, found, (work) =>
    raiseCriticalValue(services, work, {
      patientId,
      itemText: item,
      valueText: value,
      unit,
      measuredAt: new Date(services.clock().getTime() - 20 * 60_000).toISOString(),
      receiver: { personId: receiver.personId, institutionId: receiver.institutionId },
    }),
  );
  await asDemo(services, receiver, (work) =>
    actOnCriticalValue(services, work, raised.id, {
      action: "readBack",
      version: raised.version,
      words: `${item} ${value} ${unit}`,
    }),
  );
}
