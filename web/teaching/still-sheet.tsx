import { useEffect, useState } from "react";
import type { LiveState } from "../../timeline/fold.ts";
import { surfaceOf } from "../../timeline/fold.ts";
import { useText } from "../i18n/i18n.ts";
import type { Ink, Sheet as Size } from "../room/ink.tsx";
import type { ShownCase } from "./lecture.ts";
import { type Pointing, Sheet } from "./sheet.tsx";
import { broughtAt } from "./still-address.ts";

/** Until the picture has come. */
const plain: Size = { width: 16, height: 9 };
const AGAIN_MS = 5000;
const asItIs = (address: string) => address;

/**
 * A picture of a case or one that a speaker brought, over the slides, with what is drawn on it; a sentence once it
 * may not be shown any more, or while it does not come.
 */
export function StillSheet({
  stillId,
  cases,
  state,
  thin,
  pictureAt = asItIs,
  pointers = [],
  ink,
  onPoint,
}: {
  stillId: string;
  cases: readonly ShownCase[];
  state: Pick<LiveState, "still" | "slide" | "strokes">;
  thin: boolean;
  /** Where a picture lies, if not at its own address. */
  pictureAt?: (address: string) => string;
  pointers?: readonly Pointing[];
  ink?: Ink | null;
  onPoint?: ((at: [number, number] | null) => void) | null;
}) {
  const t = useText();
  const [size, setSize] = useState(plain);
  const item = cases.flatMap((one) => one.items).find((one) => one.id === stillId);
  const picture = item
    ? item.picture
    : { full: broughtAt(stillId, "full"), thin: broughtAt(stillId, "thin") };
  const src = picture && pictureAt(thin ? picture.thin : picture.full);
  const [failed, setFailed] = useState<string | null>(null);
  useEffect(() => {
    if (!failed) return;
    const timer = setTimeout(() => setFailed(null), AGAIN_MS);
    return () => clearTimeout(timer);
  }, [failed]);
  if (!src || failed === src)
    return <p className="sound-only">{t(item ? "lecture.cases.gone" : "lecture.still.gone")}</p>;
  return (
    <Sheet
      src={src}
      alt={item?.title ?? t("lecture.still.alt")}
      size={size}
      strokes={state.strokes[surfaceOf(state) ?? ""] ?? []}
      pointers={pointers}
      ink={ink ?? null}
      onPoint={onPoint ?? null}
      onFailed={setFailed}
      onShown={(_, image) => setSize({ width: image.naturalWidth, height: image.naturalHeight })}
    />
  );
}
