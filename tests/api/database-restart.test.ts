import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createDatabase, type Database } from "../../server/db/client.ts";
import { type EmbeddedDatabase, startEmbedded } from "../../server/db/embedded.ts";
import { migrate } from "../../server/db/migrate.ts";
import { type OutboxListener, startOutboxListener } from "../../server/outbox/listener.ts";
import { announce } from "../../server/outbox/service.ts";
import { enqueue } from "../../server/queue/enqueue.ts";
import { type Queue, startQueue } from "../../server/queue/queue.ts";
import { generateSecrets } from "../../server/secrets.ts";
import { eventually, silent, system } from "./kit.ts";

let folder: string;
let embedded: EmbeddedDatabase;
let db: Database;
let listener: OutboxListener;
let queue: Queue;
const heard: string[] = [];
const ran: number[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "yilian-restart-"));
  chmodSync(folder, 0o711);
  // Committed means on disk here: the point is what is left after a crash.
  embedded = await startEmbedded({ dataDir: folder, secrets: generateSecrets() });
  await migrate({ ownerUrl: embedded.urls.owner, jobsUrl: embedded.urls.jobs });
  db = createDatabase(embedded.urls.app, 4);
  listener = await startOutboxListener({
    db,
    log: silent,
    onEvent: (event) => void heard.push(event.entityId),
  });
  queue = await startQueue({
    jobsUrl: embedded.urls.jobs,
    db,
    clock: () => new Date(),
    tasks: { "test:count": async (payload) => void ran.push((payload as { id: number }).id) },
    log: silent,
  });
});
afterAll(async () => {
  await queue?.close();
  await listener?.close();
  await db?.close();
  await embedded?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const write = (id: number) =>
  db.withActor(system, async (tx) => {
    await announce(tx, { topic: "consult", id: String(id), version: 1 }, {});
    await enqueue(tx, { task: "test:count", payload: { id } });
  });

test("PostgreSQL killed in mid-work: what was acknowledged is told and done, without a restart of ours", async () => {
  const acknowledged: number[] = [];
  let refused = 0;
  let next = 0;
  let stop = false;
  const writer = async () => {
    while (!stop) {
      const id = next;
      next += 1;
      try {
        await write(id);
        acknowledged.push(id);
      } catch {
        refused += 1;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  };
  const writers = [writer(), writer()];
  await eventually("writing goes on", () => acknowledged.length > 20);
  const [pid] = readFileSync(join(embedded.folder, "data", "postmaster.pid"), "utf8").split("\n");
  process.kill(Number(pid), "SIGKILL");
  await eventually("the fault is felt", () => refused > 0);
  const before = acknowledged.length;
  await eventually("writing goes on again", () => acknowledged.length > before + 20, 30_000);
  stop = true;
  await Promise.all(writers);
  await eventually(
    "every acknowledged change was told",
    () => acknowledged.every((id) => heard.includes(String(id))),
    30_000,
  );
  await eventually(
    "every acknowledged job was done",
    () => acknowledged.every((id) => ran.includes(id)),
    30_000,
  );
  expect(acknowledged.length).toBeGreaterThan(40);
}, 90_000);
