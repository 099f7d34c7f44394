import { createHash, randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import type { z } from "zod";
import { trace } from "../audit/service.ts";
import { findInstitutions } from "../directory/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Services, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { findPeopleNames, findWithPermission } from "../identity/service.ts";
import { notify } from "../notices/service.ts";
import { findPatient, localDay } from "../patients/service.ts";
import type { RecordItem } from "../records/service.ts";
import { loadSession } from "./access.ts";
import { type BuiltItem, buildItems, valueWords } from "./case-build.ts";
import type {
  CaseActionBody,
  CaseBody,
  CaseView,
  caseList,
  caseSource,
  reviewList,
} from "./case-contract.ts";
import {
  ageWords,
  type CaseAction,
  caseActions,
  caseStates,
  type Identity,
  nextCaseState,
  placeWords,
  type SmallCell,
  type Struck,
  smallCell,
} from "./case-domain.ts";
import { findStills } from "./case-record.ts";
import type { CaseItemRow, CaseRow } from "./case-repository.ts";
import * as repository from "./case-repository.ts";
import { tellSession } from "./change.ts";
import { findSession } from "./repository.ts";
import { thinTries } from "./slides-domain.ts";
import type { SlideStore } from "./slides-store.ts";

type Staff = Work<StaffActor>;
const struckContext = "teaching_case_source.struck";
const imagePixels = 1600;

/** What the case builder needs beside the transaction. */
export type CaseFiles = { store: SlideStore; attachmentFolder: string };

/** @throws DomainError `request.not-found`, `permission.denied` */
async function assertMakes(work: Staff, sessionId: string): Promise<void> {
  const { rights } = await loadSession(work, sessionId);
  if (!rights.sides.includes("planner") && !rights.sides.includes("presenter"))
    throw new DomainError("permission.denied");
  assertPermission(work.actor, "record.read");
}

/** What may be picked, for who plans. The record was read as the reader's house may. */
export async function viewSource(
  work: Staff,
  sessionId: string,
  patientId: string,
  record: { items: RecordItem[]; missing: string[] },
): Promise<z.input<typeof caseSource>> {
  await assertMakes(work, sessionId);
  const stills = await findStills(work, patientId);
  return {
    patientId,
    items: record.items
      .filter((one) => one.section !== "visits" && one.section !== "documents")
      .slice(0, 500)
      .map((one) => ({
        key: one.key,
        section: one.section,
        title: one.title,
        detail: one.detail,
        date: one.date,
        value: valueWords(one),
      })),
    stills: stills.map((one) => ({
      attachmentId: one.attachmentId,
      takenAt: one.takenAt.toISOString(),
    })),
    missing: record.missing,
  };
}

/**
 * Makes the snapshot that is shown. Nothing of it is read from the record again.
 * @param files where stills lie; null: there are none to take along
 * @throws DomainError `request.not-found`, `permission.denied`, `teaching.case-step`
 */
export async function buildCase(
  services: Services,
  files: CaseFiles | null,
  work: Staff,
  sessionId: string,
  body: CaseBody,
  record: readonly RecordItem[],
  replaces: { row: CaseRow; version: number } | null = null,
): Promise<CaseView> {
  const { tx, actor, origin, now } = work;
  await assertMakes(work, sessionId);
  const found = await findPatient(tx, body.patientId);
  if (!found) throw new DomainError("request.not-found");
  const { row: patient, contacts } = found;
  const houses = await findInstitutions(tx);
  const identity: Identity = {
    names: [patient.fullName, patient.fullNameBo, ...contacts.map((one) => one.name)].flatMap(
      (one) => one ?? [],
    ),
    places: houses.flatMap((one) =>
      [one.name, one.nameBo, one.nameEn].flatMap((text) =>
        text ? { text, as: placeWords[one.kind] } : [],
      ),
    ),
    dayZero: body.dayZero,
  };
  const chosen = record.filter((one) => body.keys.includes(one.key));
  const built = buildItems(body.texts, chosen, identity);
  const title = buildItems([{ title: body.title, text: body.title }], [], identity)[0]!;
  const numbers = await repository.findSmallCellNumbers(tx, {
    patientId: body.patientId,
    institutionId: actor.institutionId,
    day: localDay(now),
  });
  const images = await keepStills(files, work, body);
  const years = patient.birthDate
    ? (Date.parse(body.dayZero) - Date.parse(patient.birthDate)) / (365.25 * 86_400_000)
    : null;
  const cell: SmallCell = smallCell({
    codes: body.codes,
    ...numbers,
    ageYears: years,
    images: images.length,
  });
  const managing = houses.find((one) => one.id === patient.managingInstitutionId);
  const content = {
    title: title.title,
    who: `${patient.sex === "female" ? "女" : patient.sex === "male" ? "男" : "性别未知"}，${ageWords(patient.birthDate, body.dayZero)}`,
    place: managing ? placeWords[managing.kind] : "某医疗机构",
    needsReview: cell.needsReview,
    reviewReasons: cell.reasons,
    updatedAt: now,
  };
  const items = [...built.map(rowOfItem), ...images];
  const source = {
    patientId: body.patientId,
    institutionId: actor.institutionId,
    dayZero: body.dayZero,
    struckCipher: services.vault.seal(
      struckContext,
      JSON.stringify({
        struck: [...built.map((one) => one.struck), ...images.map(() => [])],
        picked: {
          codes: body.codes,
          texts: body.texts,
          keys: body.keys,
          stills: body.stills,
        },
      } satisfies Sealed),
    ),
    takenAt: now,
  };
  let row: CaseRow;
  if (replaces) {
    if (replaces.row.version !== replaces.version)
      throw new DomainError("teaching.changed-meanwhile");
    if (!["draft", "returned"].includes(replaces.row.state))
      throw new DomainError("teaching.case-step", { from: replaces.row.state, action: "change" });
    await repository.replaceContent(tx, replaces.row.id, source, items);
    const changed = await repository.updateCase(tx, replaces.row, {
      ...content,
      state: "draft",
      confirmedAt: null,
      reviewedBy: null,
      reviewedAt: null,
    });
    if (!changed) throw new DomainError("teaching.changed-meanwhile");
    row = changed;
  } else
    row = await repository.insertCase(
      tx,
      { ...content, sessionId, madeBy: actor.personId },
      source,
      items,
    );
  await trace(tx, actor, origin, {
    action: "teaching.case",
    entityType: "teaching-case",
    entityId: row.id,
    patientId: body.patientId,
    purpose: "teaching",
    detail: { items: items.length, struck: built.reduce((sum, one) => sum + one.struck.length, 0) },
  });
  const [view] = await viewCases(services, work, [row]);
  return view!;
}

const rowOfItem = ({ kind, title, lines }: BuiltItem) => ({
  id: randomUUID(),
  kind,
  title,
  lines,
});

/** Stills are drawn anew: nothing but pixels goes along. Each lies sealed under the item's id. */
async function keepStills(files: CaseFiles | null, work: Staff, body: CaseBody) {
  if (body.stills.length === 0 || !files) return [];
  const { store, attachmentFolder } = files;
  const known = await findStills(work, body.patientId);
  const items = [];
  for (const attachmentId of body.stills) {
    const still = known.find((one) => one.attachmentId === attachmentId);
    if (!still) throw new DomainError("request.not-found");
    const id = randomUUID();
    const drawn = await sharp(await readFile(join(attachmentFolder, still.storageKey)))
      .rotate()
      .resize({ width: imagePixels, height: imagePixels, fit: "inside", withoutEnlargement: true })
      .webp({ quality: 80 })
      .toBuffer({ resolveWithObject: true });
    const { pixels, quality } = thinTries[2];
    const thin = await sharp(drawn.data)
      .resize({ width: pixels, height: pixels, fit: "inside" })
      .webp({ quality })
      .toBuffer();
    await store.prepare(id);
    await store.putPicture(id, 1, "full", drawn.data);
    await store.putPicture(id, 1, "thin", thin);
    items.push({
      id,
      kind: "image" as const,
      title: "图片",
      lines: [],
      sha256: createHash("sha256").update(drawn.data).digest(),
      width: drawn.info.width,
      height: drawn.info.height,
    });
  }
  return items;
}

/** @throws DomainError `request.not-found`, `permission.denied`, `teaching.case-step` */
export async function loadCaseToChange(work: Staff, id: string): Promise<CaseRow> {
  const row = await repository.findCase(work.tx, id);
  if (!row) throw new DomainError("request.not-found");
  await assertMakes(work, row.sessionId);
  return row;
}

/** Cases of a session: all with what was struck out for who makes them, those that are shown for who watches. */
export async function listCases(
  services: Services,
  work: Staff,
  sessionId: string,
): Promise<z.input<typeof caseList>> {
  await loadSession(work, sessionId);
  const rows = await repository.findCases(work.tx, sessionId);
  return { cases: await viewCases(services, work, rows) };
}

/** One case for its reviewer. @throws DomainError `request.not-found` */
export async function readCase(services: Services, work: Staff, id: string): Promise<CaseView> {
  const row = await repository.findCase(work.tx, id);
  const [view] = row ? await viewCases(services, work, [row]) : [];
  if (!view) throw new DomainError("request.not-found");
  return view;
}

/**
 * A step of a case. Ready means shown: after the maker's reading, the patient's consent and, where it could point at
 * somebody, a second person of the house.
 * @throws DomainError `teaching.case-step`, `teaching.case-review`, `teaching.case-consent`, `permission.denied`
 */
export async function actOnCase(
  services: Services,
  work: Staff,
  id: string,
  body: CaseActionBody,
): Promise<CaseView> {
  const { tx, actor, origin, now } = work;
  const row = await repository.findCase(tx, id);
  if (!row) throw new DomainError("request.not-found");
  if (row.version !== body.version) throw new DomainError("teaching.changed-meanwhile");
  const [source] = await repository.findSources(tx, [id]);
  const { side } = caseActions[body.action];
  if (side === "reviewer") {
    assertPermission(actor, "teaching.review");
    if (!source || row.madeBy === actor.personId) throw new DomainError("permission.denied");
  } else await assertMakes(work, row.sessionId);
  if (body.action === "release" && row.needsReview) throw new DomainError("teaching.case-review");
  const state = nextCaseState(row.state, body.action);
  const changed = await repository.updateCase(tx, row, {
    state,
    updatedAt: now,
    ...(body.action === "askReview" || body.action === "release" ? { confirmedAt: now } : {}),
    ...(body.action === "revise" ? { confirmedAt: null, reviewedBy: null, reviewedAt: null } : {}),
    ...(side === "reviewer" && "note" in body
      ? { reviewedBy: actor.personId, reviewedAt: now, reviewNote: body.note }
      : {}),
  });
  if (!changed) throw new DomainError("teaching.changed-meanwhile");
  await trace(tx, actor, origin, {
    action: `teaching.case-${body.action}`,
    entityType: "teaching-case",
    entityId: id,
    patientId: source?.patientId ?? null,
    purpose: "teaching",
  });
  const session = await findSession(tx, row.sessionId);
  if (body.action === "askReview" && session)
    await notify(tx, {
      personIds: (
        await findWithPermission(tx, session.institutionId, "teaching.review", now)
      ).filter((one) => one !== row.madeBy),
      kind: "teaching-review-asked",
      entityType: "teaching-case",
      entityId: id,
      detail: { title: session.title },
      dedupeKey: `teaching-review:${id}:${changed.version}`,
      at: now,
    });
  if (side === "reviewer" && session)
    await notify(tx, {
      personIds: [row.madeBy],
      kind: body.action === "approve" ? "teaching-case-approved" : "teaching-case-returned",
      entityType: "teaching-session",
      entityId: row.sessionId,
      detail: { title: session.title },
      dedupeKey: `teaching-reviewed:${id}:${changed.version}`,
      at: now,
    });
  if (session) await tellSession(work, session);
  const [view] = await viewCases(services, work, [changed]);
  return view!;
}

/** What waits for a second person of the reader's house; never one's own. @throws DomainError `permission.denied` */
export async function listReviews({ tx, actor }: Staff): Promise<z.input<typeof reviewList>> {
  assertPermission(actor, "teaching.review");
  const rows = (await repository.findCasesToReview(tx)).filter(
    (one) => one.madeBy !== actor.personId,
  );
  const sources = await repository.findSources(
    tx,
    rows.map((one) => one.id),
  );
  const mine = rows.filter((one) => sources.some((source) => source.caseId === one.id));
  const makers = await findPeopleNames(
    tx,
    mine.map((one) => one.madeBy),
  );
  const reviews = [];
  for (const row of mine) {
    const session = await findSession(tx, row.sessionId);
    reviews.push({
      caseId: row.id,
      sessionId: row.sessionId,
      title: row.title,
      session: session?.title ?? "—",
      maker: makers.get(row.madeBy) ?? "—",
      askedAt: row.updatedAt.toISOString(),
    });
  }
  return { reviews };
}

/** An image of a case, for whoever sees the case. @throws DomainError `request.not-found` */
export async function openCaseImage(work: Staff, itemId: string): Promise<CaseItemRow> {
  const item = await repository.findItem(work.tx, itemId);
  const row = item ? await repository.findCase(work.tx, item.caseId) : null;
  if (!item?.sha256 || !row) throw new DomainError("request.not-found");
  await loadSession(work, row.sessionId).catch(async (error: unknown) => {
    // A reviewer need not listen to broadcasts.
    if (!work.actor.permissions.has("teaching.review")) throw error;
  });
  return item;
}

async function viewCases(
  services: Services,
  work: Staff,
  rows: readonly CaseRow[],
): Promise<CaseView[]> {
  const { tx, actor } = work;
  const ids = rows.map((one) => one.id);
  const items = await repository.findItems(tx, ids);
  const sources = await repository.findSources(tx, ids);
  const views: CaseView[] = [];
  for (const row of rows) {
    const source = sources.find((one) => one.caseId === row.id) ?? null;
    const own = items.filter((one) => one.caseId === row.id);
    const { struck, picked } = source
      ? unsealed(services.vault.open(struckContext, source.struckCipher))
      : { struck: [], picked: null };
    const consents = source ? await repository.findConsents(tx, row.sessionId) : [];
    views.push({
      id: row.id,
      sessionId: row.sessionId,
      version: row.version,
      state: row.state,
      title: row.title,
      who: row.who,
      place: row.place,
      items: own.map((item, index) => viewItem(item, struck[index] ?? [])),
      needsReview: row.needsReview,
      reviewReasons: source ? row.reviewReasons : [],
      reviewNote: source ? row.reviewNote : null,
      patientId: source?.patientId ?? null,
      dayZero: source?.dayZero ?? null,
      picked: row.madeBy === actor.personId ? picked : null,
      actions: source ? actionsOf(actor, row) : [],
      consented: consents.some(
        (one) => one.patientId === source?.patientId && one.given && one.withdrawnAt === null,
      ),
    });
  }
  return views;
}

/** What lies sealed beside a case: what was struck out, and what it was made of. */
type Sealed = { struck: Struck[][]; picked: CaseView["picked"] };

/** Cases made before the second was kept have the first alone. */
function unsealed(text: string): Sealed {
  const found = JSON.parse(text) as Sealed | Struck[][];
  return Array.isArray(found) ? { struck: found, picked: null } : found;
}

function actionsOf(actor: StaffActor, row: CaseRow): CaseAction[] {
  return (Object.keys(caseActions) as CaseAction[]).filter((action) => {
    const { side } = caseActions[action];
    if (side === "consent") return false;
    if (
      side === "reviewer" &&
      (!actor.permissions.has("teaching.review") || row.madeBy === actor.personId)
    )
      return false;
    if (side === "maker" && !actor.permissions.has("record.read")) return false;
    if (action === "release" && row.needsReview) return false;
    if (action === "askReview" && !row.needsReview) return false;
    return caseStates.includes(row.state) && canStep(row.state, action);
  });
}

function canStep(from: CaseRow["state"], action: CaseAction): boolean {
  try {
    nextCaseState(from, action);
    return true;
  } catch {
    return false;
  }
}

const viewItem = (item: CaseItemRow, struck: Struck[]) => ({
  id: item.id,
  kind: item.kind,
  title: item.title,
  lines: item.lines,
  picture:
    item.width && item.height
      ? {
          full: `/api/teaching/case-images/${item.id}/full`,
          thin: `/api/teaching/case-images/${item.id}/thin`,
          width: item.width,
          height: item.height,
        }
      : null,
  struck,
});
