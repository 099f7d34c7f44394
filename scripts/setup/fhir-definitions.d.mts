export function definitionsFolder(root: string): string;
export function definitionsAreReady(root: string): boolean;
export function stampText(root: string): string;
export function ensureFhirDefinitions(root: string, log: (line: string) => void): void;
