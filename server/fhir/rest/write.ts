import { DomainError } from "../../errors/domain-error.ts";
import { exactText, parseJson } from "../store/json.ts";
import {
  asResource,
  ifMatchOf,
  noConditions,
  type Operation,
  type OperationResult,
} from "../store/operation.ts";
import { isId } from "../store/resource.ts";
import type { Answer } from "./answer.ts";
import { inForm } from "./form.ts";
import { assertType, type Endpoint } from "./get.ts";
import type { Prefer, ResultOptions } from "./options.ts";

export type WriteHeaders = {
  readonly ifMatch?: string | undefined;
  readonly ifNoneMatch?: string | undefined;
  readonly ifNoneExist?: string | undefined;
};
export type WriteRequest = WriteHeaders & {
  readonly method: "POST" | "PUT" | "PATCH" | "DELETE";
  readonly type: string;
  readonly id: string | null;
  /** The address's query, for conditional update, patch and delete. */
  readonly query: string;
  readonly body: unknown;
  readonly fullUrl?: string | undefined;
};

/**
 * A request or a bundle's entry as an operation of the store.
 * @throws DomainError `fhir.request`, `fhir.type`
 */
export function operationOf(request: WriteRequest): Operation {
  const { method, type, id, body } = request;
  assertType(type);
  if (id !== null && !isId(id))
    throw new DomainError("fhir.request", { reason: "the id is no FHIR id" });
  const criteria = id === null && method !== "POST" ? criteriaOf(request.query) : null;
  if (id !== null && request.query !== "")
    throw new DomainError("fhir.request", { reason: "an address with an id has no criteria" });
  const base: Operation = {
    ...noConditions,
    method,
    type,
    id,
    criteria,
    ifMatch: ifMatchOf(request.ifMatch),
    mustBeNew: request.ifNoneMatch?.trim() === "*",
    fullUrl: request.fullUrl ?? null,
  };
  switch (method) {
    case "DELETE":
      return base;
    case "PATCH":
      return { ...base, patch: patchOf(body) };
    case "POST": {
      const ifNoneExist = request.ifNoneExist?.trim().replace(/^.*\?/s, "") ?? null;
      if (ifNoneExist === "")
        throw new DomainError("fhir.request", { reason: "If-None-Exist has no criteria" });
      return { ...base, resource: asResource(body, type), ifNoneExist };
    }
    case "PUT": {
      const resource = asResource(body, type);
      if (id !== null && resource.id !== id)
        throw new DomainError("fhir.request", {
          reason: "the resource's id must be the one of the address",
        });
      return { ...base, resource };
    }
  }
}

function criteriaOf(query: string): string {
  if (query === "")
    throw new DomainError("fhir.request", { reason: "an id or criteria are needed" });
  return query;
}

/** JSON Patch itself, as Binary in a bundle (R4 http.html#patch), or Parameters. */
export function patchOf(body: unknown): unknown {
  const resource = body as { resourceType?: unknown; contentType?: unknown; data?: unknown } | null;
  if (Array.isArray(body) || resource?.resourceType === "Parameters") return body;
  if (resource?.resourceType === "Binary" && typeof resource.data === "string") {
    try {
      return parseJson(Buffer.from(resource.data, "base64"));
    } catch {
      // Said below.
    }
  }
  throw new DomainError("fhir.request", {
    reason: "the patch is neither JSON Patch nor Parameters",
  });
}

/** What a write answers, by what came of it and what the caller prefers. */
export async function answerOf(
  endpoint: Endpoint,
  method: Operation["method"],
  result: OperationResult,
  prefer: Prefer,
  form: ResultOptions,
): Promise<Answer> {
  const { status, type, id, version } = result;
  const lastModified = endpoint.context.at;
  if (status === "deleted" || status === "absent")
    return {
      status: prefer.return === "OperationOutcome" ? 200 : 204,
      text: prefer.return === "OperationOutcome" ? done(status) : null,
      version,
    };
  const code = status === "created" ? 201 : 200;
  const location = `${type}/${id}/_history/${version}`;
  const known = {
    status: code,
    version,
    location,
    ...(status === "matched" ? { isFound: true } : { lastModified }),
  };
  if (prefer.return === "minimal") return { ...known, text: null };
  if (prefer.return === "OperationOutcome") return { ...known, text: done(status) };
  if (result.resource) return { ...known, text: inForm(exactText(result.resource), form) };
  const found = await endpoint.store.read(endpoint.context, type, id!, version);
  return {
    ...known,
    text: method === "POST" && found.status === "ok" ? inForm(found.text, form) : null,
  };
}

function done(status: OperationResult["status"]): string {
  return JSON.stringify({
    resourceType: "OperationOutcome",
    issue: [{ severity: "information", code: "informational", diagnostics: status }],
  });
}
