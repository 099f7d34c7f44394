/** The server process: REST, FHIR, the application socket and the job workers. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { FastifyRequest } from "fastify";
import { pino } from "pino";
import { buildApp } from "./app.ts";
import { createAttachmentStore } from "./attachments/store.ts";
import { startBackground } from "./background.ts";
import { createReleaseRooms } from "./booking/service.ts";
import { parseConfig } from "./config.ts";
import { loadDemo, loadRoles } from "./demo/load.ts";
import { createMediaService } from "./media/service.ts";
import { createDemoSmsProvider, createHttpSmsProvider } from "./notices/sms-provider.ts";
import { OperatorError } from "./operator-error.ts";
import { createPayments } from "./payments.ts";
import { withoutValues } from "./queue/safe-error.ts";
import { loadSecrets } from "./secrets.ts";
import { createServices } from "./services.ts";
import { createRecordingStore } from "./teaching/recording-store.ts";
import { createSlideStore } from "./teaching/service.ts";

const webRoot = fileURLToPath(new URL("../web/dist", import.meta.url));
/** After this a stop is forced. */
const stopLimitMs = 15_000;

async function main(): Promise<void> {
  const config = parseConfig(process.env);
  if (!config.databaseUrl || !config.jobsDatabaseUrl)
    throw new OperatorError(
      "DATABASE_URL and JOBS_DATABASE_URL are missing: use `npm start`, which knows them.",
    );
  const secrets = loadSecrets(config.dataDir, { SFU_SECRET: config.sfu.secret });
  const logger = pino({
    level: config.logLevel,
    // Patients' data and secrets of links never go into a log: an address is logged as its route, and
    // a failed statement without the parameters that its message carries.
    serializers: {
      req: (request: FastifyRequest) => ({
        method: request.method,
        route: request.routeOptions?.url ?? "none",
      }),
      err: (error: unknown) => pino.stdSerializers.err(withoutValues(error)),
    },
  });
  const services = createServices({
    databaseUrl: config.databaseUrl,
    secrets,
    demo: config.demo,
    publicUrl: config.publicUrl,
  });
  await loadRoles(services);
  if (config.demo && (await loadDemo(services, createSlideStore(config.dataDir, services.vault))))
    logger.info("demo data loaded");
  const media = createMediaService({ secret: secrets.sfuSecret, clock: services.clock });
  const attachments = createAttachmentStore(config.dataDir);
  const recordings = createRecordingStore(config.dataDir, config.s3);
  const smsProvider = config.sms ? createHttpSmsProvider(config.sms) : createDemoSmsProvider();
  const payments = createPayments(services, {
    localUrl: config.tls ? config.publicUrl : `http://127.0.0.1:${config.port}`,
    cookieSecret: secrets.cookieSecret,
    provider: config.payment,
  });
  const releaseRooms = createReleaseRooms({
    db: services.db,
    clock: services.clock,
    onError: (error) => logger.warn({ err: error }, "a waiting room could not be run"),
  });
  const { app, close } = await buildApp({
    services,
    releaseRooms,
    media,
    mediaUrls: [
      config.sfu.publicUrl,
      ...(config.streamOrigin === undefined ? [] : [config.streamOrigin]),
    ],
    webRoot,
    attachments,
    recordings,
    payments,
    smsInboundToken: config.smsInboundToken,
    logger,
    ...(config.tls
      ? {
          https: { cert: readFileSync(config.tls.certPath), key: readFileSync(config.tls.keyPath) },
        }
      : {}),
  });
  await app.ready();
  const background = await startBackground({
    app,
    services,
    releaseRooms,
    jobsUrl: config.jobsDatabaseUrl,
    attachments,
    recordings,
    smsProvider,
    media,
    payments,
    log: logger,
  });
  await app.listen({ port: config.port, host: config.host });
  logger.info({ port: config.port }, "server is ready");

  let stopping = false;
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(1), stopLimitMs).unref();
    // Not ready, no new connections, sockets, jobs, then the pools.
    close();
    await background.close();
    await app.close();
    await services.db.close();
    process.exit(0);
  };
  process.on("SIGTERM", () => void stop());
  process.on("SIGINT", () => void stop());
}

main().catch((error: unknown) => {
  console.error(error instanceof OperatorError ? error.message : error);
  process.exit(1);
});
