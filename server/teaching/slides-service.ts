import { trace } from "../audit/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { announce } from "../outbox/service.ts";
import { enqueue } from "../queue/enqueue.ts";
import { loadSession, loadWatched, type TeachingRights } from "./access.ts";
import type { SessionRow } from "./repository.ts";
import { type DeckView, deckMetadata } from "./slides-contract.ts";
import { deckLimits, isPdf } from "./slides-domain.ts";
import type { DeckRow, SlideRow } from "./slides-repository.ts";
import * as repository from "./slides-repository.ts";
import type { SlideStore } from "./slides-store.ts";

export const renderTask = "teaching:render";
type Staff = Work<StaffActor>;

/** Slides are brought before and while it runs. */
const openStates: readonly SessionRow["state"][] = ["draft", "planned", "live"];
const prepares = (rights: TeachingRights) =>
  rights.sides.includes("planner") || rights.sides.includes("presenter");

async function loadPrepared(work: Work, sessionId: string): Promise<SessionRow> {
  const { row, rights } = await loadSession(work, sessionId);
  if (!prepares(rights)) throw new DomainError("permission.denied");
  if (!openStates.includes(row.state))
    throw new DomainError("teaching.illegal-step", { from: row.state, action: "slides" });
  return row;
}

export async function tellDeck(
  work: Pick<Work, "tx">,
  deck: DeckRow,
  personIds: string[],
): Promise<void> {
  await announce(
    work.tx,
    { topic: "teaching", id: deck.sessionId, version: 0 },
    { personIds },
    { deckId: deck.id },
  );
}

/**
 * The row of a new deck, before its first byte.
 * @throws DomainError `request.invalid`, `request.not-found`, `permission.denied`, `teaching.illegal-step`, `teaching.slides-too-large`, `request.too-many`
 */
export async function beginDeck(
  work: Staff,
  upload: { id: string; sizeBytes: number | undefined; metadata: unknown },
): Promise<void> {
  const { tx, actor, origin } = work;
  if (!actor.permissions.has("teaching.present")) assertPermission(actor, "teaching.plan");
  const metadata = deckMetadata.safeParse(upload.metadata);
  if (!metadata.success || !Number.isSafeInteger(upload.sizeBytes) || !upload.sizeBytes)
    throw new DomainError("request.invalid");
  const { sessionId, filename } = metadata.data;
  await loadPrepared(work, sessionId);
  if (upload.sizeBytes > deckLimits.bytes)
    throw new DomainError("teaching.slides-too-large", {
      megabytes: deckLimits.bytes / 1024 / 1024,
    });
  if ((await repository.countDecks(tx, sessionId)) >= deckLimits.perSession)
    throw new DomainError("request.too-many", { seconds: 60 });
  await repository.insertDeck(tx, {
    id: upload.id,
    sessionId,
    name: filename
      .toWellFormed()
      .replaceAll(/[\p{Cc}/\\]/gu, " ")
      .slice(0, 200),
    sizeBytes: upload.sizeBytes,
    uploadedBy: actor.personId,
  });
  await trace(tx, actor, origin, {
    action: "teaching.slides-begin",
    entityType: "teaching-session",
    entityId: sessionId,
    detail: { deckId: upload.id, sizeBytes: upload.sizeBytes },
  });
}

/** @throws DomainError `request.not-found` for who did not begin it */
export async function loadOwnDeck({ tx, actor }: Staff, id: string): Promise<DeckRow> {
  const row = await repository.findDeck(tx, id);
  if (!row || row.uploadedBy !== actor.personId) throw new DomainError("request.not-found");
  return row;
}

export async function noteDeckProgress(work: Staff, id: string, receivedBytes: number) {
  await repository.updateDeck(work.tx, id, ["uploading"], { receivedBytes });
}

/**
 * All bytes are here: what is no PDF is refused at once, the rest is drawn by a job. Doing it again changes nothing.
 * @returns whether it was refused, so that the refusal commits
 */
export async function completeDeck(
  work: Staff,
  id: string,
  store: SlideStore,
): Promise<"rendering" | "refused"> {
  const row = await loadOwnDeck(work, id);
  if (row.state !== "uploading") return row.state === "refused" ? "refused" : "rendering";
  // Kept already when the answer before was lost.
  const { head, sizeBytes, sha256 } = await store.examine(id);
  const fits = sizeBytes === row.sizeBytes && isPdf(head);
  if (fits) await store.keepUpload(id);
  else await store.removeUpload(id);
  await repository.updateDeck(work.tx, id, ["uploading"], {
    receivedBytes: sizeBytes,
    sha256,
    ...(fits ? { state: "rendering" } : { state: "refused", refusal: "content" }),
  });
  if (fits)
    await enqueue(work.tx, {
      task: renderTask,
      payload: { deckId: id },
      jobKey: `teaching-render:${id}`,
    });
  await tellDeck(work, row, [row.uploadedBy]);
  return fits ? "rendering" : "refused";
}

/** Decks of a session, the current one first. @throws DomainError `request.not-found`, `teaching.room-closed` */
export async function listDecks(work: Staff, sessionId: string): Promise<{ decks: DeckView[] }> {
  const { row, rights } = await loadWatched(work, sessionId);
  const all = await repository.findDecks(work.tx, sessionId);
  const decks = all.filter((one) =>
    prepares(rights) ? one.removedAt === null || one.state === "ready" : one.state === "ready",
  );
  const slides = await repository.findSlides(
    work.tx,
    decks.map((one) => one.id),
  );
  const current = currentDeck(decks);
  await trace(work.tx, work.actor, work.origin, {
    action: "teaching.slides-read",
    entityType: "teaching-session",
    entityId: row.id,
  });
  return {
    decks: decks
      .toSorted((left, right) => Number(right.id === current) - Number(left.id === current))
      .map((deck) => viewDeck(deck, slides, deck.id === current)),
  };
}

/** The newest that is ready and was not taken away. */
export function currentDeck(decks: readonly DeckRow[]): string | null {
  return (
    decks
      .filter((one) => one.readyAt !== null && one.removedAt === null)
      .toSorted((left, right) => right.readyAt!.getTime() - left.readyAt!.getTime())[0]?.id ?? null
  );
}

export const slideAddress = (deckId: string, page: number, version: "full" | "thin") =>
  `/api/teaching/decks/${deckId}/slides/${page}/${version}`;

function viewDeck(deck: DeckRow, slides: readonly SlideRow[], current: boolean): DeckView {
  return {
    id: deck.id,
    name: deck.name,
    state: deck.state,
    refusal: deck.refusal,
    sizeBytes: deck.sizeBytes,
    receivedBytes: deck.receivedBytes,
    pageCount: deck.pages,
    pagesDone: deck.pagesDone,
    current,
    readyAt: deck.readyAt?.toISOString() ?? null,
    pages: slides
      .filter((one) => one.deckId === deck.id)
      .map((one) => ({
        page: one.page,
        title: one.title,
        width: one.width,
        height: one.height,
        full: slideAddress(deck.id, one.page, "full"),
        thin: slideAddress(deck.id, one.page, "thin"),
        fullBytes: one.fullBytes,
        thinBytes: one.thinBytes,
        text: one.text,
      })),
  };
}

/** A page's row for whoever may watch. @throws DomainError `request.not-found`, `teaching.room-closed` */
export async function openSlide(work: Staff, deckId: string, page: number): Promise<SlideRow> {
  // Whoever may not see the deck by its policy does not learn that it is there.
  const deck = await repository.findDeck(work.tx, deckId);
  if (!deck) throw new DomainError("request.not-found");
  await loadWatched(work, deck.sessionId);
  const row = await repository.findSlide(work.tx, deckId, page);
  if (!row) throw new DomainError("request.not-found");
  return row;
}

/**
 * Takes a deck away: one that was never ready with its file, one that was shown stays for the replay.
 * @returns whether its files may go
 */
export async function removeDeck(work: Staff, deckId: string): Promise<boolean> {
  const { tx, actor, origin, now } = work;
  const deck = await repository.findDeck(tx, deckId);
  if (!deck) throw new DomainError("request.not-found");
  const session = await loadPrepared(work, deck.sessionId);
  // From live on it may have been shown.
  const keep = deck.state === "ready" && session.state === "live";
  if (keep) await repository.updateDeck(tx, deckId, ["ready"], { removedAt: now });
  else await repository.deleteDeck(tx, deckId);
  await trace(tx, actor, origin, {
    action: "teaching.slides-remove",
    entityType: "teaching-session",
    entityId: deck.sessionId,
    detail: { deckId },
  });
  await tellDeck(work, deck, [deck.uploadedBy, actor.personId]);
  return !keep;
}
