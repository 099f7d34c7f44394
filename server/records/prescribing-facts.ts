/** What a house's own store says that matters for prescribing: allergies, medicines, weight, kidneys. Nothing is asked of other houses. */
import type { Resource } from "@medplum/fhirtypes";
import { z } from "zod";
import type { Tx } from "../db/client.ts";
import { DomainError } from "../errors/domain-error.ts";
import { callerParameter, type StoreContext } from "../fhir/service.ts";
import type { Services } from "../http/context.ts";
import { itemsOf } from "./record-items.ts";
import { localIdsAt } from "./ward-facts.ts";

export type PrescribingFacts = {
  readonly allergies: { text: string; past: boolean }[];
  /** Present ones, with the ATC codes that the record has. */
  readonly medicines: { text: string; atcs: string[] }[];
  readonly weightKg: number | null;
  readonly egfr: number | null;
  /** µmol/L. */
  readonly creatinine: number | null;
};

const rowsMax = 2000;
/** A child grows: what was weighed longer ago is asked again, days. */
const weightDays = 180;
const kidneyDays = 365;
const dayMs = 86_400_000;
const atcSystem = "http://www.whocc.no/atc";
const weights = ["29463-7", "3141-9", "8341-0"];
const filtrations = ["33914-3", "62238-1", "98979-8", "48642-3", "48643-1", "88294-4"];
const creatinines: Readonly<Record<string, number>> = { "14682-9": 1, "2160-0": 88.4 };

const concept = z.object({
  coding: z
    .array(z.object({ system: z.string().optional(), code: z.string().optional() }))
    .optional(),
});
const looked = z.object({
  resourceType: z.string(),
  status: z.string().optional(),
  effectiveDateTime: z.string().optional(),
  issued: z.string().optional(),
  code: concept.optional(),
  medicationCodeableConcept: concept.optional(),
  valueQuantity: z.object({ value: z.number().optional(), unit: z.string().optional() }).optional(),
});
const row = z.object({
  content: z.custom<Resource>(
    (value) => typeof value === "object" && value !== null && "resourceType" in value,
  ),
});

/** @returns null where the house keeps no store here, or the store does not answer */
export async function prescribingFactsOf(
  services: Services,
  tx: Tx,
  institutionId: string,
  patientId: string,
): Promise<PrescribingFacts | null> {
  const hosted = await services.records.find({ institutionId }).catch((error: unknown) => {
    if (error instanceof DomainError) return null;
    throw error;
  });
  if (!hosted) return null;
  const local = await localIdsAt(services, tx, institutionId, [patientId]);
  const { store, tenant, code } = hosted;
  const now = services.clock();
  const context: StoreContext = {
    tenant,
    at: now,
    base: `${services.publicUrl}/stores/${code}/fhir`,
    caller: {
      kind: "client",
      actor: "prescribing",
      name: null,
      institution: tenant,
      purpose: "treatment",
      reason: null,
      scopes: null,
      mayWrite: false,
      correlationId: "prescribing",
      address: null,
    },
  };
  const rows = await store.transaction(context, async (read) => {
    await read.unsafe("SELECT fhir.enter($1::text::jsonb)", [callerParameter(context)]);
    return read.unsafe(
      `SELECT r.content FROM resource r WHERE r.tenant = $1 AND NOT r.deleted AND r.patients && $2::text[]
         AND r.type IN ('AllergyIntolerance', 'MedicationRequest', 'MedicationStatement', 'Observation')
       ORDER BY r.last_updated DESC LIMIT ${rowsMax}`,
      [tenant, [...local.keys()]],
    );
  });
  return factsIn(
    rows.map((one) => row.parse(one).content),
    now,
  );
}

/** Pure: what these resources say. */
export function factsIn(contents: readonly Resource[], now: Date): PrescribingFacts {
  const found: Pick<PrescribingFacts, "allergies" | "medicines"> = { allergies: [], medicines: [] };
  const newest = new Map<string, { at: Date; value: number }>();
  const keep = (what: string, at: Date, value: number, days: number) => {
    const known = newest.get(what);
    if (now.getTime() - at.getTime() > days * dayMs || (known && known.at >= at)) return;
    newest.set(what, { at, value });
  };
  for (const content of contents) {
    const one = looked.parse(content);
    if (one.resourceType === "Observation") {
      const at = new Date(one.effectiveDateTime ?? one.issued ?? Number.NaN);
      const value = one.valueQuantity?.value;
      if (value === undefined || !(at <= now) || one.status === "entered-in-error") continue;
      for (const { code } of one.code?.coding ?? []) {
        if (code === undefined) continue;
        if (weights.includes(code)) keep("weight", at, value, weightDays);
        if (filtrations.includes(code)) keep("egfr", at, value, kidneyDays);
        const factor = creatinines[code];
        if (factor) {
          const inMoles = /mol/i.test(one.valueQuantity?.unit ?? "");
          keep("creatinine", at, inMoles ? value : value * factor, kidneyDays);
        }
      }
      continue;
    }
    const [item] = itemsOf(content, {
      source: "",
      altitudeMetres: null,
      birthDate: null,
    });
    if (!item) continue;
    if (one.resourceType === "AllergyIntolerance")
      found.allergies.push({ text: item.title, past: item.isPast });
    else if (!item.isPast)
      found.medicines.push({
        text: item.title,
        atcs: (one.medicationCodeableConcept?.coding ?? []).flatMap((each) =>
          each.system === atcSystem && each.code ? [each.code] : [],
        ),
      });
  }
  return {
    ...found,
    weightKg: newest.get("weight")?.value ?? null,
    egfr: newest.get("egfr")?.value ?? null,
    creatinine: newest.get("creatinine")?.value ?? null,
  };
}
