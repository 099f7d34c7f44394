import { useState } from "react";
import type { LiveState } from "../../timeline/fold.ts";
import { surfaceOf } from "../../timeline/fold.ts";
import { useText } from "../i18n/i18n.ts";
import type { Ink, Sheet as Size } from "../room/ink.tsx";
import type { ShownCase } from "./lecture.ts";
import { type Pointing, Sheet } from "./sheet.tsx";

/** Until the picture has come. */
const plain: Size = { width: 16, height: 9 };

/** A picture of a case, over the slides, with what is drawn on it; a sentence once it may not be shown any more. */
export function StillSheet({
  stillId,
  cases,
  state,
  thin,
  pointers = [],
  ink,
  onPoint,
}: {
  stillId: string;
  cases: readonly ShownCase[];
  state: Pick<LiveState, "still" | "slide" | "strokes">;
  thin: boolean;
  pointers?: readonly Pointing[];
  ink?: Ink | null;
  onPoint?: ((at: [number, number] | null) => void) | null;
}) {
  const t = useText();
  const [size, setSize] = useState(plain);
  const item = cases.flatMap((one) => one.items).find((one) => one.id === stillId);
  if (!item?.picture) return <p className="sound-only">{t("lecture.cases.gone")}</p>;
  return (
    <Sheet
      src={thin ? item.picture.thin : item.picture.full}
      alt={item.title}
      size={size}
      strokes={state.strokes[surfaceOf(state) ?? ""] ?? []}
      pointers={pointers}
      ink={ink ?? null}
      onPoint={onPoint ?? null}
      onShown={(_, image) => setSize({ width: image.naturalWidth, height: image.naturalHeight })}
    />
  );
}
