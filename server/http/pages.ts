import { existsSync } from "node:fs";
import { join } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyReply } from "fastify";
import { DomainError } from "../errors/domain-error.ts";
import type { App } from "./context.ts";

/** Which built page answers which addresses; each page routes below its own prefix by itself. */
const pages: readonly { prefix: string; file: string; unframed?: true }[] = [
  { prefix: "/workbench", file: "workbench/index.html" },
  { prefix: "/room", file: "room/index.html" },
  { prefix: "/visit-room", file: "room/index.html" },
  { prefix: "/join", file: "room/index.html" },
  { prefix: "/check", file: "check/index.html" },
  { prefix: "/sampling", file: "sampling/index.html" },
  { prefix: "/verify", file: "verifier/index.html" },
  // A yes that counts is never pressed through somebody else's page.
  { prefix: "/apps", file: "apps/index.html", unframed: true },
  // The crew's secret link, and the record that travels: never in somebody else's frame, never in a referrer.
  { prefix: "/escort", file: "escort/index.html", unframed: true },
  { prefix: "/packet", file: "packet/index.html", unframed: true },
  { prefix: "/teaching", file: "teaching/index.html" },
  { prefix: "/screen", file: "kiosk/index.html" },
  { prefix: "/story", file: "story/index.html" },
  { prefix: "/messages", file: "demo-messages/index.html" },
];

function forbidFrames(reply: FastifyReply): void {
  const policy = String(reply.getHeader("content-security-policy") ?? "");
  void reply
    .header("x-frame-options", "DENY")
    .header(
      "content-security-policy",
      policy.replace(/frame-ancestors [^;]*/, "frame-ancestors 'none'"),
    )
    .header("referrer-policy", "no-referrer");
}

/**
 * The built pages. Hashed assets are kept by browsers for a year, pages are asked for each time.
 * An address below `/api` or `/fhir` is never answered with a page.
 */
export async function pageRoutes(
  app: App,
  options: { root: string; demo: boolean },
): Promise<void> {
  if (!existsSync(join(options.root, "index.html"))) return;
  await app.register(fastifyStatic, {
    root: options.root,
    serve: false,
    // As the build has packed them.
    preCompressed: true,
    setHeaders: (reply, path) => {
      void reply.header(
        "cache-control",
        path.includes("/assets/") ? "public, max-age=31536000, immutable" : "no-cache",
      );
    },
  });
  const hide = { schema: { hide: true }, config: { rateLimit: false } } as const;
  for (const page of pages) {
    if (["/story", "/messages"].includes(page.prefix) && !options.demo) continue;
    const send = (_request: unknown, reply: FastifyReply) => {
      if (page.unframed) forbidFrames(reply);
      return reply.sendFile(page.file);
    };
    app.get(page.prefix, hide, send);
    app.get(`${page.prefix}/*`, hide, send);
  }
  app.get("/*", hide, (request, reply) => {
    const path = decodeURIComponent(new URL(request.url, "http://host").pathname);
    if (/^\/(api|fhir|stores|internal|docs)\b/.test(path))
      throw new DomainError("request.not-found");
    // A file that is not there is not a page: `/assets/old.js` of an outdated page must fail as such.
    return reply.sendFile(path.includes(".") ? path.slice(1) : "index.html");
  });
}
