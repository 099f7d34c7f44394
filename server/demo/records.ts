import { eq, inArray } from "drizzle-orm";
import { institution } from "../directory/schema.ts";
import {
  addRule,
  type ConsentRule,
  type FhirResource,
  type HostedStore,
  noConditions,
  type StoreContext,
} from "../fhir/service.ts";
import type { Services } from "../http/context.ts";
import { systemActor } from "../identity/service.ts";
import { databaseOf } from "../records/domain.ts";
import { recordStore } from "../records/schema.ts";
import { indexStores } from "../records/service.ts";
import type { DemoIds } from "./load.ts";
import { demoPatients } from "./people.ts";
import { type DemoRecord, recordWriter, seeded } from "./record-resources.ts";
import { demoStores, demoTenants } from "./record-stores.ts";

/** The demo's record stores, and the clinical records of its story in them. Repeatable. */
export async function loadDemoRecords(services: Services, ids: DemoIds): Promise<void> {
  await services.db.withActor(systemActor("demo"), async (tx) => {
    const rows = await tx
      .select({ id: institution.id, code: institution.slug })
      .from(institution)
      .where(inArray(institution.slug, [...demoStores, ...Object.keys(demoTenants)]));
    for (const { id, code } of rows) {
      const known = await tx.select().from(recordStore).where(eq(recordStore.institutionId, id));
      if (known.length === 0)
        await tx
          .insert(recordStore)
          .values({ institutionId: id, kind: "hosted", location: databaseOf(keeperOf(code)) });
    }
  });
  services.records.refresh();
  const record = (key: string): DemoRecord | null => {
    const found = demoPatients.find((one) => one.key === key);
    const patientId = ids.patients.get(key);
    return found && patientId
      ? { key, patientId, name: found.fullName, sex: found.sex, ageYears: found.ageYears ?? 40 }
      : null;
  };
  try {
    await fill(services, ids, "sakya-chc", atSakya(record, services.clock()), [
      "xuhui-central",
      "sakya-hospital",
    ]);
    await fill(services, ids, "xuhui-central", atXuhui(record, services.clock()), ["sakya-chc"]);
    await fill(services, ids, "sakya-hospital", atCountyHospital(record, services.clock()), [
      "sakya-chc",
      "xuhui-central",
    ]);
    await indexStores(services);
  } catch (error) {
    // Beside an outside PostgreSQL its administrator makes the databases (docs/roles.sql); until then the
    // demo's pages say that these institutions do not answer.
    if (!isNoDatabase(error)) throw error;
  }
}

/** SQLSTATE invalid_catalog_name. */
export const isNoDatabase = (error: unknown): boolean =>
  error instanceof Error &&
  (("code" in error && error.code === "3D000") || isNoDatabase(error.cause));

const keeperOf = (code: string) => demoTenants[code as keyof typeof demoTenants] ?? code;

type Find = (key: string) => DemoRecord | null;
type Held = {
  resources: FhirResource[];
  /** Patients who let the other institution of the consult see it. */
  shared: string[];
  rules: Pick<ConsentRule, "patient" | "label" | "decision">[];
};

/** What 萨迦 holds: the home record of its patients at 4,300 m. */
function atSakya(find: Find, baseDay: Date): Held {
  const held: Held = { resources: [], shared: [], rules: [] };
  const random = seeded(4300);
  const dawa = find("dawa");
  if (dawa) {
    const w = recordWriter(dawa, baseDay);
    const now = w.haemoglobin(148, 0.2);
    held.shared.push(dawa.patientId);
    held.resources.push(
      w.patient(),
      w.allergy("青霉素", "皮疹", 700),
      w.condition("D69.0", "过敏性紫癜", 1),
      w.condition("J06.9", "急性上呼吸道感染", 14),
      w.medicine("布洛芬混悬液", "5 mL，每 8 小时一次，共 3 天", 14, "used-up"),
      w.medicine("维生素 C 片", "0.1 g，每日三次", 1),
      ...[700, 420, 180].map((days, n) => w.haemoglobin(139 + 3 * n, days)),
      now,
      ...[180, 14, 2, 0.2].map((days) => w.saturation(87 + Math.round(random() * 3), days)),
      w.pressure(98, 62, 14),
      w.pressure(96, 60, 0.2),
      w.report("血常规", "血小板 286×10⁹/L，血红蛋白 148 g/L（海拔 4300 米）", [now], 0.2),
      w.visit("上呼吸道感染", 14),
      w.visit("双下肢紫癜、腹痛", 1),
      ...[3200, 3100, 2900, 1800].map((days, n) =>
        w.vaccine(["乙肝疫苗", "脊髓灰质炎疫苗", "百白破疫苗", "麻腮风疫苗"][n]!, days),
      ),
      w.document("门诊病历", "双小腿对称性紫癜 3 天，阵发腹痛 1 天，卧床、补液。", 1),
    );
  }
  const zhaxi = find("zhaxi");
  if (zhaxi) {
    const w = recordWriter(zhaxi, baseDay);
    held.shared.push(zhaxi.patientId);
    held.rules.push({ patient: zhaxi.patientId, label: "ETH", decision: "deny" });
    const series = [900, 720, 540, 360, 180, 90, 30, 1].map((days, n) =>
      w.haemoglobin(188 + 5 * n + Math.round(random() * 3), days),
    );
    held.resources.push(
      w.patient(),
      w.condition("D75.1", "继发性红细胞增多症", 540),
      w.condition("F10.1", "酒精有害使用", 800, "ETH"),
      w.medicine("乙酰唑胺片", "0.125 g，每日两次", 90),
      ...series,
      ...[540, 360, 180, 30, 1].map((days) => w.saturation(79 + Math.round(random() * 4), days)),
      ...[540, 360, 180, 30, 1].map((days) =>
        w.pressure(140 + Math.round(random() * 10), 88 + Math.round(random() * 8), days),
      ),
      w.report("血常规", "血红蛋白 226 g/L，红细胞压积 68%", [series.at(-1)!], 1),
      w.visit("头痛、乏力", 90),
      w.visit("头痛两周", 1),
      w.vaccine("流感疫苗", 400),
    );
  }
  for (const key of ["ciren", "luosang"]) {
    const one = find(key);
    if (!one) continue;
    const w = recordWriter(one, baseDay);
    held.resources.push(
      w.patient(),
      ...[300, 30].map((days) => w.haemoglobin(165 + Math.round(random() * 12), days)),
      ...[300, 30].map((days) => w.saturation(86 + Math.round(random() * 4), days)),
      w.visit("体检", 30),
    );
  }
  return held;
}

/** What 徐汇 holds: former consults from afar, and its own patients at sea level. */
function atXuhui(find: Find, baseDay: Date): Held {
  const held: Held = { resources: [], shared: [], rules: [] };
  const random = seeded(4);
  const dawa = find("dawa");
  if (dawa) {
    const w = recordWriter(dawa, baseDay);
    held.shared.push(dawa.patientId);
    held.resources.push(
      w.patient(),
      w.visit("远程会诊：青霉素皮疹", 690),
      w.allergy("阿莫西林", "荨麻疹", 690),
      w.document("远程会诊意见", "避免青霉素类药物；如需抗生素，选大环内酯类。", 690),
    );
  }
  const zhou = find("zhou");
  if (zhou) {
    const w = recordWriter(zhou, baseDay);
    held.resources.push(
      w.patient(),
      w.condition("I10", "原发性高血压", 3000),
      w.medicine("氨氯地平片", "5 mg，每日一次", 300),
      ...[365, 270, 180, 90, 10].map((days) =>
        w.pressure(132 + Math.round(random() * 14), 78 + Math.round(random() * 8), days),
      ),
      ...[365, 10].map((days) => w.haemoglobin(124 + Math.round(random() * 6), days)),
      w.saturation(97, 10),
      w.visit("高血压随访", 10, "I10"),
      w.vaccine("23 价肺炎球菌多糖疫苗", 500),
    );
  }
  return held;
}

/** What the county's hospital holds: the same allergy, told by a second house, and what was before. */
function atCountyHospital(find: Find, baseDay: Date): Held {
  const held: Held = { resources: [], shared: [], rules: [] };
  const dawa = find("dawa");
  if (dawa) {
    const w = recordWriter(dawa, baseDay);
    held.shared.push(dawa.patientId);
    held.resources.push(
      w.patient(),
      w.allergy("青霉素", "皮疹", 640),
      w.visit("肺炎住院", 640),
      w.haemoglobin(136, 640),
      ...[640, 632].map((days, n) => w.saturation([84, 88][n]!, days)),
      w.document("出院小结", "社区获得性肺炎，青霉素皮疹后改用阿奇霉素，治愈。", 632),
    );
  }
  return held;
}

async function fill(
  services: Services,
  ids: DemoIds,
  code: string,
  held: Held,
  partners: readonly string[],
): Promise<void> {
  const [first] = held.resources;
  if (!first) return;
  const hosted = await services.records.find({ code });
  const context = contextOf(services, hosted);
  if ((await hosted.store.read(context, first.resourceType, first.id!)).status === "ok") return;
  await importDemo(services, hosted, held.resources);
  const always = { startsAt: services.clock(), endsAt: null, source: null };
  await hosted.store.transaction(context, async (tx) => {
    for (const patient of held.shared)
      for (const partner of partners)
        await addRule(tx, context, {
          ...always,
          patient,
          recipient: ids.institutions.get(partner) ?? null,
          label: null,
          decision: "permit",
        });
    for (const rule of held.rules)
      await addRule(tx, context, { ...always, ...rule, recipient: null });
  });
}

/** As an import of the house's own system. */
export async function importDemo(
  services: Services,
  hosted: HostedStore,
  resources: readonly FhirResource[],
): Promise<void> {
  await hosted.store.write(
    contextOf(services, hosted),
    "import",
    resources.map((resource) => ({
      ...noConditions,
      method: "PUT",
      type: resource.resourceType,
      id: resource.id!,
      resource,
    })),
  );
}

function contextOf(services: Services, hosted: HostedStore): StoreContext {
  return {
    caller: {
      kind: "client",
      actor: "demo",
      name: null,
      institution: hosted.tenant,
      purpose: "operations",
      reason: null,
      scopes: null,
      mayWrite: true,
      correlationId: "demo",
      address: null,
    },
    tenant: hosted.tenant,
    at: services.clock(),
    base: `${services.publicUrl}/stores/${hosted.code}/fhir`,
  };
}
