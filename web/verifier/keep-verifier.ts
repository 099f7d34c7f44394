/**
 * Makes sure that the page opens without a line from the first visit on: what it was made of was fetched
 * before the service worker watched, and scanner, decoder and paper codes are
 * fetched only when they are needed.
 */
export async function keepVerifier(): Promise<void> {
  if (!("serviceWorker" in navigator)) return;
  const [, , paper] = await Promise.all([
    import("qr/decode.js"),
    import("../design/components/qr-scanner.tsx"),
    import("./paper-answer.tsx"),
  ]);
  await paper.wordsReady;
  const { active } = await navigator.serviceWorker.ready;
  const files = performance
    .getEntriesByType("resource")
    .map(({ name }) => new URL(name))
    .filter((url) => url.origin === location.origin && url.pathname.startsWith("/assets/"))
    .map(({ pathname }) => pathname);
  active?.postMessage({ keep: [...new Set(files)], page: "/verify" });
}
