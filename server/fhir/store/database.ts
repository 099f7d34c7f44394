import postgres from "postgres";
import { createTransactionPool } from "../../db/transaction-pool.ts";

/** One transaction of a record store: `unsafe(text, parameters)` runs a statement. Parameters only, never spliced values. */
export type StoreTx = {
  /** `prepare`: planned once per connection and kept, for texts that are always the same. */
  unsafe: (
    text: string,
    parameters?: readonly unknown[],
    options?: { prepare?: boolean },
  ) => PromiseLike<readonly StoreRow[]>;
};
// biome-ignore lint/suspicious/noExplicitAny: a row's shape is its statement's
export type StoreRow = Record<string, any>;

export type StoreDatabase = {
  /** Several statements that hold together; commits when `work` resolves. */
  begin: <Result>(work: (tx: StoreTx) => Promise<Result>) => Promise<Result>;
  /** One statement that is a transaction by itself, prepared once per connection. */
  single: (text: string, parameters: readonly unknown[]) => Promise<readonly StoreRow[]>;
  close: () => Promise<void>;
};

/**
 * Two clients on purpose, as in server/db/client.ts: transactions and single statements do not mix.
 * @param url connection of the application role to the store's database
 * @param poolSize connections for each of the two
 */
export function openStoreDatabase(url: string, poolSize = 6): StoreDatabase {
  const transactions = createTransactionPool(url, poolSize, { pipeline: true });
  const plain = postgres(url, {
    max: poolSize,
    onnotice: () => {},
    connect_timeout: 5,
    idle_timeout: 60,
  });
  return {
    begin: (work) =>
      (
        transactions as unknown as {
          begin: <R>(run: (tx: StoreTx) => Promise<R>) => Promise<R>;
        }
      ).begin((tx) =>
        work({
          // Sent when it is called, not when somebody waits for it: order is the caller's.
          unsafe: (...statement) => tx.unsafe(...statement).then((rows) => rows),
        }),
      ),
    single: async (text, parameters) =>
      await plain.unsafe<StoreRow[]>(text, parameters as postgres.ParameterOrJSON<never>[], {
        prepare: true,
      }),
    close: async () => {
      await Promise.all([transactions.end({ timeout: 5 }), plain.end({ timeout: 5 })]);
    },
  };
}
