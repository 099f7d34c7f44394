import { createHash } from "node:crypto";
import type { FastifyRequest } from "fastify";
import { createTogether } from "../db/together.ts";
import { DomainError } from "../errors/domain-error.ts";
import type { Services } from "../http/context.ts";
import { type Sender, senderOf } from "../identity/service.ts";
import { codeOf } from "./problem.ts";

export { type Sender, senderOf };

/** What a function of the database says of one item of a batch. */
export type BatchRow<Answer> = {
  place: number;
  problem: string | null;
  answer: Answer | null;
  /** What the sentence of the problem names. */
  detail?: Readonly<Record<string, string>> | null;
};

/** Enough that a rush needs few commits, few enough that nobody waits for a long one. */
const mostItems = 50;
const mostRunning = 2;

/** What a write of a batch carries beside its sender: its key for repetitions, and where it came from. */
export type Asked = Sender & {
  key: string | null;
  hash: string;
  correlation: string;
  address: string | null;
};

/** @throws DomainError as {@link senderOf} */
export function askedBy(services: Services, request: FastifyRequest): Asked {
  const key = request.headers["idempotency-key"];
  const asked = JSON.stringify([request.method, request.url, request.body ?? null]);
  return {
    ...senderOf(services, request),
    key: typeof key === "string" && key.length >= 8 && key.length <= 100 ? key : null,
    hash: createHash("sha256").update(asked).digest("hex"),
    correlation: request.id,
    address: request.ip,
  };
}

/**
 * Writes of the hour of release: those that arrive while the database is busy go together in the next
 * statement. Each is judged by itself; a quiet hour has batches of one.
 * @param order items of two batches are taken in this order, so that none waits crosswise
 */
export function createBatch<Item, Answer>(options: {
  order: (item: Item) => string;
  run: (items: readonly Item[]) => Promise<readonly BatchRow<Answer>[]>;
}): (item: Item) => Promise<Answer> {
  type Waiting = {
    item: Item;
    resolve: (answer: Answer) => void;
    reject: (error: unknown) => void;
  };
  const run = async (batch: Waiting[]): Promise<void> => {
    try {
      batch.sort((left, right) => (options.order(left.item) < options.order(right.item) ? -1 : 1));
      const items = batch.map((one) => one.item);
      const rows = await options.run(items);
      for (const row of rows) {
        const one = batch[row.place]!;
        if (row.problem) one.reject(new DomainError(codeOf(row.problem), row.detail ?? {}));
        else one.resolve(row.answer!);
      }
    } catch (error) {
      // What one of them broke (or two batches that waited for each other) is not the others' fault.
      if (batch.length > 1 && isRefused(error)) for (const one of batch) await run([one]);
      else for (const one of batch) one.reject(error);
    }
  };
  const push = createTogether<Waiting>({ most: mostItems, atOnce: mostRunning, run });
  return (item) =>
    new Promise((resolve, reject) => {
      push({ item, resolve, reject });
    });
}

/** The database refused the statement; a lost connection (class 08, 57) is no single item's doing. */
function isRefused(error: unknown): boolean {
  const cause = error instanceof Error && error.cause ? error.cause : error;
  const code = cause && typeof cause === "object" && "code" in cause ? String(cause.code) : "";
  return /^(?!08|57)[0-9A-Z]{5}$/.test(code);
}
