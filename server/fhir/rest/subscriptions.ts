/** Subscriptions (R4 topic backport) over HTTP: see server/fhir/subscriptions. */
import type { FastifyReply, FastifyRequest } from "fastify";
import { DomainError } from "../../errors/domain-error.ts";
import type { Services } from "../../http/context.ts";
import { asResource, ifMatchOf } from "../store/operation.ts";
import { isId } from "../store/resource.ts";
import { contents } from "../subscriptions/names.ts";
import {
  assertSubscriber,
  changeSubscription,
  createSubscription,
  endSubscription,
  eventsOf,
  statusesOf,
  topicResource,
  topics,
  topicUrl,
} from "../subscriptions/service.ts";
import { type Answer, bundleText } from "./answer.ts";
import { inForm } from "./form.ts";
import { type Endpoint, getAnswer } from "./get.ts";
import { type Pair, pairsOf, preferOf, safe, splitForm } from "./options.ts";
import { answerOf, patchOf } from "./write.ts";

type Handler = (
  request: FastifyRequest,
  reply: FastifyReply,
  endpoint: Endpoint,
) => Promise<FastifyReply>;
/** As `route` of routes.ts, for whoever may have subscriptions. */
export type SubscriptionRoute = (
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE",
  url: string,
  handler: Handler,
) => unknown;
type Finish = (reply: FastifyReply, answer: Answer, endpoint: Endpoint) => FastifyReply;

const type = "Subscription";
const idOf = (request: FastifyRequest): string => {
  const { id = "" } = request.params as { id?: string };
  if (!isId(id)) throw bad("the id is no FHIR id");
  return id;
};

export function subscriptionRoutes(
  services: Services,
  route: SubscriptionRoute,
  finish: Finish,
): void {
  const readOf =
    (path: (request: FastifyRequest) => string[]): Handler =>
    async (request, reply, endpoint) => {
      assertSubscriber(endpoint.context, "r");
      const sent = typeof request.body === "string" ? pairsOf(`?${request.body}`) : [];
      const pairs = [...pairsOf(request.url), ...sent];
      // Whoever manages subscriptions need not be somebody who reads records.
      const around = pairs.find(([name]) =>
        /^(_include|_revinclude|_has|_query|_filter)/.test(name),
      );
      if (around) throw bad(`the parameter ${safe(around[0])} is not known here`);
      const answer = await getAnswer(endpoint, path(request), pairs, {
        ifNoneMatch: request.headers["if-none-match"],
        ifModifiedSince: request.headers["if-modified-since"],
        strict: preferOf(request.headers.prefer).strict,
      });
      return finish(reply, answer, endpoint);
    };
  const changeOf =
    (method: "PUT" | "PATCH"): Handler =>
    async (request, reply, endpoint) => {
      const id = idOf(request);
      const { form, rest } = splitForm(pairsOf(request.url));
      if (rest.length > 0) throw bad("an address with an id has no criteria");
      const resource = method === "PUT" ? asResource(request.body, type) : null;
      if (resource && resource.id !== id)
        throw bad("the resource's id must be the one of the address");
      const result = await changeSubscription(
        services,
        endpoint,
        id,
        resource ? { resource } : { patch: patchOf(request.body) },
        ifMatchOf(request.headers["if-match"]),
      );
      const prefer = preferOf(request.headers.prefer);
      return finish(reply, await answerOf(endpoint, method, result, prefer, form), endpoint);
    };
  const statusOf: Handler = async (request, reply, endpoint) => {
    const { id } = request.params as { id?: string };
    const { form, values } = parametersOf(request, ["id", "status"]);
    const list = await statusesOf(endpoint, {
      id: id === undefined ? null : idOf(request),
      ids: values("id").length > 0 ? values("id") : null,
      status: values("status")[0] ?? null,
    });
    const text = bundleText({
      type: "searchset",
      at: endpoint.context.at,
      total: list.length,
      entries: list.map((one) => ({
        fullUrl: `urn:uuid:${(one as { id: string }).id}`,
        text: JSON.stringify(one),
        search: "match",
      })),
    });
    return finish(reply, { status: 200, text: inForm(text, { ...form, elements: [] }) }, endpoint);
  };
  const told: Handler = async (request, reply, endpoint) => {
    const { form, values } = parametersOf(request, [
      "eventsSinceNumber",
      "eventsUntilNumber",
      "content",
    ]);
    const number = (name: string) => {
      const [value] = values(name);
      if (value !== undefined && !/^\d{1,15}$/.test(value)) throw bad(`${name} is no number`);
      return value === undefined ? null : Number(value);
    };
    const [content = null] = values("content");
    if (content !== null && !contents.some((one) => one === content))
      throw bad(`content is ${contents.join(", ")}`);
    const text = await eventsOf(endpoint, idOf(request), {
      since: number("eventsSinceNumber") ?? 1,
      until: number("eventsUntilNumber"),
      content,
    });
    return finish(reply, { status: 200, text: inForm(text, { ...form, elements: [] }) }, endpoint);
  };

  route("POST", "/Subscription", async (request, reply, endpoint) => {
    const { form, rest } = splitForm(pairsOf(request.url));
    if (rest.length > 0 || request.headers["if-none-exist"] !== undefined)
      throw bad("a Subscription is created without conditions");
    const resource = structuredClone(asResource(request.body, type));
    const result = await createSubscription(services, endpoint, resource);
    const prefer = preferOf(request.headers.prefer);
    return finish(reply, await answerOf(endpoint, "POST", result, prefer, form), endpoint);
  });
  route("PUT", "/Subscription/:id", changeOf("PUT"));
  route("PATCH", "/Subscription/:id", changeOf("PATCH"));
  route("DELETE", "/Subscription/:id", async (request, reply, endpoint) => {
    const { form } = splitForm(pairsOf(request.url));
    const result = await endSubscription(
      endpoint,
      idOf(request),
      ifMatchOf(request.headers["if-match"]),
    );
    const prefer = preferOf(request.headers.prefer);
    return finish(reply, await answerOf(endpoint, "DELETE", result, prefer, form), endpoint);
  });
  route(
    "GET",
    "/Subscription",
    readOf(() => [type]),
  );
  route(
    "POST",
    "/Subscription/_search",
    readOf(() => [type]),
  );
  route(
    "GET",
    "/Subscription/_history",
    readOf(() => [type, "_history"]),
  );
  route(
    "GET",
    "/Subscription/:id",
    readOf((request) => [type, idOf(request)]),
  );
  route(
    "GET",
    "/Subscription/:id/_history",
    readOf((request) => [type, idOf(request), "_history"]),
  );
  route(
    "GET",
    "/Subscription/:id/_history/:version",
    readOf((request) => [
      type,
      idOf(request),
      "_history",
      String((request.params as { version: string }).version),
    ]),
  );
  for (const method of ["GET", "POST"] as const) {
    route(method, "/Subscription/$status", statusOf);
    route(method, "/Subscription/:id/$status", statusOf);
    route(method, "/Subscription/:id/$events", told);
  }
}

/** The catalogue of topics, as R4 has them: Basic. About nobody, for everybody. */
export function topicsAnswer(base: string, id: string | null): Answer {
  const found = topics.filter((one) => id === null || one.id === id);
  if (id !== null)
    return found[0] ? { status: 200, text: JSON.stringify(topicResource(found[0])) } : notThere();
  return {
    status: 200,
    text: bundleText({
      type: "searchset",
      total: found.length,
      links: [["self", `${base}/SubscriptionTopic`]],
      entries: found.map((one) => ({
        fullUrl: topicUrl(one.id),
        text: JSON.stringify(topicResource(one)),
        search: "match",
      })),
    }),
  };
}

function notThere(): never {
  throw new DomainError("request.not-found");
}

type Parameter = { name?: unknown; [value: string]: unknown };

/** Parameters of an operation, from the address or from a body of Parameters. */
function parametersOf(request: FastifyRequest, known: readonly string[]) {
  const { form, rest } = splitForm(pairsOf(request.url));
  const body = request.body as { resourceType?: unknown; parameter?: unknown } | undefined;
  const sent: Pair[] = [];
  if (body !== undefined && body !== null) {
    if (body.resourceType !== "Parameters") throw bad("the body is no Parameters");
    for (const one of Array.isArray(body.parameter) ? (body.parameter as Parameter[]) : []) {
      const key = Object.keys(one ?? {}).find((name) => name.startsWith("value"));
      sent.push([String(one?.name), String(key === undefined ? "" : one[key])]);
    }
  }
  const pairs = [...rest, ...sent];
  const strange = pairs.find(([name]) => !known.includes(name));
  if (strange) throw bad(`the parameter ${safe(strange[0])} is not known here`);
  return {
    form,
    values: (name: string) => pairs.filter(([key]) => key === name).map(([, value]) => value),
  };
}

const bad = (reason: string) => new DomainError("fhir.request", { reason });
