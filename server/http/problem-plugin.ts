import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import plugin from "fastify-plugin";
import { hasZodFastifySchemaValidationErrors } from "fastify-type-provider-zod";
import { fromDatabase } from "../errors/database-error.ts";
import { DomainError } from "../errors/domain-error.ts";
import { errorRegistry, sentence } from "../errors/registry.ts";
import type { Language } from "../identity/domain.ts";
import { languages } from "../identity/domain.ts";
import type { Problem } from "./contract.ts";

/** The language an answer is given in; Chinese when the caller names none that we have. */
export function languageOf(request: FastifyRequest): Language {
  const asked =
    request.headers["accept-language"]
      ?.split(",")
      .map((part) => part.split(";")[0]?.trim().toLowerCase() ?? "") ?? [];
  for (const tag of asked) {
    const found = languages.find(
      (language) => language.toLowerCase() === tag || language.split("-")[0] === tag.split("-")[0],
    );
    if (found) return found;
  }
  return "zh-CN";
}

/** Every refusal as problem+json (RFC 9457); detail of our own failures stays in the log. */
export const problemPlugin = plugin(
  async (app) => {
    app.setErrorHandler((error: FastifyError, request, reply) => answer(error, request, reply));
    app.setNotFoundHandler((request, reply) =>
      answer(new DomainError("request.not-found"), request, reply),
    );
  },
  { name: "problem" },
);

function answer(error: unknown, request: FastifyRequest, reply: FastifyReply) {
  const refusal = refusalOf(error);
  const problem = render(refusal, languageOf(request), request.id, fieldErrors(error));
  if (problem.status >= 500 && problem.status !== 503)
    request.log.error({ err: error }, "request failed");
  if (problem.status === 503) void reply.header("retry-after", "1");
  return reply
    .status(problem.status)
    .type("application/problem+json")
    .serializer(JSON.stringify)
    .send(problem);
}

/** Any error as one of the registry; what is none of ours is `service.failed`. */
export function refusalOf(error: unknown): DomainError {
  if (error instanceof DomainError) return error;
  if (hasZodFastifySchemaValidationErrors(error)) return new DomainError("request.invalid");
  const database = fromDatabase(error);
  if (database) return database;
  const status = (error as Partial<FastifyError>).statusCode;
  if (status === 413) return new DomainError("request.too-large");
  if (status === 415) return new DomainError("request.media-type");
  if (status === 429)
    return new DomainError("request.too-many", {
      seconds: (error as { seconds?: number }).seconds ?? 60,
    });
  if (status === 404) return new DomainError("request.not-found");
  if (status !== undefined && status >= 400 && status < 500)
    return new DomainError("request.invalid");
  return new DomainError("service.failed");
}

function fieldErrors(error: unknown): Problem["errors"] {
  if (!hasZodFastifySchemaValidationErrors(error)) return undefined;
  return error.validation.map((issue) => ({
    path: issue.instancePath.replace(/^\//, "").replaceAll("/", "."),
    message: issue.message ?? issue.keyword,
  }));
}

export function render(
  refusal: DomainError,
  language: Language,
  correlationId: string,
  errors?: Problem["errors"],
): Problem {
  const { status } = errorRegistry[refusal.code];
  const params = { ...refusal.params, correlationId };
  const detail = sentence(refusal.code, language, params);
  return {
    type: `urn:yilian:error:${refusal.code}`,
    title: detail.split(/[。.།]/)[0] ?? refusal.code,
    status,
    detail,
    code: refusal.code,
    correlationId,
    params: refusal.params,
    ...(errors ? { errors } : {}),
  };
}
