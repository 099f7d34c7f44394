/** A patient's compartment, for `$everything`, Patient-level export and "what is held about whom". */
import { targetHash, typeHash } from "./reference-value.ts";
import { createStatement, numbersIn } from "./statement.ts";
import { ask, type FoundResource, foundResource, type SearchTx, visible } from "./transaction.ts";

export type EverythingRequest = {
  readonly patientId: string;
  /** Other registrations of the same person, by `Patient.link`: theirs come too. */
  readonly linked?: readonly string[];
  /** Empty: all types. */
  readonly types?: readonly string[];
  /** Only what changed at or after this instant (`_since`). */
  readonly since?: Date;
  readonly count: number;
  /** Key of the last resource of the page before. */
  readonly after?: string;
};

/** What `search_compartment.patient` holds for a patient, also for one who is not here. */
export const compartmentOf = (patientId: string): string => targetHash(`Patient/${patientId}`);

type Everything = {
  resources: FoundResource[];
  related: FoundResource[];
  next: string | undefined;
};

/**
 * One page of a patient's compartment: the patient first of all, then in the order of keys. What the
 * compartment points to (practitioners, organisations, medicines) comes with the page.
 */
export async function everything(
  tx: SearchTx,
  request: EverythingRequest,
  seen: (alias: string) => string = visible,
): Promise<Everything> {
  const { count, after, types = [] } = request;
  const isFirst = after === undefined && (types.length === 0 || types.includes("Patient"));
  const registrations = 1 + (request.linked?.length ?? 0);
  const patient = isFirst ? await select(tx, request, seen("r"), "patient", registrations) : [];
  const wanted = Math.max(0, Math.trunc(count) - patient.length);
  const rows = await select(tx, request, seen("r"), "others", wanted + 1);
  const shown = [...patient, ...rows.slice(0, wanted)];
  const related = shown.length === 0 ? [] : await relatedTo(tx, shown, seen("r"));
  const next = rows.length > wanted ? (rows[wanted - 1]?.key ?? "0") : undefined;
  return { resources: shown, related, next };
}

async function select(
  tx: SearchTx,
  { patientId, linked = [], types = [], since, after }: EverythingRequest,
  hidden: string,
  which: "patient" | "others",
  limit: number,
): Promise<FoundResource[]> {
  const statement = createStatement();
  const ids = [patientId, ...linked];
  const hashes = ids.map((id) => targetHash(`Patient/${id}`)).join(",");
  const patients = `ANY (${statement.bind(`{${hashes}}`)}::bigint[])`;
  const names = types.filter((type) => /^[A-Za-z]+$/.test(type)).join(",");
  const conditions = [
    ...(which === "patient" ? [`c.self = ${patients}`] : []),
    "NOT r.deleted",
    ...(which === "others"
      ? [
          `NOT (r.type = 'Patient' AND r.id = ANY (${statement.bind(`{${ids.join(",")}}`)}::text[]))`,
        ]
      : []),
    ...(types.length > 0 ? [`r.type = ANY (${statement.bind(`{${names}}`)}::text[])`] : []),
    ...(since ? [`r.last_updated >= ${statement.bind(since.toISOString())}::timestamptz`] : []),
    ...(hidden ? [hidden] : []),
  ];
  // What lies in the compartments of two registrations comes once.
  const distinct = linked.length > 0 ? "DISTINCT" : "";
  const from =
    which === "patient"
      ? "search_entry"
      : `(SELECT ${distinct} m.key FROM search_compartment m WHERE m.patient = ${patients}${
          after === undefined ? "" : ` AND m.key > ${statement.bind(after)}::bigint`
        } ORDER BY m.key)`;
  const rows = await ask(
    tx,
    `SELECT r.key::text AS key, r.type, r.id, r.version, r.last_updated, r.content::text AS content
     FROM ${from} c JOIN resource r ON r.key = c.key
     WHERE ${conditions.join(" AND ")} ORDER BY c.key LIMIT ${limit}`,
    statement,
  );
  return rows.map(foundResource);
}

/** Types that hold no patient's data and explain what does. */
const EXPLAINING = [
  "Practitioner",
  "PractitionerRole",
  "Organization",
  "Location",
  "Medication",
  "Device",
  "Substance",
];

async function relatedTo(
  tx: SearchTx,
  shown: readonly FoundResource[],
  hidden: string,
): Promise<FoundResource[]> {
  const statement = createStatement();
  const keys = statement.bind(`{${shown.map(({ key }) => key).join(",")}}`);
  const rows = await ask(
    tx,
    `SELECT r.key::text AS key, r.type, r.id, r.version, r.last_updated, r.content::text AS content
     FROM (SELECT DISTINCT e.key FROM (SELECT DISTINCT f.target FROM search_reference f
         WHERE f.key = ANY (${keys}::bigint[]) AND ${numbersIn("f.type", EXPLAINING.map(typeHash))}) t
       JOIN search_entry e ON e.self = t.target) k
     JOIN resource r ON r.key = k.key WHERE NOT r.deleted AND r.key <> ALL (${keys}::bigint[]) ${hidden ? `AND ${hidden}` : ""}
     ORDER BY r.key LIMIT 1000`,
    statement,
  );
  return rows.map(foundResource);
}
