import type { FastifyReply } from "fastify";

export const mediaType = "application/fhir+json; charset=utf-8";

/** One answer, whether it goes out by itself or as an entry of a bundle. */
export type Answer = {
  readonly status: number;
  /** JSON text of the resource or bundle; null: no body. */
  readonly text: string | null;
  readonly version?: number | null;
  readonly lastModified?: Date;
  /** Relative to the endpoint's base, e.g. `Patient/1/_history/2`. */
  readonly location?: string;
  /** A conditional create found it there: its place is said as that of a new one. */
  readonly isFound?: boolean;
};

export const etagOf = (version: number): string => `W/"${version}"`;

/** Sends an answer as it stands: stored text is not parsed again. */
export function send(reply: FastifyReply, answer: Answer, base: string): FastifyReply {
  void reply.status(answer.status);
  if (answer.version) void reply.header("etag", etagOf(answer.version));
  if (answer.lastModified) void reply.header("last-modified", answer.lastModified.toUTCString());
  if (answer.location)
    void reply.header(
      answer.status === 201 || answer.isFound ? "location" : "content-location",
      `${base}/${answer.location}`,
    );
  if (answer.text === null) return reply.send();
  return reply.type(mediaType).serializer(asItIs).send(answer.text);
}

const asItIs = (payload: unknown): string => payload as string;

export type BundleEntry = {
  readonly fullUrl?: string;
  readonly text?: string | null;
  readonly search?: "match" | "include" | "outcome";
  /** How sure a match of `$match` is. */
  readonly match?: { readonly grade: string; readonly score: number };
  readonly request?: { method: string; url: string };
  readonly response?: {
    status: string;
    location?: string;
    etag?: string;
    lastModified?: string;
    outcome?: unknown;
  };
};

/** A Bundle around stored texts, put together without parsing them. */
export function bundleText(input: {
  readonly type: string;
  readonly total?: number | null;
  readonly links?: readonly (readonly [relation: string, url: string])[];
  readonly entries: readonly BundleEntry[];
  readonly at?: Date;
}): string {
  const head = JSON.stringify({
    resourceType: "Bundle",
    ...(input.at ? { meta: { lastUpdated: input.at.toISOString() } } : {}),
    type: input.type,
    ...(input.total === null || input.total === undefined ? {} : { total: input.total }),
    ...(input.links?.length
      ? { link: input.links.map(([relation, url]) => ({ relation, url })) }
      : {}),
  });
  // R4 forbids an empty list.
  if (input.entries.length === 0) return head;
  return `${head.slice(0, -1)},"entry":[${input.entries.map(entryText).join(",")}]}`;
}

function entryText(entry: BundleEntry): string {
  const parts = [
    entry.fullUrl ? `"fullUrl":${JSON.stringify(entry.fullUrl)}` : null,
    entry.text ? `"resource":${entry.text}` : null,
    entry.search ? `"search":${searchText(entry)}` : null,
    entry.request ? `"request":${JSON.stringify(entry.request)}` : null,
    entry.response ? `"response":${JSON.stringify(entry.response)}` : null,
  ];
  return `{${parts.filter((part) => part !== null).join(",")}}`;
}

const matchGrade = "http://hl7.org/fhir/StructureDefinition/match-grade";

function searchText({ search, match }: BundleEntry): string {
  if (!match) return `{"mode":"${search}"}`;
  return JSON.stringify({
    extension: [{ url: matchGrade, valueCode: match.grade }],
    mode: search,
    score: match.score,
  });
}

/** That something is withheld is said, what it is is not. */
export function withheldEntry(count: number): BundleEntry {
  return {
    search: "outcome",
    text: JSON.stringify({
      resourceType: "OperationOutcome",
      issue: [
        {
          severity: "information",
          code: "suppressed",
          details: {
            coding: [{ system: "urn:yilian:outcome", code: "withheld" }],
            text: "Items withheld by the patient",
          },
          diagnostics: String(count),
        },
      ],
    }),
  };
}
