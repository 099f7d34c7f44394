import type { Vault } from "../crypto/vault.ts";
import type { Tx } from "../db/client.ts";
import { tellPatient } from "../notices/service.ts";
import { waitMinutes } from "./domain.ts";
import * as repository from "./repository.ts";
import { movedText } from "./texts.ts";

/** A call about another table helps until about one's turn, but nobody is rushed and none hangs on for hours. */
const callMinutes = { least: 5, most: 30 } as const;

/**
 * Tell those whom a turn sent to another table: by message, or by the call they asked for. Who was sampled or
 * sent on meanwhile is told nothing or the newer table; the same move is told once.
 * @returns how many were told
 */
export async function tellMoved(
  tx: Tx,
  vault: Vault,
  surgeId: string,
  movedAt: Date,
  now: Date,
): Promise<number> {
  let told = 0;
  for (const person of await repository.findMoved(tx, surgeId, movedAt)) {
    const minutes = waitMinutes(person.ahead, person.perHour);
    const kept = Math.min(callMinutes.most, Math.max(callMinutes.least, minutes));
    const { messages, call } = await tellPatient(tx, vault, {
      patientId: person.patientId,
      institutionId: person.institutionId,
      kind: "table-moved",
      words: movedText(person),
      once: `surge:${person.registrationId}:${person.moves}`,
      now,
      call: { kind: "table-moved", dueAt: new Date(now.getTime() + kept * 60_000) },
    });
    if (messages > 0 || call) told += 1;
  }
  return told;
}
