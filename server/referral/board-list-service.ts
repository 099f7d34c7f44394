import type { z } from "zod";
import { trace } from "../audit/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { type LoopList, type loopListQuery, loopPageSize } from "./board-contract.ts";
import { findBehind } from "./board-repository.ts";
import { institutionRefs, plainRef } from "./view.ts";

/**
 * The referrals behind one number of the loop board, a page of them: what waits longest first. Nobody's name; the
 * key of a referral and its free words for a house that is a side of it alone.
 * @throws DomainError `permission.denied`, also for a house that the reader may not compare
 */
export async function listBehind(
  work: Work<StaffActor>,
  { what, house, days, page }: z.output<typeof loopListQuery>,
): Promise<LoopList> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "referral.board");
  const since = new Date(now.getTime() - days * 86_400_000);
  const found = await findBehind(
    tx,
    { since, now },
    { what, house: house ?? null, take: loopPageSize, skip: (page - 1) * loopPageSize },
  );
  if (!found) throw new DomainError("permission.denied");
  const refs = await institutionRefs(tx, [
    house ?? null,
    ...found.rows.flatMap((row) => [row.from, row.to]),
  ]);
  const ref = (id: string) => plainRef(refs.get(id)!);
  await trace(tx, actor, origin, {
    action: "referral-board.list",
    entityType: "institution",
    entityId: house ?? actor.institutionId,
    detail: { what, days, page, listed: found.rows.length },
  });
  return {
    what,
    house: house ? ref(house) : null,
    days,
    at: now.toISOString(),
    page,
    size: loopPageSize,
    total: found.total,
    rows: found.rows.map((row) => ({ ...row, from: ref(row.from), to: ref(row.to) })),
  };
}
