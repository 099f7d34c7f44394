import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { DomainError } from "../errors/domain-error.ts";
import { type App, read, requireActor, type Services, type Work } from "../http/context.ts";
import { uuid } from "../http/contract.ts";
import { languageOf, render } from "../http/problem-plugin.ts";
import { contentDisposition, isInline } from "./domain.ts";
import {
  type AssertMayOpenAttachment,
  abandonUpload,
  beginUpload,
  completeUpload,
  loadOwnUpload,
  noteProgress,
  openAttachment,
} from "./service.ts";
import type { AttachmentStore } from "./store.ts";
import { createUploads, passThroughUploads, type UploadAnswer } from "./uploads.ts";

export type AttachmentRouteOptions = {
  services: Services;
  store: AttachmentStore;
  /** Left out, row policies alone decide. */
  assertMayOpenAttachment?: AssertMayOpenAttachment;
};

const params = z.object({ id: uuid });
const keptHeaders = [
  "location",
  "upload-offset",
  "upload-length",
  "upload-metadata",
  "tus-resumable",
  "tus-version",
  "tus-extension",
  "tus-max-size",
  "cache-control",
];

/** Resumable upload at /api/uploads, and reading at /api/attachments. */
export async function attachmentRoutes(app: App, options: AttachmentRouteOptions): Promise<void> {
  const { services, store, assertMayOpenAttachment = async () => {} } = options;
  const inWork = <Answer>(request: FastifyRequest, work: (work: Work) => Promise<Answer>) =>
    read(services, request, requireActor(request), work);
  const finish = async (request: FastifyRequest, id: string) => {
    const completion = await inWork(request, (work) => completeUpload(work, id, store));
    if (completion !== "refused") return;
    await store.remove(id);
    throw new DomainError("attachment.content");
  };
  const answerUpload = createUploads(store, {
    begin: async (request, upload) => {
      await inWork(request, (work) => beginUpload(work, upload, assertMayOpenAttachment));
    },
    resume: async (request, id) => {
      const row = await inWork(request, (work) => loadOwnUpload(work, id));
      // The last answer may have been lost between disk and database: asking again finishes it.
      const arrived = row.state === "uploading" ? await store.sizeOf(row.storageKey) : null;
      if (request.method === "HEAD" && arrived === row.sizeBytes) await finish(request, id);
    },
    finish,
  });

  passThroughUploads(app);
  app.route({
    method: ["POST", "OPTIONS"],
    url: "/api/uploads",
    onRequest: requireSignedIn,
    handler: async (request, reply) =>
      sendUpload(request, reply, await answerUpload(request, reply)),
  });
  app.route({
    method: ["HEAD", "PATCH", "DELETE", "OPTIONS"],
    url: "/api/uploads/:id",
    onRequest: requireSignedIn,
    schema: { params },
    handler: async (request, reply) => {
      const { id } = request.params;
      const answer = await answerUpload(request, reply);
      const offset = Number(answer.headers.get("upload-offset") ?? Number.NaN);
      if (request.method === "PATCH" && Number.isSafeInteger(offset)) {
        await inWork(request, (work) => noteProgress(work, id, offset));
      }
      if (request.method === "DELETE" && answer.status === 204) {
        await abandonUpload(services.db, id, store);
      }
      return sendUpload(request, reply, answer);
    },
  });

  app.get("/api/attachments/:id", { schema: { params } }, async (request, reply) => {
    const row = await inWork(request, (work) =>
      openAttachment(work, request.params.id, assertMayOpenAttachment),
    );
    const etag = `"${row.sha256?.toString("hex")}"`;
    void reply
      .header("etag", etag)
      // Kept by this browser only, and asked for again each time: rights may have changed.
      .header("cache-control", "private, no-cache")
      .header("x-content-type-options", "nosniff")
      .header("content-disposition", contentDisposition(row.name, isInline(row.mediaType)))
      .header("content-security-policy", policyOf(row.mediaType));
    if (request.headers["if-none-match"] === etag) return reply.status(304).send();
    const bytes = await store.read(row.storageKey);
    return reply.type(typeOf(row.mediaType)).header("content-length", row.sizeBytes).send(bytes);
  });
}

async function requireSignedIn(request: FastifyRequest): Promise<void> {
  if (request.method !== "OPTIONS") requireActor(request);
}

/** The protocol's own refusals keep their status, which clients go by, and get our document. */
function sendUpload(request: FastifyRequest, reply: FastifyReply, answer: UploadAnswer) {
  void reply.status(answer.status);
  for (const name of keptHeaders) {
    const value = answer.headers.get(name);
    if (value !== null) void reply.header(name, value);
  }
  if (answer.status < 400) return reply.send();
  if (answer.status >= 500 && answer.status !== 501) throw new Error(answer.text.trim());
  const code =
    answer.status === 413
      ? "request.too-large"
      : answer.status === 404 || answer.status === 410
        ? "request.not-found"
        : "request.invalid";
  const problem = {
    ...render(new DomainError(code), languageOf(request), request.id),
    status: answer.status,
  };
  return reply.type("application/problem+json").serializer(JSON.stringify).send(problem);
}

/** Nothing in an attachment runs or loads anything. Browsers show no PDF in a sandbox; their viewer is one. */
function policyOf(mediaType: string): string {
  const nothing = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'";
  return mediaType === "application/pdf" ? `${nothing}; object-src 'self'` : `${nothing}; sandbox`;
}

function typeOf(mediaType: string): string {
  return mediaType.startsWith("text/") ? `${mediaType}; charset=utf-8` : mediaType;
}
