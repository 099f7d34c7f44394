import { type PointerEvent, useEffect, useRef } from "react";
import { useText } from "../../i18n/i18n.ts";
import { undo } from "../icons-work.ts";
import { Button } from "./button.tsx";
import "./signature-pad.css";

export type Stroke = [number, number][];

const width = 600;
const height = 200;
const maximumPointsPerStroke = 2000;

/**
 * A place to sign with finger, pen or mouse; strokes are kept in units of a 600 × 200 sheet. Whoever
 * cannot draw signs by fingerprint before a witness instead: the form around it offers that way.
 */
export function SignaturePad({
  label,
  strokes,
  onChange,
}: {
  label: string;
  strokes: Stroke[];
  onChange: (strokes: Stroke[]) => void;
}) {
  const t = useText();
  const canvas = useRef<HTMLCanvasElement>(null);
  const drawing = useRef<Stroke | null>(null);

  useEffect(() => paint(canvas.current, strokes), [strokes]);

  const pointOf = (event: PointerEvent<HTMLCanvasElement>): [number, number] => {
    const box = event.currentTarget.getBoundingClientRect();
    return [
      Math.round(((event.clientX - box.left) / box.width) * width),
      Math.round(((event.clientY - box.top) / box.height) * height),
    ];
  };

  const end = () => {
    const stroke = drawing.current;
    drawing.current = null;
    if (stroke && stroke.length > 1) onChange([...strokes, stroke]);
  };

  return (
    <div className="signature">
      <div className="row spread">
        <span className="field-label">{label}</span>
        <Button
          look="quiet"
          size="small"
          icon={undo}
          onClick={() => onChange([])}
          disabled={strokes.length === 0}
        >
          {t("common.signature.clear")}
        </Button>
      </div>
      <canvas
        ref={canvas}
        width={width}
        height={height}
        className="signature-sheet"
        role="img"
        aria-label={strokes.length > 0 ? t("common.signature.done") : t("common.signature.empty")}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          drawing.current = [pointOf(event)];
        }}
        onPointerMove={(event) => {
          const stroke = drawing.current;
          if (!stroke || stroke.length >= maximumPointsPerStroke) return;
          stroke.push(pointOf(event));
          paint(canvas.current, [...strokes, stroke]);
        }}
        onPointerUp={end}
        onPointerCancel={end}
      />
      <p className="field-hint">{t("common.signature.hint")}</p>
    </div>
  );
}

function paint(sheet: HTMLCanvasElement | null, strokes: readonly Stroke[]) {
  const context = sheet?.getContext("2d");
  if (!context) return;
  context.clearRect(0, 0, width, height);
  context.lineWidth = 3;
  context.lineCap = "round";
  context.lineJoin = "round";
  context.strokeStyle = "#1b1f1d";
  for (const stroke of strokes) {
    context.beginPath();
    for (const [x, y] of stroke) context.lineTo(x, y);
    context.stroke();
  }
}
