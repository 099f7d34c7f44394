import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { compileMessageOrThrow } from "@lingui/message-utils/compileMessage";
import type { Plugin } from "vite";
import { areas, languages } from "../i18n/areas.ts";
import { compareCatalogues } from "../i18n/compare.ts";

const prefix = "virtual:messages/";

/**
 * Turns the catalogues into one small compiled module per area and language, so that a page never
 * carries the ICU parser nor another page's words. The build stops when a language lacks a message.
 */
export function messages(): Plugin {
  const path = (language: string) =>
    fileURLToPath(new URL(`../i18n/${language}.json`, import.meta.url));
  const read = (language: string): Record<string, string> =>
    JSON.parse(readFileSync(path(language), "utf8"));

  return {
    name: "yilian-messages",
    buildStart() {
      const problems = compareCatalogues(
        Object.fromEntries(languages.map((language) => [language, read(language)])),
      );
      if (problems.length > 0) this.error(`Catalogues differ:\n${problems.join("\n")}`);
    },
    resolveId(id) {
      return id.startsWith(prefix) ? `\0${id}` : undefined;
    },
    load(id) {
      if (!id.startsWith(`\0${prefix}`)) return undefined;
      const [area = "", language = ""] = id.slice(prefix.length + 1).split("/");
      const wanted = areas[area as keyof typeof areas];
      if (!wanted || !languages.includes(language as (typeof languages)[number])) {
        this.error(`No catalogue ${area}/${language}`);
      }
      this.addWatchFile(path(language));
      const compiled = Object.entries(read(language))
        .filter(([key]) => wanted.some((start) => key === start || key.startsWith(`${start}.`)))
        .map(([key, text]) => [key, compileMessageOrThrow(text)]);
      return `export default JSON.parse(${JSON.stringify(JSON.stringify(Object.fromEntries(compiled)))});`;
    },
  };
}
