/**
 * What a sampler's phone knows, with and without a line: what the server said last, what was done since,
 * and what could not be done. Pure: the page draws what `project` says, the queue keeps what `take` returns.
 */
import type { SamplerStep, SamplerWork, StepAnswer } from "../../server/sampling/contract.ts";
import type { SamplingProblem } from "../../server/sampling/domain.ts";
import { parseTubeCode } from "./tube-code.ts";

export type Person = NonNullable<SamplerWork["people"]>[number];
/** With the people that this phone has, however old they are. */
export type KnownWork = SamplerWork & { people: readonly Person[] };
export type Tube = SamplerWork["tubes"][number];
/** `done`: the server has it, but the work shown was fetched before. */
export type KeptStep = SamplerStep & { done: boolean };
/** A step that the server could not take, told by person and tube. */
export type Conflict = {
  id: string;
  step: SamplerStep["step"];
  problem: SamplingProblem;
  tube: string | null;
  person: string | null;
  lastFour: string | null;
  otherTube: string | null;
  station: number | null;
  at: string;
};
export type Kept = {
  work: KnownWork | null;
  steps: readonly KeptStep[];
  conflicts: readonly Conflict[];
  /** People who were registered without a line: sent when there is one. */
  drafts?: readonly Draft[];
  /** What became of them: a card that is still open knows somebody by his draft. */
  aliases?: Readonly<Record<string, string>>;
  /** Paper codes that were scanned without a line: who they are is asked when there is one. */
  papers?: readonly KeptPaper[];
};
/** A registration of this phone that the server does not know yet; its `id` stands for the registration's till then. */
export type Draft = {
  id: string;
  /** Idempotency key; a mended draft is another request. */
  key: string;
  body: DraftBody;
  /** Why the server did not take it, in its sentence: to be mended or given up. */
  refused: string | null;
};
export type DraftBody = {
  residentId: string | null;
  fullName: string;
  phone: string | null;
  birthDate: null;
  sex: null;
  purpose: Person["purpose"];
  priority: Person["priority"];
  kept: { code: string; at: string };
};
export type KeptPaper = {
  id: string;
  code: string;
  at: string;
  /** Why it does not count, in the server's sentence; null while it waits. */
  refused: string | null;
};
export const nothingKept: Kept = { work: null, steps: [], conflicts: [] };

/** Whether a text is a paper code, or the sixteen letters below it typed by hand. */
export const isPaperCode = (text: string): boolean =>
  /^YLP1:/iu.test(text.trim()) || /^[0-9A-Z]{16}$/u.test(text.replace(/[\s-]/gu, "").toUpperCase());

export type View = { tubes: Tube[]; people: Person[]; waiting: number };

/** The work as it is when everything done on this phone has arrived. */
export function project({ work, steps, drafts = [] }: Kept): View {
  const tubes = (work?.tubes ?? []).map((tube) => ({ ...tube, members: [...tube.members] }));
  const people = [
    ...(work?.people ?? []).map((person) => ({ ...person })),
    ...drafts.map(personOfDraft),
  ];
  const tubeOf = (step: SamplerStep) => tubes.find((tube) => tube.code === step.tube);
  const setState = (registration: string | null, state: Person["state"]) => {
    const person = people.find((one) => one.registrationId === registration);
    if (person) person.state = state;
  };
  for (const step of steps) {
    const tube = tubeOf(step);
    if (step.step === "open" && step.tube && !tube) {
      const parsed = parseTubeCode(step.tube);
      if (parsed)
        tubes.push({
          code: parsed.code,
          size: parsed.size,
          state: "open",
          purpose: step.purpose ?? work?.site?.purpose ?? "voluntary",
          count: 0,
          sealedAt: null,
          labDueAt: null,
          members: [],
        });
    } else if (step.step === "lead-away") setState(step.registration, "led-away");
    else if (step.step === "sample" && step.registration) {
      const registrationId = step.registration;
      // A tube that left this phone's list does not take the swab back.
      if (tube && !tube.members.some((one) => one.registrationId === registrationId))
        tube.members.push({
          registrationId,
          position: tube.members.length + 1,
          sampledAt: step.at,
        });
      setState(registrationId, "sampled");
    } else if (!tube) continue;
    else if (step.step === "undo") {
      tube.members = tube.members.filter((one) => one.registrationId !== step.registration);
      setState(step.registration, "waiting");
    } else if (step.step === "seal") {
      tube.state = "sealed";
      tube.sealedAt = step.at;
    } else if (step.step === "void") {
      tube.state = "void";
      for (const member of tube.members) setState(member.registrationId, "waiting");
    }
    if (tube && (tube.state === "open" || tube.state === "collecting")) {
      tube.count = tube.members.length;
      tube.state = tube.count === 0 ? "open" : "collecting";
    }
  }
  return {
    tubes,
    people,
    waiting: steps.filter((step) => !step.done).length + drafts.length,
  };
}

/** Somebody registered here, as the list will have him. */
export function personOfDraft({ id, body }: Draft): Person {
  return {
    registrationId: id,
    code: body.kept.code,
    name: body.fullName,
    lastFour: (body.residentId ?? body.phone ?? "").slice(-4),
    lastFourOf: body.residentId ? "id" : body.phone ? "phone" : "none",
    purpose: body.purpose,
    priority: body.priority,
    state: "waiting",
    expectedAt: body.kept.at,
    single: body.purpose === "fever",
    fever: body.purpose === "fever",
    recalled: false,
  };
}

/**
 * Steps that may be sent now, in their order: what concerns somebody who is not registered yet waits, and with it
 * everything later of the same tube, so that a seal never goes before a swab.
 */
export function sendable({ steps, drafts = [] }: Kept): KeptStep[] {
  const unknown = new Set(drafts.map((one) => one.id));
  const held = new Set<string>();
  return steps.filter((step) => {
    if (step.done) return false;
    const waits =
      (step.registration !== null && unknown.has(step.registration)) ||
      (step.tube !== null && held.has(step.tube));
    if (waits && step.tube) held.add(step.tube);
    return !waits;
  });
}

/** The server has registered a draft: from now on it is that registration, in every step too. */
export function registered(kept: Kept, draftId: string, people: readonly Person[]): Kept {
  const [first] = people;
  const drafts = (kept.drafts ?? []).filter((one) => one.id !== draftId);
  if (!first) return { ...kept, drafts };
  const steps = kept.steps.map((step) =>
    step.registration === draftId ? { ...step, registration: first.registrationId } : step,
  );
  return {
    ...kept,
    drafts,
    steps,
    aliases: { ...kept.aliases, [draftId]: first.registrationId },
  };
}

/** A draft that nobody mends: what was done with it is told by person and tube, like every step that does not count. */
export function giveUp(kept: Kept, draftId: string): Kept {
  const draft = (kept.drafts ?? []).find((one) => one.id === draftId);
  const drafts = (kept.drafts ?? []).filter((one) => one.id !== draftId);
  const swab = kept.steps.findLast((one) => one.step === "sample" && one.registration === draftId);
  const undone = kept.steps.some((one) => one.step === "undo" && one.registration === draftId);
  const steps = kept.steps.filter((one) => one.registration !== draftId);
  const conflicts =
    draft && swab && !undone
      ? [
          ...kept.conflicts,
          {
            id: swab.id,
            step: swab.step,
            problem: "person-unknown" as const,
            tube: swab.tube,
            person: draft.body.fullName,
            lastFour: personOfDraft(draft).lastFour,
            otherTube: null,
            station: null,
            at: swab.at,
          },
        ]
      : kept.conflicts;
  return { ...kept, drafts, steps, conflicts };
}

/** Letters of a code that is written by hand: none that is taken for another (server/booking/waiting.ts). */
const codeLetters = "23456789BCDFGHJKMNPQRSTVWXZ";
/** @param bytes eight random ones */
export const paperLetters = (bytes: Uint8Array): string =>
  [...bytes.subarray(0, 8)].map((byte) => codeLetters[byte % codeLetters.length]).join("");

/** Why a step makes no sense already here, in the server's words; null when it may be sent. */
export function refuse(kept: Kept, step: SamplerStep): SamplingProblem | null {
  const view = project(kept);
  const parsed = step.tube ? parseTubeCode(step.tube) : null;
  const tube = view.tubes.find((one) => one.code === step.tube);
  const person = view.people.find((one) => one.registrationId === step.registration);
  switch (step.step) {
    case "open": {
      if (!parsed) return "tube-format";
      const own = kept.work?.batches ?? [];
      if (
        !own.some(
          (batch) =>
            batch.size === parsed.size &&
            parsed.serial >= batch.first &&
            parsed.serial <= batch.last,
        )
      )
        return "tube-foreign";
      if (tube) return "tube-used";
      return step.purpose === "fever" && parsed.size > 1 ? "single-only" : null;
    }
    case "sample": {
      if (!person) return "person-unknown";
      if (person.state === "led-away") return "person-led-away";
      if (person.state === "cancelled") return "person-cancelled";
      if (person.state === "sampled") return "person-sampled";
      if (!tube) return "tube-unknown";
      if (tube.state === "void") return "tube-void";
      if (tube.state !== "open" && tube.state !== "collecting") return "tube-sealed";
      if (tube.members.length >= tube.size) return "tube-full";
      return person.single && tube.size > 1 ? "single-only" : null;
    }
    case "undo":
      return (
        over(tube, true) ??
        (tube?.members.some((one) => one.registrationId === step.registration)
          ? null
          : "person-not-in-tube")
      );
    case "seal":
      if (!tube) return "tube-unknown";
      return over(tube, true) ?? (tube.members.length === 0 ? "tube-empty" : null);
    case "lead-away":
      return person?.state === "sampled" ? "person-sampled" : null;
    case "void":
      return tube ? over(tube, false) : "tube-unknown";
  }
}

/** Why nothing goes into or out of a tube any more. */
function over(tube: Tube | undefined, sealedToo: boolean): SamplingProblem | null {
  if (tube?.state === "void") return "tube-void";
  return sealedToo && tube?.state === "sealed" ? "tube-sealed" : null;
}

/** One step more. */
export function take(kept: Kept, step: SamplerStep): Kept {
  return { ...kept, steps: [...kept.steps, { ...step, done: false }] };
}

/** What the server answered: done steps stay until the work is read again, refused ones are told. */
export function settle(kept: Kept, answers: readonly StepAnswer[]): Kept {
  const conflicts = [...kept.conflicts];
  const steps = kept.steps.flatMap((step) => {
    const answer = answers.find((one) => one.id === step.id);
    if (!answer) return [step];
    if (!answer.problem) return [{ ...step, done: true }];
    // The same person once more in the same tube changes nothing: nobody has to act.
    const harmless =
      (answer.problem === "person-sampled" && answer.tube === step.tube) ||
      (answer.problem === "tube-void" && step.step === "void");
    if (!harmless) conflicts.push(conflictOf(kept, step, answer));
    return [];
  });
  return { ...kept, steps, conflicts };
}

function conflictOf(kept: Kept, step: SamplerStep, answer: StepAnswer): Conflict {
  const person = kept.work?.people.find((one) => one.registrationId === step.registration);
  return {
    id: step.id,
    step: step.step,
    problem: answer.problem!,
    tube: step.tube,
    person: person?.name ?? null,
    lastFour: person?.lastFour ?? null,
    otherTube: answer.tube,
    station: answer.station,
    at: step.at,
  };
}

/**
 * The work was read again. Steps that the server had before it was asked are in it.
 * @param doneBefore ids of the steps that were done when the question was sent
 */
export function renew(kept: Kept, work: SamplerWork, doneBefore: ReadonlySet<string>): Kept {
  const steps = kept.steps.filter((step) => !doneBefore.has(step.id));
  // Without a new list the one at hand goes on, with what the answered steps made of it.
  const before = { ...kept, steps: kept.steps.filter((step) => doneBefore.has(step.id)) };
  return { ...kept, work: { ...work, people: work.people ?? project(before).people }, steps };
}

export type Found =
  | { kind: "tube"; code: string }
  | { kind: "people"; people: Person[] }
  | { kind: "bad-tube" }
  | { kind: "none" };

/** What was scanned or typed: a tube, a pass, the last digits of a card, or a name. */
export function lookUp(people: readonly Person[], text: string): Found {
  const plain = text.replace(/[\s-]/gu, "").toUpperCase();
  if (plain === "") return { kind: "none" };
  const tube = parseTubeCode(plain);
  if (tube) return { kind: "tube", code: tube.code };
  if (/^YT\d/u.test(plain)) return { kind: "bad-tube" };
  const pass = people.filter((one) => one.code === plain);
  if (pass.length > 0) return { kind: "people", people: pass };
  const digits = people.filter((one) => plain.length === 4 && one.lastFour.toUpperCase() === plain);
  if (digits.length > 0) return { kind: "people", people: digits };
  const named = people.filter((one) => one.name.includes(text.trim()));
  return named.length > 0 ? { kind: "people", people: named } : { kind: "none" };
}
