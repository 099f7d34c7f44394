/** A caller who hung up and waits for a place: until it is a visit, or there is none left, or he thinks otherwise. */
export const callerWaitStates = ["waiting", "booked", "missed", "withdrawn"] as const;
export type CallerWaitState = (typeof callerWaitStates)[number];
