/** What a subscriber asks about his subscriptions: how they stand, and what he was told. */
import { randomUUID } from "node:crypto";
import { DomainError } from "../../errors/domain-error.ts";
import type { StoreContext } from "../store/caller.ts";
import { enter } from "../store/conditions.ts";
import type { StoreTx } from "../store/database.ts";
import type { RecordStore } from "../store/service.ts";
import { auditEvents, notifiedOf } from "./events.ts";
import { notificationText, statusResource } from "./notification.ts";
import * as repository from "./repository.ts";
import { assertSubscriber } from "./rights.ts";

type Place = { readonly store: RecordStore; readonly context: StoreContext };
const eventsMax = 100;

/**
 * `$status` of one, of several, or of all of the caller's institution.
 * @throws DomainError `permission.denied`, `request.not-found` for one that is not there
 */
export async function statusesOf(
  { store, context }: Place,
  asked: { id: string | null; ids: readonly string[] | null; status: string | null },
): Promise<object[]> {
  assertSubscriber(context, "r");
  return store.transaction(context, async (tx) => {
    await enter(tx, context);
    const ids = asked.id === null ? asked.ids : [asked.id];
    const runs = await repository.listRuns(tx, context, ids, asked.status);
    if (asked.id !== null && runs.length === 0) throw new DomainError("request.not-found");
    const list: object[] = [];
    for (const run of runs)
      list.push(
        statusResource({
          statusId: randomUUID(),
          base: run.base,
          subscription: run.id,
          topic: run.topic,
          status: run.status,
          type: "query-status",
          events: await countNow(tx, context, run),
          notified: [],
          fault: run.fault,
          namesFocus: false,
        }),
      );
    return list;
  });
}

/**
 * `$events`: what was notified, once more, as far as the caller may see it now.
 * @throws DomainError `permission.denied`, `request.not-found`
 */
export async function eventsOf(
  { store, context }: Place,
  id: string,
  asked: { since: number; until: number | null; content: string | null },
): Promise<string> {
  assertSubscriber(context, "r");
  return store.transaction(context, async (tx) => {
    await enter(tx, context);
    const run = await repository.findRun(tx, context, id);
    if (!run || run.institution !== context.caller.institution)
      throw new DomainError("request.not-found");
    const events = await countNow(tx, context, run);
    // Nobody gets more by asking than by being told.
    const content =
      asked.content === "empty" || run.content === "empty"
        ? "empty"
        : asked.content === "id-only" || run.content === "id-only"
          ? "id-only"
          : "full-resource";
    const rows = await repository.eventsBetween(tx, context.tenant, id, {
      after: Math.max(0, asked.since - 1),
      until: asked.until,
      limit: eventsMax,
      withText: content === "full-resource",
    });
    await auditEvents(tx, context, "events", id, content === "empty" ? [] : rows);
    return notificationText({
      id: randomUUID(),
      statusId: randomUUID(),
      base: run.base,
      subscription: id,
      topic: run.topic,
      status: run.status,
      type: "query-event",
      events,
      notified: rows.map(notifiedOf),
      at: context.at,
      fault: run.fault,
      namesFocus: content !== "empty",
    });
  });
}

/** Events so far; new ones get their numbers now, by what the subscriber may see. */
async function countNow(
  tx: StoreTx,
  context: StoreContext,
  run: repository.SubscriptionRun,
): Promise<number> {
  if (run.institution !== context.caller.institution) return run.numbered;
  const locked = await repository.findRun(tx, context, run.id, true);
  if (!locked) return run.numbered;
  const subscriber = { ...context, caller: locked.caller };
  await enter(tx, subscriber);
  const last = await repository.numberEvents(tx, context.tenant, locked, true);
  await enter(tx, context);
  return last;
}
