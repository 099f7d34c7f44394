/** State machine of a teaching broadcast (教学直播). Pure; the database holds the same rows and a test compares. */
import { DomainError } from "../errors/domain-error.ts";

export const teachingStates = [
  "draft",
  "planned",
  "live",
  "ended",
  "processing",
  "published",
  "cancelled",
] as const;
export type TeachingState = (typeof teachingStates)[number];

/** Who takes a step: who plans it at the house, who stands in front, or a job of ours. */
export const teachingSides = ["planner", "presenter", "system"] as const;
export type TeachingSide = (typeof teachingSides)[number];

export const teachingActions = {
  plan: { sides: ["planner"] },
  cancel: { sides: ["planner"] },
  goLive: { sides: ["presenter"] },
  end: { sides: ["presenter", "system"] },
  /** A recording is being mixed. */
  process: { sides: ["system"] },
  /** Without a recording it is published as it is: slides and chat. */
  publish: { sides: ["planner", "system"] },
} as const satisfies Record<string, { sides: readonly TeachingSide[] }>;
export type TeachingAction = keyof typeof teachingActions;

const steps: Record<TeachingState, Partial<Record<TeachingAction, TeachingState>>> = {
  draft: { plan: "planned", cancel: "cancelled" },
  planned: { goLive: "live", cancel: "cancelled" },
  live: { end: "ended" },
  ended: { process: "processing", publish: "published" },
  processing: { publish: "published" },
  published: {},
  cancelled: {},
};

/** Every step there is; the database refuses all others by the same rows. */
export const teachingTransitions: readonly {
  from: TeachingState;
  action: TeachingAction;
  to: TeachingState;
  side: TeachingSide;
}[] = teachingStates.flatMap((from) =>
  Object.entries(steps[from]).flatMap(([name, to]) => {
    const action = name as TeachingAction;
    return teachingActions[action].sides.map((side) => ({ from, action, to, side }));
  }),
);

/**
 * The state that follows a step.
 * @throws DomainError `teaching.illegal-step`
 */
export function nextTeachingState(from: TeachingState, action: TeachingAction): TeachingState {
  const to = steps[from][action];
  if (!to) throw new DomainError("teaching.illegal-step", { from, action });
  return to;
}

/** What may be done now by who is on these sides; the same answer feeds buttons and the API. */
export function possibleTeachingActions(
  from: TeachingState,
  sides: readonly TeachingSide[],
): TeachingAction[] {
  return (Object.keys(steps[from]) as TeachingAction[]).filter((action) =>
    teachingActions[action].sides.some((side) => sides.includes(side)),
  );
}

/** The plan (title, time, speakers, slides) may still be changed. */
export const plannableStates: readonly TeachingState[] = ["draft", "planned"];
/** From then on the audience sees what is shown: slides, chat, and at last the replay. */
export const watchableStates: readonly TeachingState[] = [
  "live",
  "ended",
  "processing",
  "published",
];

export const speakerRoles = ["presenter", "co-host", "panel", "interpreter"] as const;
export type SpeakerRole = (typeof speakerRoles)[number];
/** They may begin, lead and end the broadcast; a co-host goes on where the presenter's line breaks. */
export const leadingRoles: readonly SpeakerRole[] = ["presenter", "co-host"];

export const audienceKinds = ["alliance", "level", "institution"] as const;
export type AudienceKind = (typeof audienceKinds)[number];
