import type { OperationOutcome } from "@medplum/fhirtypes";
import type { FastifyRequest } from "fastify";
import { DomainError } from "../../errors/domain-error.ts";
import { errorRegistry } from "../../errors/registry.ts";
import { languageOf, refusalOf, render } from "../../http/problem-plugin.ts";
import type { Language } from "../../identity/domain.ts";
import type { ValidationIssue } from "../store/search-seam.ts";

type Code = OperationOutcome["issue"][number]["code"];
/** HL7 issue type by status: what a FHIR client branches on. */
const issueTypes: Record<number, Code> = {
  400: "invalid",
  401: "login",
  403: "forbidden",
  404: "not-found",
  405: "not-supported",
  406: "not-supported",
  409: "conflict",
  410: "deleted",
  412: "conflict",
  413: "too-long",
  415: "not-supported",
  422: "processing",
  429: "throttled",
  503: "transient",
};
/** Where the status says less than is known. */
const issueTypeOf: Partial<Record<DomainError["code"], Code>> = {
  "fhir.type": "not-supported",
  "fhir.operation": "not-supported",
};
const issuesMax = 100;

/** A refusal as a FHIR client reads it: the registry's sentence, then what validation found. */
export function outcomeOf(
  refusal: DomainError,
  language: Language,
  correlationId: string,
): OperationOutcome {
  const { issues, ...params } = refusal.params as { issues?: readonly ValidationIssue[] };
  const problem = render(new DomainError(refusal.code, params), language, correlationId);
  return {
    resourceType: "OperationOutcome",
    issue: [
      {
        severity: "error",
        code:
          issueTypeOf[refusal.code] ??
          issueTypes[errorRegistry[refusal.code].status] ??
          "exception",
        details: {
          coding: [{ system: "urn:yilian:error", code: refusal.code }],
          text: problem.detail,
        },
        diagnostics: correlationId,
      },
      ...(issues ?? []).slice(0, issuesMax).map(asIssue),
    ],
  };
}

export function asIssue(issue: ValidationIssue): OperationOutcome["issue"][number] {
  const expression = issue.expression === undefined ? [] : [issue.expression].flat();
  return {
    severity: issue.severity,
    code: issue.code as Code,
    diagnostics: issue.diagnostics,
    ...(expression.length > 0 ? { expression: expression as string[] } : {}),
  };
}

/** Any error as status and OperationOutcome. */
export function refused(
  error: unknown,
  request: FastifyRequest,
): { status: number; outcome: OperationOutcome } {
  const refusal = refusalOf(error);
  const { status } = errorRegistry[refusal.code];
  if (status >= 500 && status !== 503) request.log.error({ err: error }, "request failed");
  return { status, outcome: outcomeOf(refusal, languageOf(request), request.id) };
}
