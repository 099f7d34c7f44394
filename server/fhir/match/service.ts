/** Patient $match: who of the patients here is meant, and how sure that is. */
import { DomainError } from "../../errors/domain-error.ts";
import { callerParameter, type StoreContext } from "../store/caller.ts";
import { enter } from "../store/conditions.ts";
import type { StoreTx } from "../store/database.ts";
import { asResource } from "../store/operation.ts";
import type { FhirResource } from "../store/resource.ts";
import { assertScope } from "../store/scopes.ts";
import { auditSeen, validateResource } from "../store/search-seam.ts";
import { candidatesFor } from "./candidates.ts";
import { judge, type MatchGrade } from "./domain.ts";
import { traitsOf } from "./traits.ts";

/** More candidates than these help nobody. */
export const matchesMax = 20;

export type MatchQuestion = {
  readonly patient: FhirResource;
  readonly onlyCertain: boolean;
  readonly count: number;
};
export type PatientMatch = {
  readonly id: string;
  readonly text: string;
  readonly grade: MatchGrade;
  /** From 0 to 1. */
  readonly score: number;
};
export type MatchResult = {
  readonly matches: readonly PatientMatch[];
  /** Several are certain, and only one could be answered: none is. */
  readonly isAmbiguous: boolean;
};

type Parameter = {
  name?: unknown;
  resource?: unknown;
  valueBoolean?: unknown;
  valueInteger?: unknown;
};

/**
 * The Parameters of R4's operation, or the Patient itself.
 * @throws DomainError `fhir.request`, `fhir.resource`
 */
export function matchQuestionOf(body: unknown): MatchQuestion {
  const sent = body as { resourceType?: unknown; parameter?: unknown } | null | undefined;
  if (sent?.resourceType === "Patient") return questionOf([{ name: "resource", resource: sent }]);
  if (sent?.resourceType !== "Parameters" || !Array.isArray(sent.parameter))
    throw bad("the body is no Parameters with a resource");
  return questionOf(sent.parameter as Parameter[]);
}

function questionOf(parameters: readonly Parameter[]): MatchQuestion {
  const given = new Map<string, Parameter>();
  for (const one of parameters) {
    const name = typeof one?.name === "string" ? one.name : "";
    if (!["resource", "onlyCertainMatches", "count"].includes(name))
      throw bad("$match takes resource, onlyCertainMatches and count");
    if (given.has(name)) throw bad(`${name} is there twice`);
    given.set(name, one);
  }
  const patient = asResource(given.get("resource")?.resource, "Patient");
  const issues = validateResource(patient);
  if (issues.some((issue) => issue.severity === "error"))
    throw new DomainError("fhir.resource", { issues });
  const onlyCertain = given.get("onlyCertainMatches")?.valueBoolean ?? false;
  if (typeof onlyCertain !== "boolean") throw bad("onlyCertainMatches is no valueBoolean");
  const count = given.get("count")?.valueInteger ?? matchesMax;
  if (!Number.isInteger(count) || (count as number) < 1)
    throw bad("count is no valueInteger above zero");
  return { patient, onlyCertain, count: Math.min(matchesMax, count as number) };
}

/**
 * Tenancy, consent and scopes are those of a search, in the query; one audit row says who was shown.
 * @throws DomainError `permission.denied`, `fhir.request`
 */
export async function matchPatients(
  tx: StoreTx,
  context: StoreContext,
  { patient, onlyCertain, count }: MatchQuestion,
): Promise<MatchResult> {
  assertScope(context, "Patient", "s");
  const asked = traitsOf(patient);
  const { caller, tenant } = context;
  // Breaking the glass is about somebody whose number one has, not about everybody of a name.
  if (
    caller.purpose === "emergency" &&
    caller.institution !== tenant &&
    asked.identifiers.length === 0
  )
    throw bad("an emergency access names its patient by an identifier");
  await enter(tx, context);
  const found = await candidatesFor(tx, context, patient);
  const judged = found
    .map((one) => ({
      key: one.key,
      id: one.id,
      text: one.content,
      ...judge(asked, traitsOf(JSON.parse(one.content) as FhirResource)),
    }))
    .filter((one) => one.grade !== "certainly-not" && (!onlyCertain || one.grade === "certain"))
    .sort((a, b) => b.score - a.score || Number(BigInt(a.key) - BigInt(b.key)));
  const isAmbiguous = onlyCertain && judged.length > 1;
  const matches = isAmbiguous ? [] : judged.slice(0, count);
  await auditSeen(tx, callerParameter(context), "match", "Patient", null, matches, []);
  return { matches, isAmbiguous };
}

const bad = (reason: string) => new DomainError("fhir.request", { reason });
