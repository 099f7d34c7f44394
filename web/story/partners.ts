/** Who may be played by a script; the server names and limits them. */
export const partnerNames = [
  "attending",
  "specialist",
  "second-specialist",
  "interpreter",
  "family",
] as const;
export type PartnerName = (typeof partnerNames)[number];

/** Who is there when I am one of the two doctors: the other doctor first, then those who can be called. */
export function partnersFor(mine: "specialist" | "attending"): PartnerName[] {
  return mine === "specialist"
    ? ["attending", "interpreter", "family", "second-specialist"]
    : ["specialist", "interpreter", "family", "second-specialist"];
}

/** Each looks a little different, and they do not all begin to speak at once. */
export const partnerLooks: Record<
  PartnerName,
  { delayMs: number; pauseMs: number; background: string }
> = {
  attending: { delayMs: 500, pauseMs: 6000, background: "#2b3a35" },
  specialist: { delayMs: 500, pauseMs: 6000, background: "#2f3640" },
  "second-specialist": { delayMs: 14_000, pauseMs: 15_000, background: "#3a3340" },
  interpreter: { delayMs: 9000, pauseMs: 12_000, background: "#403629" },
  family: { delayMs: 18_000, pauseMs: 20_000, background: "#3d2f2f" },
};
