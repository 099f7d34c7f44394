/** Beds in the demo: wards with who lies in them, one ward nearly full, one count that is old, somebody away. */
import { sql } from "drizzle-orm";
import type { BedUnitKind } from "../capacity/domain.ts";
import { bed, bedUnit, staffAbsence } from "../capacity/schema.ts";
import { actOnBed, admitDirectly } from "../capacity/service.ts";
import { department } from "../directory/schema.ts";
import type { Services } from "../http/context.ts";
import { systemActor } from "../identity/service.ts";
import { localDay, registerPatient } from "../patients/service.ts";
import { asDemo, type DemoIds, demoActor } from "./load.ts";

type Unit = {
  institution: string;
  department: string;
  names: readonly [zh: string, en: string, bo: string];
  kind: BedUnitKind;
  beds: number;
  /** First bed's number. */
  from: number;
  occupied: number;
  /** Who keeps the ward; null: nobody of the demo, and its counts are old. */
  nurse: string | null;
  cleaning?: number;
  outOfUse?: string;
};

const units: readonly Unit[] = [
  {
    institution: "xuhui-central",
    department: "cardiology",
    names: ["心内科一病区", "Cardiology ward 1", "སྙིང་ནད་ཚན་ཁག་ནད་ཁང་དང་པོ།"],
    kind: "ordinary",
    beds: 8,
    from: 1,
    occupied: 6,
    nurse: "caiyufen",
    cleaning: 1,
  },
  {
    institution: "xuhui-central",
    department: "cardiology",
    names: ["心脏监护室", "Coronary care unit", "སྙིང་ནད་ལྟ་སྐྱོང་ཁང་།"],
    kind: "intensive",
    beds: 3,
    from: 21,
    occupied: 2,
    nurse: "caiyufen",
    outOfUse: "监护仪送修",
  },
  {
    institution: "xuhui-central",
    department: "haematology",
    names: ["血液科病区", "Haematology ward", "ཁྲག་ནད་ཚན་ཁག་ནད་ཁང་།"],
    kind: "ordinary",
    beds: 6,
    from: 31,
    occupied: 4,
    nurse: "caiyufen",
  },
  {
    institution: "xuhui-central",
    department: "rehabilitation",
    names: ["康复科病区", "Rehabilitation ward", "ནུས་པ་སླར་གསོའི་ནད་ཁང་།"],
    kind: "rehabilitation",
    beds: 6,
    from: 41,
    occupied: 3,
    nurse: "caiyufen",
  },
  {
    institution: "zhabei-central",
    department: "medicine",
    names: ["内科二病区", "Medical ward 2", "ནང་ནད་ཚན་ཁག་ནད་ཁང་གཉིས་པ།"],
    kind: "ordinary",
    beds: 8,
    from: 1,
    // Three more come by referral (ward.ts).
    occupied: 1,
    nurse: "hemin",
  },
  {
    institution: "zhabei-central",
    department: "fever",
    names: ["隔离病区", "Isolation ward", "ལོགས་བཀར་ནད་ཁང་།"],
    kind: "isolation",
    beds: 6,
    from: 51,
    occupied: 1,
    nurse: "hemin",
  },
  {
    institution: "sakya-hospital",
    department: "medicine",
    names: ["内科病区", "Medical ward", "ནང་ནད་ནད་ཁང་།"],
    kind: "ordinary",
    beds: 10,
    from: 1,
    occupied: 3,
    nurse: "zhuoga",
  },
  {
    institution: "changzheng",
    department: "trauma",
    names: ["创伤病区", "Trauma ward", "རྨས་སྐྱོན་ནད་ཁང་།"],
    kind: "ordinary",
    beds: 8,
    from: 1,
    occupied: 2,
    nurse: "meihua",
  },
  {
    institution: "changzheng",
    department: "trauma",
    names: ["创伤重症监护室", "Trauma intensive care", "རྨས་སྐྱོན་ཛ་དྲག་ལྟ་སྐྱོང་ཁང་།"],
    kind: "intensive",
    beds: 4,
    from: 21,
    occupied: 2,
    nurse: "meihua",
  },
  {
    institution: "huadong",
    department: "rehabilitation",
    names: ["康复病区", "Rehabilitation ward", "ནུས་པ་སླར་གསོའི་ནད་ཁང་།"],
    kind: "rehabilitation",
    beds: 8,
    from: 1,
    occupied: 2,
    nurse: "meihua",
  },
  {
    institution: "rehab-3",
    department: "rehabilitation",
    names: ["神经康复病区", "Neurological rehabilitation", "དབང་རྩའི་ནུས་པ་སླར་གསོའི་ནད་ཁང་།"],
    kind: "rehabilitation",
    beds: 10,
    from: 1,
    occupied: 4,
    nurse: "qiaoxuemei",
  },
  {
    institution: "rehab-3",
    department: "rehabilitation",
    names: ["长期照护病区", "Long-term care", "ཡུན་རིང་ལྟ་སྐྱོང་ནད་ཁང་།"],
    kind: "long-term",
    beds: 6,
    from: 21,
    occupied: 2,
    nurse: "qiaoxuemei",
  },
  {
    institution: "rehab-4",
    department: "rehabilitation",
    names: ["康复病区", "Rehabilitation ward", "ནུས་པ་སླར་གསོའི་ནད་ཁང་།"],
    kind: "rehabilitation",
    beds: 8,
    from: 1,
    occupied: 0,
    nurse: null,
  },
  {
    institution: "jingan-central",
    department: "medicine",
    names: ["内科病区", "Medical ward", "ནང་ནད་ནད་ཁང་།"],
    kind: "ordinary",
    beds: 8,
    from: 1,
    occupied: 0,
    nurse: null,
  },
];

const surnames = ["傅", "尹", "骆", "窦", "褚", "翟", "柏", "祝", "裴", "戚", "邬", "卞"];
const given = ["秀梅", "国安", "桂芬", "德明", "玉兰", "长根", "惠珍"];
const tibetanNames = ["班觉", "白玛央珍", "贡嘎", "仓决", "旺堆"];
const staleHours = 30;

/** Wards with their patients. @returns false when they are there */
export async function loadDemoCapacity(services: Services, ids: DemoIds): Promise<boolean> {
  const base = services.clock();
  const made = await services.db.withActor(systemActor("demo"), async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(7105221)`);
    const [existing] = await tx.select({ id: bedUnit.id }).from(bedUnit).limit(1);
    if (existing) return null;
    const departments = await tx.select().from(department);
    const found = [];
    for (const one of units) {
      const institutionId = ids.institutions.get(one.institution)!;
      const place = departments.find(
        (other) => other.institutionId === institutionId && other.slug === one.department,
      );
      if (!place) continue;
      const [unit] = await tx
        .insert(bedUnit)
        .values({
          institutionId,
          departmentId: place.id,
          nameZh: one.names[0],
          nameEn: one.names[1],
          nameBo: one.names[2],
          kind: one.kind,
          touchedAt: new Date(base.getTime() - (one.nurse ? 0 : staleHours) * 3_600_000),
        })
        .returning({ id: bedUnit.id });
      const beds = await tx
        .insert(bed)
        .values(
          Array.from({ length: one.beds }, (_, index) => ({
            unitId: unit!.id,
            institutionId,
            label: String(one.from + index),
            cleaningSince:
              index >= one.beds - (one.cleaning ?? 0)
                ? new Date(base.getTime() - 25 * 60_000)
                : null,
          })),
        )
        .returning({ id: bed.id });
      found.push({
        unit: one,
        departmentId: place.id,
        institutionId,
        beds: beds.map(({ id }) => id),
      });
    }
    const cardiology = found.find((one) => one.unit.department === "cardiology");
    const away = ids.people.get("chenliming");
    const nurse = ids.people.get("caiyufen");
    if (cardiology && away && nurse)
      await tx.insert(staffAbsence).values({
        institutionId: cardiology.institutionId,
        departmentId: cardiology.departmentId,
        personId: away,
        kind: "posted",
        fromDay: localDay(base),
        toDay: localDay(new Date(base.getTime() + 20 * 86_400_000)),
        reason: "援藏",
        coveredBy: ids.people.get("wuqihang") ?? null,
        enteredBy: nurse,
      });
    return found;
  });
  if (!made) return false;
  let who = 0;
  for (const { unit, beds } of made) {
    if (!unit.nurse || !ids.people.has(unit.nurse)) continue;
    for (const bedId of beds.slice(0, unit.occupied)) {
      await makeStay(services, ids, unit, { bedId, who });
      who += 1;
    }
    const { outOfUse } = unit;
    if (outOfUse)
      await asDemo(services, demoActor(ids, unit.nurse, unit.institution), (work) =>
        actOnBed(work, beds.at(-1)!, { action: "out-of-use", reason: outOfUse }),
      );
  }
  return true;
}

/** Somebody who came some days ago; every third is expected to leave within a few days. */
async function makeStay(
  services: Services,
  ids: DemoIds,
  unit: Unit,
  { bedId, who }: { bedId: string; who: number },
): Promise<void> {
  const base = services.clock().getTime();
  const tibetan = unit.institution === "sakya-hospital";
  const actor = demoActor(ids, unit.nurse!, unit.institution);
  const name = tibetan
    ? tibetanNames[who % tibetanNames.length]!
    : `${surnames[who % surnames.length]}${given[who % given.length]}`;
  const since = new Date(base - (1 + (who % 6)) * 86_400_000 - (who % 9) * 3_600_000);
  const then = { ...services, clock: () => since };
  await asDemo(then, actor, async (work) => {
    const { patient } = await registerPatient(then, work, {
      fullName: name,
      fullNameBo: null,
      sex: who % 2 === 0 ? "female" : "male",
      ageYears: 48 + ((who * 7) % 39),
      residentId: null,
      ethnicGroup: tibetan ? "藏族" : "汉族",
      language: "zh-CN",
      address: null,
      unknownPerson: false,
      contacts: [],
    });
    await admitDirectly(work, bedId, {
      patientId: patient.id,
      expectedDischargeOn: who % 3 === 0 ? localDay(new Date(base + (who % 4) * 86_400_000)) : null,
      overQuotaReason: "平日收治",
    });
  });
}
