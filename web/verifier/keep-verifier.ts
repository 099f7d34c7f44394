/**
 * Makes sure that the page opens without a line from the first visit on: what it was made of was fetched
 * before the service worker watched, and the decoder is fetched only when the camera opens.
 */
export async function keepVerifier(): Promise<void> {
  if (!("serviceWorker" in navigator)) return;
  await import("qr/decode.js");
  const { active } = await navigator.serviceWorker.ready;
  const files = performance
    .getEntriesByType("resource")
    .map(({ name }) => new URL(name))
    .filter((url) => url.origin === location.origin && url.pathname.startsWith("/assets/"))
    .map(({ pathname }) => pathname);
  active?.postMessage({ keep: [...new Set(files)], page: "/verify" });
}
