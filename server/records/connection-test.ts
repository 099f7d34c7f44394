/** Whether an outside FHIR server could be asked, and in one word why not. Reads its statement, never a record. */
import type { z } from "zod";
import { DomainError } from "../errors/domain-error.ts";
import { parseJson } from "../fhir/service.ts";
import type { connectionFaults, connectionResult } from "./connection-contract.ts";
import { exchange, type Limits } from "./federation/exchange.ts";
import { PartnerError } from "./federation/fault.ts";
import { createTokenKeeper } from "./federation/partner-token.ts";
import type { RecordSource } from "./federation/source.ts";
import { recordTypes } from "./record-source.ts";

type Result = z.infer<typeof connectionResult>;
type Fault = (typeof connectionFaults)[number];

const limits: Limits = { connectMs: 3000, answerMs: 8000, bodyBytes: 8 * 1024 * 1024 };
const causes: Readonly<Record<string, Fault>> = {
  ENOTFOUND: "name",
  EAI_AGAIN: "name",
  ENODATA: "name",
  ECONNREFUSED: "closed",
};

/** What is to be tried: an address, and how to sign in there. */
export type Tried = Pick<RecordSource, "base" | "privateNetwork" | "signIn">;
/** With the types that it says it holds. */
export type Found = Result & { readonly typeNames: readonly string[] | null };

/** Ask for its statement. Never throws for what the server does. */
export async function tryConnection(tried: Tried): Promise<Found> {
  const began = performance.now();
  const found = await ask(tried);
  return { ...found, tookMs: Math.round(performance.now() - began) };
}

/**
 * An address as it is kept: no name, no query, no slash at the end.
 * @throws DomainError `request.invalid`
 */
export function addressOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (
    !url ||
    !/^https?:$/.test(url.protocol) ||
    url.username !== "" ||
    url.password !== "" ||
    url.search !== "" ||
    url.hash !== ""
  )
    throw new DomainError("request.invalid");
  return url.href.replace(/\/+$/, "");
}

type Said = Omit<Found, "tookMs">;
async function ask({ base, signIn, privateNetwork }: Tried): Promise<Said> {
  let token: string | null = null;
  if (signIn) {
    try {
      token = await createTokenKeeper().tokenOf(
        { institutionId: "", code: "", kind: "remote", via: null, base, privateNetwork, signIn },
        limits,
        limits.answerMs,
      );
    } catch (error) {
      const found = faultOf(error);
      const isRefusal = ["refused", "failed", "not-fhir", "unreadable"].includes(found.fault ?? "");
      return isRefusal ? { ...found, fault: "sign-in" } : found;
    }
  }
  try {
    const bytes = await exchange({
      method: "GET",
      url: new URL(`${base}/metadata`),
      headers: {
        accept: "application/fhir+json",
        ...(token ? { authorization: `Bearer ${token}` } : {}),
      },
      via: null,
      privateNetwork,
      limits,
      leftMs: limits.answerMs,
    });
    return judge(bytes);
  } catch (error) {
    return faultOf(error);
  }
}

type Statement = {
  resourceType?: unknown;
  fhirVersion?: unknown;
  software?: { name?: unknown };
  rest?: unknown;
};
type Stated = { type?: unknown; operation?: unknown };

function judge(bytes: Buffer): Said {
  let statement: Statement | null;
  try {
    statement = parseJson(bytes) as Statement | null;
  } catch {
    return nothing("unreadable");
  }
  if (statement?.resourceType !== "CapabilityStatement") return nothing("not-fhir");
  const version = String(statement.fhirVersion ?? "");
  const [rest] = listOf(statement.rest);
  const stated = listOf((rest as { resource?: unknown } | null)?.resource).map(
    (one) => (one ?? {}) as Stated,
  );
  const types = stated.flatMap(({ type }) => (typeof type === "string" ? [type] : []));
  return {
    fault: /^4\.0(\.|$)/.test(version) ? null : "version",
    status: 200,
    version: version.slice(0, 20),
    software: String(statement.software?.name ?? "FHIR").slice(0, 80),
    types: types.length,
    typeNames: recordTypes.filter((one) => types.includes(one)),
    hasEverything: stated.some(({ type, operation }) => type === "Patient" && knows(operation)),
  };
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
/** By its name, or by the definition of R4 that stands behind another name. */
const knows = (operations: unknown): boolean =>
  listOf(operations).some((one) => {
    const { name, definition } = (one ?? {}) as { name?: unknown; definition?: unknown };
    return (
      /^\$?everything$/.test(String(name ?? "")) ||
      /\/Patient-everything(\||$)/.test(String(definition ?? ""))
    );
  });

function faultOf(error: unknown): Said {
  if (!(error instanceof PartnerError)) throw error;
  const code = String((error.cause as { code?: unknown } | undefined)?.code ?? "");
  const certificate = /^(CERT_|ERR_TLS_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/.test(code);
  const known: Fault =
    error.fault === "unreachable"
      ? certificate
        ? "certificate"
        : (causes[code] ?? "unreachable")
      : (faultWords[error.fault] ?? "failed");
  return { ...nothing(known), status: error.status };
}

const nothing = (fault: Fault): Said => ({
  fault,
  status: null,
  version: null,
  software: null,
  types: null,
  typeNames: null,
  hasEverything: null,
});

const faultWords: Readonly<Record<string, Fault>> = {
  insecure: "insecure",
  unreachable: "unreachable",
  timeout: "timeout",
  redirect: "redirect",
  "off-origin": "redirect",
  "private-address": "private-address",
  "not-fhir": "not-fhir",
  unreadable: "unreadable",
  "too-large": "too-large",
  "too-many-pages": "failed",
  refused: "refused",
  busy: "busy",
  failed: "failed",
  resting: "busy",
  "other-patient": "failed",
  paused: "busy",
};
