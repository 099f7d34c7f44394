export type TriageContent = Record<string, unknown>;
