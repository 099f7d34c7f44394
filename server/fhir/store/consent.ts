import { DomainError } from "../../errors/domain-error.ts";
import { callerParameter, type StoreContext } from "./caller.ts";
import { enter } from "./conditions.ts";
import type { StoreTx } from "./database.ts";

/** What a patient allowed or refused about his records at one institution. */
export type ConsentRule = {
  /** Id of the patient in this store. */
  readonly patient: string;
  /** Institution that may or may not see it (uuid); null: every other than the keeper. */
  readonly recipient: string | null;
  /** Sensitive category, a code of meta.security; null: everything. */
  readonly label: string | null;
  readonly decision: "permit" | "deny";
  readonly startsAt: Date;
  readonly endsAt: Date | null;
  /** Which consent says so, e.g. `Consent/<id>`. */
  readonly source: string | null;
};
export type StoredRule = ConsentRule & { readonly id: string };

/** Adds a rule, with an audit row. @returns its id */
export async function addRule(
  tx: StoreTx,
  context: StoreContext,
  rule: ConsentRule,
): Promise<string> {
  await enter(tx, context);
  const [row] = await tx.unsafe(
    `INSERT INTO consent_rule (tenant, patient, recipient, label, decision, starts_at, ends_at, source)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id`,
    [
      context.tenant,
      rule.patient,
      rule.recipient,
      rule.label,
      rule.decision,
      rule.startsAt.toISOString(),
      rule.endsAt?.toISOString() ?? null,
      rule.source,
    ],
  );
  await audit(tx, context, "consent", rule.patient);
  return String(row!.id);
}

/**
 * Ends a rule now; it stays to be read.
 * @throws DomainError `request.not-found`
 */
export async function endRule(tx: StoreTx, context: StoreContext, id: string): Promise<void> {
  await enter(tx, context);
  const [row] = await tx.unsafe(
    "UPDATE consent_rule SET ends_at = $3 WHERE tenant = $1 AND id = $2 AND (ends_at IS NULL OR ends_at > $3) RETURNING patient",
    [context.tenant, id, context.at.toISOString()],
  );
  if (!row) throw new DomainError("request.not-found");
  await audit(tx, context, "consent-withdrawn", String(row.patient));
}

/** A patient's rules, the newest first, those that ended among them. */
export async function rulesOf(
  tx: StoreTx,
  context: StoreContext,
  patient: string,
): Promise<StoredRule[]> {
  await enter(tx, context);
  const rows = await tx.unsafe(
    `SELECT id, patient, recipient, label, decision, starts_at, ends_at, source FROM consent_rule
     WHERE tenant = $1 AND patient = $2 ORDER BY starts_at DESC, id`,
    [context.tenant, patient],
  );
  return rows.map((row) => ({
    id: row.id,
    patient: row.patient,
    recipient: row.recipient,
    label: row.label,
    decision: row.decision,
    startsAt: new Date(row.starts_at),
    endsAt: row.ends_at === null ? null : new Date(row.ends_at),
    source: row.source,
  }));
}

async function audit(
  tx: StoreTx,
  context: StoreContext,
  interaction: string,
  patient: string,
): Promise<void> {
  await tx.unsafe(
    "SELECT fhir.audit($1::text::jsonb, $2, 'Patient', $3, 'ok', $4::text[], NULL, NULL)",
    [callerParameter(context), interaction, patient, [patient]],
  );
}
