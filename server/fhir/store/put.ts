import { DomainError } from "../../errors/domain-error.ts";
import { callerParameter, type StoreContext } from "./caller.ts";
import type { StoreTx } from "./database.ts";
import { exactText } from "./json.ts";
import { type FhirResource, labelsOf, patientsOf } from "./resource.ts";
import { indexRows } from "./search-seam.ts";

export type Write = {
  readonly type: string;
  readonly id: string;
  readonly method: "POST" | "PUT" | "PATCH" | "DELETE";
  /** Null for DELETE. */
  readonly resource: FhirResource | null;
  /** The version that must be there; 0: none may be. */
  readonly expect?: number | undefined;
  /** The id was made by us just now: nothing needs to be looked for. */
  readonly fresh?: boolean;
  readonly source?: "received" | "projected";
};
export type Written = {
  readonly status: "created" | "updated" | "deleted" | "absent";
  readonly version: number | null;
};

/** So many go into one statement: a transaction of thousands is written in a few. */
const perStatement = 1000;

/**
 * Write resources with their versions, index rows and audit row: all or none.
 * Statements take their rows in the order of (type, id), so that writers wait and do not deadlock.
 * @throws DomainError `fhir.changed-meanwhile` when an expected version is not there
 */
export async function put(
  tx: StoreTx,
  context: StoreContext,
  interaction: string,
  writes: readonly Write[],
): Promise<Written[]> {
  const results: Written[] = new Array(writes.length);
  const order = writes
    .map((write, n) => ({ write, n }))
    .sort((a, b) => compare(a.write.type, b.write.type) || compare(a.write.id, b.write.id));
  for (let from = 0; from < order.length; from += perStatement) {
    const part = order.slice(from, from + perStatement);
    const rows = await tx
      .unsafe("SELECT n, status, version FROM fhir.put($1::text::jsonb, $2, $3::text::jsonb)", [
        callerParameter(context),
        interaction,
        `[${part.map(({ write, n }) => entryText(write, n, context.base)).join(",")}]`,
      ])
      .then(undefined, refuse);
    for (const row of rows)
      results[row.n] = { status: row.status, version: row.version } as Written;
  }
  return results;
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

function entryText(write: Write, n: number, base: string): string {
  const { resource } = write;
  const head = JSON.stringify({
    n,
    type: write.type,
    id: write.id,
    method: write.method,
    ...(write.expect === undefined ? {} : { expect: write.expect }),
    ...(write.fresh ? { fresh: true } : {}),
    ...(write.source ? { source: write.source } : {}),
    ...(resource
      ? {
          patients: patientsOf(resource, base),
          labels: labelsOf(resource),
          rows: indexRows(resource, base),
        }
      : {}),
  });
  return resource ? `${head.slice(0, -1)},"content":${exactText(resource)}}` : head;
}

/** Where our own services change what is projected; the interfaces are described at /docs. */
const madeAt: Readonly<Record<string, string>> = {
  Patient: "/api/patients",
  Schedule: "/api/schedules",
  Slot: "/api/schedules",
  Appointment: "/api/appointments, /api/consults",
  AppointmentResponse: "/api/appointments, /api/consults",
  Encounter: "/api/clinic, /api/consults, /api/fever",
  ServiceRequest: "/api/consults, /api/referrals",
  Task: "/api/consults, /api/referrals",
  EpisodeOfCare: "/api/referrals",
  CarePlan: "/api/referrals",
  Flag: "/api/referrals",
  MedicationRequest: "/api/referrals",
  Consent: "/api/consults",
  Composition: "/api/consults",
  Provenance: "/api/consults",
  Communication: "/api/consults, /api/referrals",
  DocumentReference: "/api/attachments",
  Binary: "/api/attachments",
  Condition: "/api/consults, /api/fever, /api/referrals",
  DiagnosticReport: "/api/lab",
  Observation: "/api/lab, /api/consults, /api/referrals",
  Specimen: "/api/lab",
  QuestionnaireResponse: "/api/fever",
};

function refuse(error: unknown): never {
  const { code, detail } = error as { code?: string; detail?: string };
  if (code === "YF412") throw new DomainError("fhir.changed-meanwhile");
  if (code === "YF409")
    throw new DomainError("fhir.projected", { where: madeAt[detail ?? ""] ?? "/docs" });
  throw error;
}
