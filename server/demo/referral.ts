/**
 * Referrals of the demo: people on every part of the way between 彭浦新村 and 闸北, and between both houses of
 * Sakya; and the ways of the two specialty alliances. Made through the services, at times relative to now.
 */
import { and, eq, sql } from "drizzle-orm";
import { addDays } from "../calendar/domain.ts";
import { alliance, department, institution } from "../directory/schema.ts";
import type { Services, Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { systemActor } from "../identity/service.ts";
import { localDay, registerPatient } from "../patients/service.ts";
import type { ActionBody, ReferralContentBody, ReferralDetail } from "../referral/contract.ts";
import { alliancePlan } from "../referral/schema.ts";
import { act, createReferral, recordConsent } from "../referral/service.ts";
import { type DemoIds, demoActor } from "./load.ts";
import { alliancePathways, demoWay } from "./referral-pathways.ts";

type Route = {
  from: string;
  to: string;
  department: string;
  /** Who refers, who sits at the desk, who keeps the ward. */
  doctor: string;
  desk: string;
  ward: string;
  phone: string;
  wardPhone: string;
};
export const routes = {
  pengpu: {
    from: "pengpu",
    to: "zhabei-central",
    department: "medicine",
    doctor: "wangjianguo",
    desk: "qinxuemei",
    ward: "gumingyuan",
    phone: "021-56914949",
    wardPhone: "021-56628584",
  },
  sakya: {
    from: "sakya-chc",
    to: "sakya-hospital",
    department: "medicine",
    doctor: "danzeng",
    desk: "zhaxidunzhu",
    ward: "zhaxidunzhu",
    phone: "0892-8242120",
    wardPhone: "0892-8242020",
  },
} as const satisfies Record<string, Route>;

/** Steps of the way: who takes them, how many minutes ago, and what they say. */
type Step = [by: "doctor" | "desk" | "ward", minutesAgo: number, ...bodies: Bare[]];
/** A body without the version, which the way itself knows. */
type Bare = ActionBody extends infer One
  ? One extends unknown
    ? Omit<One, "version">
    : never
  : never;

/** One person's way, as the demo makes it. */
export type Case = {
  route: keyof typeof routes;
  name: string;
  nameBo?: string;
  sex: "male" | "female";
  age: number;
  /** Signs in and sees the road. */
  phone?: string;
  urgency: "urgent" | "routine";
  reason: string;
  diagnosis: [code: string, text: string];
  present: string;
  treatment: string;
  criterion: string;
  vitals?: ReferralContentBody["vitals"];
  begunMinutesAgo: number;
  /** Only asked on the phone so far. */
  asked?: true;
  steps?: readonly Step[];
  home?: { leftMinutesAgo: number; followUpInDays: number; medicine: string };
};

const day = 24 * 60;
const came = (minutesAgo: number): Step[] => [
  ["desk", minutesAgo, { action: "accept", answer: "床位已安排，请带好平时吃的药", bed: false }],
  [
    "desk",
    minutesAgo - 300,
    { action: "arrive" },
    { action: "admit", admissionNumber: `Z${minutesAgo}` },
  ],
];
const pressure = ["I10", "原发性高血压"] as [string, string];

const cases: readonly Case[] = [
  {
    route: "pengpu",
    name: "钱玉兰",
    sex: "female",
    age: 68,
    phone: "13800138101",
    urgency: "urgent",
    reason: "血压 186/112，休息后复测仍高，头晕",
    diagnosis: pressure,
    present: "今晨头晕，两次测量均高于 180/110，无胸痛、无肢体无力",
    treatment: "氨氯地平 5 mg 已服",
    criterion: "severe",
    vitals: { systolicMmHg: 186, diastolicMmHg: 112 },
    begunMinutesAgo: 108,
  },
  {
    route: "pengpu",
    name: "蒋国强",
    sex: "male",
    age: 59,
    urgency: "urgent",
    reason: "反复胸闷一周，心电图有新改变",
    diagnosis: ["I20.9", "心绞痛"],
    present: "活动后胸闷，休息数分钟缓解，社区心电图 ST 段压低",
    treatment: "阿司匹林 100 mg",
    criterion: "undiagnosed",
    begunMinutesAgo: 5 * 60,
  },
  {
    route: "pengpu",
    name: "孔令娣",
    sex: "female",
    age: 63,
    urgency: "routine",
    reason: "血糖控制不满意",
    diagnosis: ["E11.9", "2 型糖尿病"],
    present: "空腹血糖 9–10 mmol/L 一月",
    treatment: "二甲双胍 0.5 g 每日三次",
    criterion: "treatment-failing",
    begunMinutesAgo: 3 * day,
    steps: [
      [
        "desk",
        2 * day,
        { action: "return", reason: "请先加量至 1 g 每日两次，两周后复查糖化血红蛋白再议" },
      ],
    ],
  },
  {
    route: "pengpu",
    name: "陶根生",
    sex: "male",
    age: 74,
    urgency: "routine",
    reason: "下肢水肿，肌酐升高",
    diagnosis: ["N18.3", "慢性肾脏病 3 期"],
    present: "双下肢水肿两周，肌酐 168 µmol/L",
    treatment: "呋塞米 20 mg",
    criterion: "complications",
    begunMinutesAgo: 4 * day,
    steps: came(3 * day),
  },
  {
    route: "pengpu",
    name: "朱美英",
    sex: "female",
    age: 71,
    phone: "13800138102",
    urgency: "routine",
    reason: "肺炎后复查",
    diagnosis: ["J18.9", "肺炎"],
    present: "咳嗽、低热五日，胸片右下肺斑片影",
    treatment: "头孢呋辛三日无好转",
    criterion: "treatment-failing",
    begunMinutesAgo: 16 * day,
    steps: came(15 * day),
    home: { leftMinutesAgo: 7 * day, followUpInDays: 0, medicine: "左氧氟沙星 0.5 g" },
  },
  {
    route: "pengpu",
    name: "金家栋",
    sex: "male",
    age: 8,
    phone: "13800138103",
    urgency: "routine",
    reason: "反复咳喘，需查肺功能",
    diagnosis: ["J45.9", "支气管哮喘"],
    present: "夜间咳嗽、喘息两月，运动后加重",
    treatment: "布地奈德吸入",
    criterion: "beyond-equipment",
    begunMinutesAgo: 90,
    asked: true,
  },
  {
    route: "sakya",
    name: "仁青旺姆",
    nameBo: "རིན་ཆེན་དབང་མོ།",
    sex: "female",
    age: 34,
    urgency: "urgent",
    reason: "头痛、气促，血氧低于平时",
    diagnosis: ["T70.2", "高原反应"],
    present: "从日喀则返回三日，头痛、夜间气促",
    treatment: "吸氧、休息",
    criterion: "pulmonary-oedema",
    vitals: { spo2Percent: 69 },
    begunMinutesAgo: 100,
  },
  {
    route: "sakya",
    name: "顿珠",
    nameBo: "དོན་གྲུབ།",
    sex: "male",
    age: 52,
    urgency: "routine",
    reason: "血红蛋白 226 g/L",
    diagnosis: ["D75.1", "高原红细胞增多症"],
    present: "面唇紫红，头胀半年",
    treatment: "未用药",
    criterion: "undiagnosed",
    begunMinutesAgo: 6 * day,
    steps: [
      [
        "desk",
        5 * day,
        { action: "return", reason: "先查血气和动脉血氧，少量多次放血前请电话联系内科" },
      ],
    ],
  },
  {
    route: "sakya",
    name: "旺久",
    nameBo: "དབང་ཕྱུག།",
    sex: "male",
    age: 47,
    urgency: "routine",
    reason: "上腹痛，黑便一次",
    diagnosis: ["K25.9", "胃溃疡"],
    present: "上腹痛半月，昨日黑便一次，血压平稳",
    treatment: "奥美拉唑 20 mg",
    criterion: "beyond-equipment",
    begunMinutesAgo: 3 * day,
    steps: came(2 * day),
  },
  {
    route: "sakya",
    name: "央拉",
    nameBo: "དབྱངས་ལྷ།",
    sex: "female",
    age: 61,
    urgency: "routine",
    reason: "血压控制不满意",
    diagnosis: pressure,
    present: "两次随访血压均高于 170/100",
    treatment: "硝苯地平缓释片 20 mg",
    criterion: "twice-uncontrolled",
    begunMinutesAgo: 20 * day,
    steps: came(19 * day),
    home: { leftMinutesAgo: 10 * day, followUpInDays: -2, medicine: "缬沙坦 80 mg" },
  },
];

/** Phones that see a road, beside those of the demo's own patients. */
export const demoReferralPhones: readonly string[] = cases.flatMap((one) => one.phone ?? []);

/** @returns false when they are there */
export async function loadDemoReferrals(services: Services, ids: DemoIds): Promise<boolean> {
  const departments = await loadPathways(services);
  if (!departments) return false;
  for (const one of cases) {
    const { from, to, department: unit, doctor, desk, ward } = routes[one.route];
    if (![doctor, desk, ward].every((login) => ids.people.has(login))) continue;
    const toInstitutionId = ids.institutions.get(to)!;
    const toDepartmentId = departments.find(
      (place) => place.institutionId === toInstitutionId && place.slug === unit,
    )?.id;
    if (!toDepartmentId) continue;
    await makeCase(services, one, {
      doctor: demoActor(ids, doctor, from),
      desk: demoActor(ids, desk, to),
      ward: demoActor(ids, ward, to),
      target: { toInstitutionId, toDepartmentId },
    });
  }
  return true;
}

type People = {
  doctor: StaffActor;
  desk: StaffActor;
  ward: StaffActor;
  target: { toInstitutionId: string; toDepartmentId: string };
};

/** Takes every step of one way through the services. @returns the way up, as it stands */
export async function makeCase(
  services: Services,
  one: Case,
  people: People,
): Promise<ReferralDetail> {
  const begun = one.begunMinutesAgo;
  const take = (referral: ReferralDetail, by: StaffActor, minutesAgo: number, bodies: Bare[]) =>
    at(services, by, minutesAgo, async (work) => {
      let now = referral;
      for (const body of bodies)
        now = await act(services, work, now.id, { ...body, version: now.version } as ActionBody);
      return now;
    });
  let up = await at(services, people.doctor, begun, async (work) => {
    const { patient } = await registerPatient(services, work, personOf(one));
    const made = await createReferral(services, work, {
      patientId: patient.id,
      direction: "up",
      content: { ...people.target, ...wayUp(one) },
    });
    if (!one.asked) return agreeAndSend(services, work, made, one);
    return act(services, work, made.id, { action: "askPatient", version: made.version });
  });
  for (const [by, ago, ...bodies] of one.steps ?? []) up = await take(up, people[by], ago, bodies);
  if (!one.home) return up;
  const { leftMinutesAgo: left, followUpInDays, medicine } = one.home;
  const reviewOn = addDays(localDay(services.clock()), followUpInDays);
  let down = await at(services, people.ward, left + 2 * day, async (work) => {
    await act(services, work, up.id, { action: "readyForDown", version: up.version });
    const made = await createReferral(services, work, {
      patientId: up.patient.id,
      direction: "down",
      previousId: up.id,
      content: { ...wayDown(one, medicine), reviewOn },
    });
    return agreeAndSend(services, work, made, one);
  });
  down = await take(down, people.doctor, left + day, [
    { action: "accept", bed: false, medicines: [{ ...asOnTheWard(medicine), available: true }] },
  ]);
  down = await take(down, people.ward, left, [{ action: "discharge" }]);
  await take(down, people.doctor, left - day, [
    {
      action: "takeOn",
      followUps: [
        { dueOn: reviewOn, kind: "visit", purpose: "复查，看用药情况" },
        { dueOn: addDays(reviewOn, 14), kind: "phone", purpose: "问症状和血压" },
      ],
    },
  ]);
  return up;
}

function personOf(one: Case): Parameters<typeof registerPatient>[2] {
  const child = one.age < 14;
  return {
    fullName: one.name,
    fullNameBo: one.nameBo ?? null,
    sex: one.sex,
    ageYears: one.age,
    language: one.nameBo ? "bo" : "zh-CN",
    unknownPerson: false,
    contacts: one.phone
      ? [
          {
            relation: child ? "mother" : "self",
            name: child ? "金雪芳" : one.name,
            phone: one.phone,
            maySignIn: true,
          },
        ]
      : [],
  };
}

function wayUp(one: Case): ReferralContentBody {
  return {
    urgency: one.urgency,
    requesterPhone: routes[one.route].phone,
    reason: one.reason,
    impression: [{ code: one.diagnosis[0], text: one.diagnosis[1] }],
    presentHistory: one.present,
    pastHistory: "既往史见本机构档案",
    treatmentSoFar: one.treatment,
    criteria: [{ code: one.criterion, evidence: null }],
    ...(one.vitals ? { vitals: one.vitals } : {}),
  };
}

const asOnTheWard = (medicine: string) => ({
  text: medicine,
  dose: "每日一次",
  until: null,
  available: null,
  substitute: null,
});

function wayDown(one: Case, medicine: string): ReferralContentBody {
  return {
    requesterPhone: routes[one.route].wardPhone,
    impression: [{ code: one.diagnosis[0], text: one.diagnosis[1] }],
    admissionNumber: `Z${one.begunMinutesAgo}`,
    results: "住院期间检查见出院小结",
    treatmentSoFar: "症状缓解，生命体征平稳",
    plan: "按时服药，每日自测，社区随访",
    rehabilitationAdvice: "清淡饮食，每日步行 30 分钟",
    medicines: [asOnTheWard(medicine)],
    returnTriggers: [
      { kind: "value", code: "pressure", measure: "systolicMmHg", atLeast: 180 },
      { kind: "words", code: "breathless", text: "气促加重，躺不平" },
    ],
  };
}

async function agreeAndSend(
  services: Services,
  work: Work<StaffActor>,
  referral: ReferralDetail,
  one: Case,
): Promise<ReferralDetail> {
  const agreed = await recordConsent(services, work, referral.id, {
    given: true,
    method: "fingerprint",
    language: one.nameBo ? "bo" : "zh-CN",
    textVersion: "referral-2026-11",
    signerName: one.name,
    signerRelation: "本人",
    witnessName: work.actor.name,
    reason: "按指印，读给本人听过",
  });
  return act(services, work, agreed.id, { action: "submit", version: agreed.version, bed: false });
}

/** Somebody of the demo at work some minutes ago. */
function at<Answer>(
  services: Services,
  actor: StaffActor,
  minutesAgo: number,
  work: (work: Work<StaffActor>) => Promise<Answer>,
): Promise<Answer> {
  const now = new Date(services.clock().getTime() - minutesAgo * 60_000);
  const origin = { correlationId: "demo", address: null };
  return services.db.withActor(actor, (tx) => work({ tx, actor, origin, now }));
}

/** The ways of the specialty alliances. @returns every department; null when the ways are there already */
async function loadPathways(services: Services) {
  return services.db.withActor(systemActor("demo"), async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(7105221)`);
    const [existing] = await tx.select({ id: alliancePlan.id }).from(alliancePlan).limit(1);
    if (existing) return null;
    const houses = await tx
      .select({ id: institution.id, slug: institution.slug })
      .from(institution);
    const departments = await tx.select().from(department);
    const find = (slug: string, unit: string) => {
      const institutionId = houses.find((one) => one.slug === slug)?.id;
      if (!institutionId) return null;
      const found = departments.find(
        (one) => one.institutionId === institutionId && one.slug === unit,
      );
      return { institutionId, departmentId: found?.id ?? null };
    };
    for (const name of new Set(alliancePathways.map((one) => one.alliance))) {
      const [of] = await tx
        .select({ id: alliance.id })
        .from(alliance)
        .where(and(eq(alliance.name, name), eq(alliance.demo, true)));
      if (!of) continue;
      await tx.insert(alliancePlan).values({
        allianceId: of.id,
        version: 1,
        validFrom: "2026-01-01",
        state: "published",
        starter: true,
        note: "随系统带来的起始版本，来源凭记忆写下，待临床审核",
        content: {
          ways: alliancePathways
            .filter((one) => one.alliance === name)
            .map((one) => demoWay(one, find)),
        },
      });
    }
    return departments;
  });
}
