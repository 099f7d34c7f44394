import type { FastifyReply, FastifyRequest } from "fastify";
import { DomainError } from "../../errors/domain-error.ts";
import type { App, Services } from "../../http/context.ts";
import { languageOf } from "../../http/problem-plugin.ts";
import { type Answer, mediaType, send } from "./answer.ts";
import { isFileRead, type RecordFiles, sendBinary } from "./binary.ts";
import { bodyLimit, takeFhirBodies } from "./body.ts";
import { bundleAnswer } from "./bundle.ts";
import { type ClientResolver, endpointOf } from "./caller.ts";
import { storeCapability } from "./capability.ts";
import { tellFamilies } from "./emergency.ts";
import { type Endpoint, getAnswer } from "./get.ts";
import { matchAnswer } from "./match.ts";
import { assertFormat, pairsOf, preferOf, splitForm } from "./options.ts";
import { refused } from "./outcome.ts";
import { subscriptionRoutes, topicsAnswer } from "./subscriptions.ts";
import { summaryAnswer, summaryByIdentifier } from "./summary.ts";
import { validateAnswer } from "./validate.ts";
import { answerOf, operationOf } from "./write.ts";

export type StoreRoutesOptions = {
  readonly services: Services;
  /** Whose records: the institution named in the address (`:code`), or the caller's own. */
  readonly of: "address" | "caller";
  /** System clients by their token. */
  readonly clientOf?: ClientResolver;
  /** Where the bytes of projected Binaries lie. */
  readonly files?: RecordFiles;
  /**
   * Reads a resource that is mapped from the alliance's own tables; false: not one of those.
   * Asked before the store, at the caller's own endpoint only.
   */
  readonly mapped?: (
    request: FastifyRequest,
    reply: FastifyReply,
    type: string,
    id: string,
  ) => Promise<boolean>;
};

const accepted =
  /(^|[\s,])(application\/(fhir\+)?json|text\/json|\*\/\*|application\/\*|text\/html)/;
type Handler = (
  request: FastifyRequest,
  reply: FastifyReply,
  endpoint: Endpoint,
) => Promise<FastifyReply>;

/** FHIR R4 over one institution's record store: what is stated in `metadata` and nothing else. */
export async function storeRoutes(app: App, options: StoreRoutesOptions): Promise<void> {
  const { services, clientOf } = options;
  app.setErrorHandler((error, request, reply) => {
    const { status, outcome } = refused(error, request);
    if (status === 503) void reply.header("retry-after", "5");
    return reply.status(status).type(mediaType).serializer(JSON.stringify).send(outcome);
  });
  if (options.of === "address")
    app.setNotFoundHandler(() => {
      throw new DomainError("request.not-found");
    });
  takeFhirBodies(app);
  app.addHook("onRequest", async (request) => {
    const { accept } = request.headers;
    if (accept && !accepted.test(accept) && !isFileRead(request))
      throw new DomainError("fhir.not-acceptable");
    assertFormat(pairsOf(request.url));
  });

  const codeOf = (request: FastifyRequest) =>
    options.of === "caller" ? null : (request.params as { code: string }).code;
  /** The caller is known before a body is read: strangers send nothing. */
  const endpoints = new WeakMap<FastifyRequest, Endpoint>();
  const open = async (request: FastifyRequest) => {
    const known =
      endpoints.get(request) ??
      (await endpointOf(
        services,
        request,
        codeOf(request),
        clientOf,
        // Who looked is read by who answers for the records, whether or not he reads them.
        isTraceRead(request) ? "record.manage" : undefined,
      ));
    endpoints.set(request, known);
    return known;
  };
  const manage = async (request: FastifyRequest) => {
    const known =
      endpoints.get(request) ??
      (await endpointOf(services, request, codeOf(request), clientOf, "record.manage"));
    endpoints.set(request, known);
    return known;
  };
  /** A house without records here takes part in referrals alone: what it may not is said when its body is read. */
  const known = async (by: typeof open, request: FastifyRequest): Promise<void> => {
    await by(request).catch((error: unknown) => {
      const isHouse = options.of === "caller" && error instanceof DomainError;
      if (!isHouse || error.code !== "fhir.no-store") throw error;
    });
  };
  const routeFor = (
    method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE",
    url: string,
    handler: Handler,
    open: (request: FastifyRequest) => Promise<Endpoint>,
  ) =>
    app.route({
      method,
      url,
      bodyLimit,
      schema: { hide: true },
      ...(method === "GET"
        ? {}
        : { onRequest: async (request: FastifyRequest) => known(open, request) }),
      handler: async (request, reply) => handler(request, reply, await open(request)),
    });
  app.addHook("onSend", async (request) => {
    const endpoint = endpoints.get(request);
    if (endpoint) await tellFamilies(services, request, endpoint);
  });
  const route = (
    method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE",
    url: string,
    handler: Handler,
  ) => routeFor(method, url, handler, open);
  const finish = (reply: FastifyReply, answer: Answer, { context }: Endpoint) =>
    send(reply, answer, context.base);
  const segments = (request: FastifyRequest) => {
    const { type, id, version } = request.params as Record<string, string | undefined>;
    return { type: type ?? "", id, version };
  };
  const getOf =
    (pathOf: (parts: ReturnType<typeof segments>) => (string | undefined)[]): Handler =>
    async (request, reply, endpoint) => {
      const answer = await getAnswer(
        endpoint,
        pathOf(segments(request)).map((one) => one ?? ""),
        pairsOf(request.url),
        {
          ifNoneMatch: request.headers["if-none-match"],
          ifModifiedSince: request.headers["if-modified-since"],
          strict: preferOf(request.headers.prefer).strict,
        },
      );
      return finish(reply, answer, endpoint);
    };
  const writeOf =
    (method: "POST" | "PUT" | "PATCH" | "DELETE"): Handler =>
    async (request, reply, endpoint) => {
      const { type, id } = segments(request);
      const { form, rest } = splitForm(pairsOf(request.url));
      const operation = operationOf({
        method,
        type,
        id: id ?? null,
        query: new URLSearchParams(rest.map(([name, value]) => [name, value])).toString(),
        body: request.body,
        ifMatch: request.headers["if-match"],
        ifNoneMatch: request.headers["if-none-match"],
        ifNoneExist: one(request.headers["if-none-exist"]),
      });
      const prefer = preferOf(request.headers.prefer);
      const [result] = await endpoint.store.write(endpoint.context, interactions[method], [
        operation,
      ]);
      return finish(reply, await answerOf(endpoint, method, result!, prefer, form), endpoint);
    };

  const metadata = `${services.publicUrl}/${options.of === "caller" ? "fhir" : "stores"}`;
  if (options.of === "address")
    app.get("/metadata", { schema: { hide: true } }, async (request, reply) =>
      reply
        .type(mediaType)
        .serializer(JSON.stringify)
        .send(storeCapability(`${metadata}/${codeOf(request)}/fhir`)),
    );
  const searched: Handler = async (request, reply, endpoint) => {
    const { type } = segments(request);
    if (request.body !== undefined && typeof request.body !== "string")
      throw new DomainError("request.media-type");
    const pairs = [...pairsOf(request.url), ...pairsOf(`?${request.body ?? ""}`)];
    return finish(
      reply,
      await getAnswer(endpoint, [type], pairs, { strict: preferOf(request.headers.prefer).strict }),
      endpoint,
    );
  };
  const bundled: Handler = async (request, reply, endpoint) => {
    const prefer = request.headers.prefer ? preferOf(request.headers.prefer) : minimal;
    return finish(reply, await bundleAnswer(endpoint, request.body, prefer, request), endpoint);
  };
  const validated: Handler = async (request, reply, endpoint) => {
    const { type, id } = segments(request);
    const answer = await validateAnswer(
      endpoint,
      type,
      id ?? null,
      pairsOf(request.url),
      request.body,
    );
    return finish(reply, answer, endpoint);
  };
  const matched: Handler = async (request, reply, endpoint) =>
    finish(reply, await matchAnswer(endpoint, pairsOf(request.url), request.body), endpoint);
  const withMapped: Handler = getOf(({ type, id }) => [type, id]);

  route(
    "GET",
    "/",
    getOf(() => [""]),
  );
  // At the caller's own endpoint a laboratory's reports come the same way: store-first.ts tells them apart.
  if (options.of === "address") route("POST", "/", bundled);
  route("POST", "/_search", searched);
  route(
    "GET",
    "/_history",
    getOf(() => ["_history"]),
  );
  route(
    "GET",
    "/:type",
    getOf(({ type }) => [type]),
  );
  route("POST", "/:type", writeOf("POST"));
  route("PUT", "/:type", writeOf("PUT"));
  route("PATCH", "/:type", writeOf("PATCH"));
  route("DELETE", "/:type", writeOf("DELETE"));
  route("POST", "/:type/_search", searched);
  route(
    "GET",
    "/:type/_history",
    getOf(({ type }) => [type, "_history"]),
  );
  route("POST", "/:type/$validate", validated);
  route("POST", "/Patient/$match", matched);
  subscriptionRoutes(
    services,
    (method, url, handler) => routeFor(method, url, handler, manage),
    finish,
  );
  const topicsOf = async (request: FastifyRequest, reply: FastifyReply) => {
    const { code, id } = request.params as { code?: string; id?: string };
    const base = `${services.publicUrl}${code === undefined ? "" : `/stores/${code}`}/fhir`;
    return send(reply, topicsAnswer(base, id ?? null), base);
  };
  app.get("/SubscriptionTopic", { schema: { hide: true } }, topicsOf);
  app.get("/SubscriptionTopic/:id", { schema: { hide: true } }, topicsOf);
  route("POST", "/:type/:id/$validate", validated);
  route("PUT", "/:type/:id", writeOf("PUT"));
  route("PATCH", "/:type/:id", writeOf("PATCH"));
  route("DELETE", "/:type/:id", writeOf("DELETE"));
  route(
    "GET",
    "/:type/:id/_history",
    getOf(({ type, id }) => [type, id, "_history"]),
  );
  route(
    "GET",
    "/:type/:id/_history/:version",
    getOf(({ type, id, version }) => [type, id, "_history", version]),
  );
  route(
    "GET",
    "/:type/:id/$everything",
    getOf(({ type, id }) => [type, id, "$everything"]),
  );
  route("GET", "/Patient/$summary", async (request, reply, endpoint) => {
    const pairs = pairsOf(request.url);
    return finish(
      reply,
      await summaryByIdentifier(services, endpoint, pairs, languageOf(request)),
      endpoint,
    );
  });
  route("GET", "/Patient/:id/$summary", async (request, reply, endpoint) => {
    const { id } = segments(request);
    const language = languageOf(request);
    return finish(
      reply,
      await summaryAnswer(services, endpoint, id ?? "", pairsOf(request.url), language),
      endpoint,
    );
  });
  app.get("/:type/:id", { schema: { hide: true } }, async (request, reply) => {
    const { type, id } = segments(request);
    if (type === "Binary")
      return sendBinary(request, reply, await open(request), id ?? "", options.files);
    // A reply is a promise of its own: who answered is said beside it.
    const answered = await options.mapped?.(request, reply, type, id ?? "");
    return answered ? reply : withMapped(request, reply, await open(request));
  });
}

const isTraceRead = ({ method, params, url }: FastifyRequest) =>
  (params as { type?: string }).type === "AuditEvent" &&
  (method === "GET" || /\/_search(\?|$)/.test(url));
const interactions = { POST: "create", PUT: "update", PATCH: "patch", DELETE: "delete" } as const;
/** A bundle's response repeats what was sent only when asked: R4 leaves it to the server. */
const minimal = { return: "minimal", strict: true } as const;
const one = (header: string | string[] | undefined) =>
  Array.isArray(header) ? header.join("&") : header;
