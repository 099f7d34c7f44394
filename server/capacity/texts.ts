/** Words for refusals, in each language. Pure. */

export type Words = { zh: string; en: string; bo: string };

const inShanghai = new Intl.DateTimeFormat("sv-SE", {
  timeZone: "Asia/Shanghai",
  dateStyle: "short",
  timeStyle: "short",
});

/** A time as everybody reads it, local to the alliance; without one, that it is not known. */
export function wordsOfTime(at: Date | null): Words {
  if (!at) return { zh: "未定", en: "an unknown time", bo: "གཏན་འཁེལ་མེད།" };
  const text = inShanghai.format(at);
  return { zh: text, en: text, bo: text };
}

export const kilometres = (metres: number) =>
  metres < 1000 ? `${Math.round(metres)} m` : `${(metres / 1000).toFixed(1)} km`;
