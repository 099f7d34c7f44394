import type { PointerEvent, ReactNode } from "react";
import { useText } from "../i18n/i18n.ts";
import { type Ink, InkLayer, pointOn, type Sheet as Size } from "../room/ink.tsx";
import type { Stroke } from "../room/media/types.ts";

export type Pointing = { personId: string; name: string; at: [number, number] };

/** What everybody looks at, as large as there is room: a picture, what is drawn on it, and where somebody points. */
export function Sheet({
  src,
  alt,
  size,
  strokes,
  pointers,
  ink,
  onPoint,
  onShown,
  onFailed,
  children,
}: {
  src: string | null;
  alt: string;
  size: Size;
  strokes: readonly Stroke[];
  pointers: readonly Pointing[];
  /** Set while one draws. */
  ink?: Ink | null;
  /** Told where the pointer is while it moves over the sheet, null when it leaves. */
  onPoint?: ((at: [number, number] | null) => void) | null;
  onShown?: (src: string, image: HTMLImageElement) => void;
  /** The picture did not come. */
  onFailed?: (src: string) => void;
  /** In place of a picture: what is shown of a case. */
  children?: ReactNode;
}) {
  const t = useText();
  const tell = (event: PointerEvent<HTMLElement>) => onPoint?.(pointOn(event));
  return (
    <div className="sheet-room">
      <div
        className="sheet"
        style={{
          aspectRatio: `${size.width} / ${size.height}`,
          width: `min(100cqw, calc(100cqh * ${size.width / size.height}))`,
        }}
        data-pointing={onPoint && !ink ? "" : undefined}
        onPointerDown={onPoint ? tell : undefined}
        onPointerMove={onPoint ? tell : undefined}
        onPointerLeave={onPoint ? () => onPoint(null) : undefined}
        onPointerUp={
          onPoint ? (event) => event.pointerType !== "mouse" && onPoint(null) : undefined
        }
      >
        {children ??
          (src ? (
            <img
              src={src}
              alt={alt}
              draggable={false}
              onLoad={({ currentTarget }) => onShown?.(src, currentTarget)}
              onError={() => onFailed?.(src)}
            />
          ) : (
            <p className="sheet-empty muted">{alt}</p>
          ))}
        <InkLayer
          strokes={strokes}
          sheet={size}
          ink={ink ?? null}
          label={t("room.still.strokes", { count: strokes.length })}
        />
        {pointers.map((one) => (
          <span
            key={one.personId}
            className="sheet-pointer"
            style={{ left: `${one.at[0] * 100}%`, top: `${one.at[1] * 100}%` }}
          >
            <span className="visually-hidden">{one.name}</span>
          </span>
        ))}
      </div>
    </div>
  );
}
