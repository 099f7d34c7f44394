/** A patient's compartment, for `$everything`, Patient-level export and "what is held about whom". */
import { targetHash, typeHash } from "./reference-value.ts";
import { createStatement, numbersIn } from "./statement.ts";
import { ask, type FoundResource, foundResource, type SearchTx, visible } from "./transaction.ts";

export type EverythingRequest = {
  readonly patientId: string;
  /** Empty: all types. */
  readonly types?: readonly string[];
  /** Only what changed at or after this instant (`_since`). */
  readonly since?: Date;
  readonly count: number;
  /** Key of the last resource of the page before. */
  readonly after?: string;
};

/**
 * One page of a patient's compartment with the patient first, in the order of keys. What the
 * compartment points to (practitioners, organisations, medicines) comes with the page.
 */
export async function everything(
  tx: SearchTx,
  { patientId, types = [], since, count, after }: EverythingRequest,
  seen: (alias: string) => string = visible,
): Promise<{ resources: FoundResource[]; related: FoundResource[]; next: string | undefined }> {
  const statement = createStatement();
  const patient = `${statement.bind(targetHash(`Patient/${patientId}`))}::bigint`;
  const hidden = seen("r");
  const conditions = [
    `c.patient = ${patient}`,
    "NOT r.deleted",
    ...(types.length > 0
      ? [
          `r.type = ANY (${statement.bind(`{${types.filter((type) => /^[A-Za-z]+$/.test(type)).join(",")}}`)}::text[])`,
        ]
      : []),
    ...(since ? [`r.last_updated >= ${statement.bind(since.toISOString())}::timestamptz`] : []),
    ...(after === undefined ? [] : [`c.key > ${statement.bind(after)}::bigint`]),
    ...(hidden ? [hidden] : []),
  ];
  const rows = await ask(
    tx,
    `SELECT r.key::text AS key, r.type, r.id, r.version, r.last_updated, r.content::text AS content
     FROM search_compartment c JOIN resource r ON r.key = c.key
     WHERE ${conditions.join(" AND ")} ORDER BY c.key LIMIT ${Math.trunc(count) + 1}`,
    statement,
  );
  const shown = rows.slice(0, count).map(foundResource);
  const related = shown.length === 0 ? [] : await relatedTo(tx, shown, hidden);
  shown.sort((a, b) => Number(b.type === "Patient") - Number(a.type === "Patient"));
  return {
    resources: shown,
    related,
    next: rows.length > count ? rows[count - 1]?.key : undefined,
  };
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
