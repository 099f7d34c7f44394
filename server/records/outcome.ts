import type { OperationOutcome } from "@medplum/fhirtypes";
import type { DomainError } from "../errors/domain-error.ts";
import { errorRegistry } from "../errors/registry.ts";
import { render } from "../http/problem-plugin.ts";
import type { Language } from "../identity/domain.ts";

/** HL7 issue type by status: what a FHIR client branches on. */
const issueTypes: Record<number, OperationOutcome["issue"][number]["code"]> = {
  400: "invalid",
  401: "login",
  403: "forbidden",
  404: "not-found",
  406: "not-supported",
  409: "conflict",
  410: "deleted",
  413: "too-long",
  422: "processing",
  429: "throttled",
  503: "transient",
};

/** A refusal as a FHIR client reads it; the same registry as problem+json. */
export function operationOutcome(
  refusal: DomainError,
  language: Language,
  correlationId: string,
): OperationOutcome {
  const problem = render(refusal, language, correlationId);
  const { status } = errorRegistry[refusal.code];
  return {
    resourceType: "OperationOutcome",
    issue: [
      {
        severity: "error",
        code: issueTypes[status] ?? "exception",
        details: {
          coding: [{ system: "urn:yilian:error", code: refusal.code }],
          text: problem.detail,
        },
        diagnostics: correlationId,
      },
    ],
  };
}
