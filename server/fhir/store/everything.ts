import { DomainError } from "../../errors/domain-error.ts";
import { callerParameter, type StoreContext, seenPredicate } from "./caller.ts";
import { enter } from "./conditions.ts";
import type { StoreTx } from "./database.ts";
import { compartmentHash } from "./search-seam.ts";

export type EverythingOptions = {
  readonly count: number;
  readonly types: readonly string[] | null;
  readonly since: Date | null;
  /** Key after which this page begins. */
  readonly cursor: string | null;
};
export type EverythingPage = {
  readonly entries: readonly { type: string; id: string; text: string }[];
  readonly next: string | null;
  /** How many resources of the patient consent withholds from the caller, of the kinds asked for. */
  readonly withheld: number;
};

/**
 * A patient's record: what lies in his compartment (R4 Patient $everything), the Patient first, then in
 * the order in which it came; what consent hides is counted and not shown.
 * @throws DomainError `request.not-found`
 */
export async function everythingOf(
  tx: StoreTx,
  context: StoreContext,
  patientId: string,
  options: EverythingOptions,
): Promise<EverythingPage> {
  await enter(tx, context);
  const [self] = await tx.unsafe(
    `SELECT r.key, r.id, r.type, r.content::text AS text, ${seenPredicate} AS seen FROM resource r
     WHERE r.tenant = $1 AND r.type = 'Patient' AND r.id = $2 AND NOT r.deleted`,
    [context.tenant, patientId],
  );
  const parameters: unknown[] = [context.tenant, compartmentHash(patientId), options.cursor ?? 0];
  const bind = (value: unknown) => `$${parameters.push(value)}`;
  const kinds = [
    options.types ? `r.type = ANY(${bind(options.types)}::text[])` : "true",
    options.since ? `r.last_updated >= ${bind(options.since.toISOString())}::timestamptz` : "true",
  ].join(" AND ");
  const rows = self
    ? await tx.unsafe(
        `SELECT r.key, r.type, r.id, r.content::text AS text, count(*) OVER () AS shown FROM search_compartment c
         JOIN resource r ON r.key = c.key
         WHERE c.realm = (SELECT fhir.realm()) AND c.patient = $2::bigint AND c.key > $3::bigint
           AND r.tenant = $1 AND NOT r.deleted AND r.type <> 'Patient' AND ${kinds} AND ${seenPredicate}
         ORDER BY c.key LIMIT ${bind(options.count + 1)}`,
        parameters,
      )
    : [];
  const withheld =
    self && !options.cursor ? await withheldOf(tx, context, patientId, kinds, parameters) : 0;
  const page = rows.slice(0, options.count);
  const hidden = !self || (!self.seen && page.length === 0);
  await tx.unsafe(
    "SELECT fhir.audit($1::text::jsonb, 'everything', 'Patient', $2, $3, $4::text[], NULL, NULL)",
    [callerParameter(context), patientId, hidden ? "missing" : "ok", [patientId]],
  );
  if (hidden && withheld === 0) throw new DomainError("request.not-found");
  const first =
    self?.seen && !options.cursor && (options.types?.includes("Patient") ?? true) ? [self] : [];
  return {
    entries: [...first, ...page].map((row) => ({ type: row.type, id: row.id, text: row.text })),
    next: rows.length > options.count ? String(page.at(-1)?.key) : null,
    withheld,
  };
}

async function withheldOf(
  tx: StoreTx,
  context: StoreContext,
  patientId: string,
  kinds: string,
  parameters: readonly unknown[],
): Promise<number> {
  // That something is withheld is said to whom the patient has said anything about, not to strangers.
  const [known] = await tx.unsafe(
    `SELECT NOT fhir.unrestricted() AND EXISTS (SELECT 1 FROM consent_rule c
       WHERE c.tenant = $1 AND c.patient = $2 AND (c.recipient = fhir.institution() OR c.recipient IS NULL)
         AND c.starts_at <= fhir.at() AND (c.ends_at IS NULL OR c.ends_at > fhir.at())) AS may`,
    [context.tenant, patientId],
  );
  if (!known?.may) return 0;
  const [row] = await tx.unsafe(
    `SELECT count(*)::int AS n FROM search_compartment c JOIN resource r ON r.key = c.key
     WHERE c.realm = (SELECT fhir.realm()) AND c.patient = $2::bigint AND c.key > $3::bigint
       AND r.tenant = $1 AND NOT r.deleted AND ${kinds} AND NOT ${seenPredicate}`,
    parameters.slice(0, -1),
  );
  return Number(row?.n ?? 0);
}
