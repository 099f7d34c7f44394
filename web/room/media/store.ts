/** An immutable snapshot with listeners, as React's useSyncExternalStore wants it. */
export type Store<State> = {
  getSnapshot(): State;
  /** Merges changes into a new snapshot; listeners hear of it once per task. */
  set(patch: Partial<State>): void;
  subscribe(listener: () => void): () => void;
};

export function createStore<State extends object>(initial: State): Store<State> {
  let state = initial;
  let isScheduled = false;
  const listeners = new Set<() => void>();
  return {
    getSnapshot: () => state,
    set(patch) {
      state = { ...state, ...patch };
      if (isScheduled) return;
      isScheduled = true;
      queueMicrotask(() => {
        isScheduled = false;
        for (const listener of [...listeners]) listener();
      });
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
