import type { Services } from "../../http/context.ts";
import type { StoreContext } from "../store/caller.ts";
import { enter } from "../store/conditions.ts";
import type { StoreTx } from "../store/database.ts";
import { parseJson } from "../store/json.ts";
import type { FhirResource } from "../store/resource.ts";
import { type BulkPlace, bulkCaller, inStore, placeOf } from "./context.ts";
import type { BulkFiles } from "./files.ts";
import {
  type Fault,
  faultAt,
  type Item,
  itemOf,
  itemsOfBundle,
  reasonOf,
  resolveWithin,
} from "./import-items.ts";
import { type Line, linesOf, wholeMax } from "./import-lines.ts";
import {
  identify,
  resolveConditional,
  sift,
  type Written,
  writeItems,
  writeSingly,
} from "./import-write.ts";
import { advance, type BulkJob, findJob } from "./job.ts";

export type ImportPlan = { readonly sizeBytes: number };
export type ImportCursor = {
  /** Bytes and lines that were dealt with. */
  readonly offset: number;
  readonly line: number;
  /** Entries of the Bundle that begins at `offset` which were dealt with, and how many it has. */
  readonly entry: number;
  readonly entries: number;
};
type ImportJob = BulkJob<ImportPlan, ImportCursor>;

export const uploadName = "upload";
const perBatch = 500;
const bytesPerBatch = 4 * 1024 * 1024;
/** More are counted and not listed. */
const faultsListed = 10_000;
const atBegin: ImportCursor = { offset: 0, line: 0, entry: 0, entries: 0 };

/** Ends quietly: another worker has gone on, or the import was cancelled. */
class Overtaken extends Error {
  override readonly name = "Overtaken";
}

/**
 * Goes on with an import where it was. The resources of a batch, what it could not take and how far it
 * is are one transaction: a crash repeats nothing and leaves nothing out.
 */
export async function runImport(
  services: Services,
  files: BulkFiles,
  tenant: string,
  id: string,
): Promise<void> {
  const place = await placeOf(services, tenant);
  const own = place.context(bulkCaller(tenant));
  const job = await inStore(place, own, (tx) =>
    findJob<ImportPlan, ImportCursor>(tx, own, id, "import"),
  );
  if (!job || (job.state !== "waiting" && job.state !== "running")) return;
  try {
    await new ImportRun(place, files, job).go();
  } catch (error) {
    if (!(error instanceof Overtaken)) throw error;
  }
  const after = await inStore(place, own, (tx) => findJob(tx, own, id, "import"));
  if (!after || (after.state !== "running" && after.state !== "waiting")) await files.remove(id);
}

class ImportRun {
  readonly #place: BulkPlace;
  readonly #files: BulkFiles;
  readonly #job: ImportJob;
  #step: number;
  #listed: number;
  #cursor: ImportCursor;

  constructor(place: BulkPlace, files: BulkFiles, job: ImportJob) {
    this.#place = place;
    this.#files = files;
    this.#job = job;
    this.#step = job.step;
    this.#listed = job.failed;
    this.#cursor = { ...atBegin, ...job.cursor };
  }

  get #context(): StoreContext {
    return this.#place.context(this.#job.caller);
  }

  async go(): Promise<void> {
    let items: Item[] = [];
    let faults: Fault[] = [];
    let bytes = 0;
    let names = new Set<string>();
    const flush = async (to: ImportCursor) => {
      if (to.offset === this.#cursor.offset) return;
      await this.#commit(items, faults, to);
      items = [];
      faults = [];
      bytes = 0;
      names = new Set();
    };
    let end = this.#cursor;
    const source = linesOf(
      (from) => this.#files.readFrom(this.#job.id, uploadName, from),
      this.#cursor,
      this.#job.plan.sizeBytes,
    );
    for await (const line of source) {
      const after: ImportCursor = { offset: line.end, line: line.number, entry: 0, entries: 0 };
      const found = read(line);
      if (found !== null && "resourceType" in found && found.resourceType === "Bundle") {
        await flush(end);
        await this.#bundle(line, found as FhirResource, after);
      } else if (found !== null) {
        const item =
          "fault" in found
            ? (found.fault as Fault)
            : itemOf({ line: line.number, entry: null }, found);
        if ("reason" in item) faults.push(item);
        else {
          // The same resource again is its next version, in the next batch.
          const name = `${item.resource.resourceType}/${item.id}`;
          if (item.id === null || names.has(name)) await flush(end);
          if (item.id !== null) names.add(name);
          items.push(item);
          bytes += line.end - line.start;
        }
        if (item && "resource" in item && item.id === null) await flush(after);
        else if (items.length + faults.length >= perBatch || bytes >= bytesPerBatch)
          await flush(after);
      }
      end = after;
    }
    await flush(end);
    await this.#note((tx) => this.#advance(tx, { state: "done" }));
  }

  /** A transaction as one; another Bundle in slices, so that a large one goes on after a crash. */
  async #bundle(line: Line, bundle: FhirResource, after: ImportCursor): Promise<void> {
    const found = itemsOfBundle(line.number, bundle);
    if ("reason" in found) return this.#commit([], [found], after);
    const { kind } = found;
    const context = this.#context;
    const faults = [...found.faults];
    const { left } = await inStore(this.#place, context, async (tx) => {
      const known = new Map<string, string | null>();
      const several = await identify(tx, context, found.items);
      const named = without(found.items, several);
      resolveWithin(named);
      // References of a transaction may be to what it makes itself: runOperations knows those.
      const dangling = await resolveConditional(tx, context, named, known);
      faults.push(...several, ...dangling);
      return { left: without(named, dangling) };
    });
    if (kind === "transaction") {
      const { good, faults: invalid } = sift(left);
      faults.push(...invalid);
      if (faults.length === 0) return this.#commit(good, [], after, true);
      // All or none: the good ones are named too, so that nobody believes them taken.
      const others = good.map((item) => faultAt(item, "with-others", item.resource));
      return this.#commit([], [...faults, ...others], after);
    }
    const total = left.length;
    let from = Math.min(this.#cursor.entry, total);
    if (this.#cursor.entries === 0 && faults.length > 0 && total > perBatch) {
      await this.#commit([], faults.splice(0), { ...this.#cursor, entry: 0, entries: total });
    }
    for (; total - from > perBatch; from += perBatch)
      await this.#commit(left.slice(from, from + perBatch), [], {
        ...this.#cursor,
        entry: from + perBatch,
        entries: total,
      });
    await this.#commit(left.slice(from), total > perBatch ? [] : faults, after);
  }

  /** Judges, writes and notes one batch. */
  async #commit(
    items: readonly Item[],
    before: readonly Fault[],
    cursor: ImportCursor,
    isOne = false,
  ): Promise<void> {
    const context = this.#context;
    const faults = [...before];
    const { good, faults: invalid } = isOne ? { good: [...items], faults: [] } : sift(items);
    faults.push(...invalid);
    try {
      await this.#place.store.transaction(context, async (tx) => {
        await enter(tx, context);
        const several = await identify(tx, context, good);
        const ready = without(good, several);
        for (const item of ready) if (item.id !== null) item.resource.id = item.id;
        const written = await writeItems(tx, context, ready);
        await this.#write(tx, context, cursor, written, [...faults, ...several]);
      });
    } catch (error) {
      if (error instanceof Overtaken) throw error;
      const refused = reasonOf(error);
      if (isOne) {
        const all = good.map((item) =>
          faultAt(item, refused.reason, item.resource, refused.detail),
        );
        await this.#note((tx) => this.#write(tx, context, cursor, { done: 0, unchanged: 0 }, all));
      } else {
        const singly = await writeSingly({ store: this.#place.store, context }, good);
        await this.#note((tx) =>
          this.#write(tx, context, cursor, singly, [...faults, ...singly.faults]),
        );
      }
    }
    this.#step += 1;
    this.#cursor = cursor;
  }

  async #write(
    tx: StoreTx,
    context: StoreContext,
    cursor: ImportCursor,
    written: Written,
    faults: readonly Fault[],
  ): Promise<void> {
    await this.#advance(tx, {
      state: "running",
      cursor,
      done: written.done,
      unchanged: written.unchanged,
      failed: faults.length,
    });
    const listed = faults.slice(0, Math.max(0, faultsListed - this.#listed));
    if (listed.length > 0)
      await tx.unsafe(
        `INSERT INTO bulk_fault (job, tenant, n, line, entry, type, resource_id, reason, detail)
         SELECT $1, $2, f.n, f.line, f.entry, f.type, f.id, f.reason, f.detail
         FROM jsonb_to_recordset($3::text::jsonb) f(n int, line int, entry int, type text, id text, reason text, detail text)`,
        [
          this.#job.id,
          context.tenant,
          JSON.stringify(listed.map((fault, n) => ({ ...fault, n: this.#listed + n }))),
        ],
      );
    this.#listed += faults.length;
  }

  async #advance(tx: StoreTx, progress: Parameters<typeof advance>[3]): Promise<void> {
    const next = await advance(tx, this.#context, { id: this.#job.id, step: this.#step }, progress);
    if (next === null) throw new Overtaken();
  }

  #note(work: (tx: StoreTx) => Promise<void>): Promise<void> {
    return inStore(this.#place, this.#context, work);
  }
}

const without = (items: readonly Item[], faults: readonly Fault[]): Item[] => {
  const out = new Set(faults.map((one) => `${one.line}/${one.entry}`));
  return items.filter((item) => !out.has(`${item.line}/${item.entry}`));
};

/** The line's value; null for an empty one. */
function read(line: Line): FhirResource | { fault: Fault } | null {
  const place = { line: line.number, entry: null };
  if (line.text === null)
    return { fault: faultAt(place, "too-large", null, `${Math.round(wholeMax / 1024 / 1024)} MB`) };
  if (line.text.length === 0) return null;
  try {
    const value = parseJson(line.text);
    return typeof value === "object" && value !== null && "resourceType" in value
      ? (value as FhirResource)
      : { fault: faultAt(place, "no-resource") };
  } catch (error) {
    return { fault: faultAt(place, "unreadable", null, reasonOf(error).detail) };
  }
}
