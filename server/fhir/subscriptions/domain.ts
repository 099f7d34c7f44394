/** What a Subscription asks, and when its receiver is tried again. Pure. */

import { DomainError } from "../../errors/domain-error.ts";
import { isResourceType } from "../definitions/types.ts";
import { type FhirResource, isId } from "../store/resource.ts";
import { type Content, contents, extensions } from "./names.ts";
import { filterParameters, topicOf } from "./topics.ts";

/** All of it must hold for what it speaks of; null: any. */
export type Filter = {
  readonly type: string | null;
  readonly patients: readonly string[] | null;
  readonly ids: readonly string[] | null;
  readonly statuses: readonly string[] | null;
};
export type SubscriptionPlan = {
  readonly topic: string;
  /** Null: every type. */
  readonly types: readonly string[] | null;
  readonly filters: readonly Filter[];
  readonly endpoint: URL;
  /** `Name: value`. */
  readonly headers: readonly string[];
  readonly content: Content;
  readonly heartbeatSeconds: number | null;
  readonly timeoutSeconds: number;
  readonly maxCount: number;
  readonly endsAt: Date | null;
  readonly isOff: boolean;
};

const filtersMax = 10;
const valuesMax = 50;
const headersMax = 10;
/** How header values stand in the resource; sent back, they mean "as before". */
export const hiddenValue = "***";
const limits = {
  heartbeatSeconds: [10, 86_400, null],
  timeoutSeconds: [1, 30, 20],
  maxCount: [1, 100, 20],
} as const;

/**
 * The plan of a Subscription in the form of the backport guide.
 * @throws DomainError `fhir.request`
 */
export function planOf(resource: FhirResource): SubscriptionPlan {
  const sent = resource as unknown as Sent;
  const topic = topicOf(String(sent.criteria ?? ""));
  if (!topic) throw bad("criteria is the canonical address of a topic of ours");
  const { channel } = sent;
  if (channel?.type !== "rest-hook") throw bad("channel.type is rest-hook");
  if (channel.payload !== undefined && !/^application\/(fhir\+)?json$/.test(channel.payload))
    throw bad("channel.payload is application/fhir+json");
  const filters = extensionsOf(sent._criteria, extensions.filterCriteria).map((one) =>
    filterOf(String(one.valueString ?? "")),
  );
  if (filters.length > filtersMax) throw bad(`there are at most ${filtersMax} criteria`);
  const named = [...new Set(filters.flatMap((one) => one.type ?? []))];
  const foreign = named.find((type) => topic.types && !topic.types.includes(type));
  if (foreign) throw bad(`the topic is not about ${foreign}`);
  const [content] = extensionsOf(channel._payload, extensions.payloadContent);
  const asked = content === undefined ? "empty" : contents.find((one) => one === content.valueCode);
  if (!asked) throw bad("backport-payload-content is empty, id-only or full-resource");
  const number = (
    name: string,
    value: "valueUnsignedInt" | "valuePositiveInt",
    key: keyof typeof limits,
  ) => {
    const [found] = extensionsOf(channel, name);
    const [least, most, unsaid] = limits[key];
    if (found === undefined) return unsaid;
    const given = found[value];
    if (!Number.isInteger(given) || (given as number) < least)
      throw bad(`${name.split("/").at(-1)} is at least ${least}`);
    return Math.min(most, given as number);
  };
  const endsAt = sent.end === undefined ? null : new Date(String(sent.end));
  return {
    topic: topic.id,
    types: named.length > 0 ? named : topic.types,
    filters,
    endpoint: endpointOf(channel.endpoint),
    headers: headersOf(channel.header),
    content: asked,
    heartbeatSeconds: number(extensions.heartbeatPeriod, "valueUnsignedInt", "heartbeatSeconds"),
    timeoutSeconds: number(extensions.timeout, "valueUnsignedInt", "timeoutSeconds") ?? 20,
    maxCount: number(extensions.maxCount, "valuePositiveInt", "maxCount") ?? 20,
    endsAt: endsAt && !Number.isNaN(endsAt.getTime()) ? endsAt : null,
    isOff: sent.status === "off",
  };
}

type Sent = {
  status?: unknown;
  criteria?: unknown;
  _criteria?: unknown;
  end?: unknown;
  channel?: {
    type?: unknown;
    endpoint?: unknown;
    payload?: string;
    _payload?: unknown;
    header?: unknown;
  };
};
type Extension = { url?: unknown; [value: string]: unknown };

function extensionsOf(element: unknown, url: string): Extension[] {
  const list = (element as { extension?: unknown } | null | undefined)?.extension;
  return Array.isArray(list) ? (list as Extension[]).filter((one) => one?.url === url) : [];
}

/** `Type?name=value&…` or `?name=value&…`. */
function filterOf(text: string): Filter {
  const [, type = "", query = ""] = /^([A-Za-z]*)\?(.*)$/s.exec(text) ?? [];
  if (type !== "" && !isResourceType(type)) throw bad("a criterion is Type?name=value");
  const values = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(query)) {
    if (!filterParameters.some((one) => one === name))
      throw bad(`a criterion asks ${filterParameters.join(", ")}`);
    const list = value.split(",").filter((one) => one !== "");
    if (values.has(name) || list.length === 0 || list.length > valuesMax)
      throw bad(`a criterion has each parameter once, with 1 to ${valuesMax} values`);
    values.set(name, list);
  }
  if (values.size === 0 && type === "") throw bad("a criterion is Type?name=value");
  const ids = (name: string) =>
    values.get(name)?.map((one) => {
      const id = one.replace(/^Patient\//, "");
      if (!isId(id)) throw bad(`${name} of a criterion is an id of this store`);
      return id;
    }) ?? null;
  return {
    type: type === "" ? null : type,
    patients: ids("patient"),
    ids: ids("_id"),
    statuses: values.get("status") ?? null,
  };
}

function endpointOf(text: unknown): URL {
  const url = typeof text === "string" && URL.canParse(text) ? new URL(text) : null;
  if (
    !url ||
    !/^https?:$/.test(url.protocol) ||
    url.username !== "" ||
    url.password !== "" ||
    url.hash !== "" ||
    url.href.length > 2000
  )
    throw bad("channel.endpoint is an https address without a name, a password or a fragment");
  return url;
}

/** What the connection itself decides is not the subscriber's. */
const ownHeaders =
  /^(host|connection|keep-alive|content-.*|transfer-encoding|te|trailer|upgrade|expect|accept-encoding|proxy-.*|cookie)$/i;

function headersOf(list: unknown): string[] {
  if (list === undefined) return [];
  if (!Array.isArray(list) || list.length > headersMax)
    throw bad(`there are at most ${headersMax} headers`);
  return list.map((one) => {
    const [, name = "", value = ""] =
      /^([A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}):\s*(.*)$/.exec(String(one)) ?? [];
    if (name === "" || ownHeaders.test(name) || !/^[\x20-\x7e]{1,4000}$/.test(value))
      throw bad("a header is Name: value and none that a connection sets itself");
    return `${name}: ${value}`;
  });
}

/** Headers for the resource: their names are said, what they carry is not. */
export const hidden = (headers: readonly string[]): string[] =>
  headers.map((one) => `${one.slice(0, one.indexOf(":"))}: ${hiddenValue}`);

/**
 * Headers with what hidden values stand for: those of the same receiver before. Another receiver is not
 * handed what was meant for the one before.
 * @param before headers of the version before, and where they went; null: there is none
 * @throws DomainError `fhir.request`
 */
export function revealed(
  { headers, endpoint }: Pick<SubscriptionPlan, "headers" | "endpoint">,
  before: { readonly headers: readonly string[]; readonly endpoint: string } | null,
): string[] {
  const known = before && placeOf(new URL(before.endpoint)) === placeOf(endpoint);
  return headers.map((one) => {
    if (!one.endsWith(`: ${hiddenValue}`)) return one;
    const name = one.slice(0, one.indexOf(":") + 1);
    const old = known
      ? before.headers.find((header) => header.toLowerCase().startsWith(name.toLowerCase()))
      : undefined;
    if (old === undefined)
      throw bad(
        `give the header ${name.slice(0, -1)} again: ${hiddenValue} stands for nothing here`,
      );
    return old;
  });
}

const placeOf = ({ origin, pathname }: URL): string => origin + pathname;

const second = 1000;
/** A receiver that does not take the handshake is given up after this, one that was active after a day. */
export const givenUpMs = { handshake: 15 * 60 * second, events: 24 * 3600 * second } as const;
/** So long after an error changes are still noted, for a subscriber who comes back. */
export const recordedAfterErrorMs = 7 * 24 * 3600 * second;
/** So long events that arrived can be asked for again. */
export const eventsKeptMs = 30 * 24 * 3600 * second;
const longestWaitMs = 15 * 60 * second;
const longestAskedMs = 3600 * second;

/**
 * Milliseconds until the next attempt: from one second, doubled each time, up to a quarter of an hour; what
 * the receiver asks by Retry-After is kept up to an hour.
 * @param failures how many there were in a row, at least 1
 * @param random from 0 to 1
 */
export function waitMs(failures: number, retryAfterMs: number | null, random: number): number {
  const own =
    Math.min(longestWaitMs, second * 2 ** Math.min(20, failures - 1)) * (0.75 + random / 2);
  return Math.round(
    retryAfterMs === null ? own : Math.max(own, Math.min(longestAskedMs, retryAfterMs)),
  );
}

/** Another try cannot help: nothing was sent and nothing will be, or the receiver says for ever. */
export const isFinal = (fault: string, status: number | null): boolean =>
  status === 410 || ["redirect", "private-address", "insecure", "off-origin"].includes(fault);

const bad = (reason: string) => new DomainError("fhir.request", { reason });
