import { DomainError } from "../errors/domain-error.ts";
import type { Services, Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { assertMayAct, sideOf } from "./access.ts";
import { assertNewest, changeConsult, takeStep, writeStep } from "./change.ts";
import type { ConsultActionBody, ConsultDetail } from "./contract.ts";
import { accept, adviseOnly, askMore, decline, schedule } from "./desk-service.ts";
import { mayArchive, nextConsultState } from "./domain.ts";
import { tellPatient } from "./patient-notice.ts";
import { type ConsultRow, holdConsult } from "./repository.ts";
import { acknowledge, answerMore, loadForReader, submitConsult } from "./request-service.ts";
import { viewDetail } from "./view.ts";

/** Take one step of the state table as this reader. */
export async function act(
  services: Services,
  work: Work<StaffActor>,
  id: string,
  body: ConsultActionBody,
): Promise<ConsultDetail> {
  const { row, participants } = await loadForReader(work, id);
  if (body.action !== "archive") assertMayAct(work.actor, row, participants, body.action);
  const changed = await step(services, work, row, body);
  return viewDetail(services, work, changed);
}

async function step(
  services: Services,
  work: Work<StaffActor>,
  row: ConsultRow,
  body: ConsultActionBody,
): Promise<ConsultRow> {
  const { now } = work;
  switch (body.action) {
    case "submit":
      return submitConsult(work, row, body.version);
    case "askMore":
      return askMore(work, row, body);
    case "answerMore":
      return answerMore(work, row, body.version, body.text);
    case "accept":
      return accept(work, row, body);
    case "decline":
      return decline(work, row, body);
    case "adviseOnly":
      return adviseOnly(work, row, body);
    case "schedule":
      return schedule(work, row, body);
    case "acknowledge": {
      const changed = await acknowledge(work, row, body);
      await tellPatient(services, work, changed);
      return changed;
    }
    case "end":
      return takeStep(work, row, {
        action: "end",
        version: body.version,
        change: { endedAt: now },
      });
    case "interrupt":
    case "markAbsent":
    case "cancel":
      return takeStep(work, row, {
        action: body.action,
        version: body.version,
        reason: body.reason,
      });
    case "archive":
      return archive(work, row, body.version);
    default:
      throw new DomainError("request.invalid");
  }
}

/**
 * Each side files for itself: the first press stamps its own side, the second closes the consult.
 * Both may press at the same moment: the second waits for the first and is taken all the same.
 * @throws DomainError `permission.denied`, `consult.illegal-step` (also when this side filed before),
 * `consult.changed-meanwhile`
 */
async function archive(
  work: Work<StaffActor>,
  seen: ConsultRow,
  version: number,
): Promise<ConsultRow> {
  const { actor, now } = work;
  const side = sideOf(actor, seen);
  nextConsultState(seen.state, "archive");
  const unfiled = { invitingArchivedAt: null, invitedArchivedAt: null };
  if (!mayArchive(side, actor.permissions, unfiled))
    throw new DomainError("permission.denied", { action: "archive" });
  const row = await holdConsult(work.tx, seen);
  const own = side === "inviting" ? "invitingArchivedAt" : "invitedArchivedAt";
  const other = side === "inviting" ? "invitedArchivedAt" : "invitingArchivedAt";
  if (row[own] || !onlyOtherFiled(row, version, other)) await assertNewest(work, row, version);
  if (row[own])
    throw new DomainError("consult.illegal-step", { from: row.state, action: "archive" });
  const change = { [own]: now };
  if (row[other])
    return takeStep(work, row, {
      action: "archive",
      version: row.version,
      change: { ...change, archivedAt: now },
    });
  const changed = await changeConsult(work, row, { version: row.version, change });
  await writeStep(work, changed, { action: "archive", from: row.state });
  return changed;
}

/**
 * Whether a page that saw `version` missed nothing but the other side's filing: the last change set
 * that mark and no other did.
 */
function onlyOtherFiled(
  row: ConsultRow,
  version: number,
  other: "invitingArchivedAt" | "invitedArchivedAt",
): boolean {
  return version === row.version - 1 && row[other]?.getTime() === row.updatedAt.getTime();
}
