/** A worker that does not answer by then is not waited for: it may be one of before. */
const patienceMs = 20_000;

/**
 * Makes sure that a page opens without a line from the first visit on: what it was made of was fetched before
 * the service worker watched, so the worker is told to fetch and keep what it lacks.
 * @param page its address, without what identifies anybody
 * @param more what is still being loaded and belongs to it
 * @returns when the worker has kept it
 */
export async function keepPage(page = "/", more: readonly Promise<unknown>[] = []): Promise<void> {
  if (!("serviceWorker" in navigator)) return;
  await Promise.allSettled(more);
  const { active } = await navigator.serviceWorker.ready;
  if (!active) return;
  const files = performance
    .getEntriesByType("resource")
    .map(({ name }) => new URL(name))
    .filter((url) => url.origin === location.origin && url.pathname.startsWith("/assets/"))
    .map(({ pathname }) => pathname);
  const { port1, port2 } = new MessageChannel();
  const kept = new Promise<void>((resolve) => {
    port1.onmessage = () => resolve();
    setTimeout(resolve, patienceMs);
  });
  active.postMessage({ keep: [...new Set(files)], page }, [port2]);
  await kept;
  port1.close();
}
