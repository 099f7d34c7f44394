/** What things cost at the demo's community centre. Invented in the order of what such centres ask. */
import { sql } from "drizzle-orm";
import type { PriceCategory } from "../billing/domain.ts";
import { price } from "../billing/schema.ts";
import type { Services } from "../http/context.ts";
import { systemActor } from "../identity/service.ts";
import type { DemoIds } from "./load.ts";

type Price = readonly [
  code: string,
  category: PriceCategory,
  unitFen: number,
  insured: boolean,
  name: { zh: string; en: string; bo: string },
];
const prices: readonly Price[] = [
  [
    "visit-general",
    "consultation",
    1_000,
    true,
    { zh: "一般诊疗费", en: "General consultation", bo: "སྤྱིར་བཏང་སྨན་བཅོས་གླ།" },
  ],
  [
    "visit-video",
    "consultation",
    1_000,
    true,
    { zh: "视频复诊费", en: "Video follow-up", bo: "བརྙན་ལམ་བསྐྱར་བརྟག་གླ།" },
  ],
  [
    "visit-fever",
    "consultation",
    1_200,
    true,
    { zh: "发热门诊诊查费", en: "Fever-clinic consultation", bo: "ཚ་བའི་སྨན་ཁང་གི་བརྟག་གླ།" },
  ],
  [
    "blood-glucose",
    "test",
    500,
    true,
    { zh: "血糖测定", en: "Blood glucose", bo: "ཁྲག་གི་མངར་ཆ་བརྟག་པ།" },
  ],
  [
    "home-visit",
    "service",
    4_000,
    false,
    { zh: "上门服务费", en: "Home visit", bo: "ཁྱིམ་དུ་སྨན་བཅོས་གླ།" },
  ],
  [
    "amlodipine-5",
    "medicine",
    45,
    true,
    { zh: "苯磺酸氨氯地平片 5 mg", en: "Amlodipine 5 mg", bo: "ཨེམ་ལོ་ཌི་པིན་ 5 mg" },
  ],
  [
    "valsartan-80",
    "medicine",
    85,
    true,
    { zh: "缬沙坦胶囊 80 mg", en: "Valsartan 80 mg", bo: "ཝལ་སར་ཏན་ 80 mg" },
  ],
  [
    "metformin-500",
    "medicine",
    20,
    true,
    { zh: "盐酸二甲双胍片 0.5 g", en: "Metformin 500 mg", bo: "མེཊ་ཕོར་མིན་ 500 mg" },
  ],
  [
    "atorvastatin-20",
    "medicine",
    60,
    true,
    { zh: "阿托伐他汀钙片 20 mg", en: "Atorvastatin 20 mg", bo: "ཨ་ཊོར་ཝ་སི་ཊ་ཊིན་ 20 mg" },
  ],
  [
    "aspirin-100",
    "medicine",
    18,
    true,
    { zh: "阿司匹林肠溶片 100 mg", en: "Aspirin 100 mg", bo: "ཨེ་སི་པི་རིན་ 100 mg" },
  ],
  [
    "vitamin-c-100",
    "medicine",
    3,
    false,
    { zh: "维生素 C 片 100 mg", en: "Vitamin C 100 mg", bo: "ཝི་ཊ་མིན་ C 100 mg" },
  ],
];

/** Repeatable: a house that has set prices is left alone. */
export async function loadDemoPrices(services: Services, ids: DemoIds): Promise<void> {
  const institutionId = ids.institutions.get("pengpu");
  const [proposedBy, approvedBy] = ["yaominzhen", "gaolifang"].map((login) =>
    ids.people.get(login),
  );
  if (!institutionId || !proposedBy || !approvedBy) return;
  await services.db.withActor(systemActor("demo"), async (tx) => {
    const [set] = await tx.execute(
      sql`select 1 from price where institution_id = ${institutionId} limit 1`,
    );
    if (set) return;
    await tx.insert(price).values(
      prices.map(([code, category, unitFen, insured, name]) => ({
        ...{ institutionId, code, category, unitFen, insured, name },
        validFrom: "2026-01-01",
        state: "approved" as const,
        ...{ proposedBy, approvedBy },
        approvedAt: services.clock(),
      })),
    );
  });
}
