import { createHash } from "node:crypto";
import { and, eq } from "drizzle-orm";
import type { Vault } from "../crypto/vault.ts";
import { actorKey } from "../db/actor.ts";
import type { Tx } from "../db/client.ts";
import { DomainError } from "../errors/domain-error.ts";
import type { Actor } from "../identity/domain.ts";
import { idempotencyKey } from "./schema.ts";

/** Answers hold patients' data and links that work; they are kept sealed. */
const context = "idempotency_key.body";

function open(vault: Vault, body: unknown): unknown {
  return typeof body === "string" ? (JSON.parse(vault.open(context, body)) as unknown) : null;
}

/**
 * Run a write once for a key: a repetition gets the first answer and changes nothing. The key is
 * taken in the write's own transaction, so a second request at the same moment waits for the first.
 * @param request what was asked; the same key with another request is refused
 * @throws DomainError `idempotency.key-reused`
 */
export async function once<Answer>(
  tx: Tx,
  actor: Actor,
  options: { vault: Vault; key: string; request: unknown; now: Date },
  write: () => Promise<{ status: number; body: Answer }>,
): Promise<{ status: number; body: Answer }> {
  const requestHash = createHash("sha256")
    .update(JSON.stringify(options.request ?? null))
    .digest();
  const name = actorKey(actor);
  const taken = await tx
    .insert(idempotencyKey)
    .values({ actorKey: name, key: options.key, requestHash, createdAt: options.now })
    .onConflictDoNothing()
    .returning({ key: idempotencyKey.key });
  const where = and(eq(idempotencyKey.actorKey, name), eq(idempotencyKey.key, options.key));
  if (taken.length === 0) {
    const [saved] = await tx.select().from(idempotencyKey).where(where);
    if (!saved?.requestHash.equals(requestHash)) throw new DomainError("idempotency.key-reused");
    return { status: saved.status ?? 200, body: open(options.vault, saved.body) as Answer };
  }
  const answer = await write();
  const body = options.vault.seal(context, JSON.stringify(answer.body ?? null));
  await tx.update(idempotencyKey).set({ status: answer.status, body }).where(where);
  return answer;
}
