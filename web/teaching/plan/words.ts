import type { TeachingState } from "../../../server/teaching/states.ts";
import type { Tone } from "../../design/components/status.tsx";
import { check, clock } from "../../design/icons.ts";
import { close, pen, play, record } from "../../design/icons-work.ts";
import type { Language } from "../../i18n/areas.ts";
import { dayTime } from "../../i18n/time.ts";

type Names = { zh: string; en: string | null; bo: string | null };
export const inWords = (name: Names, language: Language): string =>
  (language === "bo" ? name.bo : language === "en" ? name.en : null) ?? name.zh;

/** When a broadcast was held, or will be; null: nobody has said. */
export function heldAt({ liveAt, startsAt }: { liveAt: string | null; startsAt: string | null }) {
  const at = liveAt ?? startsAt;
  return at === null ? null : dayTime(at);
}

/** Each state has its own sign, word and colour. */
export const stateLook: Record<TeachingState, { tone: Tone; icon: string }> = {
  draft: { tone: "quiet", icon: pen },
  planned: { tone: "info", icon: clock },
  live: { tone: "good", icon: record },
  ended: { tone: "quiet", icon: check },
  processing: { tone: "warn", icon: clock },
  published: { tone: "good", icon: play },
  cancelled: { tone: "bad", icon: close },
};
