import type { FastifyRequest } from "fastify";
import { DomainError } from "../../errors/domain-error.ts";
import { assertPermission, requireStaff, type Services } from "../../http/context.ts";
import { appOf, isEnded, clientOf as tokenOf } from "../../smart/service.ts";
import { traceOfAlliance } from "../audit/rows.ts";
import type { Caller, Purpose } from "../store/caller.ts";
import type { Endpoint } from "./get.ts";

/** HL7 v3 PurposeOfUse as sent by callers. */
const purposeOf: Readonly<Record<string, Purpose>> = {
  TREAT: "treatment",
  ETREAT: "emergency",
  HOPERAT: "operations",
  PATRQT: "patient-request",
};
const reasonMax = 500;

/** Who asks by a bearer token, for endpoints that know system clients. */
export type ClientResolver = (request: FastifyRequest) => Promise<Caller | null>;

/**
 * Who asks: a signed-in member of staff who may read records, or a system client by its token.
 * @throws DomainError `auth.required`, `auth.token`, `permission.denied`, `fhir.reason`
 */
export async function callerOf(
  services: Services,
  request: FastifyRequest,
  clientOf: ClientResolver | undefined,
  permission: "record.read" | "record.manage" = "record.read",
): Promise<Caller> {
  if (request.headers.authorization !== undefined) {
    const client =
      (await clientOf?.(request)) ??
      (await systemOf(services, request)) ??
      (await appCallerOf(services, request));
    if (!client) throw new DomainError("auth.token");
    return client;
  }
  const actor = requireStaff(request);
  assertPermission(actor, permission);
  const purpose = purposeFor(request, permission === "record.read" ? "treatment" : "operations");
  if (purpose === "emergency") assertPermission(actor, "record.emergency");
  return {
    kind: "person",
    actor: actor.personId,
    name: actor.name,
    institution: actor.institutionId,
    purpose,
    reason: purpose === "emergency" ? reasonOf(request) : null,
    scopes: null,
    mayWrite: actor.permissions.has("record.write"),
    manages: actor.permissions.has("record.manage"),
    correlationId: request.traceOrigin.correlationId,
    address: request.traceOrigin.address,
  };
}

/** A system of an institution with a token of ours (server/smart); what it may is in its scopes. */
async function systemOf(services: Services, request: FastifyRequest): Promise<Caller | null> {
  const token = tokenOf(services, request);
  if (!token || (await isEnded(services, token.client))) return null;
  const purpose = purposeFor(request, "operations");
  // Breaking the glass is somebody's decision, with a name beside it.
  if (purpose === "emergency")
    throw new DomainError("fhir.request", { reason: "an emergency access is a person's" });
  return {
    kind: "client",
    actor: token.client,
    name: token.name,
    institution: token.institution,
    purpose,
    reason: null,
    scopes: token.scopes,
    mayWrite: true,
    correlationId: request.traceOrigin.correlationId,
    address: request.traceOrigin.address,
  };
}

/** A person by way of an app that he let in: no more than he may himself, and than he let it. */
async function appCallerOf(services: Services, request: FastifyRequest): Promise<Caller | null> {
  const app = await appOf(services, request);
  if (!app) return null;
  const purpose = app.person ? purposeFor(request, "treatment") : "patient-request";
  if (purpose === "emergency")
    throw new DomainError("fhir.request", { reason: "an emergency access is not an app's" });
  return {
    ...(app.person
      ? { kind: "person", actor: app.person.id, name: app.person.name }
      : { kind: "client", actor: app.client, name: app.clientName }),
    institution: app.institution,
    purpose,
    reason: null,
    scopes: app.scopes,
    limits: app.limits,
    client: app.client,
    clientName: app.clientName,
    onlyAt: app.tenant,
    mayWrite: app.mayWrite,
    manages: app.manages,
    correlationId: request.traceOrigin.correlationId,
    address: request.traceOrigin.address,
  };
}

function purposeFor(request: FastifyRequest, unsaid: Purpose): Purpose {
  const header = request.headers["x-purpose-of-use"];
  const purpose = header === undefined ? unsaid : purposeOf[String(header)];
  if (!purpose)
    throw new DomainError("fhir.request", {
      reason: `X-Purpose-Of-Use is one of ${Object.keys(purposeOf).join(", ")}`,
    });
  return purpose;
}

/** Percent-encoded, because a header carries no Chinese. */
function reasonOf(request: FastifyRequest): string {
  const sent = String(request.headers["x-break-glass-reason"] ?? "");
  let reason = sent;
  try {
    reason = decodeURIComponent(sent);
  } catch {
    // A per cent sign that encodes nothing is a per cent sign.
  }
  if (reason.trim().length < 4) throw new DomainError("fhir.reason");
  return reason.trim().slice(0, reasonMax);
}

/**
 * The store that an address speaks for, and who asks it.
 * @param permission what a member of staff needs; a system's scopes are asked later
 * @param code institution of `/stores/<code>/fhir`; null: the caller's own
 * @throws DomainError `fhir.no-store`, `fhir.paused` and those of {@link callerOf}
 */
export async function endpointOf(
  services: Services,
  request: FastifyRequest,
  code: string | null,
  clientOf: ClientResolver | undefined,
  permission?: "record.read" | "record.manage",
): Promise<Endpoint> {
  const caller = await callerOf(services, request, clientOf, permission);
  const found = await services.records.find(
    code === null ? { institutionId: caller.institution } : { code },
  );
  // A token for one endpoint is none for another (RFC 8707).
  if (caller.onlyAt !== undefined && caller.onlyAt !== found.tenant)
    throw new DomainError("auth.token");
  const base =
    code === null ? `${services.publicUrl}/fhir` : `${services.publicUrl}/stores/${code}/fhir`;
  return {
    store: found.store,
    context: { caller, tenant: found.tenant, at: services.clock(), base },
    alliance: traceOfAlliance(services),
  };
}
