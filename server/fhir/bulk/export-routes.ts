import type { FastifyReply, FastifyRequest } from "fastify";
import { DomainError } from "../../errors/domain-error.ts";
import { type App, assertPermission, type Services } from "../../http/context.ts";
import { mediaType } from "../rest/answer.ts";
import { type ClientResolver, endpointOf } from "../rest/caller.ts";
import type { Endpoint } from "../rest/get.ts";
import { pairsOf } from "../rest/options.ts";
import { refused } from "../rest/outcome.ts";
import { type ExportLevel, parseExport } from "./export-request.ts";
import {
  beginExport,
  dropExport,
  loadExport,
  manifestOf,
  openExportFile,
  progressOf,
} from "./export-service.ts";
import type { BulkFiles } from "./files.ts";

export type ExportRoutesOptions = {
  readonly services: Services;
  readonly files: BulkFiles;
  readonly of: "address" | "caller";
  readonly clientOf?: ClientResolver;
};
const retrySeconds = 2;
const hidden = { schema: { hide: true } } as const;

/** `$export` of a store at the level of the system, of all patients and of a group. */
export async function exportRoutes(app: App, options: ExportRoutesOptions): Promise<void> {
  const { services, files, clientOf } = options;
  app.setErrorHandler((error, request, reply) => {
    const { status, outcome } = refused(error, request);
    if (status === 503) void reply.header("retry-after", "5");
    return reply.status(status).type(mediaType).serializer(JSON.stringify).send(outcome);
  });
  /** People export as responsible for the records; systems by their scopes. */
  const open = async (request: FastifyRequest): Promise<Endpoint> => {
    const code = options.of === "caller" ? null : (request.params as { code: string }).code;
    const endpoint = await endpointOf(services, request, code, clientOf);
    // An app sees records one by one; taking them all along is a system's or an administrator's.
    if (endpoint.context.caller.client !== undefined)
      throw new DomainError("permission.denied", { permission: "record.manage" });
    // The glass is broken for a patient, not for a hospital.
    if (endpoint.context.caller.purpose === "emergency")
      throw new DomainError("fhir.request", { reason: "an export is no emergency access" });
    if (endpoint.context.caller.kind === "person") {
      if (!request.actor)
        throw new DomainError("permission.denied", { permission: "record.manage" });
      assertPermission(request.actor, "record.manage");
    }
    return endpoint;
  };
  const paramsOf = (request: FastifyRequest) => request.params as Record<string, string>;
  const statusUrl = ({ context }: Endpoint, id: string) => `${context.base}/$export-status/${id}`;

  const kickOff = (level: ExportLevel) => async (request: FastifyRequest, reply: FastifyReply) => {
    const endpoint = await open(request);
    const group = level === "group" ? (paramsOf(request).id ?? "") : null;
    const plan = parseExport(
      endpoint.context,
      level,
      group,
      pairsOf(request.url),
      String(request.headers.prefer ?? ""),
    );
    const asked = `${services.publicUrl}${request.url}`;
    const id = await beginExport(services, endpoint, plan, asked);
    return reply.status(202).header("content-location", statusUrl(endpoint, id)).send();
  };
  app.get("/$export", hidden, kickOff("system"));
  app.get("/Patient/$export", hidden, kickOff("patient"));
  app.get("/Group/:id/$export", hidden, kickOff("group"));

  app.get("/$export-status/:id", hidden, async (request, reply) => {
    const endpoint = await open(request);
    const job = await loadExport(endpoint, paramsOf(request).id ?? "");
    if (job.state !== "done")
      return reply
        .status(202)
        .header("x-progress", progressOf(job))
        .header("retry-after", String(retrySeconds))
        .send();
    return reply
      .header("expires", job.expiresAt.toUTCString())
      .type("application/json; charset=utf-8")
      .serializer(JSON.stringify)
      .send(manifestOf(job, statusUrl(endpoint, job.id)));
  });
  app.get("/$export-status/:id/:name", { ...hidden, compress: false }, async (request, reply) => {
    const endpoint = await open(request);
    const { id = "", name = "" } = paramsOf(request);
    const { stream, size } = await openExportFile(endpoint, files, id, name);
    return reply
      .type("application/fhir+ndjson; charset=utf-8")
      .header("content-length", size)
      .header("cache-control", "no-store")
      .send(stream);
  });
  app.delete("/$export-status/:id", hidden, async (request, reply) => {
    const endpoint = await open(request);
    await dropExport(endpoint, files, paramsOf(request).id ?? "");
    return reply.status(202).send();
  });
}
