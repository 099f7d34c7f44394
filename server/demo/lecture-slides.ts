/** Gives a lecture of the demo its slides, as a specialist brings them: a PDF, drawn by a job. */
import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Services } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { beginDeck, completeDeck, type SlideStore } from "../teaching/service.ts";
import { asDemo } from "./load.ts";
import { storySlides } from "./story-slides.ts";

export async function bringSlides(
  services: Services,
  slides: SlideStore,
  teacher: StaffActor,
  { sessionId, title }: { sessionId: string; title: string },
): Promise<void> {
  const pdf = await storySlides();
  const deckId = randomUUID();
  await asDemo(services, teacher, (work) =>
    beginDeck(work, {
      id: deckId,
      sizeBytes: pdf.length,
      metadata: { sessionId, filename: `${title}.pdf` },
    }),
  );
  await writeFile(join(slides.folder, deckId), pdf, { mode: 0o600 });
  await asDemo(services, teacher, (work) => completeDeck(work, deckId, slides));
}
