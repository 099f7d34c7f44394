import { randomBytes } from "node:crypto";
import { findLiveGuest } from "../consult/service.ts";
import type { Tx } from "../db/client.ts";
import type { Services } from "../http/context.ts";
import { announce } from "../outbox/service.ts";
import type { Actor, Language } from "./domain.ts";
import * as repository from "./repository.ts";

/** How long a session of each kind lives, in hours; a guest's ends with the link at the latest. */
export const sessionHours = { staff: 12, patient: 24 * 30, guest: 24 } as const;
/** Signing asks for a proof of identity that is at most this old. */
export const recentAuthMinutes = 5;
/** A used session gets a new token this often, so that a stolen one does not last. */
const rotateAfterMs = 60 * 60_000;

export const systemActor = (reason: string, language: Language = "zh-CN"): Actor => ({
  kind: "system",
  reason,
  language,
});

export type NewSession = {
  kind: "staff" | "patient" | "guest";
  personId?: string;
  institutionId?: string;
  phoneIndex?: Buffer;
  guestId?: string;
  userAgent: string | null;
  expiresAt?: Date;
};

/** Start a session. The secret goes into the cookie once; only its hash is kept. */
export async function startSession(
  services: Services,
  tx: Tx,
  input: NewSession,
): Promise<{ secret: string; sessionId: string; expiresAt: Date }> {
  const now = services.clock();
  const { secret, hash } = services.vault.newSecret();
  const byKind = new Date(now.getTime() + sessionHours[input.kind] * 3_600_000);
  const expiresAt = input.expiresAt && input.expiresAt < byKind ? input.expiresAt : byKind;
  const row = await repository.insertSession(tx, {
    tokenHash: hash,
    kind: input.kind,
    personId: input.personId ?? null,
    institutionId: input.institutionId ?? null,
    phoneIndex: input.phoneIndex ?? null,
    guestId: input.guestId ?? null,
    csrfToken: randomBytes(24).toString("base64url"),
    userAgent: input.userAgent?.slice(0, 300) ?? null,
    createdAt: now,
    rotatedAt: now,
    lastSeenAt: now,
    strongAt: input.kind === "guest" ? null : now,
    expiresAt,
  });
  return { secret, sessionId: row.id, expiresAt };
}

/** End a session at once, on every replica and in every open page. */
export async function endSession(services: Services, tx: Tx, sessionId: string): Promise<void> {
  await repository.updateSession(tx, sessionId, { revokedAt: services.clock() });
  await announce(tx, { topic: "session", id: sessionId, version: 0 }, {}, { sessionId });
}

/**
 * A new token for the same session: after a change of rights, a new proof of identity, or an hour
 * of use. Null when another tab has just made one; the cookie then stays as it is.
 */
export async function rotateSession(
  services: Services,
  tx: Tx,
  row: repository.SessionRow,
  change: Partial<repository.SessionRow> = {},
): Promise<string | null> {
  const { secret, hash } = services.vault.newSecret();
  const rotated = await repository.rotateToken(tx, row, {
    ...change,
    tokenHash: hash,
    previousTokenHash: row.tokenHash,
    rotatedAt: services.clock(),
  });
  if (rotated) return secret;
  if (Object.keys(change).length > 0) await repository.updateSession(tx, row.id, change);
  return null;
}

export function rotationDue(row: repository.SessionRow, now: Date): boolean {
  return now.getTime() - row.rotatedAt.getTime() > rotateAfterMs;
}

export type Authenticated = { actor: Actor; session: repository.SessionRow };

/** Who a session cookie stands for, with rights read from the rows of this moment; null when it stands for nobody. */
export async function authenticate(
  services: Services,
  secret: string | undefined,
  language: Language,
): Promise<Authenticated | null> {
  if (!secret || secret.length > 200) return null;
  const now = services.clock();
  return services.db.withActor(systemActor("authenticate"), async (tx) => {
    const session = await repository.findSession(tx, services.vault.hashSecret(secret), now);
    if (!session) return null;
    const actor = await actorOf(tx, session, language, now, services.demo);
    return actor ? { actor, session } : null;
  });
}

/** Who a session row stands for now; null when the person has no work there any more. */
export async function actorOf(
  tx: Tx,
  session: repository.SessionRow,
  language: Language,
  now: Date,
  demo: boolean,
): Promise<Actor | null> {
  if (session.kind === "staff" && session.personId && session.institutionId) {
    const staff = await repository.findStaffAt(tx, session.personId, session.institutionId, now);
    if (!staff) return null;
    const enrolled = await repository.hasSecondFactor(tx, session.personId, demo);
    const permissions = enrolled && !session.lockedAt ? staff.permissions : new Set<string>();
    return {
      kind: "staff",
      personId: session.personId,
      institutionId: session.institutionId,
      permissions,
      sessionId: session.id,
      name: staff.name,
      language,
    };
  }
  if (session.kind === "patient" && session.phoneIndex) {
    const patients = await repository.findPatientsOfPhone(tx, session.phoneIndex);
    return {
      kind: "patient",
      phoneIndex: session.phoneIndex,
      patientIds: patients.map((row) => row.patientId),
      sessionId: session.id,
      language,
    };
  }
  if (session.kind === "guest" && session.guestId) {
    const guest = await findLiveGuest(tx, session.guestId, now);
    return guest
      ? {
          kind: "guest",
          guestId: guest.id,
          consultId: guest.consultId,
          name: guest.name,
          sessionId: session.id,
          language,
        }
      : null;
  }
  return null;
}
