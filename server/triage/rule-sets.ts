/** Versions as the other services read them: which one counts, and compiled once. */
import type { Tx } from "../db/client.ts";
import { findInstitutions } from "../directory/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { localDay } from "../patients/service.ts";
import { type CompiledRules, compile } from "./domain.ts";
import type { TriageContent } from "./grammar.ts";
import type { RuleSetRow } from "./repository.ts";
import * as repository from "./repository.ts";
import { starterContent } from "./starter/index.ts";

type Loaded = { content: TriageContent; rules: CompiledRules; version: number };
const keptSets = 12;
const loaded = new Map<string, Loaded>();

/** A version, compiled; published ones never change and are kept. @throws DomainError `request.not-found` */
export async function compiledOf(tx: Tx, id: string, known?: RuleSetRow): Promise<Loaded> {
  const kept = loaded.get(id);
  if (kept) return kept;
  const row = known ?? (await repository.findSet(tx, id));
  if (!row) throw new DomainError("request.not-found");
  const made = { content: row.content, rules: compile(row.content), version: row.version };
  if (row.state === "published") {
    if (loaded.size >= keptSets) loaded.delete(loaded.keys().next().value!);
    loaded.set(id, made);
  }
  return made;
}

/** The version that counts at an institution today. Every database has one from the beginning. */
export async function currentSet(
  tx: Tx,
  institutionId: string | null,
  now: Date,
): Promise<RuleSetRow> {
  const [place] = institutionId ? await findInstitutions(tx, [institutionId]) : [];
  const region = place?.holidayCalendar === "CN-54" ? "CN-54" : "CN-31";
  const row = await repository.findSetOn(tx, [region, "CN"], localDay(now));
  if (!row) throw new DomainError("request.not-found");
  return row;
}

/** What each rule says, in any version that was published; the newest words count. */
export async function findRuleWords(
  tx: Tx,
): Promise<Map<string, TriageContent["redFlags"][number]["because"]>> {
  const sets = (await repository.findSets(tx)).filter((one) => one.state === "published");
  return new Map(
    sets
      .toSorted((left, right) => left.version - right.version)
      .flatMap(({ content }) => [...content.redFlags, ...content.rules])
      .map((one) => [one.key, one.because]),
  );
}

/** The rules that every database starts with. Repeatable; a version that is there stays. */
export async function loadTriageRules(tx: Tx): Promise<void> {
  const known = await repository.findSets(tx);
  if (known.some((one) => one.region === "CN")) return;
  await repository.insertSet(tx, {
    region: "CN",
    version: 1,
    validFrom: "2026-01-01",
    state: "published",
    content: starterContent,
    note: "随系统带来的起始版本：一部分规则已对照来源页面，其余凭记忆写下，待临床审核",
    starter: true,
  });
}
