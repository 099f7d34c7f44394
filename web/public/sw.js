/**
 * Keeps the pages themselves on the device, so that a reload without a line still shows the page and
 * its saved draft. Nothing of the API is ever kept: patients' data stay out of this cache.
 */
const cacheName = "yilian-pages-1";
const pages = ["/workbench", "/room", "/sampling", "/check", "/story", "/verify", "/escort", "/packet", "/teaching"];
const patienceMs = 4000;
const mostEntries = 300;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => {
  const forgetOld = async () => {
    for (const name of await caches.keys()) if (name !== cacheName) await caches.delete(name);
    await self.clients.claim();
  };
  event.waitUntil(forgetOld());
});

/** A pass that must open without a line names what it is made of; what is not kept yet is fetched. */
self.addEventListener("message", (event) => {
  if (!Array.isArray(event.data?.keep)) return;
  const kept = keep(event.data.keep, event.data.page);
  event.waitUntil(kept.then(() => event.ports[0]?.postMessage("kept")));
});
async function keep(paths, page = "/") {
  const cache = await caches.open(cacheName);
  const address = pages.includes(page) ? page : "/";
  const lacking = [];
  for (const path of paths) {
    const ours = typeof path === "string" && path.startsWith("/assets/");
    if (ours && !(await cache.match(path))) lacking.push(path);
  }
  if (!(await cache.match(address))) lacking.push(address);
  await Promise.allSettled(lacking.map((path) => cache.add(path)));
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (url.pathname.startsWith("/assets/")) event.respondWith(fromCacheFirst(request));
  else if (request.mode === "navigate" && isPage(url.pathname)) {
    event.respondWith(fromNetworkFirst(request, url.pathname));
  }
});

/** Addresses that a page answers; a guest's secret link, an app's question and what the server answers itself are left alone. */
function isPage(path) {
  return !/^\/(api|fhir|stores|auth|apps|docs|internal|join|openapi\.json)(\/|$)/.test(path);
}

/** Every address below a page's prefix is the same file. */
function keyOf(path) {
  return pages.find((page) => path === page || path.startsWith(`${page}/`)) ?? "/";
}

/** Hashed files never change. */
async function fromCacheFirst(request) {
  const cache = await caches.open(cacheName);
  const kept = await cache.match(request);
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok) {
    await cache.put(request, answer.clone());
    const entries = await cache.keys();
    for (const old of entries.slice(0, Math.max(0, entries.length - mostEntries))) await cache.delete(old);
  }
  return answer;
}

/** The newest page while there is a line, the kept one when there is none or it takes too long. */
async function fromNetworkFirst(request, path) {
  const cache = await caches.open(cacheName);
  const kept = await cache.match(keyOf(path));
  const fresh = fetch(request).then(async (answer) => {
    if (answer.ok) await cache.put(keyOf(path), answer.clone());
    return answer;
  });
  if (!kept) return fresh;
  const late = new Promise((resolve) => setTimeout(() => resolve(kept), patienceMs));
  return Promise.race([fresh.catch(() => kept), late]);
}
