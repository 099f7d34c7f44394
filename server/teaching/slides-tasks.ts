import { createHash } from "node:crypto";
import { z } from "zod";
import { noPayload, type ScheduledTask, type TaskList, task } from "../queue/task.ts";
import { tellSession } from "./change.ts";
import { findSession } from "./repository.ts";
import type { DeckRefusal } from "./slides-domain.ts";
import { type RenderLimits, renderSlides, SlidesRefused } from "./slides-render.ts";
import * as repository from "./slides-repository.ts";
import { renderTask, tellDeck } from "./slides-service.ts";
import type { SlideStore } from "./slides-store.ts";

/** Told at every so many pages: a bar that moves, not a message a page. */
const toldEveryPages = 5;
const unfinishedDays = 7;

/** Draws decks, and clears away what nobody finished. A job that died begins again; drawn pages are drawn over. */
export function slideTasks(store: SlideStore, limits?: RenderLimits): TaskList {
  return {
    [renderTask]: task(z.object({ deckId: z.uuid() }), async ({ deckId }, { asJob, clock }) => {
      const deck = await asJob((tx) => repository.findDeck(tx, deckId));
      if (deck?.state !== "rendering") return;
      const tell = (pagesDone: number, pages: number | null) =>
        asJob(async (tx) => {
          await repository.updateDeck(tx, deckId, ["rendering"], { pagesDone, pages });
          await tellDeck({ tx }, deck, [deck.uploadedBy]);
        });
      let pages = 0;
      const refuse = (refusal: DeckRefusal) =>
        asJob(async (tx) => {
          await repository.updateDeck(tx, deckId, ["rendering"], { state: "refused", refusal });
          await tellDeck({ tx }, deck, [deck.uploadedBy]);
        });
      try {
        const drawn = renderSlides(
          await store.readPdf(deckId),
          async (count) => {
            pages = count;
            await tell(0, count);
          },
          limits,
        );
        for await (const slide of drawn) {
          await store.putPicture(deckId, slide.page, "full", slide.full);
          await store.putPicture(deckId, slide.page, "thin", slide.thin);
          await asJob((tx) =>
            repository.putSlide(tx, {
              deckId,
              page: slide.page,
              width: slide.width,
              height: slide.height,
              title: slide.title,
              text: slide.text,
              fullBytes: slide.full.length,
              thinBytes: slide.thin.length,
              sha256: createHash("sha256").update(slide.full).digest(),
            }),
          );
          if (slide.page % toldEveryPages === 0) await tell(slide.page, pages);
        }
      } catch (error) {
        if (!(error instanceof SlidesRefused)) throw error;
        await refuse(error.reason);
        return;
      }
      const now = clock();
      await asJob(async (tx) => {
        const ready = await repository.updateDeck(tx, deckId, ["rendering"], {
          state: "ready",
          pages,
          pagesDone: pages,
          readyAt: now,
        });
        const session = ready && (await findSession(tx, ready.sessionId));
        // While it runs, everybody's page takes the new slides.
        if (session)
          await tellSession(
            {
              tx,
              now,
              actor: { kind: "job", task: renderTask, language: "zh-CN" },
              origin: { correlationId: renderTask, address: null },
            },
            session,
          );
      });
    }),
    "teaching:clean-uploads": task(noPayload, async (_, { asJob, clock }) => {
      const before = new Date(clock().getTime() - unfinishedDays * 86_400_000);
      for (const deck of await asJob((tx) => repository.findUnfinished(tx, before))) {
        await store.remove(deck.id);
        await asJob((tx) => repository.deleteDeck(tx, deck.id));
      }
    }),
  };
}

export const slideSchedule: readonly ScheduledTask[] = [
  { task: "teaching:clean-uploads", cron: "47 3 * * *" },
];
