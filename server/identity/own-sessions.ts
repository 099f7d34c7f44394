import type { z } from "zod";
import { trace } from "../audit/service.ts";
import type { Tx } from "../db/client.ts";
import { findInstitutions } from "../directory/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import type { Services, Work } from "../http/context.ts";
import * as accounts from "./account-repository.ts";
import type { ownSessions } from "./contract.ts";
import { deviceOf } from "./device.ts";
import type { Actor } from "./domain.ts";
import { endSession } from "./session-service.ts";

/** The sessions of one person, or of one phone. @throws DomainError `permission.denied` for guests */
function ownerOf(actor: Actor): accounts.SessionOwner & { sessionId: string } {
  if (actor.kind === "staff")
    return { kind: "staff", personId: actor.personId, sessionId: actor.sessionId };
  if (actor.kind === "patient")
    return { kind: "patient", phoneIndex: actor.phoneIndex, sessionId: actor.sessionId };
  throw new DomainError("permission.denied");
}

/** Where I am signed in: this session first, then the last used. */
export async function listOwnSessions({
  tx,
  actor,
  now,
}: Work): Promise<z.input<typeof ownSessions>> {
  const owner = ownerOf(actor);
  const rows = await accounts.findOpenSessions(tx, owner, now);
  const places = await findInstitutions(tx, [
    ...new Set(rows.flatMap((row) => row.institutionId ?? [])),
  ]);
  const language = "language" in actor ? actor.language : "zh-CN";
  const nameOf = (id: string | null) => {
    const place = places.find((one) => one.id === id);
    const translated = { "zh-CN": place?.name, bo: place?.nameBo, en: place?.nameEn }[language];
    return translated ?? place?.name ?? null;
  };
  const sessions = rows.map((row) => ({
    id: row.id,
    current: row.id === owner.sessionId,
    device: deviceOf(row.userAgent),
    institution: nameOf(row.institutionId),
    startedAt: row.createdAt.toISOString(),
    lastSeenAt: row.lastSeenAt.toISOString(),
    locked: row.lockedAt !== null,
  }));
  return { sessions: sessions.toSorted((a, b) => Number(b.current) - Number(a.current)) };
}

/**
 * End one of my sessions, or all but this one; their pages leave at once.
 * @returns how many were ended
 * @throws DomainError `request.not-found`: ended already, or nobody's of mine
 */
export async function endOwnSessions(
  services: Services,
  { tx, actor, origin, now }: Work,
  which: { id: string } | "others",
): Promise<number> {
  const owner = ownerOf(actor);
  const wanted = which === "others" ? { allBut: owner.sessionId } : which;
  const ids = await accounts.findSessionIdsToEnd(tx, owner, wanted, now);
  if (which !== "others" && ids.length === 0) throw new DomainError("request.not-found");
  for (const id of ids) await endTraced(services, tx, { actor, origin, id });
  return ids.length;
}

async function endTraced(
  services: Services,
  tx: Tx,
  { actor, origin, id }: Pick<Work, "actor" | "origin"> & { id: string },
): Promise<void> {
  await endSession(services, tx, id);
  // An app that outlives signing out does not outlive a device that was put out.
  await accounts.endAppsOfSession(tx, id, services.clock());
  await trace(tx, actor, origin, {
    action: "session.end",
    entityType: "session",
    entityId: id,
  });
}
