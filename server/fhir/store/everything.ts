import { DomainError } from "../../errors/domain-error.ts";
import { callerParameter, type StoreContext, seenPredicate } from "./caller.ts";
import { enter } from "./conditions.ts";
import type { StoreTx } from "./database.ts";
import { auditSeen, everything, type SearchEntry } from "./search-seam.ts";
import { withheldOf } from "./withheld.ts";

export type EverythingOptions = {
  readonly count: number;
  readonly types: readonly string[] | null;
  readonly since: Date | null;
  /** Key after which this page begins. */
  readonly cursor: string | null;
  /** What the audit row calls it; default `everything`. */
  readonly interaction?: "summary";
};
export type EverythingPage = {
  readonly entries: readonly SearchEntry[];
  readonly next: string | null;
  /** How many resources of the patient consent withholds from the caller. */
  readonly withheld: number;
};

/**
 * A patient's record (R4 Patient $everything): what lies in his compartment and what that points to;
 * what consent hides is counted and not shown.
 * @throws DomainError `request.not-found`
 */
export async function everythingOf(
  tx: StoreTx,
  context: StoreContext,
  patientId: string,
  options: EverythingOptions,
): Promise<EverythingPage> {
  await enter(tx, context);
  const page = await everything(tx, {
    patientId,
    types: options.types ?? [],
    count: options.count,
    ...(options.since ? { since: options.since } : {}),
    ...(options.cursor ? { after: options.cursor } : {}),
  });
  const entries = [
    ...page.resources.map((one): SearchEntry => ({ ...one, mode: "match" })),
    ...page.related.map((one): SearchEntry => ({ ...one, mode: "include" })),
  ];
  await auditSeen(
    tx,
    callerParameter(context),
    options.interaction ?? "everything",
    "Patient",
    patientId,
    entries,
    [],
  );
  const withheld = options.cursor ? 0 : await withheldOf(tx, context, patientId);
  if (entries.length === 0 && withheld === 0 && !options.cursor)
    await assertThere(tx, context, patientId);
  return { entries, next: page.next ?? null, withheld };
}

/** Nothing changed since, or nothing of these types: that is no missing patient. */
async function assertThere(tx: StoreTx, context: StoreContext, patientId: string): Promise<void> {
  const [row] = await tx.unsafe(
    `SELECT 1 AS there FROM resource r WHERE r.tenant = $1 AND r.type = 'Patient' AND r.id = $2 AND NOT r.deleted AND ${seenPredicate}`,
    [context.tenant, patientId],
  );
  if (!row) throw new DomainError("request.not-found");
}
