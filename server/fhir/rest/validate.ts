import { DomainError } from "../../errors/domain-error.ts";
import { isResourceType } from "../definitions/types.ts";
import { asResource } from "../store/operation.ts";
import type { FhirResource } from "../store/resource.ts";
import { validateResource } from "../store/search-seam.ts";
import type { Answer } from "./answer.ts";
import type { Endpoint } from "./get.ts";
import { type Pair, safe } from "./options.ts";
import { asIssue } from "./outcome.ts";

type Parameters = {
  parameter?: { name?: unknown; resource?: unknown; valueCode?: unknown; valueUri?: unknown }[];
};

/**
 * `$validate` of a type or an instance, with the resource itself or Parameters; modes create, update
 * and delete say whether it could be done. What is wrong is the answer, not a refusal: always 200.
 * @throws DomainError `fhir.request`
 */
export async function validateAnswer(
  { store, context }: Endpoint,
  type: string,
  id: string | null,
  pairs: readonly Pair[],
  body: unknown,
): Promise<Answer> {
  // Also of what is only sent: Parameters.
  if (!isResourceType(type)) throw new DomainError("fhir.type", { type: safe(type) });
  const sent = body as (FhirResource & Parameters) | undefined;
  const given =
    sent?.resourceType === "Parameters" && type !== "Parameters" ? sent.parameter : undefined;
  const parameter = (name: string) => {
    const found = given?.find?.((one) => one?.name === name);
    return found?.resource ?? found?.valueCode ?? found?.valueUri;
  };
  const value = (name: string) =>
    (parameter(name) as string | undefined) ?? pairs.find(([key]) => key === name)?.[1];
  for (const [name] of pairs)
    if (!["mode", "profile", "_format", "_pretty"].includes(name))
      throw new DomainError("fhir.request", {
        reason: `the parameter ${safe(name)} is not known here`,
      });
  const mode = value("mode");
  if (mode !== undefined && !["create", "update", "delete", "profile"].includes(mode))
    throw new DomainError("fhir.request", { reason: "mode is create, update, delete or profile" });
  const profile = value("profile");
  if (
    profile !== undefined &&
    !/^http:\/\/hl7\.org\/fhir\/StructureDefinition\/[A-Z]\w*$/.test(profile)
  )
    throw new DomainError("fhir.request", { reason: "this profile is not known here" });
  const issues: unknown[] = [];
  const subject = given ? parameter("resource") : sent;
  if (mode === "delete" || (subject === undefined && id !== null)) {
    const found = id === null ? null : await store.read(context, type, id);
    if (found?.status !== "ok") throw new DomainError("request.not-found");
    if (mode !== "delete") issues.push(...validateResource(JSON.parse(found.text)).map(asIssue));
  } else {
    const resource = asResource(subject, type);
    if (mode === "update" && resource.id === undefined)
      issues.push(
        asIssue({
          severity: "error",
          code: "required",
          expression: `${type}.id`,
          diagnostics: "an update needs an id",
        }),
      );
    issues.push(...validateResource(resource).map(asIssue));
  }
  if (issues.length === 0)
    issues.push({ severity: "information", code: "informational", diagnostics: "No issues" });
  return {
    status: 200,
    text: JSON.stringify({ resourceType: "OperationOutcome", issue: issues }),
  };
}
