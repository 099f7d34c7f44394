/** A connected server outside, told and read one thing at a time within limits; nothing is followed, nothing believed. */
import type { Resource } from "@medplum/fhirtypes";
import { parseJson } from "../fhir/service.ts";
import type { Services } from "../http/context.ts";
import { systemActor } from "../identity/service.ts";
import { ownKey } from "./connection-key.ts";
import { withinBase } from "./federation/address.ts";
import { exchange } from "./federation/exchange.ts";
import { PartnerError } from "./federation/fault.ts";
import { createTokenKeeper } from "./federation/partner-token.ts";
import { type OutsideRow, outsideSource } from "./record-source.ts";

const limits = { connectMs: 3000, answerMs: 15_000, bodyBytes: 4 * 1024 * 1024 };
const totalMs = 25_000;
const fhirJson = "application/fhir+json; charset=utf-8";
const tokens = createTokenKeeper();

export type OutsideClient = {
  get(path: string): Promise<Resource>;
  post(path: string, body: unknown): Promise<Resource>;
  /** JSON Patch on the version that was read. */
  patch(path: string, body: unknown, version: string): Promise<Resource>;
};

/** @returns a client whose methods throw PartnerError, with the status where there was one */
export async function outsideClient(services: Services, row: OutsideRow): Promise<OutsideClient> {
  const key = await services.db.withActor(systemActor("outside-client"), (tx) =>
    ownKey(tx, row.institutionId),
  );
  const source = outsideSource(services, row, key);
  const send = async (
    method: string,
    path: string,
    headers: Record<string, string>,
    body?: unknown,
  ): Promise<Resource> => {
    const endsAt = performance.now() + totalMs;
    const url = withinBase(source.base, path === "" ? source.base : path);
    for (let attempt = 1; ; attempt += 1) {
      const token = await tokens.tokenOf(source, limits, endsAt - performance.now());
      try {
        const bytes = await exchange({
          method,
          url,
          headers: {
            accept: "application/fhir+json",
            ...headers,
            ...(token ? { authorization: `Bearer ${token}` } : {}),
          },
          body: body === undefined ? undefined : JSON.stringify(body),
          via: null,
          privateNetwork: source.privateNetwork,
          limits,
          leftMs: endsAt - performance.now(),
        });
        return asResource(bytes);
      } catch (error) {
        // A token may be over before its time; a second refusal is one.
        if (!(error instanceof PartnerError) || error.status !== 401 || attempt > 1) throw error;
        tokens.forget(source);
      }
    }
  };
  return {
    get: (path) => send("GET", path, {}),
    post: (path, body) => send("POST", path, { "content-type": fhirJson }, body),
    patch: (path, body, version) =>
      send(
        "PATCH",
        path,
        { "content-type": "application/json-patch+json", "if-match": `W/"${version}"` },
        body,
      ),
  };
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
