import type { FastifyReply, FastifyRequest } from "fastify";
import { DomainError } from "../../errors/domain-error.ts";
import type { Services } from "../../http/context.ts";
import { projectionSource } from "../store/resource.ts";
import { send } from "./answer.ts";
import { bundleAnswer } from "./bundle.ts";
import { endpointOf } from "./caller.ts";
import { getAnswer } from "./get.ts";
import { assertFormat, pairsOf, preferOf, splitForm } from "./options.ts";
import { answerOf, operationOf } from "./write.ts";

/**
 * Hook for the few addresses of `/fhir` that other capabilities answer (reports of laboratory systems,
 * questionnaires): whoever may write records writes them to the record store, and a resource that the
 * store has is read from there. Everybody and everything else passes on.
 */
export function storeFirst(services: Services) {
  return async (
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<FastifyReply | undefined> => {
    assertFormat(pairsOf(request.url));
    // An address that nobody has is not the base: what was sent there is not carried out.
    if (request.routeOptions.url === undefined) return undefined;
    const url = request.routeOptions.url.replace(/^\/fhir/, "");
    // Whoever carries a token is a system, and systems know the store only.
    const system = request.headers.authorization !== undefined;
    const actor = request.actor?.kind === "staff" ? request.actor : null;
    if (!system && !actor) return undefined;
    if (request.method === "POST" && (url === "/" || url === "" || url === "/DiagnosticReport")) {
      if (
        !system &&
        (!actor?.permissions.has("record.write") || actor.permissions.has("lab.report"))
      )
        return undefined;
      const endpoint = await endpointOf(services, request, null, undefined);
      const prefer = preferOf(
        request.headers.prefer ?? (url.length > 1 ? undefined : "return=minimal"),
      );
      if (url.length <= 1) {
        return send(
          reply,
          await bundleAnswer(endpoint, request.body, prefer, request),
          endpoint.context.base,
        );
      }
      const operation = operationOf({
        method: "POST",
        type: "DiagnosticReport",
        id: null,
        query: "",
        body: request.body,
        ifNoneExist: request.headers["if-none-exist"]?.toString(),
      });
      const { form } = splitForm(pairsOf(request.url));
      const [result] = await endpoint.store.write(endpoint.context, "create", [operation]);
      return send(
        reply,
        await answerOf(endpoint, "POST", result!, prefer, form),
        endpoint.context.base,
      );
    }
    if (request.method === "GET" && url === "/Questionnaire") {
      if (!system && !actor?.permissions.has("record.read")) return undefined;
      const answered = await searchedInStore(services, request, reply, "Questionnaire");
      return answered ? reply : undefined;
    }
    const read = /^\/(DiagnosticReport|Questionnaire|QuestionnaireResponse)\/:id$/.exec(url);
    if (request.method !== "GET" || !read) return undefined;
    if (!system && !actor?.permissions.has("record.read")) return undefined;
    const { id } = request.params as { id: string };
    try {
      const endpoint = await endpointOf(services, request, null, undefined);
      const answer = await getAnswer(endpoint, [read[1]!, id], pairsOf(request.url));
      return send(reply, answer, endpoint.context.base);
    } catch (error) {
      if (system || !(error instanceof DomainError)) throw error;
      return undefined;
    }
  };
}

/**
 * A search of the caller's store, as every other type is searched.
 * @returns false where his institution has no store: somebody else may answer
 */
async function searchedInStore(
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
  type: string,
): Promise<boolean> {
  try {
    const endpoint = await endpointOf(services, request, null, undefined);
    const { strict } = preferOf(request.headers.prefer);
    const answer = await getAnswer(endpoint, [type], pairsOf(request.url), { strict });
    void send(reply, answer, endpoint.context.base);
    return true;
  } catch (error) {
    const isSystem = request.headers.authorization !== undefined;
    if (!isSystem && error instanceof DomainError && error.code === "fhir.no-store") return false;
    throw error;
  }
}

/** What the store cannot say: it knows no such thing, or is not there to be asked. */
const unsaid: readonly string[] = ["request.not-found", "fhir.no-store", "fhir.paused"];

/**
 * One resource from the store of the caller's institution.
 * @param projectedToo whether what was projected from our own tables is answered as well
 * @returns whether it was answered; not where the store has nothing to say, so that somebody else may
 * @throws DomainError `fhir.gone` and those of a read
 */
export async function fromStore(
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
  type: string,
  id: string,
  projectedToo = true,
): Promise<boolean> {
  try {
    const endpoint = await endpointOf(services, request, null, undefined);
    const answer = await getAnswer(endpoint, [type, id], pairsOf(request.url), {
      ifNoneMatch: request.headers["if-none-match"],
      ifModifiedSince: request.headers["if-modified-since"],
    });
    if (!projectedToo && isProjected(answer.text)) return false;
    void send(reply, answer, endpoint.context.base);
    return true;
  } catch (error) {
    if (error instanceof DomainError && unsaid.includes(error.code)) return false;
    throw error;
  }
}

/** What was written by the projection of our own tables says so (server/records/projection). */
const isProjected = (text: string | null): boolean =>
  text !== null && JSON.parse(text).meta?.source === projectionSource;
