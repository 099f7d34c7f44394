/**
 * The few FHIR addresses at which a house's system takes part in a referral: its Task, and a Bundle that refers
 * somebody to a house of ours. Everything else passes on to the record store.
 */
import type { Task } from "@medplum/fhirtypes";
import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { DomainError } from "../errors/domain-error.ts";
import { endpointOf, ifMatchOf, pairsOf } from "../fhir/service.ts";
import type { Services } from "../http/context.ts";
import type { HouseActor } from "../identity/domain.ts";
import { projectStep } from "../records/service.ts";
import { clientOf, type Interaction, isEnded, permits } from "../smart/service.ts";
import { asReferral, takeReferral } from "./take-service.ts";
import { answerTask, readTask, type SeenTask, tasksByNumber } from "./task-service.ts";

const mediaType = "application/fhir+json; charset=utf-8";
type Endpoint = Awaited<ReturnType<typeof endpointOf>>;

/** Who asks with a system's token, and the scopes of it; null: somebody else's request. */
async function houseOf(
  services: Services,
  request: FastifyRequest,
): Promise<{ actor: HouseActor; scopes: readonly string[] } | null> {
  const token = clientOf(services, request);
  if (!token || (await isEnded(services, token.client))) return null;
  return {
    actor: {
      kind: "house",
      clientId: token.client,
      institutionId: token.institution,
      name: token.name,
      language: "zh-CN",
    },
    scopes: token.scopes,
  };
}

function assertScope(scopes: readonly string[], type: string, letter: Interaction): void {
  if (!permits(scopes, type, letter))
    throw new DomainError("permission.denied", { permission: `scope ${type}.${letter}` });
}

/** Hook before validation; undefined: the request goes on as it is. */
export function referralTasks(services: Services) {
  return async (
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<FastifyReply | undefined> => {
    const { method } = request;
    const url = request.routeOptions.url?.replace(/^\/fhir/, "");
    if (url === undefined || !["GET", "PATCH", "POST"].includes(method)) return undefined;
    const params = request.params as { type?: string; id?: string };
    const isTask = params.type === "Task";
    const isBundle = method === "POST" && (url === "/" || url === "");
    if (!isTask && !isBundle) return undefined;
    const house = await houseOf(services, request);
    if (!house) return undefined;
    if (isBundle) return taken(services, request, reply, house);
    if (method === "PATCH" && url === "/:type/:id" && isId(params.id))
      return patched(services, request, reply, house, params.id);
    if (method !== "GET") return undefined;
    // A house that has a store here reads there, with its history.
    if (await endpointIfAny(services, request)) return undefined;
    if (url === "/:type/:id" && isId(params.id)) {
      assertScope(house.scopes, "Task", "r");
      const { id } = params;
      const found = await asHouse(services, request, house.actor, (work) =>
        readTask(services, work, id),
      );
      return sendTask(services, reply, found.task, found.version);
    }
    return url === "/:type" ? searched(services, request, reply, house) : undefined;
  };
}

const isId = (id: string | undefined): id is string => z.uuid().safeParse(id).success;

const asHouse = <Answer>(
  services: Services,
  request: FastifyRequest,
  actor: HouseActor,
  work: (work: Parameters<typeof readTask>[1]) => Promise<Answer>,
): Promise<Answer> =>
  services.db.withActor(actor, (tx) =>
    work({ tx, actor, origin: request.traceOrigin, now: services.clock() }),
  );

/** The house's own store, where it keeps its records here. */
async function endpointIfAny(
  services: Services,
  request: FastifyRequest,
): Promise<Endpoint | null> {
  try {
    return await endpointOf(services, request, null, undefined);
  } catch (error) {
    if (error instanceof DomainError && error.code === "fhir.no-store") return null;
    throw error;
  }
}

async function patched(
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
  { actor, scopes }: { actor: HouseActor; scopes: readonly string[] },
  id: string,
): Promise<FastifyReply | undefined> {
  assertScope(scopes, "Task", "u");
  const endpoint = await endpointIfAny(services, request);
  // Not one of its referrals: the store, if there is one, says so.
  const isOurs = await asHouse(services, request, actor, (work) => readTask(services, work, id))
    .then(() => true)
    .catch((error: unknown) => {
      if (error instanceof DomainError && error.code === "request.not-found") return false;
      throw error;
    });
  if (!isOurs) {
    if (endpoint) return undefined;
    throw new DomainError("request.not-found");
  }
  const ifMatch = ifMatchOf(request.headers["if-match"]);
  if (ifMatch === null)
    throw new DomainError("fhir.request", {
      reason: 'the Task of a referral is patched with If-Match, for example W/"3"',
    });
  const patch = request.body;
  if (!Array.isArray(patch))
    throw new DomainError("fhir.request", { reason: "a JSON Patch is a list of operations" });
  const found = await asHouse(services, request, actor, (work) =>
    answerTask(services, work, {
      id,
      patch,
      ifMatch,
      current: async (seen) => {
        if (ifMatch === "any") return true;
        const version = endpoint
          ? await newestInStore(services, endpoint, seen.task)
          : seen.version;
        return version !== null && ifMatch.includes(version);
      },
    }),
  );
  const version = endpoint ? await newestInStore(services, endpoint, found.task) : found.version;
  return sendTask(services, reply, found.task, version);
}

/** The store is a moment behind our tables: it is brought there before a version counts. */
const stepsMax = 40;
async function newestInStore(
  services: Services,
  { store, context }: Endpoint,
  task: Task,
): Promise<number | null> {
  for (let step = 0; step < stepsMax; step += 1) {
    const found = await store.read(context, "Task", task.id ?? "");
    if (found.status === "ok" && tellsTheSame(JSON.parse(found.text) as Task, task))
      return found.version;
    const { did } = await projectStep(services, context.tenant);
    if (did === "nothing") return null;
    if (did === "busy") await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return null;
}

const told = (task: Task) =>
  JSON.stringify([
    task.status,
    task.businessStatus,
    task.statusReason,
    task.output,
    task.lastModified,
  ]);
const tellsTheSame = (left: Task, right: Task) => told(left) === told(right);

function sendTask(
  services: Services,
  reply: FastifyReply,
  task: Task,
  version: number | null,
): FastifyReply {
  if (version !== null) void reply.header("etag", `W/"${version}"`);
  void reply.header("content-location", `${services.publicUrl}/fhir/Task/${task.id}`);
  return reply
    .status(200)
    .type(mediaType)
    .serializer(JSON.stringify)
    .send(
      version === null ? task : { ...task, meta: { ...task.meta, versionId: String(version) } },
    );
}

/** Of a house without a store here: what it sent, by its own number. */
async function searched(
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
  { actor, scopes }: { actor: HouseActor; scopes: readonly string[] },
): Promise<FastifyReply> {
  assertScope(scopes, "Task", "s");
  const pairs = pairsOf(request.url);
  const [only] = pairs;
  const [, system, value] = /^([^|]+)\|([^|,]+)$/.exec(only?.[1] ?? "") ?? [];
  if (pairs.length !== 1 || only?.[0] !== "identifier" || !system || !value)
    throw new DomainError("fhir.request", {
      reason: "without records here a Task is searched by identifier=system|value alone",
    });
  const found = await asHouse(services, request, actor, (work) =>
    tasksByNumber(services, work, { system, value }),
  );
  return reply
    .type(mediaType)
    .serializer(JSON.stringify)
    .send({
      resourceType: "Bundle",
      type: "searchset",
      total: found.length,
      ...(found.length > 0
        ? {
            entry: found.map(({ task, version }: SeenTask) => ({
              fullUrl: `${services.publicUrl}/fhir/Task/${task.id}`,
              resource: { ...task, meta: { ...task.meta, versionId: String(version) } },
              search: { mode: "match" },
            })),
          }
        : {}),
    });
}

/** A Bundle that refers somebody to another house; any other is the store's. */
async function taken(
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
  { actor, scopes }: { actor: HouseActor; scopes: readonly string[] },
): Promise<FastifyReply | undefined> {
  const sent = asReferral(request.body);
  if (!sent) return undefined;
  assertScope(scopes, "Task", "c");
  assertScope(scopes, "ServiceRequest", "c");
  const answer = await takeReferral(services, { actor, origin: request.traceOrigin }, sent);
  return reply.status(200).type(mediaType).serializer(JSON.stringify).send(answer);
}
