/**
 * The Task of a referral, answered by a house's own system. The Task is the letter box: what is patched is read as one
 * step of the state table, and the one place that takes steps takes it. Source: HL7 BSeR 2.0, IHE 360X.
 */
import { createHash } from "node:crypto";
import type { Task } from "@medplum/fhirtypes";
import { FhirMappingError } from "../../fhir-mappings/mapping-error.ts";
import {
  readTaskAnswer,
  saidBySide,
  type TaskAnswer,
} from "../../fhir-mappings/referral-answer.ts";
import { referralProgress } from "../../fhir-mappings/referral-codes.ts";
import { trace } from "../audit/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { applyJsonPatch } from "../fhir/service.ts";
import type { Services, Work } from "../http/context.ts";
import { once } from "../idempotency/service.ts";
import type { HouseActor } from "../identity/domain.ts";
import { referralTask } from "../records/service.ts";
import {
  actAsHouse,
  asOurOwn,
  bookedWords,
  type HouseStep,
  loadForHouse,
  missingOfStep,
  stepsOfHouse,
  wasWithdrawn,
} from "../referral/service.ts";
import { instantIn } from "./domain.ts";
import * as repository from "./repository.ts";

type Row = Awaited<ReturnType<typeof loadForHouse>>;
/** The Task, and the version that it has in our own tables. */
export type SeenTask = { task: Task; version: number };

/**
 * The Task as the house may know it now.
 * @throws DomainError `request.not-found`: another house's is not there
 */
export async function taskOf(
  services: Services,
  work: Work<HouseActor>,
  id: string,
): Promise<SeenTask> {
  const row = await loadForHouse(work, id);
  return asOurOwn(work, () => seen(services, work, row));
}

async function seen(services: Services, work: Work<HouseActor>, row: Row): Promise<SeenTask> {
  const { tx, actor, now } = work;
  const task = await referralTask(
    { services, tx, institutionId: actor.institutionId, now },
    row.id,
  );
  if (!task) throw new DomainError("request.not-found");
  return { task, version: row.version };
}

/** The same with its trace. */
export async function readTask(
  services: Services,
  work: Work<HouseActor>,
  id: string,
): Promise<SeenTask> {
  const found = await taskOf(services, work, id);
  await traceRead(work, id, found.task);
  return found;
}

const traceRead = ({ tx, actor, origin }: Work<HouseActor>, id: string, task: Task) =>
  trace(tx, actor, origin, {
    action: "fhir.read",
    entityType: "Task",
    entityId: id,
    patientId: task.for?.reference?.replace(/^Patient\//, "") ?? null,
    purpose: "treatment",
  });

/** Tasks that carry this number of the house's own; what it asks before it sends again. */
export async function tasksByNumber(
  services: Services,
  work: Work<HouseActor>,
  identifier: { system: string; value: string },
): Promise<SeenTask[]> {
  const ids = await asOurOwn(work, () =>
    repository.findByNumber(work.tx, work.actor.institutionId, identifier),
  );
  const found: SeenTask[] = [];
  for (const id of ids) found.push(await readTask(services, work, id));
  return found;
}

/**
 * Answer. The same patch on the same version answers as the first did.
 * @param current whether the version that the caller named is the newest that he could have read
 * @throws DomainError `request.not-found`, `fhir.changed-meanwhile`, `fhir.patch`, `fhir.resource` with the path of
 *   what is missing or may not be changed, `referral.task-step` with what may be said now, `referral.withdrawn`
 */
export async function answerTask(
  services: Services,
  work: Work<HouseActor>,
  input: {
    id: string;
    patch: unknown;
    ifMatch: readonly number[] | "any";
    current: (seen: SeenTask) => Promise<boolean>;
  },
): Promise<SeenTask> {
  const { id, patch, ifMatch } = input;
  // Whose it is not learns nothing, not even that somebody asked before.
  await loadForHouse(work, id);
  const run = () =>
    asOurOwn(work, async () => {
      const row = await loadForHouse(work, id);
      const before = await seen(services, work, row);
      if (!(await input.current(before))) throw new DomainError("fhir.changed-meanwhile");
      return take(services, work, row, before, patch);
    });
  // "Whatever there is" means another version each time.
  if (ifMatch === "any") return run();
  const digest = createHash("sha256")
    .update(JSON.stringify([id, ifMatch, patch]))
    .digest("hex");
  const { body } = await once(
    work.tx,
    work.actor,
    { vault: services.vault, key: `task:${digest}`, request: id, now: work.now },
    async () => ({ status: 200, body: await run() }),
  );
  return body;
}

async function take(
  services: Services,
  work: Work<HouseActor>,
  row: Row,
  before: SeenTask,
  patch: unknown,
): Promise<SeenTask> {
  const offered = stepsOfHouse(work.actor, row).filter(({ action }) => saidBySide[action] !== null);
  const answer = read(before.task, patch, offered);
  if (answer.action === null) return before;
  if (answer.action === "unknown") {
    if (await wasWithdrawn(work, row)) throw new DomainError("referral.withdrawn");
    throw new DomainError("referral.task-step", { state: row.state, possible: wordsOf(offered) });
  }
  const step: HouseStep = {
    ...answer,
    action: answer.action,
    appointment: answer.appointment
      ? [answer.appointment.start, answer.appointment.text].filter(Boolean).join(" ")
      : null,
  };
  // Told twice: the number that is known already.
  if (
    step.action === "book" &&
    row.state === "booked" &&
    instantIn(step.appointment) !== null &&
    instantIn(step.appointment) === instantIn(await bookedWords(work, row))
  )
    return before;
  const missing = missingOfStep(row, step);
  if (missing.length > 0)
    throw new DomainError("fhir.resource", {
      issues: missing.map((one) => ({
        severity: "error",
        code: "required",
        diagnostics: `${answer.action} needs this`,
        expression: pathOf[one],
      })),
    });
  try {
    const changed = await actAsHouse(work, row, step);
    const line = await repository.findLine(work.tx, row.id);
    if (line) await repository.noteAgreed(work.tx, row.id, changed.state, work.now);
    return await seen(services, work, changed);
  } catch (error) {
    if (error instanceof DomainError && error.code === "referral.changed-meanwhile")
      throw new DomainError("fhir.changed-meanwhile");
    throw error;
  }
}

/** Where in the Task a part of a step is said. */
const pathOf = {
  action: "Task.status",
  reason: "Task.statusReason",
  answer: "Task.output.where(type.coding.code = 'answer')",
  outcome: "Task.output.where(type.coding.code = 'outcome')",
  appointment: "Task.output.where(type.coding.code = 'appointment')",
  medicines: "Task.output.where(type.coding.code = 'medicine')",
  call: "Task.output.where(type.coding.code = 'call')",
} as const satisfies Record<keyof HouseStep, string>;

function read(task: Task, patch: unknown, offered: Parameters<typeof readTaskAnswer>[2]) {
  const after = applyJsonPatch(task, patch);
  const saysReason = (patch as { path?: string }[]).some((one) =>
    /^\/statusReason(\/|$)/.test(one.path ?? ""),
  );
  try {
    return readTaskAnswer(task, after, offered, saysReason) satisfies TaskAnswer;
  } catch (error) {
    if (!(error instanceof FhirMappingError)) throw error;
    throw new DomainError("fhir.resource", {
      issues: [
        {
          severity: "error",
          code: error.problem === "unknown-code" ? "code-invalid" : "business-rule",
          diagnostics: problemWords[error.problem],
          expression: error.path,
        },
      ],
    });
  }
}
const problemWords = {
  missing: "this is missing",
  "unknown-code": "this code is not known here",
  "wrong-shape":
    "of a referral's Task only status, businessStatus and statusReason are changed and output is added",
  contradiction: "status and businessStatus contradict each other",
} as const;

/** What may be said now, as the Task says it: `accepted (3.0)`. */
const wordsOf = (offered: readonly { to: Row["state"] }[]): string =>
  [
    ...new Set(
      offered.map(({ to }) => {
        const { status, business } = referralProgress[to];
        return `${status} (${[business, to].filter(Boolean).join(", ")})`;
      }),
    ),
  ].join("; ") || "–";
