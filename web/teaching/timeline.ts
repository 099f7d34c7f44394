import type { z } from "zod";
import type { stateAnswer, strokesAnswer } from "../../server/teaching/live-contract.ts";
import type { Entry, EntryBatch, Pointer } from "../../timeline/entries.ts";
import {
  emptyState,
  foldBatch,
  foldEntries,
  type LiveState,
  surfaceOf,
} from "../../timeline/fold.ts";
import { api } from "../api/client.ts";
import { watchTeaching } from "../api/live.ts";
import { createStore } from "../room/media/store.ts";

export type StateAnswer = z.infer<typeof stateAnswer>;

export type TimelineState = {
  /** What is shown: behind `head` by as much as the stream is late. */
  shown: LiveState;
  /** All that is known. */
  head: LiveState;
  pointers: readonly Pointer[];
  counts: StateAnswer["counts"] | null;
  /** Nothing was read yet. */
  isRead: boolean;
};

export type Timeline = {
  subscribe(listener: () => void): () => void;
  getSnapshot(): TimelineState;
  /** The moment of the broadcast that a late stream shows, in ms; null: as it happens. */
  follow(clock: (() => number | null) | null): void;
  close(): void;
};

const READ_AGAIN_MS = 1500;
const FOLLOW_MS = 200;

/**
 * The timeline of a broadcast on a page: read once, then told; read again after a break. A page that plays a
 * stream that is late shows everything as late as the stream.
 */
export function openTimeline(sessionId: string): Timeline {
  const path = `/api/teaching/sessions/${sessionId}`;
  const store = createStore<TimelineState>({
    shown: emptyState(),
    head: emptyState(),
    pointers: [],
    counts: null,
    isRead: false,
  });
  const asked = new Set<string>();
  let waiting: EntryBatch[] = [];
  let late: Entry[] = [];
  let clock: (() => number | null) | null = null;
  let reading = false;
  let again = false;
  let closed = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const show = (head: LiveState) => {
    store.set({ head, ...(clock ? {} : { shown: head }) });
    askForStrokes(head);
  };

  async function read(): Promise<void> {
    if (closed) return;
    if (reading) {
      again = true;
      return;
    }
    reading = true;
    try {
      const answer = await api.get<StateAnswer>(`${path}/state`);
      asked.clear();
      late = [];
      store.set({ counts: answer.counts, shown: answer.state, isRead: true });
      show(answer.state);
      const told = waiting;
      waiting = [];
      for (const batch of told) take(batch);
    } catch {
      // A line that is lost comes back with a position of its own; a server that restarts says nothing.
      clearTimeout(timer);
      timer = setTimeout(() => void read(), READ_AGAIN_MS);
    } finally {
      reading = false;
      if (again) {
        again = false;
        void read();
      }
    }
  }

  function take(batch: EntryBatch): void {
    if (reading || !store.getSnapshot().isRead) {
      waiting.push(batch);
      return;
    }
    const { head } = store.getSnapshot();
    const next = foldBatch(head, batch);
    if (!next) {
      waiting.push(batch);
      void read();
      return;
    }
    if (clock) late.push(...batch.entries.filter((entry) => entry.seq > head.seq));
    show(next);
  }

  /** Drawings on a page that was shown before this page came are asked for when it is shown again. */
  function askForStrokes(head: LiveState): void {
    const surface = surfaceOf(head);
    if (!surface || head.strokesSince === 0 || surface in head.strokes || asked.has(surface))
      return;
    asked.add(surface);
    api
      .get<z.infer<typeof strokesAnswer>>(`${path}/strokes?surface=${encodeURIComponent(surface)}`)
      .then(({ strokes }) => {
        const put = (state: LiveState): LiveState => {
          const newer = state.strokes[surface] ?? [];
          const ids = new Set(newer.map((stroke) => stroke.id));
          const older = strokes.filter((stroke) => !ids.has(stroke.id));
          return { ...state, strokes: { ...state.strokes, [surface]: [...older, ...newer] } };
        };
        const now = store.getSnapshot();
        store.set({ head: put(now.head), shown: put(now.shown) });
      })
      .catch(() => asked.delete(surface));
  }

  const following = setInterval(() => {
    const at = clock?.();
    if (at == null || late.length === 0) return;
    const due = late.findIndex((entry) => Date.parse(entry.at) > at);
    const ready = due < 0 ? late : late.slice(0, due);
    if (ready.length === 0) return;
    late = late.slice(ready.length);
    store.set({ shown: foldEntries(store.getSnapshot().shown, ready) });
  }, FOLLOW_MS);

  const stop = watchTeaching(sessionId, {
    position: ({ run, seq }) => {
      const { head, isRead } = store.getSnapshot();
      if (!isRead || run !== head.run || seq > head.seq) void read();
    },
    entries: take,
    pointer: (pointer) => {
      const others = store
        .getSnapshot()
        .pointers.filter((one) => one.personId !== pointer.personId);
      store.set({ pointers: pointer.at ? [...others, pointer] : others });
    },
  });
  // Before the socket is there: the page shows what it can.
  void read();

  return {
    subscribe: store.subscribe,
    getSnapshot: store.getSnapshot,
    follow(next) {
      clock = next;
      late = [];
      store.set({ shown: store.getSnapshot().head });
    },
    close() {
      closed = true;
      clearTimeout(timer);
      clearInterval(following);
      stop();
    },
  };
}
