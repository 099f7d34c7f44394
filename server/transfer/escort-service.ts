/** The crew's phone page: by a secret link, for one transfer, until it is handed over. Nobody is signed in. */
import type { z } from "zod";
import type { Origin } from "../audit/service.ts";
import { findInstitutions } from "../directory/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import type { Services, Work } from "../http/context.ts";
import type { Actor } from "../identity/domain.ts";
import { localDay } from "../patients/service.ts";
import { takeStep, tell } from "./change.ts";
import type { EscortView, escortPositionsBody, escortStepBody } from "./contract.ts";
import { queuedAtMostHours, timeOfStep } from "./domain.ts";
import type { TransferRow } from "./repository.ts";
import * as repository from "./repository.ts";
import { doneByState, escortStates, possibleTransferActions } from "./states.ts";
import { refOf } from "./view.ts";

const crew: Actor = { kind: "job", task: "transfer:escort", language: "zh-CN" };
const hourMs = 3_600_000;

/**
 * Run `work` as the crew of the transfer whose link this is.
 * @throws DomainError `transfer.link`: wrong, replaced, or over
 */
function asCrew<Answer>(
  services: Services,
  origin: Origin,
  token: string,
  run: (work: Work, row: TransferRow) => Promise<Answer>,
): Promise<Answer> {
  return services.db.withActor(crew, async (tx) => {
    const row = await repository.findByToken(tx, services.vault.hashSecret(token));
    if (!row || !escortStates.includes(row.state)) throw new DomainError("transfer.link");
    return run({ tx, actor: crew, origin, now: services.clock() }, row);
  });
}

export const readAsCrew = (services: Services, origin: Origin, token: string) =>
  asCrew(services, origin, token, viewAsCrew);

/** A step with the phone's own time; sent again it changes nothing. */
export function actAsCrew(
  services: Services,
  origin: Origin,
  body: z.output<typeof escortStepBody>,
): Promise<EscortView> {
  return asCrew(services, origin, body.token, async (work, found) => {
    const row = await repository.lockTransfer(work.tx, found);
    if (doneByState[row.state].includes(body.action)) return viewAsCrew(work, row);
    const steps = await repository.findSteps(work.tx, row.id);
    const at = timeOfStep(new Date(body.at), steps.at(-1)?.at ?? row.requestedAt, work.now);
    return viewAsCrew(work, await takeStep(work, row, { action: body.action, at }));
  });
}

/** Where the vehicle is or was: only what the crew chose to share. Too old or ahead of us is left out. */
export function sharePositions(
  services: Services,
  origin: Origin,
  body: z.output<typeof escortPositionsBody>,
): Promise<EscortView> {
  return asCrew(services, origin, body.token, async (work, row) => {
    const now = work.now.getTime();
    const kept = body.positions
      .map((one) => ({ ...one, transferId: row.id, at: new Date(one.at) }))
      .filter(
        ({ at }) =>
          at.getTime() <= now + 60_000 && now - at.getTime() <= queuedAtMostHours * hourMs,
      );
    if (kept.length > 0) {
      await repository.insertPositions(work.tx, kept);
      await tell(work, row);
    }
    return viewAsCrew(work, row);
  });
}

async function viewAsCrew(work: Work, row: TransferRow): Promise<EscortView> {
  const { tx, now } = work;
  const [of] = await repository.findReferrals(tx, [row.referralId]);
  const houses = await findInstitutions(tx, [row.fromInstitutionId, row.toInstitutionId]);
  const from = houses.find(({ id }) => id === row.fromInstitutionId);
  const to = houses.find(({ id }) => id === row.toInstitutionId);
  if (!of || !from || !to) throw new DomainError("transfer.link");
  const unit = of.toDepartmentId ? await repository.findDepartment(tx, of.toDepartmentId) : null;
  const [last] = await repository.findLastPositions(tx, [row.id]);
  const duty = await repository.findDutyPhone(tx, to.id, localDay(now));
  return {
    state: row.state,
    kind: row.kind,
    number: of.number,
    plate: row.vehiclePlate,
    from: { ...refOf(from), phone: from.phone, doctorPhone: of.requesterPhone },
    to: { ...refOf(to), phone: duty ?? to.phone, address: to.address },
    department: unit ? refOf(unit) : null,
    actions: possibleTransferActions(row.kind, row.state, ["escort"]).filter(
      (action) => action === "pickUp" || action === "depart" || action === "arrive",
    ),
    departedAt: row.departedAt?.toISOString() ?? null,
    expectedAt: row.expectedAt?.toISOString() ?? null,
    arrivedAt: row.arrivedAt?.toISOString() ?? null,
    lastSharedAt: last?.at.toISOString() ?? null,
  };
}
