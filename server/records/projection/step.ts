/**
 * One step of a store's projection: rows are read, mapped, written to the store and taken off the list, in
 * this order, so that a crash anywhere repeats the step and loses nothing. Whoever takes the step holds the
 * store's row: of several servers one does, and each resource is told in the order of its changes.
 */
import { DrizzleQueryError } from "drizzle-orm";
import { FhirMappingError } from "../../../fhir-mappings/mapping-error.ts";
import { publishedQuestionnaires } from "../../fever/service.ts";
import { eachString, type HostedStore } from "../../fhir/service.ts";
import type { Services } from "../../http/context.ts";
import { systemActor } from "../../identity/service.ts";
import { findChanges, moveWalk, removeChanges, takeStore, type Walk } from "./changes.ts";
import { findOpinionsDue } from "./consult-part.ts";
import { kindAfter, type ProjectionKind } from "./kinds.ts";
import { projectionParts } from "./parts.ts";
import { localIdsOf, patientResources } from "./patient-part.ts";
import { type Projected, type Reading, shown } from "./projected.ts";
import { writeProjected } from "./store-writer.ts";

const actor = systemActor("record-projection");
/** So many rows are one step: a store is held for some tens of milliseconds. */
const rowsPerStep = 100;

/** A row that no map can tell: names and paths, no content. */
export type Gap = { readonly kind: ProjectionKind; readonly id: string; readonly path: string };
export type Step = {
  /** `changes`: there may be more at once. `walk`: there is more of what was there before. */
  readonly did: "changes" | "walk" | "nothing" | "busy";
  readonly written: number;
  readonly gaps: readonly Gap[];
};

/**
 * Take the next changes of an institution, or without any the next stretch of its walk.
 * @throws DomainError `fhir.paused`, `fhir.no-store`; everything waits then
 */
export function projectStep(services: Services, institutionId: string): Promise<Step> {
  return held(services, institutionId, async (reading, hosted, walk) => {
    const { tx } = reading;
    const changes = await findChanges(tx, institutionId, rowsPerStep);
    if (changes.length > 0) {
      const told = await tell(reading, hosted, byKind(changes));
      await removeChanges(tx, changes);
      return { did: "changes", ...told };
    }
    const { wanted, next } = await nextStretch(reading, walk);
    if (!next) return { did: "nothing", written: 0, gaps: [] };
    const told = await tell(reading, hosted, wanted);
    await moveWalk(tx, institutionId, next, reading.now);
    return { did: "walk", ...told };
  });
}

/**
 * What has come to be true by time alone: opinions that nobody acknowledged, and which version of the questions
 * counts today.
 */
export function projectDue(services: Services, institutionId: string): Promise<Step> {
  return held(services, institutionId, async (reading, hosted) => {
    const ids = await findOpinionsDue(reading.tx, institutionId, reading.now);
    const wanted = new Map<ProjectionKind, Set<string>>([["consult", new Set(ids)]]);
    const told = await tell(reading, hosted, ids.length > 0 ? wanted : new Map());
    const asked = await publishedQuestionnaires(reading.tx, reading.now);
    const written = await writeProjected(services, hosted, asked.map(shown), ["Questionnaire"]);
    return { did: "nothing", ...told, written: told.written + written };
  });
}

/** Works on a store as the only one who does. */
async function held(
  services: Services,
  institutionId: string,
  work: (reading: Reading, hosted: HostedStore, walk: Walk) => Promise<Step>,
): Promise<Step> {
  const hosted = await services.records.find({ institutionId });
  return services.db.withActor(actor, async (tx): Promise<Step> => {
    const walk = await takeStore(tx, institutionId);
    if (!walk) return { did: "busy", written: 0, gaps: [] };
    return work({ services, tx, institutionId, now: services.clock() }, hosted, walk);
  });
}

async function tell(
  reading: Reading,
  hosted: HostedStore,
  wanted: ReadonlyMap<ProjectionKind, ReadonlySet<string>>,
): Promise<{ written: number; gaps: Gap[] }> {
  const gaps: Gap[] = [];
  const items: Projected[] = [];
  const whole: string[] = [];
  for (const [kind, ids] of wanted) {
    const part = projectionParts[kind];
    const gap = (id: string, error: unknown) => {
      // A row that cannot be told does not keep the others from it; a database that fails does.
      if (error instanceof DrizzleQueryError) throw error;
      gaps.push({ kind, id, path: error instanceof FhirMappingError ? error.path : "" });
    };
    items.push(...(await part.project(reading, [...ids], gap)));
    whole.push(...(part.whole ?? []));
  }
  const kept = await asKeptHere(reading, items);
  return { written: await writeProjected(reading.services, hosted, kept, whole), gaps };
}

function byKind(changes: readonly { kind: ProjectionKind; entityId: string }[]) {
  const wanted = new Map<ProjectionKind, Set<string>>();
  for (const { kind, entityId } of changes) {
    const ids = wanted.get(kind) ?? new Set();
    wanted.set(kind, ids.add(entityId));
  }
  return wanted;
}

async function nextStretch(
  reading: Reading,
  { kind, after }: Walk,
): Promise<{ wanted: Map<ProjectionKind, Set<string>>; next: Walk | null }> {
  if (kind === null) return { wanted: new Map(), next: null };
  const ids = await projectionParts[kind].idsAfter(reading, after, rowsPerStep);
  const last = ids.at(-1);
  const next: Walk =
    last === undefined ? { kind: kindAfter(kind), after: "" } : { kind, after: last };
  return { wanted: last === undefined ? new Map() : new Map([[kind, new Set(ids)]]), next };
}

/**
 * The same under the ids by which the institution's own system keeps its patients; whom it does not keep is
 * projected beside.
 */
async function asKeptHere(
  reading: Reading,
  items: readonly Projected[],
): Promise<readonly Projected[]> {
  const named = new Set<string>();
  for (const one of items)
    eachString(one.resource, (_holder, key, text) => {
      const id = key === "reference" ? /^Patient\/([0-9a-f-]{36})$/.exec(text)?.[1] : undefined;
      if (id) named.add(id);
    });
  const own = items.filter((one) => one.type === "Patient");
  if (named.size === 0 && own.length === 0) return items;
  const local = await localIdsOf(reading, [...new Set([...named, ...own.map((one) => one.id)])]);
  const elsewhere = (id: string) => (local.get(id) ?? id) !== id;
  const missing = [...named].filter((id) => !elsewhere(id));
  const others = items.filter((one) => one.type !== "Patient");
  for (const one of others)
    eachString(one.resource, (holder, key, text) => {
      const id = key === "reference" ? /^Patient\/([0-9a-f-]{36})$/.exec(text)?.[1] : undefined;
      if (id && elsewhere(id)) holder[key] = `Patient/${local.get(id)}`;
    });
  return [
    ...own.filter((one) => !elsewhere(one.id)),
    ...(await patientResources(reading, missing)),
    ...others,
  ];
}
