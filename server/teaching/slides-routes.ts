import { Readable } from "node:stream";
import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { createUploads, passThroughUploads, type UploadAnswer } from "../attachments/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { type App, read, requireStaff, type Services, type Work, write } from "../http/context.ts";
import { empty, uuid } from "../http/contract.ts";
import { paced } from "../http/paced.ts";
import type { StaffActor } from "../identity/domain.ts";
import * as contract from "./slides-contract.ts";
import { deckLimits, thinBytesPerSecond } from "./slides-domain.ts";
import {
  beginDeck,
  completeDeck,
  listDecks,
  loadOwnDeck,
  noteDeckProgress,
  openSlide,
  removeDeck,
} from "./slides-service.ts";
import type { SlideStore } from "./slides-store.ts";

const byId = z.object({ id: uuid });
const keptHeaders = [
  "location",
  "upload-offset",
  "upload-length",
  "tus-resumable",
  "tus-version",
  "tus-extension",
  "tus-max-size",
  "cache-control",
];

/** Resumable upload of slides at /api/teaching/uploads, and their pages. */
export async function slideRoutes(
  app: App,
  { services, store }: { services: Services; store: SlideStore },
): Promise<void> {
  const inWork = <Answer>(
    request: FastifyRequest,
    work: (work: Work<StaffActor>) => Promise<Answer>,
  ) => read(services, request, requireStaff(request), work);
  const finish = async (request: FastifyRequest, id: string) => {
    const done = await inWork(request, (work) => completeDeck(work, id, store));
    if (done === "refused") throw new DomainError("teaching.slides-content");
  };
  const answerUpload = createUploads(
    store,
    {
      begin: (request, upload) => inWork(request, (work) => beginDeck(work, upload)),
      resume: async (request, id) => {
        const deck = await inWork(request, (work) => loadOwnDeck(work, id));
        const arrived = deck.state === "uploading" ? await store.sizeOfUpload(id) : null;
        if (request.method === "HEAD" && arrived === deck.sizeBytes) await finish(request, id);
      },
      finish,
    },
    { path: "/api/teaching/uploads", maxBytes: deckLimits.bytes },
  );
  const signedIn = async (request: FastifyRequest) => {
    if (request.method !== "OPTIONS") requireStaff(request);
  };
  passThroughUploads(app);
  app.route({
    method: ["POST", "OPTIONS"],
    url: "/api/teaching/uploads",
    onRequest: signedIn,
    handler: async (request, reply) => sendUpload(reply, await answerUpload(request, reply)),
  });
  app.route({
    method: ["HEAD", "PATCH", "DELETE", "OPTIONS"],
    url: "/api/teaching/uploads/:id",
    onRequest: signedIn,
    schema: { params: byId },
    handler: async (request, reply) => {
      const { id } = request.params;
      const answer = await answerUpload(request, reply);
      const offset = Number(answer.headers.get("upload-offset") ?? Number.NaN);
      if (request.method === "PATCH" && Number.isSafeInteger(offset))
        await inWork(request, (work) => noteDeckProgress(work, id, offset));
      return sendUpload(reply, answer);
    },
  });

  app.get(
    "/api/teaching/sessions/:id/decks",
    { schema: { params: byId, response: { 200: contract.deckList } } },
    async (request) => inWork(request, (work) => listDecks(work, request.params.id)),
  );
  app.delete(
    "/api/teaching/decks/:id",
    { schema: { params: byId, response: { 200: empty } } },
    async (request) => {
      const gone = await write(services, request, requireStaff(request), (work) =>
        removeDeck(work, request.params.id),
      );
      if (gone) await store.remove(request.params.id);
      return { ok: true } as const;
    },
  );
  app.get(
    "/api/teaching/decks/:id/slides/:page/:version",
    { schema: { params: contract.slideParams } },
    async (request, reply) => {
      const { id, page, version } = request.params;
      const slide = await inWork(request, (work) => openSlide(work, id, page));
      const etag = `"${slide.sha256.toString("hex").slice(0, 32)}-${version}"`;
      void reply
        .header("etag", etag)
        // A page of a deck never changes; a new file is a new deck. Kept by this browser only.
        .header("cache-control", "private, max-age=604800, immutable")
        .header("x-content-type-options", "nosniff");
      if (request.headers["if-none-match"] === etag) return reply.status(304).send();
      const picture = await store.readPicture(id, page, version);
      void reply.type("image/webp").header("content-length", picture.length);
      if (version === "full") return reply.send(picture);
      return reply.send(Readable.from(paced(picture, thinBytesPerSecond), { objectMode: false }));
    },
  );
}

/** The protocol's own refusals keep their status, which clients go by. */
function sendUpload(reply: FastifyReply, answer: UploadAnswer) {
  void reply.status(answer.status);
  for (const name of keptHeaders) {
    const value = answer.headers.get(name);
    if (value !== null) void reply.header(name, value);
  }
  return reply.send(answer.status < 400 ? undefined : answer.text);
}
