/** A record store: one institution's clinical resources, read and written under consent with an audit row each. */
import { setTimeout as delay } from "node:timers/promises";
import { DomainError } from "../../errors/domain-error.ts";
import { callerParameter, type StoreContext } from "./caller.ts";
import type { StoreDatabase, StoreTx } from "./database.ts";
import { type EverythingOptions, type EverythingPage, everythingOf } from "./everything.ts";
import { type HistoryOptions, type HistoryPage, type HistoryScope, historyOf } from "./history.ts";
import type { Operation, OperationResult } from "./operation.ts";
import { createReads } from "./read-batch.ts";
import { isPlain, runOperations } from "./run.ts";

export type ReadResult =
  | { status: "ok"; version: number; lastUpdated: Date; text: string }
  | { status: "gone"; version: number; lastUpdated: Date }
  | { status: "missing" };

export type RecordStore = {
  /** One resource, or one of its versions; consent, tenant and audit in one statement. */
  read(
    context: StoreContext,
    type: string,
    id: string,
    version?: number | null,
    tx?: StoreTx,
  ): Promise<ReadResult>;
  /** Writes as one, all or none. */
  write(
    context: StoreContext,
    interaction: string,
    operations: readonly Operation[],
  ): Promise<OperationResult[]>;
  /** The same, with what must be read or written beside in the same transaction. */
  transaction<Result>(
    context: StoreContext,
    work: (tx: StoreTx) => Promise<Result>,
  ): Promise<Result>;
  history(
    context: StoreContext,
    scope: HistoryScope,
    options: HistoryOptions,
    tx?: StoreTx,
  ): Promise<HistoryPage>;
  everything(
    context: StoreContext,
    patientId: string,
    options: EverythingOptions,
    tx?: StoreTx,
  ): Promise<EverythingPage>;
};

const readStatement =
  "SELECT status, version, last_updated, content FROM fhir.read($1::text::jsonb, $2, $3, $4)";
/** Deadlock, serialisation failure, and two who made the same id at once: nothing was changed. */
const repeatable = new Set(["40P01", "40001", "23505"]);
const attemptsMax = 8;

export function createRecordStore(database: StoreDatabase): RecordStore {
  const transaction: RecordStore["transaction"] = async (_context, work) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await database.begin(work);
      } catch (error) {
        if (!repeatable.has(String((error as { code?: unknown }).code))) throw error;
        if (attempt === attemptsMax) throw new DomainError("fhir.conflict");
        await delay(Math.random() * 20 * attempt);
      }
    }
  };
  /** One statement needs no BEGIN and COMMIT around it. */
  const singly: StoreTx = {
    unsafe: (text, parameters = []) => database.single(text, parameters),
  };
  const readOne = createReads(database);
  return {
    read: async (context, type, id, version = null, tx) => {
      const caller = callerParameter(context);
      const row = tx
        ? (await tx.unsafe(readStatement, [caller, type, id, version]))[0]
        : await readOne({ caller, type, id, version });
      const status = row?.status as string;
      if (status !== "ok" && status !== "gone") return { status: "missing" };
      const known = { version: Number(row!.version), lastUpdated: new Date(row!.last_updated) };
      return status === "ok"
        ? { status: "ok", ...known, text: row!.content }
        : { status: "gone", ...known };
    },
    write: async (context, interaction, operations) => {
      assertMayWrite(context);
      const [only] = operations;
      if (operations.length === 1 && only && isPlain(only)) {
        try {
          return await runOperations(singly, context, interaction, operations);
        } catch (error) {
          if (!repeatable.has(String((error as { code?: unknown }).code))) throw error;
        }
      }
      return transaction(context, (tx) => runOperations(tx, context, interaction, operations));
    },
    transaction,
    history: (context, scope, options, tx) =>
      tx
        ? historyOf(tx, context, scope, options)
        : database.begin((own) => historyOf(own, context, scope, options)),
    everything: (context, patientId, options, tx) =>
      tx
        ? everythingOf(tx, context, patientId, options)
        : database.begin((own) => everythingOf(own, context, patientId, options)),
  };
}

/**
 * Only the institution itself writes its records.
 * @throws DomainError `permission.denied`
 */
export function assertMayWrite({ caller, tenant }: StoreContext): void {
  if (!caller.mayWrite || caller.institution !== tenant)
    throw new DomainError("permission.denied", { permission: "record.write" });
}
