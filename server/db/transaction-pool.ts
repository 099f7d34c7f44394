/**
 * The connections that transactions run on, with the face that drizzle's postgres-js driver expects
 * and node-postgres behind it.
 *
 * Why not postgres.js itself: when a connection dies in mid-transaction, version 3.4.9 writes the
 * rollback to a socket that is gone, from a timer that nobody can catch, and the process ends
 * (porsager/postgres#1208, open). A killed PostgreSQL must not end the server.
 */
import { createHash } from "node:crypto";
import pg from "pg";
import type postgres from "postgres";

type Parameters = readonly unknown[];
/** Rows, and how many were touched, as postgres.js gives them. */
type Rows = unknown[] & { count: number; command: string };
type Pending = Promise<Rows> & { values: () => Promise<Rows> };
type Run = (
  text: string,
  parameters: Parameters,
  asArrays: boolean,
  prepare?: boolean,
) => Promise<Rows>;
type Scope = {
  /** `prepare`: planned once per connection and kept; for texts of which there are few. */
  unsafe: (text: string, parameters?: Parameters, options?: { prepare?: boolean }) => Pending;
  savepoint: <Result>(work: (scope: Scope) => Promise<Result>) => Promise<Result>;
};

/** How long a request waits for a free connection or for the database to answer a new one. */
const connectTimeoutMs = 10_000;
const idleTimeoutMs = 60_000;
/** Dates, times and numerics in arrays stay text: drizzle reads them itself. */
const textTypes = new Set([1082, 1083, 1114, 1115, 1182, 1184, 1185, 1186, 1231, 1266]);
const geometric = new Set([600, 718, 1017]);
const types = {
  getTypeParser: ((oid: number, format?: "text" | "binary") =>
    textTypes.has(oid) || geometric.has(oid)
      ? (value: unknown) => value
      : pg.types.getTypeParser(oid, format as "text")) as typeof pg.types.getTypeParser,
};

/**
 * @param url connection of the application role
 * @param size connections at most
 * @param pipeline statements of a transaction are sent without waiting for the answer to the one before,
 *   its beginning among them. Whoever does not wait for a statement hears of its fault at the commit.
 */
export function createTransactionPool(
  url: string,
  size: number,
  { pipeline = false }: { pipeline?: boolean } = {},
): postgres.Sql {
  const pool = new pg.Pool({
    pipeline,
    connectionString: url,
    max: size,
    idleTimeoutMillis: idleTimeoutMs,
    connectionTimeoutMillis: connectTimeoutMs,
    types,
  });
  // A connection that breaks while idle is taken out by the pool; in use, its query is told.
  pool.on("error", () => {});
  pool.on("connect", (client) => client.on("error", () => {}));

  const begin = async <Result>(work: (scope: Scope) => Promise<Result>): Promise<Result> => {
    const client = await pool.connect().catch(rethrow);
    const { run, end, fault } = runnerOf(client, pipeline);
    try {
      const begun = run("begin", [], false);
      if (!pipeline) await begun;
      const result = await work(scopeOf(run));
      await run("commit", [], false);
      // PostgreSQL answers the commit of a broken transaction with a rollback, and no error.
      if (fault()) throw fault();
      end();
      client.release();
      return result;
    } catch (error) {
      // A connection that cannot even roll back is thrown away; the server rolls back by itself.
      const broken = await run("rollback", [], false).then(
        () => false,
        () => true,
      );
      end();
      client.release(broken);
      throw error;
    }
  };
  const face = {
    options: { parsers: {}, serializers: {} },
    begin,
    unsafe: (text: string, parameters: Parameters = []) =>
      pending((asArrays) =>
        begin((scope) =>
          asArrays ? scope.unsafe(text, parameters).values() : scope.unsafe(text, parameters),
        ),
      ),
    end: () => pool.end(),
  };
  return face as unknown as postgres.Sql;
}

/** Runs statements of one transaction one after the other, and none after its end. */
function runnerOf(
  client: pg.PoolClient,
  pipeline: boolean,
): { run: Run; end: () => void; fault: () => unknown } {
  let last: Promise<unknown> = Promise.resolve();
  let ended = false;
  let failed: unknown;
  const send: Run = async (text, parameters, asArrays, prepare = false) => {
    if (ended) throw closed(new Error("The transaction is over"));
    const query: pg.QueryConfig = {
      text,
      values: [...parameters],
      ...(prepare ? { name: statementName(text) } : {}),
    };
    const result: pg.QueryResult = await (asArrays
      ? client.query({ ...query, rowMode: "array" })
      : client.query(query)
    ).catch(rethrow);
    return Object.defineProperties(result.rows, {
      count: { value: result.rowCount ?? 0 },
      command: { value: result.command },
    }) as Rows;
  };
  const run: Run = (...statement) => {
    const next = pipeline ? send(...statement) : last.then(() => send(...statement));
    last = next.catch((error) => {
      if (pipeline) failed ??= error;
    });
    return next;
  };
  return {
    run,
    end: () => {
      ended = true;
    },
    fault: () => failed,
  };
}

/** Equal texts have one name on every connection. */
const statementName = (text: string): string =>
  `s${createHash("sha256").update(text).digest("base64url").slice(0, 24)}`;

function scopeOf(run: Run, depth = 0): Scope {
  return {
    unsafe: (text, parameters = [], { prepare = false } = {}) =>
      pending((asArrays) => run(text, parameters, asArrays, prepare)),
    savepoint: async (work) => {
      const name = `s${depth + 1}`;
      await run(`savepoint ${name}`, [], false);
      try {
        const result = await work(scopeOf(run, depth + 1));
        await run(`release ${name}`, [], false);
        return result;
      } catch (error) {
        await run(`rollback to ${name}`, [], false).catch(() => {});
        throw error;
      }
    },
  };
}

/** A query starts when it is awaited, as rows by name or, after `values()`, by position. */
function pending(start: (asArrays: boolean) => Promise<Rows>): Pending {
  let started: Promise<Rows> | null = null;
  const rows = () => {
    started ??= start(false);
    return started;
  };
  return {
    // biome-ignore lint/suspicious/noThenProperty: that is what a lazy promise is
    then: (onRows, onError) => rows().then(onRows, onError),
    catch: (onError) => rows().catch(onError),
    finally: (onEnd) => rows().finally(onEnd),
    values: () => start(true),
    [Symbol.toStringTag]: "Pending",
  } as Pending;
}

/** Errors in the words that the rest of the server knows from postgres.js. */
function rethrow(error: unknown): never {
  if (error instanceof pg.DatabaseError) {
    throw Object.assign(error, { constraint_name: error.constraint, table_name: error.table });
  }
  if (error instanceof Error && "code" in error && typeof error.code === "string") throw error;
  throw error instanceof Error ? closed(error) : error;
}

/** A line that broke has no code of its own. */
function closed(error: Error): Error {
  return Object.assign(error, { code: "CONNECTION_CLOSED" });
}
