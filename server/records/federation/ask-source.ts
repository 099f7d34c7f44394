/** A patient's whole record at one place: found, read page by page, looked through. */
import type { Bundle, Resource } from "@medplum/fhirtypes";
import { carriesIdentifier, judgeEntry, type KnownIdentifier } from "./check-entry.ts";
import { PartnerError } from "./fault.ts";
import type { PartnerClient } from "./partner-client.ts";

/** Resources per page, and how many pages are believed to be an end. */
const pageSize = 200;
export const pagesMax = 25;

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
  /** Entries about somebody else, dropped. */
  readonly otherPatient: number;
};

/**
 * @param localIds what the locator knows of the patient there; none: he is looked for by identifier
 * @param onPage good resources as they come
 * @throws PartnerError; pages that came before stay true
 */
export async function askSource(
  client: PartnerClient,
  input: {
    readonly base: string;
    readonly localIds: readonly string[];
    readonly identifiers: readonly KnownIdentifier[];
    readonly onPage: (resources: readonly Resource[]) => void;
  },
): Promise<SourceRecord> {
  const seen = { setAside: 0, otherPatient: 0, resources: 0, withholds: false };
  const kinds = new Set<string>();
  const patientIds =
    input.localIds.length > 0 ? input.localIds : await findPatients(client, input, seen);
  if (patientIds.length === 0 && seen.otherPatient > 0) throw new PartnerError("other-patient");
  const found: string[] = [];
  for (const patientId of patientIds) {
    let page: Bundle | null = await client.everything(patientId, pageSize).catch(gone);
    if (page) found.push(patientId);
    const links = new Set<string>();
    for (let number = 1; page; number += 1) {
      const next = page.link?.find((one) => one?.relation === "next")?.url ?? null;
      if (number > pagesMax || (next !== null && links.has(next)))
        throw new PartnerError("too-many-pages");
      if (next !== null) links.add(next);
      const good = sift(page, patientId, input, seen);
      for (const one of good) kinds.add(one.resourceType);
      seen.resources += good.length;
      if (good.length > 0) input.onPage(good);
      page = await client.nextPage(page);
    }
  }
  const state = seen.resources > 0 ? "answered" : seen.withholds ? "withheld" : "nothing";
  return { state, patientIds: found, kinds: [...kinds], ...seen };
}

type Seen = { setAside: number; otherPatient: number; withholds: boolean };

/** Only who carries the identifier is him: a server may answer a search it does not understand with everybody. */
async function findPatients(
  client: PartnerClient,
  input: { readonly identifiers: readonly KnownIdentifier[] },
  seen: Seen,
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

function sift(
  page: Bundle,
  patientId: string,
  input: { readonly base: string; readonly identifiers: readonly KnownIdentifier[] },
  seen: Seen,
): Resource[] {
  const good: Resource[] = [];
  for (const entry of page.entry ?? []) {
    const resource: unknown = entry?.resource;
    if (entry?.search?.mode === "outcome") {
      if (isWithheld(resource)) seen.withholds = true;
      continue;
    }
    const verdict = judgeEntry(resource, patientId, input.base);
    if (verdict === "other-patient") seen.otherPatient += 1;
    else if (verdict === "invalid") seen.setAside += 1;
    else if (verdict === "good") {
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
