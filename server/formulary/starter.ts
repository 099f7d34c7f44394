/** The starter formulary: about 260 common community medicines. It is no complete drug-safety system. */
import { readFileSync } from "node:fs";
import { parseFormulary } from "./import.ts";
import type { FormularyContent } from "./medicine.ts";

const table = (name: string) =>
  readFileSync(new URL(`./starter/${name}.csv`, import.meta.url), "utf8");

/** Its four tables as text: what an importer is shown as an example. */
export const starterTables = () => ({
  medicines: table("medicines"),
  rules: table("rules"),
  groups: table("groups"),
  sources: table("sources"),
});

/** @throws Error when our own tables have a fault */
export function starterFormulary(): FormularyContent {
  const { content, faults } = parseFormulary(starterTables());
  const [first] = faults;
  if (first)
    throw new Error(`starter ${first.table}.csv, line ${first.line}: ${first.fault} ${first.text}`);
  return content;
}
