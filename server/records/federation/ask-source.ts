/** A patient's whole record at one place: found, read page by page, looked through. */
import type { Bundle, Resource } from "@medplum/fhirtypes";
import { carriesIdentifier, firstFault, judgeEntry, type KnownIdentifier } from "./check-entry.ts";
import { PartnerError } from "./fault.ts";
import type { PartnerClient } from "./partner-client.ts";

/** Resources per page, and how many pages are believed to be an end. */
const pageSize = 200;
export const pagesMax = 25;
/** Types that are searched at once where there is no `$everything`. */
const abreast = 4;
/** So many paths of invalid resources are remembered of one answer. */
const pathsMax = 20;

export type SourceRecord = {
  /** `nothing`: it knows no such patient. `withheld`: it may not show us anything. */
  readonly state: "answered" | "nothing" | "withheld";
  /** Ids of the patient there, for the locator. */
  readonly patientIds: readonly string[];
  readonly kinds: readonly string[];
  readonly resources: number;
  /** Something is not shown because the patient does not want it. */
  readonly withholds: boolean;
  /** Entries that are not valid R4. */
  readonly setAside: number;
  /** Where they were wrong: the first path of each, without what stood there, and how often. */
  readonly invalidAt: ReadonlyMap<string, number>;
  /** Entries about somebody else, dropped. */
  readonly otherPatient: number;
};

export type SourceQuestion = {
  readonly base: string;
  /** What the locator knows of the patient there; none: he is looked for by identifier. */
  readonly localIds: readonly string[];
  readonly identifiers: readonly KnownIdentifier[];
  /** Searched one by one; null: asked for by `$everything`. */
  readonly types: readonly string[] | null;
  /** What the patient lets the asker see, where the source cannot be told. */
  readonly isShown?: (resource: Resource) => boolean;
  /** Good resources as they come. */
  readonly onPage: (resources: readonly Resource[]) => void;
};

/** @throws PartnerError; pages that came before stay true */
export async function askSource(
  client: PartnerClient,
  input: SourceQuestion,
): Promise<SourceRecord> {
  const seen: Seen = {
    setAside: 0,
    otherPatient: 0,
    resources: 0,
    withholds: false,
    invalidAt: new Map(),
    kinds: new Set(),
  };
  const patientIds =
    input.localIds.length > 0 ? input.localIds : await findPatients(client, input, seen);
  if (patientIds.length === 0 && seen.otherPatient > 0) throw new PartnerError("other-patient");
  const found: string[] = [];
  for (const patientId of patientIds) {
    const { types } = input;
    const isThere =
      types === null
        ? await readPages(client, input, patientId, seen, () =>
            client.everything(patientId, pageSize).catch(gone),
          )
        : await readTypes(client, { ...input, types }, patientId, seen);
    if (isThere) found.push(patientId);
  }
  const state = seen.resources > 0 ? "answered" : seen.withholds ? "withheld" : "nothing";
  return { ...seen, state, patientIds: found, kinds: [...seen.kinds] };
}

type Seen = {
  setAside: number;
  otherPatient: number;
  resources: number;
  withholds: boolean;
  readonly invalidAt: Map<string, number>;
  readonly kinds: Set<string>;
};

/** @returns false when the patient is there no more */
async function readPages(
  client: PartnerClient,
  input: SourceQuestion,
  patientId: string,
  seen: Seen,
  first: () => Promise<Bundle | null>,
): Promise<boolean> {
  let page = await first();
  if (!page) return false;
  const links = new Set<string>();
  for (let number = 1; page; number += 1) {
    const next: string | null = page.link?.find((one) => one?.relation === "next")?.url ?? null;
    if (number > pagesMax || (next !== null && links.has(next)))
      throw new PartnerError("too-many-pages");
    if (next !== null) links.add(next);
    take(sift(page, patientId, input, seen), input, seen);
    page = await client.nextPage(page);
  }
  return true;
}

/** Where there is no `$everything`: the Patient first, who must be him, then what is there of each type. */
async function readTypes(
  client: PartnerClient,
  input: SourceQuestion & { readonly types: readonly string[] },
  patientId: string,
  seen: Seen,
): Promise<boolean> {
  const patient = await client.patient(patientId).catch(gone);
  if (!patient) return false;
  const alone = { resourceType: "Bundle", type: "searchset", entry: [{ resource: patient }] };
  const [him] = sift(alone as Bundle, patientId, input, seen);
  if (him?.resourceType !== "Patient") throw new PartnerError("other-patient");
  take([him], input, seen);
  const waiting = input.types.filter((type) => type !== "Patient");
  const worker = async () => {
    for (let type = waiting.shift(); type !== undefined; type = waiting.shift()) {
      const wanted = type;
      await readPages(client, input, patientId, seen, () =>
        client.ofType(wanted, patientId, pageSize),
      );
    }
  };
  await Promise.all(Array.from({ length: abreast }, worker));
  return true;
}

function take(good: readonly Resource[], input: SourceQuestion, seen: Seen): void {
  for (const one of good) seen.kinds.add(one.resourceType);
  const { isShown } = input;
  const shown = isShown
    ? good.filter((one) => one.resourceType === "Patient" || isShown(one))
    : good;
  if (shown.length < good.length) seen.withholds = true;
  seen.resources += shown.length;
  if (shown.length > 0) input.onPage(shown);
}

/** Only who carries the identifier is him: a server may answer a search it does not understand with everybody. */
async function findPatients(
  client: PartnerClient,
  input: { readonly identifiers: readonly KnownIdentifier[] },
  seen: Pick<Seen, "otherPatient">,
): Promise<string[]> {
  const ids = new Set<string>();
  for (const identifier of input.identifiers) {
    for (const { resource } of (await client.patientsWith(identifier)).entry ?? []) {
      if (resource?.resourceType !== "Patient") continue;
      if (typeof resource.id === "string" && carriesIdentifier(resource, [identifier]))
        ids.add(resource.id);
      else seen.otherPatient += 1;
    }
    if (ids.size > 0) break;
  }
  return [...ids];
}

/** The patient was there once; 404 and 410 say that nothing is now. */
function gone(error: unknown): null {
  if (error instanceof PartnerError && (error.status === 404 || error.status === 410)) return null;
  throw error;
}

function sift(page: Bundle, patientId: string, input: SourceQuestion, seen: Seen): Resource[] {
  const good: Resource[] = [];
  for (const entry of page.entry ?? []) {
    const resource: unknown = entry?.resource;
    if (entry?.search?.mode === "outcome") {
      if (isWithheld(resource)) seen.withholds = true;
      continue;
    }
    const verdict = judgeEntry(resource, patientId, input.base);
    if (verdict === "other-patient") seen.otherPatient += 1;
    else if (verdict === "invalid") {
      seen.setAside += 1;
      const path = firstFault(resource);
      if (seen.invalidAt.has(path) || seen.invalidAt.size < pathsMax)
        seen.invalidAt.set(path, (seen.invalidAt.get(path) ?? 0) + 1);
    } else if (verdict === "good") {
      // The record under this id is somebody else's: nothing of it is shown.
      if (
        (resource as Resource).resourceType === "Patient" &&
        !carriesIdentifier(resource as Resource, input.identifiers)
      )
        throw new PartnerError("other-patient");
      good.push(resource as Resource);
    }
  }
  return good;
}

/** R4 issue type `suppressed`: what our stores, and others, say of what consent hides. */
function isWithheld(resource: unknown): boolean {
  const { resourceType, issue } = (resource ?? {}) as { resourceType?: unknown; issue?: unknown };
  return (
    resourceType === "OperationOutcome" &&
    Array.isArray(issue) &&
    issue.some((one: { code?: unknown }) => one?.code === "suppressed")
  );
}
