/** Who earns credit points (学分). Pure. Source: 国家级继续医学教育项目管理办法 asks for presence and a test; shares are the session's. */
export type CreditRule = {
  minimumPresencePercent: number;
  /** 0: no quiz is asked for. */
  minimumQuizPercent: number;
  points: number;
};
export type Attendance = { presencePercent: number; quizPercent: number | null };

export function mayEarn(rule: CreditRule, { presencePercent, quizPercent }: Attendance): boolean {
  return (
    rule.points > 0 &&
    presencePercent >= rule.minimumPresencePercent &&
    (rule.minimumQuizPercent === 0 ||
      (quizPercent !== null && quizPercent >= rule.minimumQuizPercent))
  );
}

/** Of the sessions of a course that were held, whether enough were attended. */
export const courseAttended = (attended: number, held: number, minimumPercent: number): boolean =>
  held > 0 && (attended * 100) / held >= minimumPercent;

/** A name as a stranger reads it: the first character stays (domain.md "Identifiers"). */
export function maskedName(name: string): string {
  const [first = "", ...rest] = [...name.trim()];
  return first + "*".repeat(Math.max(1, Math.min(rest.length, 3)));
}
