/** Whether an outside FHIR server could be asked, and in one word why not. Reads its statement, never a record. */
import type { z } from "zod";
import { trace } from "../audit/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { parseJson } from "../fhir/service.ts";
import { assertPermission, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import type { connectionBody, connectionFaults, connectionResult } from "./connection-contract.ts";
import { exchange, type Limits } from "./federation/exchange.ts";
import { PartnerError } from "./federation/fault.ts";
import { createTokenKeeper } from "./federation/partner-token.ts";

type Result = z.infer<typeof connectionResult>;
type Fault = (typeof connectionFaults)[number];

const limits: Limits = { connectMs: 3000, answerMs: 8000, bodyBytes: 8 * 1024 * 1024 };
const causes: Readonly<Record<string, Fault>> = {
  ENOTFOUND: "name",
  EAI_AGAIN: "name",
  ENODATA: "name",
  ECONNREFUSED: "closed",
};

/**
 * @throws DomainError `permission.denied`, `request.invalid` for an address that is none
 */
export async function testConnection(
  { tx, actor, origin }: Work<StaffActor>,
  body: z.infer<typeof connectionBody>,
): Promise<Result> {
  assertPermission(actor, "record.manage");
  const base = addressOf(body.base);
  const signIn = body.signIn ?? null;
  if (signIn) addressOf(signIn.tokenUrl);
  const began = performance.now();
  const result = await ask({ base, signIn, privateNetwork: body.privateNetwork });
  await trace(tx, actor, origin, {
    action: "record-store.test",
    entityType: "record-store",
    entityId: actor.institutionId,
    detail: { host: base.host, result: result.fault ?? "good" },
  });
  return { ...result, tookMs: Math.round(performance.now() - began) };
}

type Asked = {
  base: URL;
  signIn: z.infer<typeof connectionBody>["signIn"] | null;
  privateNetwork: boolean;
};
type Found = Omit<Result, "tookMs">;

async function ask({ base, signIn, privateNetwork }: Asked): Promise<Found> {
  const address = base.href.replace(/\/+$/, "");
  let token: string | null = null;
  if (signIn) {
    try {
      token = await createTokenKeeper().tokenOf(
        {
          institutionId: "",
          code: "",
          kind: "remote",
          base: address,
          via: null,
          privateNetwork,
          signIn: { ...signIn, scope: signIn.scope || null },
        },
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
      url: new URL(`${address}/metadata`),
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
  rest?: { resource?: unknown[] }[];
};

function judge(bytes: Buffer): Found {
  let statement: Statement | null;
  try {
    statement = parseJson(bytes) as Statement | null;
  } catch {
    return nothing("unreadable");
  }
  if (statement?.resourceType !== "CapabilityStatement") return nothing("not-fhir");
  const version = String(statement.fhirVersion ?? "");
  const resources = Array.isArray(statement.rest) ? statement.rest[0]?.resource : undefined;
  return {
    fault: /^4\.0(\.|$)/.test(version) ? null : "version",
    status: 200,
    version: version.slice(0, 20),
    software: String(statement.software?.name ?? "FHIR").slice(0, 80),
    types: Array.isArray(resources) ? resources.length : 0,
  };
}

function faultOf(error: unknown): Found {
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

const nothing = (fault: Fault): Found => ({
  fault,
  status: null,
  version: null,
  software: null,
  types: null,
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
};

/** @throws DomainError `request.invalid` */
function addressOf(text: string): URL {
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
  return url;
}
