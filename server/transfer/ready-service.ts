import { trace } from "../audit/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import type { Work } from "../http/context.ts";
import { assertPermission } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { findPeopleNames } from "../identity/service.ts";
import { defaultReadyItems, type ReadyItem, readyListAt } from "./domain.ts";
import * as repository from "./repository.ts";

export type ReadyList = {
  items: ReadyItem[];
  own: boolean;
  /** 0: the usual list. */
  version: number;
  versions: { version: number; by: string; at: string; items: ReadyItem[] }[];
};

/** What the own house makes ready: its own list with who changed it when, or the usual one. */
export async function readReadyList({ tx, actor }: Work<StaffActor>): Promise<ReadyList> {
  const rows = await repository.findReadyLists(tx, [actor.institutionId]);
  const names = await findPeopleNames(tx, [...new Set(rows.map((row) => row.updatedBy))]);
  return {
    items: rows[0]?.items ?? [...defaultReadyItems],
    own: rows.length > 0,
    version: rows[0]?.version ?? 0,
    versions: rows.map(({ version, updatedBy, updatedAt, items }) => ({
      version,
      by: names.get(updatedBy) ?? "",
      at: updatedAt.toISOString(),
      items,
    })),
  };
}

/**
 * A new version of the house's own list. Transfers asked for from now on are made ready by it, those of before keep
 * theirs.
 * @param version the one that was read: whoever was slower is told
 * @throws DomainError `permission.denied`, `transfer.changed-meanwhile`
 */
export async function saveReadyList(
  work: Work<StaffActor>,
  { items, version }: { items: ReadyItem[]; version: number },
): Promise<ReadyList> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "transfer.ready-list");
  const rows = await repository.findReadyLists(tx, [actor.institutionId]);
  const newest = rows[0]?.version ?? 0;
  const made =
    newest === version &&
    (await repository.insertReadyList(tx, {
      institutionId: actor.institutionId,
      version: newest + 1,
      items,
      updatedBy: actor.personId,
      updatedAt: now,
    }));
  if (!made) throw new DomainError("transfer.changed-meanwhile");
  await trace(tx, actor, origin, {
    action: "transfer.ready-list",
    entityType: "transfer-ready-list",
    entityId: actor.institutionId,
    detail: { version: newest + 1 },
  });
  return readReadyList(work);
}

/** What the receiving house of a transfer makes ready for it: by the list that counted when it was asked for. */
export const itemsOfTransfer = (
  lists: readonly repository.ReadyListRow[],
  row: Pick<repository.TransferRow, "toInstitutionId" | "requestedAt">,
): readonly ReadyItem[] =>
  readyListAt(
    lists.filter((one) => one.institutionId === row.toInstitutionId),
    row.requestedAt,
  );
