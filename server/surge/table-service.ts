/** A sampler's own table in an evening: choose one, hand it to a colleague, close it. */
import type { z } from "zod";
import { trace } from "../audit/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { announce } from "../outbox/service.ts";
import type { leaveBody, tableList } from "./contract.ts";
import * as repository from "./repository.ts";

type Staff = Work<StaffActor>;

/** Tonight's tables of the own institution, who sits there, and who could take over. */
export async function listTables({ tx, actor, now }: Staff): Promise<z.input<typeof tableList>> {
  assertPermission(actor, "sampling.collect");
  return (await repository.readTables(tx, now)) ?? { tables: [], colleagues: [] };
}

/**
 * Sit down at a free table; the one before closes. Again changes nothing.
 * @throws DomainError `request.not-found`, `surge.table-taken`, `surge.table-unsealed` while a tube of one's own
 *   still fills, `surge.table-busy` while at work for another institution
 */
export async function chooseTable(
  work: Staff,
  stationId: string,
): Promise<z.input<typeof tableList>> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "sampling.collect");
  const problem = await repository.takeTable(tx, stationId, now);
  if (problem === "unknown") throw new DomainError("request.not-found");
  if (problem) throw new DomainError(problems[problem] ?? "surge.table-taken");
  await trace(tx, actor, origin, {
    action: "surge.staff",
    entityType: "sampling-station",
    entityId: stationId,
  });
  await tell(work, stationId);
  return listTables(work);
}

/**
 * Leave the own table: a named colleague goes on there, or it closes and its people are sent to the others.
 * @throws DomainError `surge.table-none`, `surge.table-unsealed`, `surge.table-busy` when the colleague sits elsewhere
 */
export async function leaveTable(
  work: Staff,
  { personId }: z.output<typeof leaveBody>,
): Promise<z.input<typeof tableList>> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "sampling.collect");
  const { stationId, problem } = await repository.leaveTable(tx, personId, now);
  if (problem || !stationId)
    throw new DomainError(problems[problem ?? "none"] ?? "surge.table-none");
  await trace(tx, actor, origin, {
    action: "surge.staff",
    entityType: "sampling-station",
    entityId: stationId,
    detail: { left: true, to: personId },
  });
  await tell(work, stationId);
  return listTables(work);
}

const problems: Readonly<Record<string, ConstructorParameters<typeof DomainError>[0]>> = {
  taken: "surge.table-taken",
  unsealed: "surge.table-unsealed",
  elsewhere: "surge.table-busy",
  busy: "surge.table-busy",
  none: "surge.table-none",
};

async function tell({ tx, actor }: Staff, id: string): Promise<void> {
  await announce(tx, { topic: "surge", id, version: 0 }, { institutionIds: [actor.institutionId] });
}
