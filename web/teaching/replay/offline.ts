import { localStore } from "../../api/local-store.ts";
import { isPiece, lackingPieces, percentOf } from "./pieces.ts";
import type { ReplayVariant, ReplayView } from "./replay-data.ts";

/** What is kept on this device of one replay. */
export type Kept = {
  view: ReplayView;
  variant: ReplayVariant;
  /** What marks the file: another one means that the recording was made anew. */
  etag: string | null;
  pieces: number[];
  /** Addresses of slides that are kept. */
  pictures: string[];
  done: boolean;
  keptAt: number;
};

const keyOf = (sessionId: string) => `replay/${sessionId}/about`;
const pieceKey = (sessionId: string, index: number) => `replay/${sessionId}/piece/${index}`;
const pictureKey = (sessionId: string, address: string) => `replay/${sessionId}/picture/${address}`;

export const readKept = (sessionId: string) => localStore.read<Kept>(keyOf(sessionId));

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
  variant: ReplayVariant,
  { signal, onProgress }: { signal: AbortSignal; onProgress: (percent: number) => void },
): Promise<Kept> {
  const before = await readKept(view.sessionId);
  let kept: Kept =
    before && before.variant.url === variant.url && before.variant.bytes === variant.bytes
      ? { ...before, view }
      : {
          view,
          variant,
          etag: null,
          pieces: [],
          pictures: [],
          done: false,
          keptAt: Date.now(),
        };
  if (before && kept.pieces.length === 0) await forgetKept(view.sessionId);
  // Asked for, not needed: a phone that is short of room then clears other things first.
  await navigator.storage?.persist?.().catch(() => false);
  const note = async () => {
    if (!(await localStore.write(keyOf(view.sessionId), kept))) throw new NoRoom();
  };
  await note();
  for (const address of picturesOf(view)) {
    if (kept.pictures.includes(address)) continue;
    const answer = await fetch(address, { signal });
    if (!answer.ok) throw new Error(`slide ${answer.status}`);
    if (!(await localStore.write(pictureKey(view.sessionId, address), await answer.blob())))
      throw new NoRoom();
    kept = { ...kept, pictures: [...kept.pictures, address] };
  }
  await note();
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
      await forgetKept(view.sessionId);
      throw new Error(`piece ${answer.status}`);
    }
    const blob = await answer.blob();
    if (!(await localStore.write(pieceKey(view.sessionId, piece.index), blob))) throw new NoRoom();
    has.add(piece.index);
    kept = { ...kept, pieces: [...has], etag: kept.etag ?? answer.headers.get("etag") };
    await note();
    onProgress(percentOf(variant.bytes, has));
  }
  kept = { ...kept, done: true };
  await note();
  return kept;
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
    media: addressOf(new Blob(parts, { type: kept.variant.type })),
    pictures,
    close: () => {
      for (const address of addresses) URL.revokeObjectURL(address);
    },
  };
}
export type OpenedKept = NonNullable<Awaited<ReturnType<typeof openKept>>>;

/** Offline the light version of each slide: it is what a phone's screen shows. */
export function picturesOf(view: ReplayView): string[] {
  const used = new Set(
    view.entries.flatMap((entry) =>
      entry.kind === "slide" ? [`${entry.data.deckId}/${entry.data.page}`] : [],
    ),
  );
  return view.decks.flatMap((deck) =>
    deck.pages.filter((page) => used.has(`${deck.id}/${page.page}`)).map((page) => page.thin),
  );
}
