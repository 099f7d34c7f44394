import { z } from "zod";
import { capabilityStatement } from "../../fhir-mappings/capability.ts";
import { DomainError } from "../errors/domain-error.ts";
import { errorRegistry } from "../errors/registry.ts";
import { feverFhirRoutes } from "../fever/service.ts";
import { type App, read, requireStaff, type Services } from "../http/context.ts";
import { languageOf, refusalOf } from "../http/problem-plugin.ts";
import { labFhirRoutes } from "../lab/service.ts";
import { operationOutcome } from "./outcome.ts";
import { readResource, servedTypes } from "./service.ts";

const mediaType = "application/fhir+json; charset=utf-8";
/** When the set of served interactions last changed. */
const servedSince = new Date("2026-11-22T00:00:00Z");
const accepted = /(^|[\s,])(application\/(fhir\+)?json|\*\/\*|application\/\*|text\/html)/;

/** FHIR R4, JSON: what is stated in `/fhir/metadata` and nothing else. Errors are OperationOutcomes. */
export async function fhirRoutes(app: App, services: Services): Promise<void> {
  app.setErrorHandler((error, request, reply) => {
    const refusal = refusalOf(error);
    const { status } = errorRegistry[refusal.code];
    if (status >= 500 && status !== 503) request.log.error({ err: error }, "request failed");
    return reply
      .status(status)
      .type(mediaType)
      .serializer(JSON.stringify)
      .send(operationOutcome(refusal, languageOf(request), request.id));
  });
  app.setNotFoundHandler(() => {
    throw new DomainError("request.not-found");
  });
  app.addHook("onRequest", async (request) => {
    const { accept } = request.headers;
    if (accept && !accepted.test(accept)) throw new DomainError("fhir.not-acceptable");
  });

  app.get("/metadata", { schema: { hide: true } }, async (_request, reply) =>
    reply
      .type(mediaType)
      .serializer(JSON.stringify)
      .send(
        capabilityStatement({
          url: `${services.publicUrl}/fhir`,
          date: servedSince,
          version: "0.1.0",
          types: [...servedTypes, "Questionnaire", "QuestionnaireResponse"],
          taken: ["DiagnosticReport"],
        }),
      ),
  );

  await feverFhirRoutes(app, services);
  app.addContentTypeParser(
    "application/fhir+json",
    { parseAs: "string" },
    app.getDefaultJsonParser("error", "error"),
  );
  await labFhirRoutes(app, {
    services,
    outcome: (refusal, request) => operationOutcome(refusal, languageOf(request), request.id),
  });

  app.get(
    "/:type/:id",
    {
      schema: {
        hide: true,
        params: z.object({
          type: z.enum(servedTypes),
          id: z.string().regex(/^[A-Za-z0-9\-.]{1,80}$/),
        }),
      },
    },
    async (request, reply) => {
      const { type, id } = request.params;
      if (type !== "PractitionerRole" && !z.uuid().safeParse(id).success)
        throw new DomainError("request.not-found");
      const found = await read(services, request, requireStaff(request), (work) =>
        readResource(services, work, type, id),
      );
      const meta = found.version
        ? { versionId: String(found.version), lastUpdated: found.updatedAt!.toISOString() }
        : undefined;
      if (meta)
        void reply
          .header("etag", `W/"${meta.versionId}"`)
          .header("last-modified", found.updatedAt!.toUTCString());
      const resource = meta
        ? { ...found.resource, meta: { ...found.resource.meta, ...meta } }
        : found.resource;
      return reply.type(mediaType).serializer(JSON.stringify).send(resource);
    },
  );
}
