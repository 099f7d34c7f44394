import { type SQL, sql } from "drizzle-orm";
import { drizzle, type PostgresJsDatabase } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import type { Actor } from "../identity/domain.ts";
import { actorKey } from "./actor.ts";
import { createTransactionPool } from "./transaction-pool.ts";

/** A transaction in which row policies know who acts. Every repository function takes one. */
export type Tx = Parameters<Parameters<PostgresJsDatabase["transaction"]>[0]>[0];

export type Database = {
  /** Run `work` in one transaction as `actor`; commits when it resolves. */
  withActor: <Result>(actor: Actor, work: (tx: Tx) => Promise<Result>) => Promise<Result>;
  /**
   * One statement that is a transaction of its own and says inside who acts: a function that judges
   * many senders. Without a beginning and an end of its own it needs one answer of the server, not four.
   */
  statement: <Row extends Record<string, unknown>>(query: SQL) => Promise<readonly Row[]>;
  /** Plain statements without an actor: liveness and LISTEN. Policies show it nothing. */
  plain: postgres.Sql;
  close: () => Promise<void>;
};

/**
 * Several clients on purpose: transactions run on a pool that outlives a killed PostgreSQL
 * (transaction-pool.ts); what is no transaction, and LISTEN, on small postgres.js clients of their own,
 * because mixing both on one loses transactions under load.
 * @param url connection of the application role
 * @param poolSize connections for transactions
 */
export function createDatabase(url: string, poolSize = 16): Database {
  const common = { onnotice: () => {}, connect_timeout: 5, idle_timeout: 60 } as const;
  const transactions = createTransactionPool(url, poolSize);
  const plain = postgres(url, { ...common, max: 2 });
  const orm = drizzle(transactions);
  const singles = postgres(url, { ...common, max: 6 });
  const statements = drizzle(singles);
  return {
    plain,
    statement: async <Row>(query: SQL) =>
      (await statements.execute(query)) as readonly unknown[] as readonly Row[],
    withActor: (actor, work) =>
      orm.transaction(async (tx) => {
        await tx.execute(actorSettings(actor));
        return work(tx);
      }),
    close: async () => {
      await Promise.all([
        transactions.end({ timeout: 5 }),
        singles.end({ timeout: 5 }),
        plain.end({ timeout: 5 }),
      ]);
    },
  };
}

/**
 * Go on within a transaction as somebody else: our own job, for what follows from a step of a house outside, and
 * back. The settings end with the transaction; one that fails is rolled back whole.
 */
export async function actingAs<Result>(
  tx: Tx,
  actors: { during: Actor; after: Actor },
  work: () => Promise<Result>,
): Promise<Result> {
  await tx.execute(actorSettings(actors.during));
  const result = await work();
  await tx.execute(actorSettings(actors.after));
  return result;
}

/** One statement names the actor for the row policies; `true` makes the settings end with the transaction. */
function actorSettings(actor: Actor) {
  const person = actor.kind === "staff" ? actor.personId : "";
  const institution = actor.kind === "staff" || actor.kind === "house" ? actor.institutionId : "";
  const consult = actor.kind === "guest" ? actor.consultId : "";
  const phone = actor.kind === "patient" ? actor.phoneIndex.toString("hex") : "";
  return sql`select set_config('yilian.kind', ${actor.kind}, true), set_config('yilian.person', ${person}, true),
    set_config('yilian.institution', ${institution}, true), set_config('yilian.consult', ${consult}, true),
    set_config('yilian.phone_index', ${phone}, true), set_config('yilian.actor_key', ${actorKey(actor)}, true)`;
}
