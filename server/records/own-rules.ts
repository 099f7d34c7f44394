/** Brings the stores to what a person chose; what a store cannot take now is tried again until it does. */
import { and, desc, eq, sql } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import { institution } from "../directory/schema.ts";
import { DomainError } from "../errors/domain-error.ts";
import {
  addRule,
  endRule,
  type HostedStore,
  rulesOf,
  type StoreContext,
  type StoredRule,
} from "../fhir/service.ts";
import type { Services } from "../http/context.ts";
import { systemActor } from "../identity/service.ts";
import { findPatient, ofPerson } from "../patients/service.ts";
import { findHolders, type Holder } from "./locator-service.ts";
import { rulesToChange, sourceOfOwnRule } from "./own-domain.ts";
import { identifiersOf } from "./own-person.ts";
import { recordChoice, recordChoiceStore } from "./schema.ts";

const system = systemActor("record-choices");
/** One run of the job looks after so many people. */
const peoplePerRun = 200;
const lockKey = 47;

export type ChoiceRow = typeof recordChoice.$inferSelect;

/** The newest word about each thing, and the number of the newest of all. */
export async function standingChoices(
  tx: Tx,
  patientId: string,
): Promise<{ choices: ChoiceRow[]; newest: number }> {
  const rows = await tx
    .select()
    .from(recordChoice)
    .where(ofPerson(recordChoice.patientId, patientId))
    .orderBy(desc(recordChoice.number));
  const known = new Map<string, ChoiceRow>();
  for (const row of rows) {
    const subject = row.institutionId ?? `category:${row.category}`;
    if (!known.has(subject)) known.set(subject, row);
  }
  return { choices: [...known.values()], newest: rows[0]?.number ?? 0 };
}

/** Takes a person's choices for one writer at a time, so that their numbers are in the order of commits. */
export const lockChoices = (tx: Tx, patientId: string) =>
  tx.execute(sql`select pg_advisory_xact_lock(${lockKey}, hashtext(${patientId}))`);

/** All that may hold something about a person. */
export async function holdersOf(services: Services, patientId: string): Promise<Holder[]> {
  return services.db.withActor(system, async (tx) => {
    const record = await findPatient(tx, patientId);
    return record ? findHolders(services, tx, identifiersOf(services, record)) : [];
  });
}
/** A store that is hosted here follows what the person says. */
export const isKeeper = (holder: Holder): boolean => holder.store.kind === "hosted";

/** Hosted stores that keep something about a person. */
export const keepersOf = async (services: Services, patientId: string): Promise<Holder[]> =>
  (await holdersOf(services, patientId)).filter(isKeeper);

/**
 * Write what stands into every store that answers. Repeatable; never throws for a store that is away.
 * @returns codes of the keepers that have not followed yet
 */
export async function applyChoices(services: Services, patientId: string): Promise<string[]> {
  // What was withheld under either registration is withheld of the person.
  const { newest, done } = await services.db.withActor(system, async (tx) => ({
    newest: (await standingChoices(tx, patientId)).newest,
    done: await tx
      .select()
      .from(recordChoiceStore)
      .where(eq(recordChoiceStore.patientId, patientId)),
  }));
  if (newest === 0) return [];
  const keepers = await keepersOf(services, patientId);
  const behind = keepers.filter(
    (one) =>
      (done.find((row) => row.institutionId === one.institutionId)?.appliedNumber ?? 0) < newest,
  );
  const waiting: string[] = [];
  for (const keeper of behind)
    if (!(await applyAt(services, keeper, patientId))) waiting.push(keeper.code);
  return waiting;
}

async function applyAt(services: Services, keeper: Holder, patientId: string): Promise<boolean> {
  const followed = await followAt(services, keeper, patientId).catch((error: unknown) => {
    // Paused, or its database is away: what was said is kept and tried again.
    if (error instanceof DomainError || isAway(error)) return null;
    throw error;
  });
  const now = services.clock();
  await services.db.withActor(system, (tx) =>
    tx
      .insert(recordChoiceStore)
      .values({
        patientId,
        institutionId: keeper.institutionId,
        appliedNumber: followed ?? 0,
        triedAt: now,
      })
      .onConflictDoUpdate({
        target: [recordChoiceStore.patientId, recordChoiceStore.institutionId],
        set: {
          triedAt: now,
          appliedNumber: sql`greatest(${recordChoiceStore.appliedNumber}, excluded.applied_number)`,
        },
      }),
  );
  return followed !== null;
}

/** A connection that could not be made or broke; everything else is a fault of ours. */
const isAway = (error: unknown): boolean => {
  const code = String((error as { code?: unknown } | null)?.code ?? "");
  return /^(ECONN|ETIMEDOUT|ENOTFOUND|EPIPE|CONNECT|CONNECTION|08|57P|3D000)/.test(code);
};

/** @returns number of the newest choice that the store now follows */
async function followAt(services: Services, keeper: Holder, patientId: string): Promise<number> {
  const hosted = await services.records.find({ code: keeper.code });
  const context = ownContext(services, hosted);
  return hosted.store.transaction(context, async (tx) => {
    await tx.unsafe("SELECT pg_advisory_xact_lock($1, hashtext($2))", [lockKey, patientId]);
    // Read behind the lock: whoever comes later here has read what is newer.
    const { choices, newest } = await services.db.withActor(system, (alliance) =>
      standingChoices(alliance, patientId),
    );
    for (const patient of keeper.localIds) {
      const standing = await inForce(tx, context, patient);
      const change = rulesToChange(standing, choices, keeper.institutionId);
      for (const rule of change.end) await endRule(tx, context, rule.id);
      for (const rule of change.add)
        await addRule(tx, context, {
          ...rule,
          patient,
          startsAt: context.at,
          endsAt: null,
          source: sourceOfOwnRule,
        });
    }
    return newest;
  });
}

type StoreTx = Parameters<typeof rulesOf>[0];
async function inForce(tx: StoreTx, context: StoreContext, patient: string): Promise<StoredRule[]> {
  return (await rulesOf(tx, context, patient)).filter(
    (rule) => rule.endsAt === null || rule.endsAt > context.at,
  );
}

/**
 * Rules in force about a person at the keepers that answer; null for those that do not.
 */
export async function rulesAt(
  services: Services,
  keeper: Holder,
): Promise<readonly StoredRule[] | null> {
  try {
    const hosted = await services.records.find({ code: keeper.code });
    const context = ownContext(services, hosted);
    return await hosted.store.transaction(context, async (tx) => {
      const rules: StoredRule[] = [];
      for (const patient of keeper.localIds) rules.push(...(await inForce(tx, context, patient)));
      return rules;
    });
  } catch (error) {
    if (error instanceof DomainError || isAway(error)) return null;
    throw error;
  }
}

/** Speaks to a store for the person whose record it is. */
export function ownContext(
  services: Services,
  { tenant, code }: Pick<HostedStore, "tenant" | "code">,
): StoreContext {
  return {
    tenant,
    at: services.clock(),
    base: `${services.publicUrl}/stores/${code}/fhir`,
    caller: {
      kind: "client",
      actor: "own-choice",
      name: null,
      institution: tenant,
      purpose: "patient-request",
      reason: null,
      scopes: null,
      mayWrite: false,
      correlationId: "own-choice",
      address: null,
    },
  };
}

/**
 * The minute's job: stores that were away, and stores that hold something about a person only since he chose.
 * Whoever is known to be behind comes first.
 */
export async function applyWaiting(services: Services): Promise<void> {
  const people = await services.db.withActor(system, (tx) =>
    tx
      .select({ patientId: recordChoice.patientId })
      .from(recordChoice)
      .leftJoin(recordChoiceStore, eq(recordChoiceStore.patientId, recordChoice.patientId))
      .groupBy(recordChoice.patientId)
      .orderBy(
        // Behind first; of the others, some: a store may hold something about them only since today.
        sql`coalesce(min(${recordChoiceStore.appliedNumber}) < max(${recordChoice.number}), false) desc`,
        sql`random()`,
      )
      .limit(peoplePerRun),
  );
  for (const { patientId } of people) await applyChoices(services, patientId);
}

/**
 * People whose choices one store has not followed; asked when it answers again.
 * @param code of the institution
 */
export async function applyWaitingAt(services: Services, code: string): Promise<void> {
  const people = await services.db.withActor(system, (tx) =>
    tx
      .selectDistinct({ patientId: recordChoiceStore.patientId })
      .from(recordChoiceStore)
      .innerJoin(recordChoice, eq(recordChoice.patientId, recordChoiceStore.patientId))
      .innerJoin(institution, eq(institution.id, recordChoiceStore.institutionId))
      .where(
        and(
          eq(institution.slug, code),
          sql`${recordChoice.number} > ${recordChoiceStore.appliedNumber}`,
        ),
      ),
  );
  for (const { patientId } of people) await applyChoices(services, patientId);
}
