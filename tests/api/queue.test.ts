import { sql } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { verifyChain } from "../../server/audit/service.ts";
import { enqueue } from "../../server/queue/enqueue.ts";
import { maintenanceSchedule, maintenanceTasks } from "../../server/queue/maintenance.ts";
import { type Queue, startQueue } from "../../server/queue/queue.ts";
import { withoutValues } from "../../server/queue/safe-error.ts";
import type { TaskList } from "../../server/queue/task.ts";
import { type Clone, cloneDatabase, createWorld, eventually, silent, system } from "./kit.ts";

const failing = sql`select ${"次仁"}::text, 1 / 0`;
const now = new Date("2026-11-22T04:00:00Z");
const daysAgo = (days: number) => new Date(now.getTime() - days * 86_400_000).toISOString();

let clone: Clone;
let queue: Queue | null = null;
beforeAll(async () => {
  clone = await cloneDatabase();
});
afterEach(async () => {
  await queue?.close();
  queue = null;
});
afterAll(() => clone.close());

const start = async (tasks: TaskList, times: { beatMs?: number; deadAfterMs?: number } = {}) => {
  queue = await startQueue({
    jobsUrl: clone.jobsUrl,
    db: clone.db,
    clock: () => now,
    tasks,
    log: silent,
    ...times,
  });
};
const add = (task: string, more: { jobKey?: string; runAt?: Date } = {}) =>
  clone.db.withActor(system, (tx) => enqueue(tx, { task, payload: { id: 1 }, ...more }));
const waiting = async (task: string) => {
  const rows =
    await clone.admin`select * from graphile_worker.jobs where task_identifier = ${task}`;
  return rows.length;
};

test("the application can neither read nor change the queue's own tables", async () => {
  await expect(clone.db.plain`select * from graphile_worker._private_jobs`).rejects.toThrow(
    /permission denied/,
  );
  await expect(clone.db.plain`delete from graphile_worker._private_jobs`).rejects.toThrow(
    /permission denied/,
  );
});

test("a job of a rolled-back change does not exist", async () => {
  await expect(
    clone.db.withActor(system, async (tx) => {
      await enqueue(tx, { task: "test:undone", payload: {} });
      throw new Error("rolled back");
    }),
  ).rejects.toThrow();
  expect(await waiting("test:undone")).toBe(0);
});

test("a committed job runs soon, as the actor job", async () => {
  const ran: unknown[] = [];
  await start({
    "test:soon": async (payload, { asJob }) => {
      const [row] = await asJob((tx) => tx.execute<{ kind: string }>("select app.kind() as kind"));
      ran.push([payload, row?.kind]);
    },
  });
  const before = performance.now();
  await add("test:soon");
  await eventually("the job", () => ran.length > 0);
  expect(performance.now() - before).toBeLessThan(2000);
  expect(ran).toEqual([[{ id: 1 }, "job"]]);
});

test("a job of the same key waits once; a later one does not run before its time", async () => {
  await add("test:later", { jobKey: "k", runAt: new Date(Date.now() + 3_600_000) });
  await add("test:later", { jobKey: "k", runAt: new Date(Date.now() + 3_600_000) });
  expect(await waiting("test:later")).toBe(1);
  const ran: string[] = [];
  await start({
    "test:later": async () => void ran.push("later"),
    "test:now": async () => void ran.push("now"),
  });
  await add("test:now");
  await eventually("the job of now", () => ran.length > 0);
  expect(ran).toEqual(["now"]);
});

test("what a task throws is tried again, and its values are not kept with the job", async () => {
  await start({
    "test:fails": async (_, { asJob }) => {
      await asJob((tx) => tx.execute(failing));
    },
  });
  await add("test:fails");
  const job = await eventually("a first attempt", async () => {
    const [row] =
      await clone.admin`select j.last_error, j.attempts from graphile_worker._private_jobs j
      join graphile_worker._private_tasks t on t.id = j.task_id where t.identifier = 'test:fails' and j.last_error is not null`;
    return row;
  });
  expect(job.attempts).toBe(1);
  expect(job.last_error).toMatch(/division by zero/);
  expect(job.last_error).not.toMatch(/次仁/);
});

test("jobs of a worker that died are freed and done by another", async () => {
  await add("test:orphan");
  await clone.admin`update graphile_worker._private_jobs set locked_by = 'worker-dead', locked_at = now() - interval '1 minute'
    where task_id = (select id from graphile_worker._private_tasks where identifier = 'test:orphan')`;
  await clone.admin.unsafe(
    `create table if not exists jobs.runner (id text primary key, worker_ids text[] not null, beat_at timestamptz not null)`,
  );
  await clone.admin.unsafe(`alter table jobs.runner owner to yilian_jobs`);
  await clone.admin`insert into jobs.runner values ('dead', '{worker-dead}', now() - interval '1 minute')`;
  const ran: string[] = [];
  await start(
    { "test:orphan": async () => void ran.push("done") },
    { beatMs: 50, deadAfterMs: 500 },
  );
  await eventually("the orphan is done", () => ran.length > 0);
  expect(await clone.admin`select 1 from jobs.runner where id = 'dead'`).toHaveLength(0);
});

test("a job that was taken but whose answer was lost is freed by its own runner", async () => {
  const ran: string[] = [];
  await start(
    {
      "test:first": async () => void ran.push("first"),
      "test:lost": async () => void ran.push("lost"),
    },
    { beatMs: 50, deadAfterMs: 300 },
  );
  const [runner] = await eventually("the sign of life", async () => {
    const rows = await clone.admin`select worker_ids from jobs.runner`;
    return rows[0]?.worker_ids.length > 0 && rows;
  });
  await clone.db.withActor(system, async (tx) => {
    await enqueue(tx, { task: "test:lost", payload: {}, runAt: new Date(Date.now() + 3_600_000) });
  });
  await clone.admin`update graphile_worker._private_jobs set locked_by = ${runner?.worker_ids[0]}, locked_at = now() - interval '1 minute', run_at = now()
    where task_id = (select id from graphile_worker._private_tasks where identifier = 'test:lost')`;
  await eventually("it is done after all", () => ran.includes("lost"));
});

test("a long job of a live worker is left to it", async () => {
  let runs = 0;
  let release = () => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  await start(
    {
      "test:long": async () => {
        runs += 1;
        await gate;
      },
    },
    { beatMs: 50, deadAfterMs: 300 },
  );
  await add("test:long");
  await eventually("it started", () => runs === 1);
  await new Promise((resolve) => setTimeout(resolve, 900));
  expect(runs).toBe(1);
  release();
  await eventually("it is finished", async () => (await waiting("test:long")) === 0);
});

test("closing waits for the job that runs", async () => {
  const steps: string[] = [];
  await start({
    "test:closing": async () => {
      steps.push("begun");
      await new Promise((resolve) => setTimeout(resolve, 300));
      steps.push("ended");
    },
  });
  await add("test:closing");
  await eventually("it began", () => steps.length === 1);
  await queue?.close();
  expect(steps).toEqual(["begun", "ended"]);
});

test("a schedule that names no task stops the start", async () => {
  await expect(
    startQueue({
      jobsUrl: clone.jobsUrl,
      db: clone.db,
      clock: () => now,
      tasks: {},
      schedule: [{ task: "nobody:knows", cron: "* * * * *" }],
      log: silent,
    }),
  ).rejects.toThrow(/nobody:knows/);
});

describe("maintenance", () => {
  const run = (name: string) =>
    maintenanceTasks[name]!(null, {
      db: clone.db,
      clock: () => now,
      log: silent,
      asJob: (work) => clone.db.withActor({ kind: "job", task: name, language: "zh-CN" }, work),
    });

  test("every scheduled task exists", () => {
    for (const { task } of maintenanceSchedule)
      expect(maintenanceTasks[task]).toBeTypeOf("function");
  });

  test("answers and events of more than seven days go, newer ones stay", async () => {
    for (const [key, days] of [
      ["old", 8],
      ["new", 6],
    ] as const) {
      await clone.admin`insert into idempotency_key (actor_key, key, request_hash, created_at) values ('t', ${key}, '\\x00', ${daysAgo(days)})`;
      await clone.admin`insert into outbox_event (topic, entity_id, created_at) values ('consult', ${key}, ${daysAgo(days)})`;
    }
    await run("idempotency:clean");
    await run("outbox:clean");
    expect(
      (await clone.admin`select key from idempotency_key where actor_key = 't'`).map(
        (row) => row.key,
      ),
    ).toEqual(["new"]);
    expect(
      (await clone.admin`select entity_id from outbox_event where entity_id in ('old', 'new')`).map(
        (row) => row.entity_id,
      ),
    ).toEqual(["new"]);
  });

  test("ended sessions, used-up challenges and codes go", async () => {
    const session = (hash: string, expires: string, revoked: string | null) =>
      clone.admin`insert into session (token_hash, rotated_at, kind, csrf_token, last_seen_at, expires_at, revoked_at)
        values (${Buffer.from(hash)}, ${daysAgo(3)}, 'guest', 't', ${daysAgo(3)}, ${expires}, ${revoked})`;
    await session("alive", daysAgo(-1), null);
    await session("expired", daysAgo(2), null);
    await session("revoked", daysAgo(-1), daysAgo(2));
    await clone.admin`insert into auth_challenge (kind, challenge, expires_at) values ('t', 'old', ${daysAgo(1)}), ('t', 'new', ${daysAgo(-1)})`;
    await run("identity:clean");
    expect(
      (await clone.admin`select token_hash from session`).map((row) => String(row.token_hash)),
    ).toEqual(["alive"]);
    expect(
      (await clone.admin`select challenge from auth_challenge`).map((row) => row.challenge),
    ).toEqual(["new"]);
  });

  test("the audit chain is extended and holds", async () => {
    await createWorld(clone.db);
    await clone.admin`insert into audit_event (actor_kind, action, entity_type, at) select 'system', 'test', 'test', now() - interval '1 minute' from generate_series(1, 20)`;
    await run("audit:chain");
    const result = await clone.db.withActor(system, verifyChain);
    expect(result).toMatchObject({ brokenAt: null, unchained: 0 });
    expect(result.checked).toBeGreaterThanOrEqual(20);
  });
});

test("an error of a statement is kept without its parameters", () => {
  const cause = Object.assign(new Error("duplicate key"), { code: "23505" });
  const wrapped = Object.assign(new Error("Failed query: x\nparams: 次仁", { cause }), {
    query: "x",
    params: ["次仁"],
  });
  const safe = withoutValues(wrapped);
  expect(safe.message).toBe("duplicate key");
  expect(safe).toMatchObject({ code: "23505" });
  expect(safe.stack).not.toMatch(/次仁/);
});
