import type { z } from "zod";
import { trace } from "../audit/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Services, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { tokenUrlOf } from "./client-auth.ts";
import type { registerBody, smartClientView } from "./contract.ts";
import * as repository from "./repository.ts";

type View = z.input<typeof smartClientView>;

/** Systems of the own institution. @throws DomainError `permission.denied` */
export async function listClients(services: Services, { tx, actor }: Work<StaffActor>) {
  assertPermission(actor, "record.manage");
  const rows = await repository.listClients(tx, actor.institutionId);
  return { tokenUrl: tokenUrlOf(services), clients: rows.map(viewOf) };
}

/** A system of the own institution gets an id and may ask for tokens. @throws DomainError `permission.denied` */
export async function registerClient(
  { tx, actor, origin }: Work<StaffActor>,
  body: z.infer<typeof registerBody>,
): Promise<{ client: View }> {
  assertPermission(actor, "record.manage");
  const row = await repository.insertClient(tx, {
    ...body,
    jwks: { keys: body.jwks.keys },
    institutionId: actor.institutionId,
    registeredBy: actor.personId,
  });
  await trace(tx, actor, origin, {
    action: "smart.register",
    entityType: "smart-client",
    entityId: row.id,
    detail: { kind: row.kind, scopes: row.scopes.join(" "), answers: row.redirectUris.join(" ") },
  });
  return { client: viewOf(row) };
}

/** It gets no token any more, and those it has count no longer. @throws DomainError `permission.denied`, `request.not-found` */
export async function endClient(
  { tx, actor, origin, now }: Work<StaffActor>,
  id: string,
): Promise<{ client: View }> {
  assertPermission(actor, "record.manage");
  const where = { id, institutionId: actor.institutionId };
  const row = await repository.disableClient(tx, where, now);
  if (!row) throw new DomainError("request.not-found");
  await trace(tx, actor, origin, {
    action: "smart.end",
    entityType: "smart-client",
    entityId: id,
  });
  return { client: viewOf(row) };
}

const viewOf = (row: repository.SmartClientRow): View => ({
  id: row.id,
  name: row.name,
  kind: row.kind,
  redirectUris: row.redirectUris,
  scopes: row.scopes,
  keyIds: row.jwks.keys.map((key) => key.kid ?? ""),
  disabledAt: row.disabledAt?.toISOString() ?? null,
  createdAt: row.createdAt.toISOString(),
});
