import type { z } from "zod";
import { trace } from "../audit/service.ts";
import { findInstitutions } from "../directory/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import type { Work } from "../http/context.ts";
import type { PatientActor, StaffActor } from "../identity/domain.ts";
import type { grantList } from "./contract.ts";
import { groupsOf, parseScopes } from "./domain.ts";
import * as grants from "./grant-repository.ts";
import type { RecordPeople } from "./people-port.ts";

type Person = StaffActor | PatientActor;

/** Apps that a person let in and that may still ask. */
export async function listGrants(
  people: RecordPeople,
  work: Work<Person>,
): Promise<z.input<typeof grantList>> {
  const { tx, actor, now } = work;
  const rows = await grants.listGrants(tx, now);
  const institutions = await findInstitutions(tx);
  const readable = actor.kind === "patient" ? await people.readable({ ...work, actor }) : [];
  return {
    grants: rows.map(({ grant, client }) => {
      const one = institutions.find(({ id }) => id === client.institutionId)!;
      return {
        id: grant.id,
        app: client.name,
        institution: { name: one.name, nameBo: one.nameBo ?? null, nameEn: one.nameEn ?? null },
        patient: readable.find(({ id }) => id === grant.patientId)?.name ?? null,
        groups: groupsOf(parseScopes(grant.scopes.join(" "))),
        grantedAt: grant.grantedAt.toISOString(),
        lastUsedAt: grant.lastUsedAt?.toISOString() ?? null,
        until: grant.expiresAt.toISOString(),
        offline: grant.offline,
      };
    }),
  };
}

/**
 * An app sees nothing any more, from this moment on.
 * @throws DomainError `request.not-found`: nobody's of mine, or ended already
 */
export async function endOwnGrant(
  { tx, actor, origin, now }: Work<Person>,
  id: string,
): Promise<{ ok: true }> {
  const ended = await grants.endGrant(tx, id, "person", now);
  if (!ended) throw new DomainError("request.not-found");
  await trace(tx, actor, origin, {
    action: "smart.end-grant",
    entityType: "smart-grant",
    entityId: id,
    patientId: ended.patientId,
    detail: { reason: "person", client: ended.clientId },
  });
  return { ok: true };
}
