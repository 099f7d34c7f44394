/** What is to be seen now in running broadcasts, folded from their timelines and kept in memory. */
import { emptyState, foldEntries, type LiveState } from "../../timeline/fold.ts";
import type { Database } from "../db/client.ts";
import type { Actor } from "../identity/domain.ts";
import { findAfter, findPositions } from "./timeline-repository.ts";

const actor: Actor = { kind: "system", reason: "timeline", language: "zh-CN" };
const keptMost = 50;
const readMost = 2_000;

export type LiveStates = {
  /** As the database has it at this moment; whoever asks has asked whether it may be told. */
  of: (sessionId: string) => Promise<LiveState>;
};

/** Hundreds who come at once cost one reading of what is new. */
export function createLiveStates(db: Database): LiveStates {
  const states = new Map<string, LiveState>();
  const reading = new Map<string, Promise<LiveState>>();

  const read = (sessionId: string) =>
    db.withActor(actor, async (tx) => {
      const position = (await findPositions(tx, [sessionId])).get(sessionId);
      if (!position) return emptyState();
      const before = states.get(sessionId);
      let state = before?.run === position.run ? before : emptyState(position.run);
      while (state.seq < position.seq) {
        const more = await findAfter(tx, sessionId, state.seq, readMost);
        if (more.length === 0) break;
        state = foldEntries(
          state,
          more.map((one) => one.entry),
        );
      }
      return state;
    });

  return {
    of: async (sessionId) => {
      const running = reading.get(sessionId);
      if (running) await running.catch(() => {});
      // What was being read may be from before the asker's own write: it is brought up to date, cheaply.
      const next = reading.get(sessionId) ?? read(sessionId);
      reading.set(sessionId, next);
      try {
        const state = await next;
        states.delete(sessionId);
        states.set(sessionId, state);
        const oldest = states.keys().next();
        if (states.size > keptMost && !oldest.done) states.delete(oldest.value);
        return state;
      } finally {
        if (reading.get(sessionId) === next) reading.delete(sessionId);
      }
    },
  };
}
