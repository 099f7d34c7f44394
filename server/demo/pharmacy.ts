/** Shelves of the demo's pharmacies: counted by their own pharmacists, like on the page. */
import { sql } from "drizzle-orm";
import type { Services } from "../http/context.ts";
import { systemActor } from "../identity/service.ts";
import { countBatch } from "../prescription/service.ts";
import { asDemo, type DemoIds, demoActor } from "./load.ts";

const dayMs = 86_400_000;
/** Packs of each medicine, by its code in the starter formulary. */
const common: readonly (readonly [code: string, units: number])[] = [
  ["amlodipine-5", 840],
  ["levamlodipine-2.5", 280],
  ["valsartan-80", 420],
  ["losartan-50", 210],
  ["enalapril-10", 160],
  ["metoprolol-25", 200],
  ["bisoprolol-5", 100],
  ["hydrochlorothiazide-25", 300],
  ["aspirin-100", 600],
  ["clopidogrel-75", 140],
  ["atorvastatin-20", 350],
  ["rosuvastatin-10", 140],
  ["metformin-500", 960],
  ["gliclazide-mr-30", 300],
  ["acarbose-50", 300],
  ["insulin-glargine", 3000],
  ["salbutamol-inhaler", 2000],
  ["tiotropium-18", 100],
  ["montelukast-10", 100],
  ["ambroxol-30", 400],
  ["loratadine-10", 120],
  ["omeprazole-20", 280],
  ["domperidone-10", 300],
  ["smectite-3g", 100],
  ["amoxicillin-250", 480],
  ["cefuroxime-250", 120],
  ["azithromycin-250", 60],
  ["paracetamol-500", 300],
  ["paracetamol-liquid", 1000],
  ["ibuprofen-sr-300", 200],
  ["ibuprofen-liquid", 1000],
  ["allopurinol-100", 200],
  ["calcium-d3", 300],
  ["vitamin-c-100", 1000],
];
const pharmacists = ["gupeilin", "taojiamin", "suolangquzhen"] as const;

/** Repeatable: a house that has counted something is left alone. */
export async function loadDemoPharmacies(services: Services, ids: DemoIds): Promise<void> {
  for (const login of pharmacists) {
    if (!ids.people.has(login)) continue;
    const actor = demoActor(ids, login);
    const [known] = await services.db.withActor(systemActor("demo"), (tx) =>
      tx.execute(
        sql`select 1 from pharmacy_batch where institution_id = ${actor.institutionId} limit 1`,
      ),
    );
    if (known) continue;
    const day = (days: number) =>
      new Date(services.clock().getTime() + days * dayMs).toISOString().slice(0, 10);
    await asDemo(services, actor, async (work) => {
      for (const [code, units] of common) {
        // Two batches: the older one goes first.
        const older = Math.floor(units / 3);
        for (const [quantity, expiresOn, batchNumber] of [
          [older, day(120), "D2401"],
          [units - older, day(540), "D2507"],
        ] as const)
          await countBatch(work, { medicineCode: code, batchNumber, expiresOn, quantity });
      }
    });
  }
}
