import type { Draft, Questionnaire } from "./phone-queries.ts";

type Flag = Questionnaire["redFlags"][number];
type Question = Questionnaire["questions"][number];
export type Step =
  | { kind: "flag"; key: string; flag: Flag }
  | { kind: "complaint"; key: string }
  | { kind: "age"; key: string }
  | { kind: "about"; key: string }
  | { kind: "question"; key: string; question: Question };

const concerns = (one: { complaints: string[] | null }, complaint: string | null) =>
  one.complaints !== null && complaint !== null && one.complaints.includes(complaint);

/** What is asked, in order: danger signs first, then what it is about, its own danger signs, the rest. */
export function stepsOf(asked: Questionnaire, { complaint }: Pick<Draft, "complaint">): Step[] {
  const flag = (one: Flag): Step => ({ kind: "flag", key: one.key, flag: one });
  return [
    ...asked.redFlags.filter((one) => one.complaints === null).map(flag),
    { kind: "complaint", key: "complaint" },
    ...asked.redFlags.filter((one) => concerns(one, complaint)).map(flag),
    ...(asked.ageMonths === null ? [{ kind: "age", key: "age" } as const] : []),
    { kind: "about", key: "about" },
    ...asked.questions
      .filter((one) => concerns(one, complaint))
      .map((question): Step => ({ kind: "question", key: question.key, question })),
  ];
}

export function isAnswered(step: Step, draft: Draft): boolean {
  if (step.kind === "flag") return draft.answers[step.key] !== undefined;
  if (step.kind === "complaint") return draft.complaint !== null;
  if (step.kind === "age") return draft.ageMonths !== null;
  if (step.kind === "about") return draft.told;
  const { kind } = step.question;
  if (kind === "yes-no") return draft.answers[step.key] !== undefined;
  if (kind === "duration") return draft.values.durationHours !== undefined;
  return draft.values[kind === "pressure" ? "systolic" : kind] !== undefined;
}

/** The danger signs that were answered so that nothing more is asked. */
export const endedBy = (asked: Questionnaire, { answers }: Pick<Draft, "answers">): Flag[] =>
  asked.redFlags.filter(({ key, ends }) => {
    const given = answers[key];
    return given !== undefined && ends.includes(given);
  });
