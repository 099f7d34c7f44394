/**
 * SMART App Launch 2 scopes of system clients: `system/<type or *>.<letters of cruds>`, and version 1's
 * `.read`, `.write` and `.*`. Source: hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html. Pure.
 */
export const clientKinds = ["system", "public-app", "confidential-app"] as const;
export type ClientKind = (typeof clientKinds)[number];

export const interactions = ["c", "r", "u", "d", "s"] as const;
export type Interaction = (typeof interactions)[number];

export type Scope = { readonly type: string; readonly letters: string };

const version1: Readonly<Record<string, string>> = { read: "rs", write: "cud", "*": "cruds" };
const pattern = /^system\/(\*|[A-Z][A-Za-z]{1,40})\.(read|write|\*|c?r?u?d?s?)$/;

/** One scope, or null for what is not offered: other contexts, and narrowing by search parameters. */
export function parseScope(text: string): Scope | null {
  const [, type, access] = pattern.exec(text) ?? [];
  if (!type || !access) return null;
  return { type, letters: version1[access] ?? access };
}

export const textOf = ({ type, letters }: Scope): string => `system/${type}.${letters}`;

/** The scopes of a text separated by blanks that are understood. */
export const parseScopes = (text: string): Scope[] =>
  text.split(/\s+/).flatMap((one) => parseScope(one) ?? []);

/** What is both asked for and allowed; empty when nothing is. */
export function granted(asked: readonly Scope[], allowed: readonly Scope[]): Scope[] {
  const letters = new Map<string, Set<string>>();
  for (const left of asked)
    for (const right of allowed) {
      const type = left.type === "*" ? right.type : left.type;
      if (right.type !== "*" && right.type !== type) continue;
      const both = [...left.letters].filter((letter) => right.letters.includes(letter));
      if (both.length === 0) continue;
      const known = letters.get(type) ?? new Set();
      for (const letter of both) known.add(letter);
      letters.set(type, known);
    }
  return [...letters].map(([type, known]) => ({
    type,
    letters: interactions.filter((letter) => known.has(letter)).join(""),
  }));
}

/** Whether an interaction with a type of resource is within the scopes. */
export function permits(
  scopes: readonly string[],
  type: string,
  interaction: Interaction,
): boolean {
  return scopes.some((text) => {
    const scope = parseScope(text);
    return (
      scope !== null &&
      (scope.type === "*" || scope.type === type) &&
      scope.letters.includes(interaction)
    );
  });
}

/** Types that may be read (or searched) at all; null: every type. */
export function readableTypes(scopes: readonly string[]): readonly string[] | null {
  const reading = scopes
    .map(parseScope)
    .filter((scope): scope is Scope => scope !== null && /[rs]/.test(scope.letters));
  return reading.some((scope) => scope.type === "*") ? null : reading.map((scope) => scope.type);
}
