/**
 * fhir-kit-client within limits. The package builds addresses and reads links; by itself it sends the
 * token to a foreign `next` link, follows whatever it is told, waits for ever and reads without end
 * (2.0.3). All its requests go through one method, which is replaced here.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { Bundle, Resource } from "@medplum/fhirtypes";
import { Client } from "fhir-kit-client";
import { parseJson } from "../../fhir/service.ts";
import { withinBase } from "./address.ts";
import { exchange, type Limits } from "./exchange.ts";
import { isPassing, PartnerError } from "./fault.ts";
import type { TokenKeeper } from "./partner-token.ts";
import { retryDelayMs } from "./retry.ts";
import type { RecordSource } from "./source.ts";

export type PartnerClient = {
  /** Patients with this identifier; it goes in the body, for addresses are logged. */
  patientsWith(identifier: { system: string; value: string }): Promise<Bundle>;
  /** First page of a patient's record. */
  everything(patientId: string, count: number): Promise<Bundle>;
  /** The Patient itself. */
  patient(patientId: string): Promise<Resource>;
  /** First page of what it has of one type about a patient. */
  ofType(type: string, patientId: string, count: number): Promise<Bundle>;
  /** The page after; null: that was the last. */
  nextPage(bundle: Bundle): Promise<Bundle | null>;
  /** Requests that were sent, repeated ones too. */
  readonly requests: number;
  /** Seconds for which everything that came may be kept; null: nothing was said of it. */
  readonly keepSeconds: number | null;
};

export type PartnerClientOptions = {
  readonly limits: Limits;
  /** Milliseconds for everything that is asked through this client. */
  readonly totalMs: number;
  readonly tokens: TokenKeeper;
  /** Hosted stores: the token of this very question. */
  readonly callerToken: string | null;
  /** Whom it is asked for, so that a store's own log and limits count the person, not this server. */
  readonly address: string | null;
};

/** Every method throws PartnerError. */
export function createPartnerClient(
  source: RecordSource,
  { limits, totalMs, tokens, callerToken, address }: PartnerClientOptions,
): PartnerClient {
  const endsAt = performance.now() + totalMs;
  const leftMs = () => endsAt - performance.now();
  let requests = 0;
  let keepSeconds: number | null = null;
  const kit = new Client({ baseUrl: source.base });

  const once = async (method: string, url: URL, type: string | null, body: string | undefined) => {
    if (leftMs() <= 0) throw new PartnerError("timeout");
    const token = callerToken ?? (await tokens.tokenOf(source, limits, leftMs()));
    requests += 1;
    return exchange({
      method,
      url,
      headers: {
        accept: "application/fhir+json",
        ...(type ? { "content-type": type } : {}),
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...(source.via && address ? { "x-forwarded-for": address } : {}),
      },
      body,
      via: source.via,
      privateNetwork: source.privateNetwork,
      limits,
      leftMs: leftMs(),
      onPolicy: (cacheControl) => {
        const said = keepSecondsOf(cacheControl);
        if (said !== null) keepSeconds = Math.min(said, keepSeconds ?? said);
      },
    });
  };
  const send = async (
    method: string,
    link: string,
    type: string | null,
    body: string | undefined,
  ): Promise<Resource> => {
    // The package takes whatever does not begin with "http" for a path.
    if (/^[a-z][a-z0-9+.-]*:/i.test(link) && !/^https?:/i.test(link))
      throw new PartnerError("off-origin");
    const url = withinBase(source.base, kit.httpClient.expandUrl(link));
    let mayRenew = callerToken === null && source.signIn !== null;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return asResource(await once(method, url, type, body));
      } catch (error) {
        if (!(error instanceof PartnerError)) throw error;
        // A token may be over before its time; a second refusal is one.
        if (error.status === 401 && mayRenew) {
          mayRenew = false;
          tokens.forget(source);
          continue;
        }
        if (!isPassing(error)) throw error;
        const wait = retryDelayMs(attempt, error.retryAfterMs, leftMs(), Math.random());
        if (wait === null) throw error;
        await delay(wait);
      }
    }
  };
  // Reads only: a search by POST changes nothing either, so each may be repeated.
  kit.httpClient.request = (async (
    method: string,
    link: string,
    options: { headers?: HeadersInit } = {},
    body?: unknown,
  ) => {
    if (method !== "GET" && method !== "POST") throw new PartnerError("off-origin");
    const type = new Headers(options.headers).get("content-type");
    return send(method, link, type, body === undefined ? undefined : String(body));
  }) as typeof kit.httpClient.request;

  return {
    patientsWith: async ({ system, value }) =>
      asBundle(
        await kit.search({
          resourceType: "Patient",
          searchParams: { identifier: `${system}|${value}`, _count: 20 },
          options: { postSearch: true },
        }),
      ),
    everything: async (patientId, count) =>
      asBundle(
        await kit.operation({
          name: "everything",
          resourceType: "Patient",
          id: patientId,
          method: "GET",
          input: { _count: count } as never,
        }),
      ),
    patient: async (patientId) =>
      (await kit.read({ resourceType: "Patient", id: patientId })) as Resource,
    ofType: async (type, patientId, count) =>
      asBundle(
        await kit.search({
          resourceType: type,
          searchParams: { patient: patientId, _count: count },
        }),
      ),
    nextPage: async (bundle) => {
      const page = await kit.nextPage({ bundle: bundle as never });
      return page ? asBundle(page) : null;
    },
    get requests() {
      return requests;
    },
    get keepSeconds() {
      return keepSeconds;
    },
  };
}

/**
 * For how long an answer may be kept outside its source (RFC 9111, 5.2.2): a store of many is no private
 * cache, and what must be asked anew each time is not kept.
 * @returns null when the header says nothing of it
 */
export function keepSecondsOf(cacheControl: string | null): number | null {
  if (cacheControl === null) return null;
  if (/(^|[\s,])(no-store|no-cache|private|must-revalidate)\b/i.test(cacheControl)) return 0;
  const [, seconds] =
    /(?:^|[\s,])s-maxage\s*=\s*"?(\d{1,9})/i.exec(cacheControl) ??
    /(?:^|[\s,])max-age\s*=\s*"?(\d{1,9})/i.exec(cacheControl) ??
    [];
  return seconds === undefined ? null : Number(seconds);
}

function asResource(bytes: Buffer): Resource {
  let value: unknown;
  try {
    value = parseJson(bytes);
  } catch (cause) {
    throw new PartnerError("unreadable", { cause });
  }
  if (typeof value !== "object" || value === null || !("resourceType" in value))
    throw new PartnerError("not-fhir");
  return value as Resource;
}

/** A 200 that is no bundle (an OperationOutcome, say) is no answer to what was asked. */
function asBundle(value: unknown): Bundle {
  const bundle = value as Bundle;
  const isList = (list: unknown) => list === undefined || Array.isArray(list);
  if (bundle.resourceType !== "Bundle" || !isList(bundle.entry) || !isList(bundle.link))
    throw new PartnerError("not-fhir");
  return bundle;
}
