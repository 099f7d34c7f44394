/**
 * One referral, both servers: sent if it was not, read, and whoever stayed behind follows. Nothing is lost when the other
 * side is silent: the row stays, the clock rings again, and people are told to ring.
 */
import type { Task } from "@medplum/fhirtypes";
import { and, eq, notInArray } from "drizzle-orm";
import {
  heardAs,
  patchOfStep,
  saidBySide,
  saidInTask,
  stateOfTask,
  tellsState,
} from "../../fhir-mappings/referral-answer.ts";
import { putAlarm, stopAlarms } from "../alarms/service.ts";
import { appointment } from "../booking/schema.ts";
import { DomainError } from "../errors/domain-error.ts";
import type { Services, Work } from "../http/context.ts";
import type { HouseActor } from "../identity/domain.ts";
import { findWithPermission, systemActor } from "../identity/service.ts";
import { notify } from "../notices/service.ts";
import { type OutsideClient, outsideClient, PartnerError } from "../records/service.ts";
import { referralStates } from "../referral/domain.ts";
import { referral, referralMessage, referralStep } from "../referral/schema.ts";
import { actAsHouse, asOurOwn, type HouseStep, loadForHouse } from "../referral/service.ts";
import {
  compareEveryMs,
  followOf,
  instantIn,
  isOver,
  isStuck,
  type OutsideFault,
  retryAt,
  type Step,
} from "./domain.ts";
import * as repository from "./repository.ts";
import { bundleOf, taskIdOf } from "./send.ts";

type ReferralRow = typeof referral.$inferSelect;
type StepRow = typeof referralStep.$inferSelect;
type Line = repository.LineRow;
type Known = {
  row: ReferralRow;
  line: Line;
  steps: StepRow[];
  server: repository.ServerRow | null;
  houseName: string;
  appointmentAt: string | null;
  lastWord: string | null;
};
export type Outcome = "same" | "behind" | "contradiction" | "silent" | "nothing";

const system = systemActor("referral-outside");
export const alarmKey = (referralId: string): string => `referral:${referralId}:outside`;
/** Both may move while we speak; then it is looked at again, so often. */
const roundsMax = 6;
const soonMs = 30_000;

/** Compare once, and bring together what may be. Callable as often as one likes. */
export async function syncReferral(services: Services, referralId: string): Promise<Outcome> {
  const known = await load(services, referralId);
  if (!known) return "nothing";
  const waits = known.line.side === "from" ? known.line.theirTask === null : !known.row.submittedAt;
  // Taken back before it ever went out: they never hear of it.
  const unborn = known.line.theirTask === null && isOver(known.row.state);
  if (waits || unborn) {
    await services.db.withActor(system, (tx) =>
      stopAlarms(tx, [alarmKey(referralId)], services.clock()),
    );
    return "nothing";
  }
  try {
    if (!known.server || known.server.pausedAt) throw new PartnerError("paused");
    const client = await outsideClient(services, known.server);
    const sent = known.line.theirTask ? known : await send(services, known, client);
    return await compare(services, sent, client);
  } catch (error) {
    if (!(error instanceof PartnerError)) throw error;
    await noteSilence(services, referralId, error);
    return "silent";
  }
}

async function load(services: Services, referralId: string): Promise<Known | null> {
  return services.db.withActor(system, async (tx) => {
    const line = await repository.findLine(tx, referralId);
    const [row] = await tx.select().from(referral).where(eq(referral.id, referralId));
    if (!line?.outsideId || !row) return null;
    const steps = await tx
      .select()
      .from(referralStep)
      .where(eq(referralStep.referralId, referralId))
      .orderBy(referralStep.id);
    const [seat] = row.appointmentId
      ? await tx
          .select({ startsAt: appointment.startsAt })
          .from(appointment)
          .where(
            and(
              eq(appointment.id, row.appointmentId),
              notInArray(appointment.state, ["held", "lapsed", "cancelled", "clinic-stopped"]),
            ),
          )
      : [];
    const words = await tx
      .select({ text: referralMessage.text, by: referralMessage.byInstitutionId })
      .from(referralMessage)
      .where(eq(referralMessage.referralId, referralId))
      .orderBy(referralMessage.at);
    const server = await repository.findServerById(tx, line.outsideId);
    return {
      row,
      line,
      steps,
      server,
      houseName: server?.name ?? "",
      appointmentAt: seat?.startsAt ? localInstant(seat.startsAt) : null,
      lastWord: words.findLast((one) => one.by === line.ourInstitutionId)?.text ?? null,
    };
  });
}

/** The instant with China's offset: whoever reads it as words reads the hour on the wall. */
const localInstant = (at: Date): string =>
  new Date(at.getTime() + 8 * 3_600_000).toISOString().replace(/\.\d+Z$/, "+08:00");

/** Words of a number that begin with an instant of UTC, with the hour on the wall. */
const localWords = (words: string | null): string | null =>
  words?.replace(/^\S+Z(?=\s|$)/, (at) => localInstant(new Date(at))) ?? null;

/** Sent once in effect: under its number they create it, or find it. */
async function send(services: Services, known: Known, client: OutsideClient): Promise<Known> {
  const { row, line } = known;
  const bundle = await services.db.withActor(system, (tx) => bundleOf(services, tx, row, line));
  const theirTask = taskIdOf(bundle, await client.post("", bundle));
  if (!theirTask) throw new PartnerError("not-fhir");
  const now = services.clock();
  const told = {
    theirTask,
    sentAt: now,
    agreedState: "submitted",
    theirState: "submitted",
  } as const;
  await services.db.withActor(system, (tx) => repository.changeLine(tx, row.id, told));
  return { ...known, line: { ...line, ...told } };
}

async function compare(services: Services, first: Known, client: OutsideClient): Promise<Outcome> {
  let known = first;
  const { id } = first.row;
  const path = `Task/${first.line.theirTask}`;
  let task = await readTask(client, path);
  for (let round = 0; round < roundsMax; round += 1) {
    const { row, line } = known;
    const { state } = stateOfTask(task, referralStates);
    const follow =
      state === null
        ? ({ kind: "contradiction" } as const)
        : followOf({
            direction: row.direction,
            ours: row.state,
            theirs: state,
            agreed: line.agreedState,
            theirSide: line.side,
            tells: (ours) => tellsState(task, ours),
            said: saidBySide,
            meaning: heardAs,
          });
    const again = follow.kind === "same" ? numberAgain(known, task) : null;
    if (again === "push") {
      const told = await push(client, path, task, known, [toBook]);
      if (told && told !== "refused") {
        await noteNumber(services, known);
        task = told;
        known = (await load(services, id)) ?? known;
        continue;
      }
    } else if (again === "pull" && (await pull(services, known, task, [toBook]))) {
      known = (await load(services, id)) ?? known;
      continue;
    }
    switch (follow.kind) {
      case "same":
        await save(services, known, task, "same");
        return "same";
      case "behind":
        await save(services, known, task, "behind");
        return "behind";
      case "contradiction":
        await save(services, known, task, "contradiction");
        return "contradiction";
      case "push": {
        const pushed = await push(client, path, task, known, follow.steps);
        if (pushed === "refused") {
          await save(services, known, task, "contradiction");
          return "contradiction";
        }
        if (pushed && follow.steps.some(({ action }) => action === "book"))
          await noteNumber(services, known);
        task = pushed ?? (await readTask(client, path));
        break;
      }
      case "pull":
        if (!(await pull(services, known, task, follow.steps))) {
          const fresh = await load(services, id);
          if (fresh?.row.version === row.version) {
            await save(services, known, task, "contradiction");
            return "contradiction";
          }
        }
        break;
    }
    known = (await load(services, id)) ?? known;
  }
  await save(services, known, task, "behind");
  return "behind";
}

const toBook = { action: "book", to: "booked" } as const;

/** Booked on both sides, and not the same number: the house that keeps it has booked another one since. */
function numberAgain({ row, line, appointmentAt, steps }: Known, task: Task) {
  if (row.state !== "booked") return null;
  if (line.side === "from")
    return appointmentAt && instantIn(appointmentAt) !== (line.toldAppointmentAt?.getTime() ?? null)
      ? "push"
      : null;
  const said = instantIn(saidInTask(task).appointment);
  const known = instantIn(steps.findLast((one) => one.action === "book")?.reason);
  return said !== null && said !== known ? "pull" : null;
}

const noteNumber = (services: Services, { row, appointmentAt }: Known): Promise<void> =>
  services.db.withActor(system, (tx) =>
    repository.changeLine(tx, row.id, {
      toldAppointmentAt: appointmentAt ? new Date(appointmentAt) : null,
    }),
  );

async function readTask(client: OutsideClient, path: string): Promise<Task> {
  const found = await client.get(path);
  if (found.resourceType !== "Task") throw new PartnerError("not-fhir");
  return found;
}

/** Tell our steps, each on the version before it. @returns the Task after it; null: somebody was faster */
async function push(
  client: OutsideClient,
  path: string,
  before: Task,
  known: Known,
  steps: readonly Step[],
): Promise<Task | null | "refused"> {
  let task = before;
  for (const step of steps) {
    const version = task.meta?.versionId;
    if (!version) throw new PartnerError("not-fhir");
    try {
      const told = await client.patch(path, patchOfStep(task, toldStep(known, step)), version);
      task = told.resourceType === "Task" ? told : await readTask(client, path);
      if (!task.meta?.versionId) task = await readTask(client, path);
    } catch (error) {
      if (!(error instanceof PartnerError)) throw error;
      if (error.status === 412) return null;
      if (error.status === 409 || error.status === 422) return "refused";
      throw error;
    }
  }
  return task;
}

function toldStep({ row, line, steps, appointmentAt, lastWord }: Known, step: Step) {
  const own = steps.findLast(
    (one) => one.action === step.action && one.byInstitutionId !== line.houseId,
  );
  const turnsAway = step.action === "return" || step.action === "handBack";
  const reason = own?.reason ?? (turnsAway ? row.answer : null);
  return {
    ...step,
    reason:
      step.action === "answerMore"
        ? (lastWord ?? reason)
        : step.action === "accept"
          ? null
          : reason,
    answer: ["accept", "advise"].includes(step.action) ? (row.answer ?? "–") : null,
    outcome: step.action === "conclude" ? row.outcome : null,
    appointment: step.action === "book" ? appointmentAt : null,
    medicines:
      step.action === "accept" && row.direction === "down"
        ? row.medicines.map((one) => ({
            text: one.text,
            available: one.available ?? false,
            substitute: one.substitute,
          }))
        : [],
    // Our own desk does not turn an emergency away without a call: its words say with whom.
    call: turnsAway && row.urgency === "emergency" ? reason : null,
  };
}

/** Take their steps here, in their name. @returns false when one of them may not be */
async function pull(
  services: Services,
  { row, line, houseName }: Known,
  task: Task,
  steps: readonly Step[],
): Promise<boolean> {
  const said = saidInTask(task);
  const actor: HouseActor = {
    kind: "house",
    clientId: line.outsideId ?? "",
    institutionId: line.houseId,
    name: houseName,
    language: "zh-CN",
  };
  const unsaid = `${houseName}：没有写原因`;
  try {
    await services.db.withActor(actor, async (tx) => {
      const work: Work<HouseActor> = {
        tx,
        actor,
        origin: { correlationId: "referral-outside", address: null },
        now: services.clock(),
      };
      await asOurOwn(work, async () => {
        let present = await loadForHouse(work, row.id);
        if (present.version !== row.version) throw new DomainError("referral.changed-meanwhile");
        for (const { action } of steps) {
          const step: HouseStep = {
            ...said,
            appointment: localWords(said.appointment),
            action,
            reason: said.reason ?? unsaid,
            outcome: said.outcome ?? said.reason ?? unsaid,
            answer: said.answer ?? (action === "advise" ? (said.outcome ?? unsaid) : null),
            call: said.call ?? houseName,
          };
          present = await actAsHouse(work, present, step);
        }
        await repository.noteAgreed(tx, row.id, present.state, work.now);
      });
    });
    return true;
  } catch (error) {
    if (error instanceof DomainError) return false;
    throw error;
  }
}

/** What came of it, the next time to look, and whom to tell. */
async function save(
  services: Services,
  known: Known,
  task: Task,
  outcome: "same" | "behind" | "contradiction",
): Promise<void> {
  const now = services.clock();
  const { id } = known.row;
  const { state: theirs } = stateOfTask(task, referralStates);
  await services.db.withActor(system, async (tx) => {
    // Whoever takes a step now has set the clock anew: his is the last word.
    const [row] = await tx.select().from(referral).where(eq(referral.id, id)).for("update");
    const line = await repository.findLine(tx, id);
    if (!row || !line) return;
    const moved = row.version !== known.row.version;
    const said = theirs ?? "cancelled";
    const contradicts = outcome === "contradiction" && !moved;
    const over = outcome === "same" && isOver(row.state);
    const nextAt = over
      ? null
      : new Date(now.getTime() + (outcome === "behind" ? soonMs : compareEveryMs));
    await repository.changeLine(tx, id, {
      triedAt: now,
      readAt: now,
      theirState: theirs,
      ...(outcome === "same" && !moved ? { agreedState: row.state } : {}),
      fault: null,
      failedCount: 0,
      failingSince: null,
      silenceToldAt: null,
      nextAt: moved ? now : nextAt,
      contradiction: contradicts ? said : null,
      contradictedAt: contradicts ? (line.contradictedAt ?? now) : null,
    });
    if (contradicts && line.contradiction !== said)
      await tellPeople(
        tx,
        row,
        line,
        "referral-outside-contradiction",
        `${said}:${row.version}`,
        now,
      );
    if (moved) return;
    if (nextAt) await put(tx, id, nextAt);
    else await stopAlarms(tx, [alarmKey(id)], now);
  });
}

const put = (tx: Parameters<typeof putAlarm>[0], id: string, dueAt: Date) =>
  putAlarm(tx, { kind: "referral:outside", entityId: id, key: alarmKey(id), dueAt });

const faultOf = ({ fault, status }: PartnerError): OutsideFault => {
  if (fault === "paused") return "no-address";
  if (fault === "refused") return "refused";
  if (fault === "failed") return status !== null && status < 500 ? "invalid" : "failed";
  return ["unreachable", "timeout", "busy", "resting"].includes(fault) ? "unreachable" : "not-fhir";
};

async function noteSilence(
  services: Services,
  referralId: string,
  error: PartnerError,
): Promise<void> {
  const now = services.clock();
  await services.db.withActor(system, async (tx) => {
    const [row] = await tx.select().from(referral).where(eq(referral.id, referralId)).for("update");
    const line = await repository.findLine(tx, referralId);
    if (!row || !line) return;
    const failedCount = line.failedCount + 1;
    const nextAt = retryAt(failedCount, now);
    const fault = faultOf(error);
    const tell = isStuck({ fault, failedCount }) && line.silenceToldAt === null;
    await repository.changeLine(tx, referralId, {
      triedAt: now,
      nextAt,
      failedCount,
      fault,
      failingSince: line.failingSince ?? now,
      ...(tell ? { silenceToldAt: now } : {}),
    });
    if (tell) await tellPeople(tx, row, line, "referral-outside-silent", now.toISOString(), now);
    await put(tx, referralId, nextAt);
  });
}

/** Whoever referred, and the desk of our house: they have the telephone. */
async function tellPeople(
  tx: Parameters<typeof putAlarm>[0],
  row: ReferralRow,
  line: Line,
  kind: string,
  once: string,
  now: Date,
): Promise<void> {
  await notify(tx, {
    personIds: [
      ...(line.side === "to" ? [row.requesterId] : []),
      ...(await findWithPermission(tx, line.ourInstitutionId, "referral.desk", now)),
    ],
    kind,
    entityType: "referral",
    entityId: row.id,
    detail: { direction: row.direction, state: row.state },
    dedupeKey: `referral:${row.id}:${kind}:${once}`,
    at: now,
  });
}
