/** What pages send and receive about slides. */
import { z } from "zod";
import { instant, uuid } from "../http/contract.ts";
import { deckRefusals, deckStates } from "./slides-domain.ts";

/** Upload-Metadata of the tus protocol, at /api/teaching/uploads. */
export const deckMetadata = z.object({ sessionId: uuid, filename: z.string().min(1).max(500) });

export const slideView = z.object({
  page: z.number().int(),
  title: z.string().nullable(),
  width: z.number().int(),
  height: z.number().int(),
  /** Addresses of the picture; they never change. `thin` weighs at most 40,000 bytes. */
  full: z.string(),
  thin: z.string(),
  fullBytes: z.number().int(),
  thinBytes: z.number().int(),
  /** For searching. */
  text: z.string(),
});
export const deckView = z.object({
  id: uuid,
  name: z.string(),
  state: z.enum(deckStates),
  refusal: z.enum(deckRefusals).nullable(),
  sizeBytes: z.number().int(),
  receivedBytes: z.number().int(),
  /** Known once the file is open; `pagesDone` of them are drawn. */
  pageCount: z.number().int().nullable(),
  pagesDone: z.number().int(),
  /** The one that is shown from now on; older ones stay for the replay. */
  current: z.boolean(),
  readyAt: instant.nullable(),
  pages: z.array(slideView),
});
export const deckList = z.object({ decks: z.array(deckView) });
export type DeckView = z.input<typeof deckView>;

export const slideParams = z.object({
  id: uuid,
  page: z.coerce.number().int().min(1).max(300),
  version: z.enum(["full", "thin"]),
});
