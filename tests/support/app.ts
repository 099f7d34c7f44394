import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { InjectOptions, LightMyRequestResponse } from "fastify";
import { inject } from "vitest";
import { type AppOptions, buildApp } from "../../server/app.ts";
import { createAttachmentStore } from "../../server/attachments/store.ts";
import { createReleaseRooms, type ReleaseRooms } from "../../server/booking/service.ts";
import type { DemoIds } from "../../server/demo/load.ts";
import { loadDemo, loadRoles } from "../../server/demo/load.ts";
import { findDemoIds } from "../../server/demo/story.ts";
import type { App, Services } from "../../server/http/context.ts";
import { systemActor } from "../../server/identity/session-service.ts";
import { createMediaService } from "../../server/media/service.ts";
import { generateSecrets } from "../../server/secrets.ts";
import { createServices } from "../../server/services.ts";
import type { S3Options } from "../../server/teaching/recording-objects.ts";
import { createRecordingStore } from "../../server/teaching/recording-store.ts";
import { testStart } from "./cluster.ts";
import { createTestDatabase, type TestDatabase } from "./database.ts";

export type TestApp = {
  app: App;
  services: Services;
  database: TestDatabase;
  ids: DemoIds;
  /** Waiting rooms of releases; tests tick them. */
  releaseRooms: ReleaseRooms;
  dataDir: string;
  sfuSecret: string;
  /** The clock of business rules; set it to move time. */
  clock: { now: Date };
  /** Signed in as a demo person (login name) or as a patient's phone. */
  as: (who: string) => Promise<Client>;
  anonymous: Client;
  close: () => Promise<void>;
};

export type Client = {
  get: (url: string, headers?: Record<string, string>) => Promise<Answer>;
  post: (url: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>;
  put: (url: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>;
  patch: (url: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>;
  delete: (url: string, headers?: Record<string, string>) => Promise<Answer>;
  cookie: string;
  csrfToken: string;
};
export type Answer = {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests read answers of many shapes
  body: any;
  headers: LightMyRequestResponse["headers"];
  raw: LightMyRequestResponse;
};

/** The real application over a real PostgreSQL with demo data; nothing is mocked. */
export async function buildTestApp(
  options: {
    now?: Date;
    demo?: boolean;
    webRoot?: string;
    requestsPerMinute?: number;
    /** Where recordings are kept; default: a folder. */
    s3?: S3Options;
    /** By whom people may pay; default: at the desk alone. */
    payments?: (services: Services) => AppOptions["payments"] & object;
  } = {},
): Promise<TestApp> {
  const demo = options.demo ?? true;
  // Another day's demo is loaded anew.
  const cloned = demo && options.now === undefined;
  const database = await createTestDatabase(cloned ? { demo: "fixed" } : {});
  const clock = { now: options.now ?? new Date(testStart) };
  const secrets = cloned ? inject("cluster").secrets : generateSecrets();
  const services = createServices({
    databaseUrl: database.app,
    recordStoreUrl: database.records,
    secrets,
    demo,
    publicUrl: "http://localhost:8080",
    clock: () => clock.now,
    poolSize: 6,
  });
  if (!cloned) await loadRoles(services);
  if (demo && !cloned) await loadDemo(services);
  const dataDir = mkdtempSync(join(tmpdir(), "yilian-app-"));
  const releaseRooms = createReleaseRooms({
    db: services.db,
    clock: services.clock,
    onError: (error) => console.error(error),
  });
  const { app, close } = await buildApp({
    services,
    media: createMediaService({ secret: secrets.sfuSecret, clock: services.clock }),
    mediaUrls: ["http://localhost:8081"],
    webRoot: options.webRoot ?? "/nonexistent",
    attachments: createAttachmentStore(dataDir),
    recordings: createRecordingStore(dataDir, options.s3),
    releaseRooms,
    ...(options.payments && { payments: options.payments(services) }),
    requestsPerMinute: options.requestsPerMinute ?? 100_000,
  });
  await app.ready();
  const ids = await services.db.withActor(systemActor("test"), (tx) => findDemoIds(tx));
  return {
    app,
    services,
    database,
    ids,
    releaseRooms,
    dataDir,
    sfuSecret: secrets.sfuSecret,
    clock,
    anonymous: client(app, "", ""),
    as: async (who) => {
      const body = /^\d+$/.test(who) ? { phone: who } : { loginName: who };
      const answer = await app.inject({ method: "POST", url: "/api/session/demo", payload: body });
      if (answer.statusCode !== 200) throw new Error(`cannot sign in as ${who}: ${answer.body}`);
      const cookie = String(answer.headers["set-cookie"]).split(";")[0]!;
      const session = await app.inject({ method: "GET", url: "/api/session", headers: { cookie } });
      return client(app, cookie, session.json<{ csrfToken: string }>().csrfToken);
    },
    close: async () => {
      close();
      await releaseRooms.close();
      await app.close();
      await services.db.close();
      await database.drop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

function client(app: App, cookie: string, csrfToken: string): Client {
  const send = async (
    method: InjectOptions["method"],
    url: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> => {
    const raw = await app.inject({
      method,
      url,
      headers: {
        ...(cookie ? { cookie } : {}),
        ...(csrfToken ? { "x-csrf-token": csrfToken } : {}),
        ...headers,
      },
      ...(body === undefined ? {} : { payload: body as object }),
    });
    let parsed: unknown = raw.body;
    try {
      parsed = JSON.parse(raw.body);
    } catch {
      // Not JSON: the text is the body.
    }
    return { status: raw.statusCode, body: parsed, headers: raw.headers, raw };
  };
  return {
    cookie,
    csrfToken,
    get: (url, headers) => send("GET", url, undefined, headers),
    post: (url, body = {}, headers) => send("POST", url, body, headers),
    put: (url, body, headers) => send("PUT", url, body, headers),
    patch: (url, body, headers) => send("PATCH", url, body, headers),
    delete: (url, headers) => send("DELETE", url, undefined, headers),
  };
}
