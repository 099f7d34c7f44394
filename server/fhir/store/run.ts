import { randomUUID } from "node:crypto";
import { DomainError } from "../../errors/domain-error.ts";
import type { StoreContext } from "./caller.ts";
import { criteriaOf, enter, expectedVersion, findConditional, isOneVersion } from "./conditions.ts";
import type { StoreTx } from "./database.ts";
import { parseJson } from "./json.ts";
import type { Operation, OperationResult } from "./operation.ts";
import { applyFhirPathPatch } from "./patch/fhirpath-patch.ts";
import { applyJsonPatch } from "./patch/json-patch.ts";
import { put, type Write } from "./put.ts";
import { conditionalOf, type Slot, slotsOf } from "./references.ts";
import { claimsProjection, type FhirResource, projectionSource, stamp } from "./resource.ts";
import { assertScope } from "./scopes.ts";
import { type Match, matchesOf, unstoredMatches, validateResource } from "./search-seam.ts";

/** A write with what has been found out about it. */
type Step = {
  readonly operation: Operation;
  readonly slots: readonly Slot[];
  id: string;
  resource: FhirResource | null;
  expect: number | undefined;
  fresh: boolean;
  matched: Match | null;
};

/** Of what a conditional reference may mean so many are looked at in the store. */
const storedMax = 100;
const letters = { POST: "c", PUT: "u", PATCH: "u", DELETE: "d" } as const;

/** Whether one statement does it: nothing to look for, to lock or to read first. */
export function isPlain(operation: Operation): boolean {
  return (
    operation.method !== "PATCH" &&
    criteriaOf(operation) === null &&
    isOneVersion(operation.ifMatch) &&
    (operation.resource === null ||
      (pointersOf(operation.resource, new Set()).length === 0 &&
        !claimsProjection(operation.resource)))
  );
}

const pointersOf = (resource: FhirResource, entries: ReadonlySet<string>) =>
  slotsOf(resource, (text) => entries.has(text));

/**
 * Run writes as one: all or none. Deletes come first, so that what is deleted meets no condition.
 * Whoever calls repeats it after a deadlock or serialisation failure; `operations` stay as they are
 * except for pointers that are filled in again.
 * @throws DomainError `fhir.several-match`, `fhir.changed-meanwhile`, `fhir.resource`, `fhir.patch`, `fhir.request`,
 *   `permission.denied`
 */
export async function runOperations(
  tx: StoreTx,
  context: StoreContext,
  interaction: string,
  operations: readonly Operation[],
): Promise<OperationResult[]> {
  for (const { type, method } of operations) {
    assertScope(context, type, letters[method]);
    // The trace writes itself: nobody adds to it, changes it or takes it away. What another system noted
    // comes with its records, by an import.
    if (type === "AuditEvent" && interaction !== "import") throw new DomainError("fhir.immutable");
    // What delivers it is made with it, by server/fhir/subscriptions.
    if (type === "Subscription")
      throw new DomainError("fhir.request", {
        reason: "a Subscription is written at its own address, not in a bundle or by a condition",
      });
  }
  const results = new Map<Operation, OperationResult>();
  const deletes = operations.filter((one) => one.method === "DELETE");
  const others = operations.filter((one) => one.method !== "DELETE");
  const taken = new Set<string>();
  for (const phase of [deletes, others]) {
    if (phase.length === 0) continue;
    const steps = await prepare(tx, context, phase);
    for (const step of steps) {
      if (step.matched && step.operation.method === "POST") continue;
      const name = `${step.operation.type}/${step.id}`;
      if (step.id !== "" && taken.has(name))
        throw new DomainError("fhir.request", { reason: `${name} is in the bundle twice` });
      taken.add(name);
    }
    for (const [operation, result] of await write(tx, context, interaction, steps))
      results.set(operation, result);
  }
  return operations.map((operation) => results.get(operation)!);
}

async function prepare(
  tx: StoreTx,
  context: StoreContext,
  operations: readonly Operation[],
): Promise<Step[]> {
  const entries = new Set(operations.flatMap((one) => (one.fullUrl ? pointersTo(one) : [])));
  const steps: Step[] = operations.map((operation) => ({
    operation,
    slots: operation.resource ? pointersOf(operation.resource, entries) : [],
    id: operation.id ?? "",
    resource: operation.resource,
    expect: operation.mustBeNew ? 0 : undefined,
    fresh: false,
    matched: null,
  }));
  const isConditional = steps.some(
    (step) => criteriaOf(step.operation) !== null || step.slots.some((slot) => slot.isConditional),
  );
  const isRead = operations.some((one) => one.method === "PATCH" || !isOneVersion(one.ifMatch));
  if (isConditional || isRead) await enter(tx, context);
  const found = await findConditional(tx, context, operations);
  for (const step of steps) identify(step, found.get(step.operation));
  await expectAll(tx, context, steps);
  await fillIn(tx, context, steps);
  await patchAll(tx, context, steps);
  return steps;
}

/** Which versions must be there, read and locked in the order of all writers where If-Match leaves a choice. */
async function expectAll(
  tx: StoreTx,
  context: StoreContext,
  steps: readonly Step[],
): Promise<void> {
  const asked = steps.filter(
    ({ operation, id, expect }) => operation.ifMatch !== null && id !== "" && expect === undefined,
  );
  for (const step of asked.sort(compareNames)) {
    const { type, ifMatch } = step.operation;
    step.expect = await expectedVersion(tx, context, { type, id: step.id, ifMatch });
  }
}

/** Which id a write is about, now that its condition was looked up. */
function identify(step: Step, match: Match | null | undefined): void {
  const { operation } = step;
  step.matched = match ?? null;
  if (operation.method === "POST") {
    step.id = match?.id ?? randomUUID();
    step.fresh = !match;
    return;
  }
  if (operation.criteria === null) return;
  if (operation.method === "PUT") {
    const own = operation.resource?.id;
    if (match && own !== undefined && own !== match.id)
      throw new DomainError("fhir.request", { reason: "the resource's id is not the one found" });
    step.id = match?.id ?? own ?? randomUUID();
    step.fresh = !match && own === undefined;
    if (!match && own !== undefined && operation.ifMatch === null) step.expect = 0;
    return;
  }
  if (operation.method === "PATCH" && !match) throw new DomainError("request.not-found");
  step.id = match?.id ?? "";
}

/** What other entries may call this one: its fullUrl, and for a REST address also `Type/id`. */
function pointersTo({ fullUrl, method, type }: Operation): string[] {
  if (!fullUrl) return [];
  const relative = new RegExp(`^https?://.+/(${type}/[A-Za-z0-9.-]{1,64})$`).exec(fullUrl)?.[1];
  return relative && method === "POST" ? [fullUrl, relative] : [fullUrl];
}

async function fillIn(tx: StoreTx, context: StoreContext, steps: readonly Step[]): Promise<void> {
  const places = new Map<string, string>();
  for (const { operation, id } of steps)
    for (const pointer of pointersTo(operation)) places.set(pointer, `${operation.type}/${id}`);
  const slots = steps.flatMap((step) => step.slots);
  for (const slot of slots) if (!slot.isConditional) slot.assign(places.get(slot.target)!);
  const searched = new Map<string, string>();
  for (const slot of slots) {
    if (!slot.isConditional) continue;
    let reference = searched.get(slot.target);
    if (reference === undefined) {
      const { type, criteria } = conditionalOf(slot.target)!;
      reference = `${type}/${await referred(tx, context, steps, type, criteria)}`;
      searched.set(slot.target, reference);
    }
    slot.assign(reference);
  }
}

/**
 * The one resource that a conditional reference means, as it will be when the bundle is written: an entry of
 * the bundle counts as it stands there, whatever is stored under its id now.
 * @throws DomainError `fhir.several-match`, `fhir.request` when there is none
 */
async function referred(
  tx: StoreTx,
  context: StoreContext,
  steps: readonly Step[],
  type: string,
  criteria: string,
): Promise<string> {
  const written = steps.filter(
    ({ operation, resource, matched }) =>
      operation.type === type && resource && !(operation.method === "POST" && matched),
  );
  const ids = new Set(written.map(({ id }) => id));
  const entries = unstoredMatches(
    context,
    type,
    criteria,
    written.map(({ resource, id }) => ({ ...resource!, id })),
  );
  const stored = await matchesOf(tx, context, type, criteria, 2 + Math.min(ids.size, storedMax));
  const found = new Set([
    ...entries.map(({ id }) => id),
    ...stored.map(({ id }) => id).filter((id) => !ids.has(id)),
  ]);
  if (found.size > 1) throw new DomainError("fhir.several-match");
  const [only] = found;
  if (only === undefined)
    throw new DomainError("fhir.request", {
      reason: `the conditional reference ${type}?… matches nothing`,
    });
  return only;
}

/** Reads what is to be patched, locked in the order of all writers. */
async function patchAll(tx: StoreTx, context: StoreContext, steps: readonly Step[]): Promise<void> {
  const patches = steps
    .filter((step) => step.operation.method === "PATCH")
    .sort((a, b) => compareNames(a, b));
  for (const step of patches) {
    const { operation } = step;
    const [row] = await tx.unsafe(
      "SELECT version, deleted, content::text AS text FROM resource WHERE tenant = $1 AND type = $2 AND id = $3 FOR UPDATE",
      [context.tenant, operation.type, step.id],
    );
    if (!row) throw new DomainError("request.not-found");
    if (row.deleted) throw new DomainError("fhir.gone");
    const current = parseJson(String(row.text)) as FhirResource;
    const patched = Array.isArray(operation.patch)
      ? applyJsonPatch(current, operation.patch)
      : applyFhirPathPatch(current, operation.patch);
    if (patched?.resourceType !== operation.type || patched.id !== step.id)
      throw new DomainError("fhir.patch", { reason: "type and id of a resource cannot change" });
    step.resource = patched;
    step.expect ??= Number(row.version);
  }
}

const compareNames = (a: Step, b: Step) => {
  const [x, y] = [a, b].map((one) => `${one.operation.type}/${one.id}`) as [string, string];
  return x < y ? -1 : x > y ? 1 : 0;
};

async function write(
  tx: StoreTx,
  context: StoreContext,
  interaction: string,
  steps: readonly Step[],
): Promise<[Operation, OperationResult][]> {
  const results: [Operation, OperationResult][] = [];
  const written: Step[] = [];
  for (const step of steps) {
    const { operation, matched } = step;
    const { type, method } = operation;
    if (method === "POST" && matched)
      results.push([
        operation,
        { status: "matched", type, id: matched.id, version: matched.version, resource: null },
      ]);
    else if (step.id === "")
      results.push([
        operation,
        { status: "absent", type, id: null, version: null, resource: null },
      ]);
    else written.push(step);
  }
  const writes = written.map((step): Write => {
    const { operation, resource } = step;
    if (resource) {
      stamp(resource, step.id, 1, context.at);
      assertValid(resource, operation.place);
    }
    return {
      type: operation.type,
      id: step.id,
      method: operation.method,
      resource,
      expect: step.expect,
      fresh: step.fresh,
    };
  });
  if (writes.length === 0) return results;
  const answers = await put(tx, context, interaction, writes);
  // What is projected was refused by now, with where it is changed; what was written is taken back.
  for (const { operation, resource } of written)
    if (resource) assertNotProjected(resource, operation.place);
  written.forEach((step, n) => {
    const { status, version } = answers[n]!;
    const resource =
      step.resource && version !== null ? stamp(step.resource, step.id, version, context.at) : null;
    results.push([
      step.operation,
      { status, type: step.operation.type, id: step.id, version, resource },
    ]);
  });
  return results;
}

/** @throws DomainError `fhir.resource` with the issues, each where it stands in what was sent */
export function assertValid(resource: FhirResource, place?: string): void {
  const issues = validateResource(resource);
  if (!issues.some((issue) => issue.severity === "error")) return;
  const placed = issues.map((issue) => ({
    ...issue,
    ...(place && { expression: issue.expression?.replace(/^[A-Za-z]+/, place) }),
  }));
  throw new DomainError("fhir.resource", { issues: placed });
}

/**
 * Only the projection says that something comes from the alliance itself.
 * @throws DomainError `fhir.resource`
 */
export function assertNotProjected(resource: FhirResource, place = resource.resourceType): void {
  if (!claimsProjection(resource)) return;
  throw new DomainError("fhir.resource", {
    issues: [
      {
        severity: "error",
        code: "business-rule",
        expression: `${place}.meta.source`,
        diagnostics: `${projectionSource} is said only of what the alliance's own services made: name your own source, or none`,
      },
    ],
  });
}
