import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type OutboxListener, startOutboxListener } from "../../server/outbox/listener.ts";
import type { OutboxEvent } from "../../server/outbox/repository.ts";
import { createSeenIds } from "../../server/outbox/seen-ids.ts";
import { announce } from "../../server/outbox/service.ts";
import { type Clone, cloneDatabase, eventually, silent, system } from "./kit.ts";

let clone: Clone;
let listener: OutboxListener | null = null;
beforeAll(async () => {
  clone = await cloneDatabase();
});
afterEach(async () => {
  await listener?.close();
  listener = null;
});
afterAll(() => clone.close());

const tell = (id: string, work?: () => Promise<void>) =>
  clone.db.withActor(system, async (tx) => {
    await announce(tx, { topic: "consult", id, version: 1 }, {});
    await work?.();
  });

async function listen(onEvent?: (event: OutboxEvent) => Promise<void>) {
  const heard: string[] = [];
  listener = await startOutboxListener({
    db: clone.db,
    log: silent,
    onEvent: async (event) => {
      heard.push(event.entityId);
      await onEvent?.(event);
    },
  });
  return heard;
}

/** Breaks every line of the application to this database, as a restart of PostgreSQL does. */
const cutLines = () =>
  clone.admin`select pg_terminate_backend(pid) from pg_stat_activity where datname = ${clone.name} and usename = 'yilian_app'`;

test("a rolled-back change is never told", async () => {
  const heard = await listen();
  await expect(
    tell("undone", async () => {
      throw new Error("rolled back");
    }),
  ).rejects.toThrow("rolled back");
  await tell("done");
  await eventually("the committed change is told", () => heard.includes("done"));
  expect(heard).toEqual(["done"]);
});

test("what was committed before the start is not told, what follows is, in order", async () => {
  await tell("history");
  const heard = await listen();
  for (const id of ["one", "two", "three"]) await tell(id);
  await eventually("three events", () => heard.length >= 3);
  expect(heard).toEqual(["one", "two", "three"]);
});

test("an error in one event does not hold up the next", async () => {
  const heard = await listen(async (event) => {
    if (event.entityId === "bad") throw new Error("cannot be handled");
  });
  await tell("bad");
  await tell("good");
  await eventually("the next event", () => heard.includes("good"));
});

test("a smaller id that commits after a larger one is told as well", async () => {
  const heard = await listen();
  let release = () => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const slow = tell("slow", () => gate);
  await tell("fast");
  await eventually("the fast one", () => heard.includes("fast"));
  release();
  await slow;
  await eventually("the slow one", () => heard.includes("slow"));
});

test("many writers at once: every event exactly once", async () => {
  const heard = await listen();
  const ids = Array.from({ length: 300 }, (_, index) => `n${index}`);
  await Promise.all(ids.map((id) => tell(id)));
  await eventually("all events", () => heard.length >= ids.length);
  expect([...heard].sort()).toEqual([...ids].sort());
});

test("events committed while the line was down are told after it is back", async () => {
  const heard = await listen();
  await tell("before");
  await eventually("the first", () => heard.includes("before"));
  await clone.admin.unsafe(`alter database ${clone.name} connection limit 0`);
  await cutLines();
  await clone.admin`insert into outbox_event (topic, entity_id) values ('consult', 'meanwhile')`;
  await clone.admin.unsafe(`alter database ${clone.name} connection limit -1`);
  await eventually("what was missed", () => heard.includes("meanwhile"), 15_000);
  await tell("after");
  await eventually("what follows", () => heard.includes("after"));
  expect(heard.filter((id) => id === "before")).toHaveLength(1);
});

test("after closing nothing is told any more", async () => {
  const heard = await listen();
  await listener?.close();
  await tell("too late");
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(heard).toEqual([]);
});

test("handled ids are remembered inside the window only", () => {
  const seen = createSeenIds(0, 10);
  for (let id = 1; id <= 100; id += 1) seen.add(id);
  expect(seen.from).toBe(90);
  expect([91, 100].map(seen.has)).toEqual([true, true]);
  expect(seen.has(101)).toBe(false);
});
