/**
 * Makes sure that this page opens without a line: what it is made of was partly fetched before the
 * service worker watched, so the worker is told to fetch and keep what it lacks.
 */
export async function keepPage(): Promise<void> {
  if (!("serviceWorker" in navigator)) return;
  const files = performance
    .getEntriesByType("resource")
    .map(({ name }) => new URL(name))
    .filter((url) => url.origin === location.origin && url.pathname.startsWith("/assets/"))
    .map(({ pathname }) => pathname);
  const { active } = await navigator.serviceWorker.ready;
  active?.postMessage({ keep: [...new Set(files)] });
}
