import { Counter, collectDefaultMetrics, Histogram, Registry } from "prom-client";
import { z } from "zod";
import type { App, Services } from "./context.ts";

/** Liveness, readiness and Prometheus metrics. None of them says anything about people. */
export async function operationRoutes(
  app: App,
  options: { services: Services; isClosing: () => boolean },
): Promise<void> {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: "yilian_" });
  const seconds = new Histogram({
    name: "yilian_http_request_seconds",
    help: "Time to answer, by route and status class",
    labelNames: ["method", "route", "status"],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [registry],
  });
  const refusals = new Counter({
    name: "yilian_http_errors_total",
    help: "Answers of status 5xx",
    labelNames: ["route"],
    registers: [registry],
  });
  app.addHook("onResponse", async (request, reply) => {
    const route = request.routeOptions.url ?? "none";
    seconds.observe(
      { method: request.method, route, status: `${Math.floor(reply.statusCode / 100)}xx` },
      reply.elapsedTime / 1000,
    );
    if (reply.statusCode >= 500) refusals.inc({ route });
  });
  const quiet = { logLevel: "silent", config: { rateLimit: false } } as const;
  const state = z.object({ status: z.string() });

  app.get("/healthz", { ...quiet, schema: { response: { 200: state } } }, async () => ({
    status: "ok",
  }));
  app.get(
    "/readyz",
    { ...quiet, schema: { response: { 200: state, 503: state } } },
    async (_request, reply) => {
      if (options.isClosing()) return reply.status(503).send({ status: "closing" });
      try {
        await options.services.db.plain`select 1`;
        return { status: "ready" };
      } catch {
        return reply.status(503).send({ status: "database" });
      }
    },
  );
  app.get("/metrics", { ...quiet, schema: { hide: true } }, async (_request, reply) =>
    reply.type(registry.contentType).send(await registry.metrics()),
  );
}
