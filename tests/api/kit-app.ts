/** An HTTP application of one capability, with the session named by a header instead of a cookie. */
import Fastify from "fastify";
import {
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from "fastify-type-provider-zod";
import { createRecordStores } from "../../server/fhir/service.ts";
import type { App, Services } from "../../server/http/context.ts";
import { problemPlugin } from "../../server/http/problem-plugin.ts";
import type { Actor } from "../../server/identity/domain.ts";
import { vault } from "./kit.ts";

export type KitApp = {
  app: App;
  services: Services;
  as: (actor: Actor | null) => Record<string, string>;
};

export async function buildKitApp(
  options: Pick<Services, "db" | "clock"> & Partial<Services>,
  routes: (app: App, services: Services) => Promise<void>,
): Promise<KitApp> {
  const services: Services = {
    vault,
    records: createRecordStores(options.db, () =>
      Promise.reject(new Error("no record stores here")),
    ),
    demo: false,
    publicUrl: "http://localhost:8080",
    ...options,
  };
  const app = Fastify({ logger: false }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  await app.register(problemPlugin);
  const actors = new Map<string, Actor>();
  app.decorateRequest("actor", null);
  app.decorateRequest("traceOrigin", null as never);
  app.addHook("onRequest", async (request) => {
    request.traceOrigin = { correlationId: request.id, address: "127.0.0.1" };
    request.actor = actors.get(String(request.headers["x-test-actor"] ?? "")) ?? null;
  });
  await app.register(async (scope) => routes(scope as unknown as App, services));
  await app.ready();
  return {
    app: app as unknown as App,
    services,
    as: (actor): Record<string, string> => {
      if (!actor) return {};
      const name = `actor-${actors.size}`;
      actors.set(name, actor);
      return { "x-test-actor": name };
    },
  };
}
