/**
 * Makes sure that a page opens without a line from the first visit on: what it was made of was fetched before
 * the service worker watched.
 * @param page its address, without what identifies anybody
 */
export async function keepPage(page: string, more: readonly Promise<unknown>[] = []) {
  if (!("serviceWorker" in navigator)) return;
  await Promise.allSettled(more);
  const { active } = await navigator.serviceWorker.ready;
  const files = performance
    .getEntriesByType("resource")
    .map(({ name }) => new URL(name))
    .filter((url) => url.origin === location.origin && url.pathname.startsWith("/assets/"))
    .map(({ pathname }) => pathname);
  active?.postMessage({ keep: [...new Set(files)], page });
}
