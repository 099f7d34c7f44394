/** Versions of a house's formulary: imported by one, published by a second. */
import { createHash } from "node:crypto";
import type { z } from "zod";
import { trace } from "../audit/service.ts";
import type { Tx } from "../db/client.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { findPeopleNames } from "../identity/service.ts";
import { localDay } from "../patients/service.ts";
import type { importBody, importReport, testBody, versionView } from "./contract.ts";
import {
  compile,
  type Formulary,
  type ImportReport,
  type MedicineIndex,
  parseFormulary,
  recalledIn,
  searchIndex,
} from "./domain.ts";
import * as repository from "./repository.ts";
import { starterFormulary, starterTables } from "./starter.ts";

export type LoadedFormulary = { id: string; formulary: Formulary; index: MedicineIndex };

const shownFaults = 500;
/** Compiled versions; what is published never changes. */
const loaded = new Map<string, LoadedFormulary>();
const keptVersions = 12;

/** One version, compiled. @throws DomainError `request.not-found` */
export async function loadFormulary(tx: Tx, id: string): Promise<LoadedFormulary> {
  const known = loaded.get(id);
  if (known) return known;
  const row = await repository.findVersion(tx, id);
  if (!row) throw new DomainError("request.not-found");
  const made = { id, formulary: compile(row.content), index: searchIndex(row.content.medicines) };
  if (row.state === "published") {
    const [oldest] = loaded.keys();
    if (loaded.size >= keptVersions && oldest !== undefined) loaded.delete(oldest);
    loaded.set(id, made);
  }
  return made;
}

/** The version that a house goes by today. */
export async function currentFormulary(
  tx: Tx,
  institutionId: string,
  now: Date,
): Promise<LoadedFormulary> {
  const id = await repository.findCurrentId(tx, institutionId, localDay(now));
  if (!id) throw new DomainError("request.not-found");
  return loadFormulary(tx, id);
}

/** The starter that every database begins with; a changed one is a further version. Repeatable. */
export async function loadStarterFormulary(tx: Tx): Promise<void> {
  const tables = starterTables();
  const hash = createHash("sha256").update(JSON.stringify(tables)).digest("hex").slice(0, 16);
  const note = `随系统带来的起始目录（不是完整的用药安全系统），${hash}`;
  if ((await repository.findStarterNote(tx)) === note) return;
  await repository.insertVersion(tx, {
    institutionId: null,
    validFrom: "2026-01-01",
    state: "published",
    content: starterFormulary(),
    note,
    starter: true,
  });
}

/** The house's versions and the starter, newest first. @throws DomainError `permission.denied` */
export async function listVersions(
  work: Work<StaffActor>,
): Promise<{ versions: z.input<typeof versionView>[] }> {
  const { tx, actor } = work;
  assertPermission(actor, "formulary.manage");
  return { versions: await views(work, await repository.findVersions(tx, actor.institutionId)) };
}

const read = (body: z.output<typeof testBody>): ImportReport => {
  const starter = starterTables();
  return parseFormulary({
    medicines: body.medicines,
    rules: body.rules ?? starter.rules,
    groups: body.groups ?? starter.groups,
    sources: body.sources ?? starter.sources,
  });
};

/** What an import would bring, and every line that is not right; nothing is kept. */
export async function testImport(
  { actor }: Work<StaffActor>,
  body: z.output<typeof testBody>,
): Promise<z.input<typeof importReport>> {
  assertPermission(actor, "formulary.manage");
  const { content, faults } = read(body);
  return {
    medicines: content.medicines.length,
    rules: content.rules.length,
    recalled: recalledIn(content),
    faults: faults.slice(0, shownFaults),
    faultCount: faults.length,
  };
}

/**
 * Keep a hospital's tables as a draft.
 * @throws DomainError `formulary.day`, `formulary.faults` with the first of them
 */
export async function importVersion(
  work: Work<StaffActor>,
  body: z.output<typeof importBody>,
): Promise<z.input<typeof versionView>> {
  const { tx, actor, now } = work;
  assertPermission(actor, "formulary.manage");
  if (body.validFrom < localDay(now)) throw new DomainError("formulary.day");
  const { content, faults } = read(body);
  const [first] = faults;
  if (first)
    throw new DomainError("formulary.faults", {
      count: faults.length,
      first: `${first.table}.csv ${first.line} ${first.column ?? ""}`.trim(),
      faults: faults.slice(0, shownFaults),
    });
  const row = await repository.insertVersion(tx, {
    institutionId: actor.institutionId,
    validFrom: body.validFrom,
    note: body.note,
    content,
    authoredBy: actor.personId,
  });
  await traceVersion(work, "formulary.import", row);
  return (await views(work, [row]))[0]!;
}

/**
 * Publish somebody else's draft. One that waited past its day begins today.
 * @throws DomainError `formulary.stands`, `formulary.second-person`, `request.not-found`
 */
export async function publishVersion(
  work: Work<StaffActor>,
  id: string,
): Promise<z.input<typeof versionView>> {
  const { tx, actor, now } = work;
  assertPermission(actor, "formulary.manage");
  const draft = await repository.findVersion(tx, id);
  if (draft?.institutionId !== actor.institutionId) throw new DomainError("request.not-found");
  if (draft.state === "published") throw new DomainError("formulary.stands");
  if (draft.authoredBy === actor.personId) throw new DomainError("formulary.second-person");
  const today = localDay(now);
  const row = await repository.publishVersion(tx, id, {
    publishedBy: actor.personId,
    publishedAt: now,
    validFrom: draft.validFrom > today ? draft.validFrom : today,
  });
  if (!row) throw new DomainError("formulary.stands");
  await traceVersion(work, "formulary.publish", row);
  return (await views(work, [row]))[0]!;
}

const traceVersion = (
  { tx, actor, origin }: Work<StaffActor>,
  action: string,
  row: repository.VersionRow,
) =>
  trace(tx, actor, origin, {
    action,
    entityType: "formulary-version",
    entityId: row.id,
    detail: { version: row.version, medicines: row.content.medicines.length },
  });

async function views(
  { tx, actor, now }: Work<StaffActor>,
  rows: readonly repository.VersionRow[],
): Promise<z.input<typeof versionView>[]> {
  const names = await findPeopleNames(
    tx,
    rows.flatMap((row) => [row.authoredBy, row.publishedBy].filter((one) => one !== null)),
  );
  const current = await repository.findCurrentId(tx, actor.institutionId, localDay(now));
  return rows.map((row) => ({
    id: row.id,
    version: row.version,
    validFrom: row.validFrom,
    state: row.state,
    starter: row.starter,
    note: row.note,
    author: row.authoredBy ? (names.get(row.authoredBy) ?? "") : null,
    publisher: row.publishedBy ? (names.get(row.publishedBy) ?? "") : null,
    publishedAt: row.publishedAt?.toISOString() ?? null,
    current: row.id === current,
    mayPublish: row.state === "draft" && row.authoredBy !== actor.personId,
    medicines: row.content.medicines.length,
    rules: row.content.rules.length,
    recalled: recalledIn(row.content),
  }));
}
