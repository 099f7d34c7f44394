import { localStore } from "../../api/local-store.ts";
import { broughtAt } from "../still-address.ts";
import { isPiece, lackingPieces, percentOf } from "./pieces.ts";
import type { ReplayVariant, ReplayView } from "./replay-data.ts";

/** What may not be shown any more is left out, and stands as a sentence. */
const gone = new Set([403, 404, 410]);

/** What is kept on this device of one replay. */
export type Kept = {
  view: ReplayView;
  /** Null: nothing was recorded, slides and chat are all there is. */
  variant: ReplayVariant | null;
  /** What marks the file: another one means that the recording was made anew. */
  etag: string | null;
  pieces: number[];
  /** Addresses of slides and pictures of the board that are kept. */
  pictures: string[];
  bytes: number;
  done: boolean;
  keptAt: number;
};

const keyOf = (sessionId: string) => `replay/${sessionId}/about`;
const pieceKey = (sessionId: string, index: number) => `replay/${sessionId}/piece/${index}`;
const pictureKey = (sessionId: string, address: string) => `replay/${sessionId}/picture/${address}`;

export async function readKept(sessionId: string): Promise<Kept | undefined> {
  const kept = await localStore.read<Kept>(keyOf(sessionId));
  // One that was kept before its size was noted.
  return kept && { ...kept, bytes: kept.bytes ?? kept.variant?.bytes ?? 0 };
}

export const forgetKept = (sessionId: string) => localStore.removeAll(`replay/${sessionId}/`);

export class NoRoom extends Error {}

/** Bytes that this device says it has left for us; null where it does not say. */
export async function bytesLeft(): Promise<number | null> {
  const said = await navigator.storage?.estimate?.().catch(() => null);
  return said?.quota ? said.quota - (said.usage ?? 0) : null;
}

/**
 * Keeps a replay on this device: slides first, then the media piece by piece. Goes on where it stopped, whether
 * the line broke, the page was closed or the phone was switched off. @throws when the line is lost or the device
 * is full; what is kept stays
 */
export async function keepReplay(
  view: ReplayView,
  variant: ReplayVariant | null,
  { signal, onProgress }: { signal: AbortSignal; onProgress: (percent: number) => void },
): Promise<Kept> {
  const before = await readKept(view.sessionId);
  const isSame = before?.variant?.url === variant?.url && before?.variant?.bytes === variant?.bytes;
  let kept: Kept =
    before && isSame
      ? { ...before, view }
      : {
          view,
          variant,
          etag: null,
          pieces: [],
          pictures: [],
          bytes: 0,
          done: false,
          keptAt: Date.now(),
        };
  if (before && !isSame) await forgetKept(view.sessionId);
  // Asked for, not needed: a phone that is short of room then clears other things first.
  await navigator.storage?.persist?.().catch(() => false);
  const note = async () => {
    if (!(await localStore.write(keyOf(view.sessionId), kept))) throw new NoRoom();
  };
  await note();
  for (const address of picturesOf(view)) {
    if (kept.pictures.includes(address)) continue;
    const answer = await fetch(address, { signal });
    if (gone.has(answer.status)) continue;
    if (!answer.ok) throw new Error(`slide ${answer.status}`);
    const picture = await answer.blob();
    if (!(await localStore.write(pictureKey(view.sessionId, address), picture))) throw new NoRoom();
    kept = {
      ...kept,
      pictures: [...kept.pictures, address],
      bytes: kept.bytes + picture.size,
    };
  }
  await note();
  if (variant) {
    const keep = (next: Kept) => {
      kept = next;
      return note();
    };
    await keepMedia(kept, variant, { signal, onProgress, keep });
  }
  kept = { ...kept, done: true };
  await note();
  return kept;
}

/** The media piece by piece, told to `keep` after each. */
async function keepMedia(
  before: Kept,
  variant: ReplayVariant,
  {
    signal,
    onProgress,
    keep,
  }: {
    signal: AbortSignal;
    onProgress: (percent: number) => void;
    keep: (next: Kept) => Promise<void>;
  },
): Promise<void> {
  const { sessionId } = before.view;
  let kept = before;
  const has = new Set(kept.pieces);
  onProgress(percentOf(variant.bytes, has));
  for (const piece of lackingPieces(variant.bytes, has)) {
    const answer = await fetch(variant.url, {
      signal,
      headers: {
        range: `bytes=${piece.from}-${piece.to}`,
        ...(kept.etag ? { "if-range": kept.etag } : {}),
      },
    });
    // Not a part: the recording was made anew since. What is kept of the old one is of no use.
    if (
      answer.status !== 206 ||
      !isPiece(answer.headers.get("content-range"), piece, variant.bytes)
    ) {
      await answer.body?.cancel();
      await forgetKept(sessionId);
      throw new Error(`piece ${answer.status}`);
    }
    const blob = await answer.blob();
    if (!(await localStore.write(pieceKey(sessionId, piece.index), blob))) throw new NoRoom();
    has.add(piece.index);
    kept = {
      ...kept,
      pieces: [...has],
      bytes: kept.bytes + blob.size,
      etag: kept.etag ?? answer.headers.get("etag"),
    };
    await keep(kept);
    onProgress(percentOf(variant.bytes, has));
  }
}

/** Addresses under which what is kept is played and shown on this page; `close` lets go of them. */
export async function openKept(kept: Kept) {
  const addresses: string[] = [];
  const addressOf = (blob: Blob) => {
    const address = URL.createObjectURL(blob);
    addresses.push(address);
    return address;
  };
  const { sessionId } = kept.view;
  const parts: Blob[] = [];
  for (const index of kept.pieces.toSorted((left, right) => left - right)) {
    const part = await localStore.read<Blob>(pieceKey(sessionId, index));
    if (!part) return null;
    parts.push(part);
  }
  const pictures = new Map<string, string>();
  for (const address of kept.pictures) {
    const blob = await localStore.read<Blob>(pictureKey(sessionId, address));
    if (blob) pictures.set(address, addressOf(blob));
  }
  return {
    media: kept.variant ? addressOf(new Blob(parts, { type: kept.variant.type })) : null,
    pictures,
    close: () => {
      for (const address of addresses) URL.revokeObjectURL(address);
    },
  };
}
export type OpenedKept = NonNullable<Awaited<ReturnType<typeof openKept>>>;

/** Offline the light version of each slide and of each picture of the board: it is what a phone's screen shows. */
export function picturesOf(view: ReplayView): string[] {
  const slides = new Set(
    view.entries.flatMap((entry) =>
      entry.kind === "slide" ? [`${entry.data.deckId}/${entry.data.page}`] : [],
    ),
  );
  const items = new Map(view.cases.flatMap((one) => one.items.map((item) => [item.id, item])));
  const shown = view.entries.flatMap((entry) => {
    if (entry.kind === "case-item" && entry.data.itemId)
      return items.get(entry.data.itemId)?.picture?.thin ?? [];
    if (entry.kind !== "still" || !entry.data.stillId) return [];
    const item = items.get(entry.data.stillId);
    return item ? (item.picture?.thin ?? []) : broughtAt(entry.data.stillId, "thin");
  });
  return [
    ...view.decks.flatMap((deck) =>
      deck.pages.filter((page) => slides.has(`${deck.id}/${page.page}`)).map((page) => page.thin),
    ),
    ...new Set(shown),
  ];
}
