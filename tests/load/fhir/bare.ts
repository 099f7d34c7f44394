/**
 * What a read is measured against: a route that sends the JSONB of a primary key and does nothing else,
 * no policies, no consent, no audit. In our own app, with the headers, limits and log of every route
 * (`/bare/<key>`), and in a Fastify that has nothing but it (port + 1). A process of its own, as the
 * server is. Settings: DATABASE_URL of the store, PORT.
 */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Fastify, { type FastifyInstance } from "fastify";
import { pino } from "pino";
import postgres from "postgres";
import { buildApp } from "../../../server/app.ts";
import { createAttachmentStore } from "../../../server/attachments/store.ts";
import { createReleaseRooms } from "../../../server/booking/service.ts";
import { createMediaService } from "../../../server/media/service.ts";
import { generateSecrets } from "../../../server/secrets.ts";
import { createServices } from "../../../server/services.ts";

const databaseUrl = process.env.DATABASE_URL!;
const port = Number(process.env.PORT);
const sql = postgres(databaseUrl, { max: 6, onnotice: () => {} });

function addRoute(app: FastifyInstance): void {
  app.get<{ Params: { key: string } }>("/bare/:key", async ({ params }, reply) => {
    const [row] = await sql.unsafe(
      "SELECT content::text AS content FROM resource WHERE key = $1::text::bigint",
      [params.key],
      { prepare: true },
    );
    if (!row) return await reply.code(404).send();
    return await reply.type("application/fhir+json; charset=utf-8").send(row.content);
  });
}

const secrets = generateSecrets();
const services = createServices({
  databaseUrl,
  secrets,
  demo: false,
  publicUrl: `http://localhost:${port}`,
});
const { app } = await buildApp({
  services,
  media: createMediaService({ secret: secrets.sfuSecret, clock: services.clock }),
  mediaUrls: [],
  webRoot: "/nonexistent",
  attachments: createAttachmentStore(mkdtempSync(join(tmpdir(), "yilian-bare-"))),
  releaseRooms: createReleaseRooms({
    db: services.db,
    clock: services.clock,
    onError: () => {},
  }),
  logger: pino(pino.destination("/dev/null")),
  requestsPerMinute: 10_000_000,
});
addRoute(app as unknown as FastifyInstance);
const alone = Fastify();
addRoute(alone);
await app.listen({ port, host: "127.0.0.1" });
await alone.listen({ port: port + 1, host: "127.0.0.1" });
process.on("SIGTERM", () => process.exit(0));
