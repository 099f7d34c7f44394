import type { Work } from "../http/context.ts";
import { assertPermission } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { defaultReadyItems, type ReadyItem } from "./domain.ts";
import * as repository from "./repository.ts";

export type ReadyList = { items: ReadyItem[]; own: boolean };

/** What the own house makes ready: its own list, or the usual one. */
export async function readReadyList({ tx, actor }: Work<StaffActor>): Promise<ReadyList> {
  const [list] = await repository.findReadyLists(tx, [actor.institutionId]);
  return { items: list?.items ?? [...defaultReadyItems], own: list !== undefined };
}

/** The house's own list from now on; what was ticked before stays. @throws DomainError `permission.denied` */
export async function saveReadyList(
  { tx, actor, now }: Work<StaffActor>,
  items: ReadyItem[],
): Promise<ReadyList> {
  assertPermission(actor, "transfer.ready-list");
  await repository.saveReadyList(tx, {
    institutionId: actor.institutionId,
    items,
    updatedBy: actor.personId,
    updatedAt: now,
  });
  return { items, own: true };
}
