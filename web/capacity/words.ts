import type {
  BedState,
  BedUnitKind,
  BedUnitMode,
  ModeSwitchState,
} from "../../server/capacity/domain.ts";
import type { Tone } from "../design/components/status.tsx";
import { check, clock, person, retry } from "../design/icons.ts";
import { close } from "../design/icons-work.ts";
import type { Language } from "../i18n/areas.ts";
import type { MessageId } from "../i18n/i18n.ts";

type Names = { zh: string; en: string | null; bo: string | null };

/** A name in the reader's language; Chinese where no other was given. */
export const inWords = (name: Names, language: Language): string =>
  (language === "bo" ? name.bo : language === "en" ? name.en : null) ?? name.zh;

/** Each state of a bed has its own sign, word and colour. */
export const bedLook: Record<BedState, { tone: Tone; icon: string }> = {
  free: { tone: "good", icon: check },
  held: { tone: "warn", icon: clock },
  occupied: { tone: "info", icon: person },
  cleaning: { tone: "quiet", icon: retry },
  "out-of-use": { tone: "bad", icon: close },
};
export const modeTone: Record<BedUnitMode, Tone> = {
  peace: "quiet",
  emergency: "bad",
  "closed-for-disinfection": "warn",
};
export const switchTone: Record<ModeSwitchState, Tone> = {
  ordered: "warn",
  confirmed: "info",
  clearing: "warn",
  emergency: "bad",
  disinfecting: "warn",
  ended: "good",
  cancelled: "quiet",
};
export const unitKinds: readonly BedUnitKind[] = [
  "ordinary",
  "intensive",
  "isolation",
  "rehabilitation",
  "long-term",
];
export const kindWord = (kind: BedUnitKind): MessageId => `capacity.kind.${kind}`;
