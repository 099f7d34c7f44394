import { Readable } from "node:stream";
import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { DomainError } from "../errors/domain-error.ts";
import { type App, read, requireStaff, type Services, write } from "../http/context.ts";
import { empty, instant, line, uuid } from "../http/contract.ts";
import type { Actor } from "../identity/domain.ts";
import type { MediaService } from "../media/service.ts";
import { StoreRefusedError } from "./recording-blobs.ts";
import { readSealed } from "./recording-crypto.ts";
import { takeManifest, takeSegment } from "./recording-intake.ts";
import { findRecording, type RecordingFileRow, type RecordingRow } from "./recording-repository.ts";
import {
  deleteRecording,
  holdRecording,
  keyOf,
  listRecordings,
  openRecordingFile,
  raiseAlarm,
  storeRefused,
} from "./recording-service.ts";
import { mediaTypes, recordingStates, recordingVariants } from "./recording-states.ts";
import type { RecordingStore } from "./recording-store.ts";
import { eraseLater } from "./recording-tasks.ts";

const byId = z.object({ id: uuid });
const mediaParams = byId.extend({ variant: z.enum(recordingVariants) });
const mediaQuery = z.object({ channel: line(20).optional() });
const reason = line(500);
/** Ten seconds of a large picture; a longer piece is none of ours. */
const MAX_PIECE_BYTES = 64 * 1024 * 1024;
/** Parts of one viewing come one after another; after such a pause it is another one. */
const VIEWING_MS = 30 * 60_000;
const MOST_VIEWINGS = 10_000;

export const recordingAnswer = z.object({
  recordings: z.array(
    z.object({
      id: uuid,
      state: z.enum(recordingStates),
      failedReason: z.string().nullable(),
      startedAt: instant,
      withheld: z.boolean(),
      held: z.boolean(),
      keepUntil: instant,
      deleted: z.object({ at: instant, reason: z.string() }).nullable(),
      files: z.array(
        z.object({
          variant: z.enum(recordingVariants),
          /** Language of the interpreter who is heard; null: the floor. */
          channel: z.string().nullable(),
          url: z.string(),
          type: z.string(),
          sizeBytes: z.number().int(),
          durationMs: z.number().int(),
        }),
      ),
    }),
  ),
});

const node: Actor = { kind: "system", reason: "media-node", language: "zh-CN" };

export type RecordingRouteOptions = { services: Services; store: RecordingStore };

/** Recordings of a broadcast for those who may watch it, and for those who keep them. */
export async function recordingRoutes(app: App, options: RecordingRouteOptions): Promise<void> {
  const { services, store } = options;
  const viewings = new Map<string, number>();
  /** What came of looking at a file, as long as it lies unchanged. */
  const examined = new Map<string, { stamp: string; isIntact: boolean }>();

  app.get(
    "/api/teaching/sessions/:id/recordings",
    { schema: { params: byId, response: { 200: recordingAnswer } } },
    async (request) => {
      const rows = await read(services, request, requireStaff(request), (work) =>
        listRecordings(work, request.params.id),
      );
      return {
        recordings: rows.map((row) => ({
          ...row,
          files: row.files.map((file) => ({
            ...file,
            type: mediaTypes[file.variant],
            url: `/api/teaching/recordings/${row.id}/media/${file.variant}${
              file.channel === null ? "" : `?channel=${encodeURIComponent(file.channel)}`
            }`,
          })),
        })),
      };
    },
  );

  app.route({
    method: ["GET", "HEAD"],
    url: "/api/teaching/recordings/:id/media/:variant",
    // A player asks for many parts of one file.
    config: { rateLimit: false },
    schema: { params: mediaParams, querystring: mediaQuery },
    handler: async (request, reply) => {
      const { id, variant } = request.params;
      const actor = requireStaff(request);
      const channel = request.query.channel ?? null;
      const viewing = `${actor.personId}/${id}/${variant}/${channel ?? ""}`;
      const isBeginning = isNewViewing(viewing);
      const found = await read(services, request, actor, (work) =>
        openRecordingFile(work, id, { variant, channel }, isBeginning),
      ).catch((error: unknown) => {
        // Nothing was seen: whoever may see it later leaves a trace then.
        viewings.delete(viewing);
        throw error;
      });
      await assertIntact(found.row, found.file);
      return await send(request, reply, found);
    },
  });

  app.delete(
    "/api/teaching/recordings/:id",
    { schema: { params: byId, body: z.object({ reason }), response: { 200: empty } } },
    async (request) => {
      const { id } = request.params;
      await write(services, request, requireStaff(request), async (work) => {
        await deleteRecording(work, id, request.body.reason);
        await eraseLater(work.tx, id);
      });
      return { ok: true as const };
    },
  );

  app.put(
    "/api/teaching/recordings/:id/hold",
    {
      schema: {
        params: byId,
        body: z.object({ reason: reason.nullable() }),
        response: { 200: empty },
      },
    },
    async (request) => {
      await write(services, request, requireStaff(request), (work) =>
        holdRecording(work, request.params.id, request.body.reason),
      );
      return { ok: true as const };
    },
  );

  function isNewViewing(key: string): boolean {
    const nowMs = services.clock().getTime();
    const last = viewings.get(key);
    viewings.delete(key);
    viewings.set(key, nowMs);
    const [oldest] = viewings.keys();
    if (viewings.size > MOST_VIEWINGS && oldest !== undefined) viewings.delete(oldest);
    return last === undefined || nowMs - last > VIEWING_MS;
  }

  /**
   * The whole file as it was made, looked at once while it lies unchanged; each block again when read.
   * One that is not is an alarm, once.
   */
  async function assertIntact(row: RecordingRow, file: RecordingFileRow): Promise<void> {
    const stamp = await store.stampOf(row.id, file.id).catch((error: unknown) => {
      if (error instanceof StoreRefusedError) throw new DomainError("teaching.recording-store");
      return "gone";
    });
    let known = examined.get(file.id);
    if (known?.stamp !== stamp) {
      const isIntact =
        stamp !== "gone" && (await store.hashOf(row.id, file.id)).equals(file.sha256);
      known = { stamp, isIntact };
      examined.set(file.id, known);
      if (!isIntact) {
        const reason = stamp === "gone" ? "file-gone" : "file-altered";
        await services.db.withActor(node, (tx) =>
          raiseAlarm(tx, services.clock(), row, { action: "teaching.recording-damaged", reason }),
        );
      }
    }
    if (!known.isIntact) throw new DomainError("teaching.recording-damaged");
  }

  async function send(
    request: FastifyRequest,
    reply: FastifyReply,
    { row, file }: { row: RecordingRow; file: RecordingFileRow },
  ) {
    const { sizeBytes } = file;
    const etag = `"${file.sha256.toString("hex").slice(0, 32)}"`;
    void reply
      .type(mediaTypes[file.variant])
      .header("accept-ranges", "bytes")
      .header("etag", etag)
      .header("cache-control", "private, no-cache")
      .header("x-content-type-options", "nosniff");
    const condition = request.headers["if-range"];
    const wanted =
      condition === undefined || condition === etag ? request.headers.range : undefined;
    const range = rangeOf(wanted, sizeBytes);
    if (range === "unsatisfiable")
      return reply.status(416).header("content-range", `bytes */${sizeBytes}`).send();
    const { from, until } = range ?? { from: 0, until: sizeBytes };
    if (range)
      void reply.status(206).header("content-range", `bytes ${from}-${until - 1}/${sizeBytes}`);
    void reply.header("content-length", until - from);
    if (request.method === "HEAD") return reply.send();
    const handle = await store.openFile(row.id, file.id);
    const bytes = readSealed(
      handle,
      keyOf(services.vault, row),
      { fileId: file.id, sizeBytes },
      from,
      until,
    );
    const body = Readable.from(bytes, { objectMode: false });
    body.once("close", () => void handle.close());
    return reply.send(body);
  }
}

/**
 * One range of bytes (RFC 9110, 14.1.2); of several, and of what cannot be read, the whole is sent.
 * @returns null for the whole
 */
export function rangeOf(
  header: string | undefined,
  size: number,
): { from: number; until: number } | null | "unsatisfiable" {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? "");
  if (!match || (match[1] === "" && match[2] === "")) return null;
  const [, first, last] = match;
  if (first === "") {
    const length = Number(last);
    return length === 0 ? "unsatisfiable" : { from: Math.max(0, size - length), until: size };
  }
  const from = Number(first);
  const until = last === "" ? size : Math.min(size, Number(last) + 1);
  return from >= size || until <= from ? "unsatisfiable" : { from, until };
}

/** Where media nodes bring the pieces of recordings: signed for exactly these bytes, repeatable. */
export async function recordingIntakeRoutes(
  app: App,
  { services, media, store }: RecordingRouteOptions & { media: MediaService },
): Promise<void> {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    "application/octet-stream",
    { parseAs: "buffer", bodyLimit: MAX_PIECE_BYTES },
    (_request, body, done) => done(null, body),
  );
  const config = { internal: true, rateLimit: false } as const;
  const schema = { hide: true, params: byId, response: { 200: empty } } as const;
  const verified = async (request: FastifyRequest): Promise<Buffer> => {
    const { body } = request;
    if (!Buffer.isBuffer(body)) throw new DomainError("request.invalid");
    await media.verifyReport(request.headers.authorization, body);
    return body;
  };

  app.put("/internal/sfu/recordings/:id/segments", { config, schema }, async (request) => {
    const sealed = await verified(request);
    const { id } = request.params;
    try {
      await services.db.withActor(node, (tx) => takeSegment(tx, store, id, sealed));
    } catch (error) {
      if (!(error instanceof StoreRefusedError)) throw error;
      request.log.warn({ recording: id, error: error.message }, "the store of recordings refuses");
      // The node keeps the piece and brings it again.
      const now = services.clock();
      if (store.isNewRefusal(id, now))
        await services.db.withActor(node, async (tx) => {
          const row = await findRecording(tx, id);
          if (row) await raiseAlarm(tx, now, row, storeRefused);
        });
      throw new DomainError("teaching.recording-store");
    }
    return { ok: true as const };
  });

  app.put("/internal/sfu/recordings/:id/manifest", { config, schema }, async (request) => {
    const body = (await verified(request)).toString("utf8");
    await services.db.withActor(node, (tx) =>
      takeManifest(tx, services.clock(), request.params.id, parsed(body)),
    );
    return { ok: true as const };
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new DomainError("request.invalid");
  }
}
