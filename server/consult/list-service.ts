import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import type { ConsultSummary } from "./contract.ts";
import * as repository from "./repository.ts";
import { viewSummaries } from "./view.ts";

/** My consults, the desk's queue, or the archive, ordered by urgency and clock. */
export async function listConsults(
  work: Work<StaffActor>,
  scope: "mine" | "desk" | "archive",
): Promise<ConsultSummary[]> {
  const { tx, actor } = work;
  if (scope === "desk") {
    assertPermission(actor, "consult.desk");
    return viewSummaries(work, await repository.listForDesk(tx, actor.institutionId));
  }
  if (actor.permissions.size === 0) throw new DomainError("permission.denied");
  if (scope === "mine") return viewSummaries(work, await repository.listMine(tx, actor.personId));
  const whole = actor.permissions.has("consult.desk") || actor.permissions.has("consult.request");
  return viewSummaries(
    work,
    await repository.listArchive(tx, actor.personId, actor.institutionId, whole),
  );
}
