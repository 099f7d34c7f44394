export type Facts = Record<string, unknown>;
