import { createHash, randomUUID } from "node:crypto";
import sharp from "sharp";
import type { z } from "zod";
import { trace } from "../audit/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import type { Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { leads, loadSession, type TeachingRights } from "./access.ts";
import type { SessionRow } from "./repository.ts";
import { thinBytes, thinTries } from "./slides-domain.ts";
import type { SlideStore } from "./slides-store.ts";
import type { StillView, stillList } from "./still-contract.ts";
import { stillLimits } from "./still-domain.ts";
import type { StillRow } from "./still-repository.ts";
import * as repository from "./still-repository.ts";
import { loadHeard } from "./timeline-service.ts";

type Staff = Work<StaffActor>;

/** A picture drawn anew: without place, time, device and everything else that lay in the file beside its pixels. */
export type DrawnStill = {
  id: string;
  full: Buffer;
  thin: Buffer;
  width: number;
  height: number;
};

const openStates: readonly SessionRow["state"][] = ["draft", "planned", "live"];
const brings = (rights: TeachingRights) =>
  leads(rights) || rights.speaks === "panel" || rights.sides.includes("planner");

/** @throws DomainError `request.not-found`, `permission.denied`, `teaching.illegal-step`, `request.too-many` */
export async function assertBringsStill(work: Staff, sessionId: string): Promise<void> {
  const { row, rights } = await loadSession(work, sessionId);
  if (!brings(rights)) throw new DomainError("permission.denied");
  if (!openStates.includes(row.state))
    throw new DomainError("teaching.illegal-step", { from: row.state, action: "still" });
  if ((await repository.findStills(work.tx, sessionId)).length >= stillLimits.perSession)
    throw new DomainError("request.too-many", { seconds: 60 });
}

/**
 * Pixels alone, in a full and a thin version. The thin one is light enough for a thin line (`thinBytes`).
 * @throws DomainError `attachment.content` for what is no picture, is cut off, or unpacks to too much
 */
export async function drawStill(bytes: Buffer): Promise<DrawnStill> {
  try {
    const { fullPixels: most } = stillLimits;
    const drawn = await sharp(bytes, { limitInputPixels: stillLimits.pixels, failOn: "error" })
      // As the camera was held; afterwards nothing says so any more.
      .rotate()
      .resize({ width: most, height: most, fit: "inside", withoutEnlargement: true })
      .webp({ quality: 85 })
      .toBuffer({ resolveWithObject: true });
    return {
      id: randomUUID(),
      full: drawn.data,
      thin: await thinOf(drawn.data),
      width: drawn.info.width,
      height: drawn.info.height,
    };
  } catch {
    throw new DomainError("attachment.content");
  }
}

async function thinOf(full: Buffer): Promise<Buffer> {
  let last = full;
  for (const { pixels, quality } of thinTries) {
    last = await sharp(full)
      .resize({ width: pixels, height: pixels, fit: "inside", withoutEnlargement: true })
      .webp({ quality })
      .toBuffer();
    if (last.length <= thinBytes) break;
  }
  return last;
}

/** Keeps a picture for the board. @throws DomainError as {@link assertBringsStill} */
export async function addStill(
  work: Staff,
  store: SlideStore,
  sessionId: string,
  drawn: DrawnStill,
): Promise<StillView> {
  const { tx, actor, origin, now } = work;
  await assertBringsStill(work, sessionId);
  const sha256 = createHash("sha256").update(drawn.full).digest();
  // Sent twice it is one.
  const before = (await repository.findStills(tx, sessionId)).find(
    (one) => one.takenBy === actor.personId && one.sha256.equals(sha256),
  );
  if (before) return viewStill(before);
  await store.prepare(drawn.id);
  await store.putPicture(drawn.id, 1, "full", drawn.full);
  await store.putPicture(drawn.id, 1, "thin", drawn.thin);
  const row = await repository.insertStill(tx, {
    id: drawn.id,
    sessionId,
    width: drawn.width,
    height: drawn.height,
    thinBytes: drawn.thin.length,
    sha256,
    takenBy: actor.personId,
    lookedAt: now,
    createdAt: now,
  });
  await trace(tx, actor, origin, {
    action: "teaching.still",
    entityType: "teaching-session",
    entityId: sessionId,
    detail: { stillId: row.id },
  });
  return viewStill(row);
}

/** Pictures that lie ready for the board, for who may show them. @throws DomainError `request.not-found`, `permission.denied` */
export async function listStills(
  work: Staff,
  sessionId: string,
): Promise<z.input<typeof stillList>> {
  const { rights } = await loadSession(work, sessionId);
  if (!brings(rights)) throw new DomainError("permission.denied");
  return { stills: (await repository.findStills(work.tx, sessionId)).map(viewStill) };
}

/** For whoever may hear the broadcast. @throws DomainError `request.not-found`, `teaching.room-closed` */
export async function openStill(work: Staff, id: string): Promise<StillRow> {
  // Whoever may not see it by its policy does not learn that it is there.
  const row = await repository.findStill(work.tx, id);
  if (!row) throw new DomainError("request.not-found");
  await loadHeard(work, row.sessionId);
  return row;
}

/** Nobody sees it from now on, in the replay neither. Its bytes may go then. @throws DomainError `request.not-found`, `permission.denied` */
export async function takeStillAway(work: Staff, id: string): Promise<void> {
  const { tx, actor, origin, now } = work;
  const row = await repository.findStill(tx, id);
  if (!row) throw new DomainError("request.not-found");
  const { rights } = await loadSession(work, row.sessionId);
  if (!brings(rights)) throw new DomainError("permission.denied");
  await repository.removeStill(tx, id, { removedAt: now, removedBy: actor.personId });
  await trace(tx, actor, origin, {
    action: "teaching.still-remove",
    entityType: "teaching-session",
    entityId: row.sessionId,
    detail: { stillId: id },
  });
}

const addressOf = (id: string, version: "full" | "thin") => `/api/teaching/stills/${id}/${version}`;

const viewStill = (row: StillRow): StillView => ({
  id: row.id,
  width: row.width,
  height: row.height,
  full: addressOf(row.id, "full"),
  thin: addressOf(row.id, "thin"),
  takenAt: row.createdAt.toISOString(),
});
