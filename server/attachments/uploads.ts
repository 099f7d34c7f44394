import { randomUUID } from "node:crypto";
import { Readable } from "node:stream";
import { FileStore } from "@tus/file-store";
import { Server, type ServerOptions } from "@tus/server";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { App } from "../http/context.ts";
import { maximumBytes } from "./domain.ts";
import type { AttachmentStore } from "./store.ts";

type TusRequest = Parameters<NonNullable<ServerOptions["onUploadCreate"]>>[0];

export type UploadHooks = {
  begin: (
    request: FastifyRequest,
    upload: { id: string; sizeBytes: number | undefined; metadata: unknown },
  ) => Promise<void>;
  /** Before anything of an upload that is under way is read or changed. */
  resume: (request: FastifyRequest, id: string) => Promise<void>;
  /** All bytes are on disk. */
  finish: (request: FastifyRequest, id: string) => Promise<void>;
};

export type UploadAnswer = { status: number; headers: Headers; text: string };

/**
 * The tus protocol (resumable upload) behind our own sessions and errors. One process writes an
 * upload at a time: with several replicas, keep a client's uploads on one of them.
 * @returns answers one request; what a hook refused is thrown as it was
 */
export function createUploads(
  store: Pick<AttachmentStore, "folder">,
  hooks: UploadHooks,
  { path = "/api/uploads", maxBytes = maximumBytes }: { path?: string; maxBytes?: number } = {},
) {
  const requests = new WeakMap<TusRequest, FastifyRequest>();
  const failures = new WeakMap<TusRequest, Error>();
  const requestOf = (request: TusRequest): FastifyRequest => {
    const found = requests.get(request);
    if (!found) throw new Error("An upload without its request");
    return found;
  };
  const tus = new Server({
    path,
    datastore: new FileStore({ directory: store.folder }),
    relativeLocation: true,
    maxSize: maxBytes,
    // Pages of other sites have no business here; without this the library answers with `*`.
    allowedOrigins: [],
    disableTerminationForFinishedUploads: true,
    // The id of what is uploaded is the same.
    namingFunction: () => randomUUID(),
    onUploadCreate: async (request, upload) => {
      const { id, size, metadata } = upload;
      await hooks.begin(requestOf(request), { id, sizeBytes: size, metadata: metadata ?? {} });
      return {};
    },
    onIncomingRequest: async (request, id) => {
      if (request.method !== "POST") await hooks.resume(requestOf(request), id);
    },
    onUploadFinish: async (request, upload) => {
      await hooks.finish(requestOf(request), upload.id);
      return {};
    },
    onResponseError: (request, error) => {
      if (error instanceof Error) failures.set(request, error);
      return undefined;
    },
  });

  return async (request: FastifyRequest, reply: FastifyReply): Promise<UploadAnswer> => {
    const { raw } = request;
    const headers = new Headers();
    for (const [name, value] of Object.entries(raw.headers)) {
      if (value !== undefined) headers.set(name, String(value));
    }
    const hasBody = request.method === "POST" || request.method === "PATCH";
    const incoming = new Request(new URL(request.url, "http://uploads"), {
      method: request.method,
      headers,
      ...(hasBody ? { body: Readable.toWeb(raw) as BodyInit, duplex: "half" } : {}),
    });
    // With the raw request at hand the library keeps what had arrived when a line breaks.
    const tusRequest: TusRequest = Object.assign(incoming, {
      runtime: { name: "node", node: { req: raw, res: reply.raw } },
    });
    requests.set(tusRequest, request);
    const answer = await tus.handleWeb(tusRequest);
    const failure = failures.get(tusRequest);
    if (failure) throw failure;
    return { status: answer.status, headers: answer.headers, text: await answer.text() };
  };
}

/** Bytes of uploads pass by the parsers: they go from the line to the disk. */
export function passThroughUploads(app: App): void {
  app.addContentTypeParser("application/offset+octet-stream", (_request, _payload, done) =>
    done(null),
  );
}
