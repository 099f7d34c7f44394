/**
 * The server as a process of its own whose clock is set from outside: an evening passes in minutes. Everything
 * else is as in server/main.ts: routes, sessions, policies, outbox, sockets, jobs.
 */
import { pino } from "pino";
import { buildApp } from "../../../server/app.ts";
import { createAttachmentStore } from "../../../server/attachments/store.ts";
import { startBackground } from "../../../server/background.ts";
import { createReleaseRooms } from "../../../server/booking/service.ts";
import { loadRoles } from "../../../server/demo/load.ts";
import { systemActor } from "../../../server/identity/service.ts";
import { createMediaService } from "../../../server/media/service.ts";
import { createDemoSmsProvider } from "../../../server/notices/sms-provider.ts";
import { loadSecrets } from "../../../server/secrets.ts";
import { createServices } from "../../../server/services.ts";
import { balance } from "../../../server/surge/service.ts";

export type Order =
  | { kind: "clock"; now: string }
  /** One turn of spreading people, as the job does it every ten seconds. */
  | { kind: "turn"; surgeId: string }
  | { kind: "stop" };

const need = (name: string): string => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is missing`);
  return value;
};

let now = new Date(need("SIM_NOW"));
const logger = pino({ level: "error" }, pino.destination(2));
const secrets = loadSecrets(need("DATA_DIR"), {});
const services = createServices({
  databaseUrl: need("DATABASE_URL"),
  secrets,
  demo: false,
  publicUrl: need("PUBLIC_URL"),
  clock: () => now,
});
await loadRoles(services);
const media = createMediaService({ secret: secrets.sfuSecret, clock: services.clock });
const attachments = createAttachmentStore(need("DATA_DIR"));
const releaseRooms = createReleaseRooms({
  db: services.db,
  clock: services.clock,
  onError: (error) => logger.warn({ err: error }, "a waiting room could not be run"),
});
const { app, close } = await buildApp({
  services,
  releaseRooms,
  media,
  mediaUrls: [],
  webRoot: "/nonexistent",
  attachments,
  logger,
  // Simulated minutes pass in a second: the limit per minute of a phone would be met by the compression alone.
  requestsPerMinute: 1_000_000,
});
await app.ready();
const background = await startBackground({
  app,
  services,
  releaseRooms,
  jobsUrl: need("JOBS_DATABASE_URL"),
  attachments,
  smsProvider: createDemoSmsProvider(),
  media,
  log: logger,
});
await app.listen({ port: Number(need("PORT")), host: "127.0.0.1" });

process.on("message", (order: Order) => {
  obey(order).then(
    (answer) => process.send?.({ ok: true, answer }),
    (error: unknown) => process.send?.({ ok: false, error: String(error) }),
  );
});
// Whoever started it is gone.
process.on("disconnect", () => process.exit(0));
process.send?.({ ok: true, answer: "ready" });

async function obey(order: Order): Promise<unknown> {
  if (order.kind === "clock") {
    now = new Date(order.now);
    return null;
  }
  if (order.kind === "turn")
    return balance((work) => services.db.withActor(systemActor("surge"), work), order.surgeId, now);
  close();
  await background.close();
  await app.close();
  await services.db.close();
  setTimeout(() => process.exit(0), 50);
  return null;
}
