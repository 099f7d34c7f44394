import { compileMessageOrThrow } from "@lingui/message-utils/compileMessage";

/** Finds the placeholders of an ICU message, those inside plural and select cases included. */
export function placeholdersOf(message: string): string[] {
  const names = new Set<string>();
  const walk = (tokens: unknown) => {
    if (!Array.isArray(tokens)) return;
    for (const token of tokens) {
      if (!Array.isArray(token)) continue;
      const [name, , cases] = token as [string, string?, Record<string, unknown>?];
      names.add(name);
      if (cases && typeof cases === "object") for (const inner of Object.values(cases)) walk(inner);
    }
  };
  walk(compileMessageOrThrow(message));
  return [...names].sort();
}

/**
 * Says where catalogues differ: a message that a language lacks or has too much, an empty one, and
 * one whose placeholders are not those of the source.
 * @param catalogues message texts by language; `zh-CN` is the source
 * @returns one sentence per difference; empty when all agree
 */
export function compareCatalogues(catalogues: Record<string, Record<string, string>>): string[] {
  const source = catalogues["zh-CN"] ?? {};
  const problems: string[] = [];
  for (const [language, catalogue] of Object.entries(catalogues)) {
    for (const [id, text] of Object.entries(source)) {
      const translated = catalogue[id];
      if (translated === undefined) problems.push(`${language}: ${id} is missing`);
      else if (translated.trim() === "") problems.push(`${language}: ${id} is empty`);
      else if (placeholdersOf(translated).join() !== placeholdersOf(text).join()) {
        problems.push(`${language}: ${id} has other placeholders than the source`);
      }
    }
    for (const id of Object.keys(catalogue)) {
      if (!(id in source)) problems.push(`${language}: ${id} is not in the source`);
    }
  }
  return problems;
}
