/** What a house's own store says of who lies in its wards: measured values and devices. Nothing is asked of other houses. */
import { and, eq, inArray } from "drizzle-orm";
import { z } from "zod";
import type { Tx } from "../db/client.ts";
import { DomainError } from "../errors/domain-error.ts";
import { callerParameter, type StoreContext } from "../fhir/service.ts";
import type { Services } from "../http/context.ts";
import { findPatients } from "../patients/service.ts";
import { identifierIndex } from "./locator.ts";
import { identifiersOf } from "./own-person.ts";
import { recordLocation } from "./schema.ts";

export type Measured = { readonly measure: string; readonly value: number; readonly at: Date };
export type WardFacts = {
  readonly measured: readonly Measured[];
  /** Devices that are noted as in use. */
  readonly devices: readonly string[];
  /** Whether anybody noted devices of this patient at all. */
  readonly devicesNoted: boolean;
};

/** LOINC, as fhir-mappings/vital-signs.ts writes them. */
const measures: Readonly<Record<string, string>> = {
  "8310-5": "temperatureCelsius",
  "8480-6": "systolicMmHg",
  "8462-4": "diastolicMmHg",
  "8867-4": "pulsePerMinute",
  "9279-1": "breathsPerMinute",
  "2708-6": "spo2Percent",
  "59408-5": "spo2Percent",
};
const rowsMax = 5000;

const coded = z.object({
  coding: z.array(z.object({ code: z.string().optional() })).optional(),
});
const quantity = z.object({ value: z.number().optional() });
/** Of a stored resource what is looked at here; whatever else it has is left alone. */
const looked = z.object({
  content: z.object({
    resourceType: z.string(),
    status: z.string().optional(),
    effectiveDateTime: z.string().optional(),
    issued: z.string().optional(),
    code: coded.optional(),
    valueQuantity: quantity.optional(),
    component: z
      .array(z.object({ code: coded.optional(), valueQuantity: quantity.optional() }))
      .optional(),
    device: z.object({ display: z.string().optional() }).optional(),
  }),
  patients: z.array(z.string()),
});
type Content = z.infer<typeof looked>["content"];

/**
 * Facts of the institution's own store about these patients.
 * @param since what was measured before counts no more
 * @returns null where the house keeps no store here: nothing is known then
 */
export async function wardFactsOf(
  services: Services,
  tx: Tx,
  institutionId: string,
  patientIds: readonly string[],
  since: Date,
): Promise<Map<string, WardFacts> | null> {
  const hosted = await services.records.find({ institutionId }).catch((error: unknown) => {
    if (error instanceof DomainError) return null;
    throw error;
  });
  if (!hosted) return null;
  const local = await localIdsAt(services, tx, institutionId, patientIds);
  const { store, tenant, code } = hosted;
  const context: StoreContext = {
    tenant,
    at: services.clock(),
    base: `${services.publicUrl}/stores/${code}/fhir`,
    caller: {
      kind: "client",
      actor: "ward-suggestions",
      name: null,
      institution: tenant,
      purpose: "operations",
      reason: null,
      scopes: null,
      mayWrite: false,
      correlationId: "ward-suggestions",
      address: null,
    },
  };
  const rows = await store.transaction(context, async (read) => {
    await read.unsafe("SELECT fhir.enter($1::text::jsonb)", [callerParameter(context)]);
    return read.unsafe(
      `SELECT r.content, r.patients FROM resource r WHERE r.tenant = $1 AND NOT r.deleted AND r.patients && $2::text[]
         AND ((r.type = 'Observation' AND r.last_updated >= $3::timestamptz) OR r.type = 'DeviceUseStatement')
       LIMIT ${rowsMax}`,
      [tenant, [...local.keys()], since.toISOString()],
    );
  });
  const found = new Map<string, { measured: Measured[]; devices: string[]; devicesNoted: boolean }>(
    patientIds.map((id) => [id, { measured: [], devices: [], devicesNoted: false }]),
  );
  for (const row of rows) {
    const { content, patients } = looked.parse(row);
    const whose = patients.map((id) => local.get(id)).find((id) => id !== undefined);
    const facts = whose === undefined ? undefined : found.get(whose);
    if (!facts) continue;
    if (content.resourceType === "DeviceUseStatement") {
      facts.devicesNoted = true;
      if (content.status === "active") facts.devices.push(content.device?.display ?? "—");
    } else facts.measured.push(...measuredIn(content, since));
  }
  return found;
}

function measuredIn(content: Content, since: Date): Measured[] {
  const at = new Date(content.effectiveDateTime ?? content.issued ?? Number.NaN);
  if (!(at >= since) || content.status === "entered-in-error" || content.status === "cancelled")
    return [];
  return [content, ...(content.component ?? [])].flatMap(({ code, valueQuantity }) => {
    const known = code?.coding?.map((one) => measures[one.code ?? ""]).find(Boolean);
    const value = valueQuantity?.value;
    return known && typeof value === "number" ? [{ measure: known, value, at }] : [];
  });
}

/** Under which ids the house's own store keeps them, by the alliance's number or the ID card. */
export async function localIdsAt(
  services: Services,
  tx: Tx,
  institutionId: string,
  patientIds: readonly string[],
): Promise<Map<string, string>> {
  const records = await findPatients(tx, patientIds);
  const indexes = new Map(
    records.flatMap((record) =>
      identifiersOf(services, record).map(
        (one) => [identifierIndex(services.vault, one).toString("hex"), record.row.id] as const,
      ),
    ),
  );
  const known = new Map(
    records.flatMap(({ row, registrations }) => registrations.map((id) => [id, row.id] as const)),
  );
  if (indexes.size === 0) return known;
  const rows = await services.db.withActor(
    { kind: "system", reason: "ward-facts", language: "zh-CN" },
    (own) =>
      own
        .select({ index: recordLocation.identifierIndex, localId: recordLocation.localId })
        .from(recordLocation)
        .where(
          and(
            eq(recordLocation.institutionId, institutionId),
            inArray(
              recordLocation.identifierIndex,
              [...indexes.keys()].map((hex) => Buffer.from(hex, "hex")),
            ),
          ),
        ),
  );
  for (const { index, localId } of rows) {
    const id = indexes.get(Buffer.from(index).toString("hex"));
    if (id !== undefined) known.set(localId, id);
  }
  return known;
}
