/** Fever care in the demo: two places and some visits of the day, made by the services that the desk uses. */
import { sql } from "drizzle-orm";
import type { FeverActionBody } from "../fever/contract.ts";
import { feverRoom, feverSite, feverVisit } from "../fever/schema.ts";
import { actOnVisit, admitVisit, measure, writeRegister } from "../fever/service.ts";
import type { Services, Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { roleAssignment } from "../identity/schema.ts";
import { systemActor } from "../identity/service.ts";
import { registerPatient } from "../patients/service.ts";
import { asDemo, type DemoIds, demoActor } from "./load.ts";

const sites = [
  {
    slug: "zhabei-central",
    kind: "fever-clinic" as const,
    region: "CN-31",
    higher: null,
    entrance: [
      "共和新路侧独立入口，红色“发热门诊”灯箱下，不经过门诊大厅",
      "The separate door on Gonghexin Road under the red fever-clinic sign; not through the main hall",
      "ཀུང་ཧེ་ཞིན་ལམ་ཕྱོགས་ཀྱི་སྒོ་ལོགས་པ། དམར་པོའི་བརྡ་རྟགས་འོག་ཏུ། ཚོགས་ཁང་ཆེན་མོ་བརྒྱུད་མི་དགོས།",
    ],
    rooms: [
      ["1 诊室", "room"],
      ["2 诊室", "room"],
      ["3 诊室", "room"],
      ["4 诊室", "room"],
      ["隔离 1", "isolation"],
      ["隔离 2", "isolation"],
      ["留观 1", "observation"],
      ["留观 2", "observation"],
    ],
  },
  {
    slug: "pengpu",
    kind: "sentinel" as const,
    region: "CN-31",
    higher: "zhabei-central",
    entrance: [
      "大门左侧平房，发热哨点诊室",
      "The low building left of the gate: fever sentinel room",
      "སྒོ་ཆེན་གྱི་གཡོན་ཕྱོགས་ཀྱི་ཁང་ཆུང་། ཚ་བའི་ས་ཚུགས་སྨན་ཁང་།",
    ],
    rooms: [
      ["哨点诊室", "room"],
      ["隔离间", "isolation"],
    ],
  },
  {
    slug: "sakya-hospital",
    kind: "fever-clinic" as const,
    region: "CN-54",
    higher: null,
    entrance: [
      "医院东侧单独的院门，发热门诊",
      "The gate of its own on the hospital's east side: fever clinic",
      "སྨན་ཁང་གི་ཤར་ཕྱོགས་ཀྱི་སྒོ་ལོགས་པ། ཚ་བའི་སྨན་ཁང་།",
    ],
    rooms: [["1 诊室", "room"]],
  },
] as const;

const newRoles = [
  ["fangyun", "zhabei-central", "fever-nurse"],
  ["shaojun", "zhabei-central", "fever-doctor"],
  ["wangjianguo", "pengpu", "fever-doctor"],
] as const;

type Visit = {
  name: string;
  sex: "female" | "male";
  ageYears: number;
  phone: string;
  address: string;
  workplace?: string;
  companions?: string;
  /** Minutes before now, with the temperature in degrees; a saturation beside it. */
  readings: readonly (readonly [ago: number, degrees: number])[];
  spo2?: readonly [ago: number, percent: number];
  arrivedAgo: number;
  steps: readonly (readonly [ago: number, who: "fangyun" | "shaojun", step: Step])[];
};
type Step = { action: "to-room"; room: string } | DistributiveOmit<FeverActionBody, "version">;
type DistributiveOmit<Type, Key extends PropertyKey> = Type extends unknown
  ? Omit<Type, Key>
  : never;

const toFever: Step = { action: "to-fever", note: null };
const visits: readonly Visit[] = [
  {
    name: "沈国强",
    sex: "male",
    ageYears: 34,
    phone: "13900139001",
    address: "上海市静安区芷江西路街道",
    workplace: "上海某物流公司",
    companions: "妻子 李敏 139****9002",
    arrivedAgo: 190,
    readings: [
      [189, 38.6],
      [186, 38.4],
    ],
    spo2: [186, 97],
    steps: [
      [185, "fangyun", toFever],
      [182, "fangyun", { action: "to-room", room: "1 诊室" }],
      [170, "shaojun", { action: "see" }],
      [165, "fangyun", { action: "sample", sampleCode: "ZB20260001" }],
    ],
  },
  {
    name: "吴秀珍",
    sex: "female",
    ageYears: 76,
    phone: "13900139003",
    address: "上海市静安区大宁路街道",
    companions: "女儿陪同",
    arrivedAgo: 45,
    readings: [
      [44, 37.9],
      [41, 38.1],
    ],
    spo2: [41, 88],
    steps: [
      [40, "fangyun", toFever],
      [38, "fangyun", { action: "to-room", room: "2 诊室" }],
    ],
  },
  {
    name: "郭子涵",
    sex: "male",
    ageYears: 19,
    phone: "13900139004",
    address: "上海市静安区宝山路街道",
    workplace: "某大学一年级",
    arrivedAgo: 400,
    readings: [
      [398, 38.2],
      [395, 38.3],
    ],
    steps: [
      [394, "fangyun", toFever],
      [390, "fangyun", { action: "to-room", room: "留观 1" }],
      [380, "shaojun", { action: "see" }],
      [375, "fangyun", { action: "sample", sampleCode: "ZB20260002" }],
      [90, "fangyun", { action: "record-result", text: "甲型流感病毒核酸阳性，其余阴性" }],
    ],
  },
  {
    name: "方小宁",
    sex: "female",
    ageYears: 28,
    phone: "13900139005",
    address: "上海市静安区彭浦镇",
    arrivedAgo: 3,
    readings: [[2, 37.8]],
    steps: [],
  },
];

/** Places first: they exist in a demo of an earlier version too. @returns false when they are there */
export async function loadDemoFever(services: Services, ids: DemoIds): Promise<boolean> {
  const fresh = await services.db.withActor(systemActor("demo"), async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(7105221)`);
    const [existing] = await tx.select({ id: feverSite.institutionId }).from(feverSite).limit(1);
    if (existing) return false;
    // People of an earlier version's demo take the new work up.
    await tx
      .insert(roleAssignment)
      .values(
        newRoles.flatMap(([login, slug, roleCode]) => {
          const personId = ids.people.get(login);
          return personId
            ? [{ personId, institutionId: ids.institutions.get(slug)!, roleCode }]
            : [];
        }),
      )
      .onConflictDoNothing();
    for (const one of sites) {
      const institutionId = ids.institutions.get(one.slug)!;
      await tx.insert(feverSite).values({
        institutionId,
        kind: one.kind,
        region: one.region,
        higherInstitutionId: one.higher ? ids.institutions.get(one.higher)! : null,
        entranceZh: one.entrance[0],
        entranceEn: one.entrance[1],
        entranceBo: one.entrance[2],
      });
      await tx
        .insert(feverRoom)
        .values(one.rooms.map(([name, kind]) => ({ institutionId, name, kind })));
      // A room that is kept for a busy winter: closed, to be reopened on the page.
      if (one.slug === "zhabei-central")
        await tx
          .insert(feverRoom)
          .values({ institutionId, name: "5 诊室（备用）", kind: "room", active: false });
    }
    return true;
  });
  if (!fresh || !ids.people.get("shaojun")) return false;
  for (const visit of visits) await makeVisit(services, ids, visit);
  return true;
}

async function makeVisit(services: Services, ids: DemoIds, one: Visit): Promise<void> {
  const base = services.clock().getTime();
  const at = <Answer>(
    ago: number,
    login: string,
    work: (services: Services, work: Work<StaffActor>) => Promise<Answer>,
  ): Promise<Answer> => {
    const then = { ...services, clock: () => new Date(base - ago * 60_000) };
    return asDemo(then, demoActor(ids, login), (own) => work(then, own));
  };
  const { patient } = await at(one.arrivedAgo + 2, "fangyun", (then, work) =>
    registerPatient(then, work, {
      fullName: one.name,
      fullNameBo: null,
      sex: one.sex,
      ageYears: one.ageYears,
      residentId: null,
      ethnicGroup: "汉族",
      language: "zh-CN",
      address: one.address,
      unknownPerson: false,
      contacts: [{ relation: "self", name: one.name, phone: one.phone, maySignIn: false }],
    }),
  );
  const { id } = await at(one.arrivedAgo, "fangyun", (then, work) =>
    admitVisit(then, work, { patientId: patient.id }),
  );
  for (const [ago, value] of one.readings)
    await at(ago, "fangyun", (then, work) =>
      measure(then, work, id, { kind: "temperature", value }),
    );
  const { spo2 } = one;
  if (spo2)
    await at(spo2[0], "fangyun", (then, work) =>
      measure(then, work, id, { kind: "spo2", value: spo2[1] }),
    );
  if (one.workplace || one.companions)
    await at(one.readings.at(-1)![0], "fangyun", async (then, work) =>
      writeRegister(then, work, id, {
        version: await versionOf(work, id),
        workplace: one.workplace ?? null,
        companions: one.companions ?? null,
      }),
    );
  for (const [ago, login, step] of one.steps)
    await at(ago, login, async (then, work) => {
      const version = await versionOf(work, id);
      const body =
        "room" in step
          ? { action: "to-room" as const, roomId: await roomNamed(work, step.room) }
          : step;
      return actOnVisit(then, work, id, { ...body, version } as FeverActionBody);
    });
}

async function versionOf({ tx }: Work<StaffActor>, id: string): Promise<number> {
  const [row] = await tx
    .select({ version: feverVisit.version })
    .from(feverVisit)
    .where(sql`${feverVisit.id} = ${id}`);
  return row!.version;
}

async function roomNamed({ tx }: Work<StaffActor>, name: string): Promise<string> {
  const [row] = await tx
    .select({ id: feverRoom.id })
    .from(feverRoom)
    .where(sql`${feverRoom.name} = ${name}`);
  return row!.id;
}
