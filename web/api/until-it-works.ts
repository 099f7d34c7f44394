const RETRY_MS = 15_000;

/**
 * Begins something that needs a line, such as code that comes later; without one it begins when the line
 * is back, and asks every quarter of a minute in case nobody says so.
 * @param begin says how it is ended; `late` when it did not work at first
 * @returns ends it, whether it has begun or not
 */
export function untilItWorks(begin: (late: boolean) => Promise<() => void>): () => void {
  let end = () => {};
  let ended = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const again = () => {
    clearTimeout(timer);
    removeEventListener("online", again);
    void attempt(true);
  };
  const attempt = async (late: boolean) => {
    try {
      const stop = await begin(late);
      if (ended) stop();
      else end = stop;
    } catch {
      if (ended) return;
      addEventListener("online", again);
      timer = setTimeout(again, RETRY_MS);
    }
  };
  void attempt(false);
  return () => {
    ended = true;
    clearTimeout(timer);
    removeEventListener("online", again);
    end();
  };
}
