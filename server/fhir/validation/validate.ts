/**
 * Validation of FHIR R4 resources against HL7's definitions: structure, primitive types, bindings,
 * references, extensions, narratives, contained resources, Bundles and invariants. Profiles beyond
 * R4's own types are not looked at. Pure: nothing is asked of any server or database.
 */
import { isResourceType } from "../definitions/types.ts";
import { checkAnswers } from "./answers.ts";
import { bundleScope, checkBundle } from "./bundle.ts";
import { printable } from "./codes.ts";
import { nested, typeCheck } from "./compile.ts";
import type { ValidationIssue } from "./issue.ts";
import { jsonType } from "./primitives.ts";
import { containedOf } from "./references.ts";
import { isObject, type Json, objectsOf, Run } from "./run.ts";
import { checkVitalSign } from "./vital-signs.ts";

export type ValidationOptions = {
  /** The only type that is accepted, for a request that names one. */
  readonly type?: string;
};

/**
 * Everything that is wrong with a resource, at most 100 issues; without one of severity `error` it
 * is valid R4. Never throws, whatever it is given, as long as it came from JSON.
 */
export function validateResource(
  resource: unknown,
  options: ValidationOptions = {},
): readonly ValidationIssue[] {
  const run = new Run();
  if (isObject(resource) && options.type && resource.resourceType !== options.type) {
    run.path.push(typeName(resource));
    run.error("structure", `must be of type ${options.type}`, "resourceType");
    run.path.pop();
  }
  checkOutermost(resource, run);
  return run.issues;
}

export const isValid = (issues: readonly ValidationIssue[]): boolean =>
  !issues.some(({ severity }) => severity === "error");

const typeName = ({ resourceType }: Json) =>
  typeof resourceType === "string" && isResourceType(resourceType) ? resourceType : "Resource";

function checkOutermost(resource: unknown, run: Run): void {
  run.path.push(isObject(resource) ? typeName(resource) : "Resource");
  checkWithin(resource, run);
  run.path.pop();
}

/** A resource within another one: contained in it, or on its own in a Bundle or Parameters. */
nested.resource = (value, run) => {
  const isContained = run.path.at(-2) === "contained" || run.path.at(-1) === "contained";
  if (isContained) checkContained(value, run);
  else checkWithin(value, run);
};

/** A resource that is its own scope for `#` references. */
function checkWithin(value: unknown, run: Run): void {
  const { scope, bundle } = run;
  if (isObject(value)) {
    run.scope = {
      resource: value,
      contained: containedOf(value),
      named: new Set(),
      elementIds: undefined,
      namesContainer: false,
    };
    if (value.resourceType === "Bundle") run.bundle = bundleScope(value);
  }
  checkElements(value, run);
  run.scope = scope;
  run.bundle = bundle;
}

/** What is looked at beyond the elements of a type. */
const FURTHER: Readonly<Record<string, (resource: Json, run: Run) => void>> = {
  Bundle: checkBundle,
  QuestionnaireResponse: checkAnswers,
  Observation: checkVitalSign,
};

/** The address by which a definition is known all over the world. */
function checkOwnAddress(url: string, run: Run): void {
  if (!/^[A-Za-z][A-Za-z0-9+.-]*:/.test(url)) {
    run.error("value", "must be an absolute address", "url");
  }
}

function checkElements(value: unknown, run: Run): void {
  if (!isObject(value)) {
    run.error("structure", `must be a resource, not ${jsonType(value)}`);
    return;
  }
  const { resourceType } = value;
  if (typeof resourceType !== "string") {
    run.error("structure", "needs a resourceType that is a string", "resourceType");
    return;
  }
  if (!isResourceType(resourceType)) {
    run.error("not-supported", `${printable(resourceType)} is not a resource type`, "resourceType");
    return;
  }
  const before = [run.resource, run.resourceType, run.resourceStart] as const;
  run.resource = value;
  run.resourceType = resourceType;
  run.resourceStart = run.path.length;
  typeCheck(resourceType)?.check(value, run);
  FURTHER[resourceType]?.(value, run);
  if (typeof value.url === "string" && value.status !== undefined) checkOwnAddress(value.url, run);
  if (value === run.scope?.resource) checkNamed(value, run);
  [run.resource, run.resourceType, run.resourceStart] = before;
}

/** dom-3: what is contained is named from somewhere, or names what contains it. */
function checkNamed(resource: Json, run: Run): void {
  if (!Array.isArray(resource.contained) || !run.scope) return;
  const { named } = run.scope;
  const ids = new Set<unknown>();
  resource.contained.forEach((one: unknown, index) => {
    if (!isObject(one)) return;
    const { id } = one;
    const at = `contained[${index}]`;
    if (typeof id !== "string") {
      run.error("required", "a contained resource needs an id", `${at}.id`);
    } else if (ids.has(id)) {
      run.error("duplicate", "another contained resource has this id", `${at}.id`);
    } else if (!named.has(id)) {
      run.error("invariant", "nothing refers to this contained resource (dom-3)", at);
    }
    ids.add(id);
  });
}

/** dom-2, dom-4, dom-5, and the walk itself. */
function checkContained(value: unknown, run: Run): void {
  const { scope } = run;
  if (isObject(value)) {
    const meta = isObject(value.meta) ? value.meta : {};
    if (value.contained !== undefined) {
      run.error("invariant", "a contained resource contains no others (dom-2)", "contained");
    }
    if (meta.versionId !== undefined || meta.lastUpdated !== undefined) {
      run.error("invariant", "a contained resource has no version of its own (dom-4)", "meta");
    }
    if (objectsOf(meta.security).length > 0) {
      run.error("invariant", "a contained resource has no security label (dom-5)", "meta");
    }
  }
  if (scope) scope.namesContainer = false;
  checkElements(value, run);
  if (scope?.namesContainer && isObject(value) && typeof value.id === "string") {
    scope.named.add(value.id);
  }
}
