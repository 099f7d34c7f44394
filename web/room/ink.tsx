import { type PointerEvent, useRef, useState } from "react";
import { uuid } from "../api/client.ts";
import { Button } from "../design/components/button.tsx";
import { TextField } from "../design/components/field.tsx";
import { Segmented } from "../design/components/segmented.tsx";
import { undo } from "../design/icons-work.ts";
import { useText } from "../i18n/i18n.ts";
import type { Stroke } from "./media/types.ts";

type Tool = Stroke["tool"];
const colours = { red: "#ff6b5e", amber: "#ffd166", blue: "#6bb6ff", white: "#ffffff" } as const;
const painted: Record<Stroke["colour"], string> = { ...colours, ink: "#111111", pine: "#4fc79b" };
const lineWidth = 0.006;
const mostPoints = 400;

/** What lies under the drawing; strokes are measured in parts of it. */
export type Sheet = { width: number; height: number };

/** Tool, colour and words that are about to be put on a sheet. */
export function useInk(onStroke: (stroke: Stroke) => void) {
  const [tool, setTool] = useState<Tool>("pen");
  const [colour, setColour] = useState<keyof typeof colours>("red");
  const [note, setNote] = useState("");
  const make = (points: [number, number][], id: string): Stroke =>
    ({
      id,
      tool,
      colour,
      width: lineWidth,
      points,
      ...(tool === "text" ? { text: note.trim() } : {}),
    }) as Stroke;
  return {
    tool,
    setTool,
    colour,
    setColour,
    note,
    setNote,
    /** What is being drawn, before it is finished. */
    draft: (points: [number, number][]) => make(points, "new"),
    put(points: [number, number][]) {
      if (tool === "text" && !note.trim()) return;
      onStroke(make(points, uuid()));
      setNote("");
    },
  };
}
export type Ink = ReturnType<typeof useInk>;

/** Where on a sheet a pointer is, in parts of its sides, from the top left. */
export function pointOn(event: PointerEvent<Element>): [number, number] {
  const box = event.currentTarget.getBoundingClientRect();
  const clamp = (value: number) => Math.min(1, Math.max(0, Math.round(value * 10_000) / 10_000));
  return [
    clamp((event.clientX - box.left) / box.width),
    clamp((event.clientY - box.top) / box.height),
  ];
}

/** The drawing over a sheet; with ink one draws on it. */
export function InkLayer({
  strokes,
  sheet,
  ink,
  label,
}: {
  strokes: readonly Stroke[];
  sheet: Sheet;
  ink: Ink | null;
  label: string;
}) {
  const [drawn, setDrawn] = useState<[number, number][]>([]);
  const begun = useRef(false);
  const ends = (points: [number, number][]): [number, number][] =>
    ink?.tool === "pen" ? points.slice(0, mostPoints) : [points[0]!, points.at(-1)!];
  const end = () => {
    begun.current = false;
    if (drawn.length > 1) ink?.put(ends(drawn));
    setDrawn([]);
  };
  return (
    <svg
      viewBox={`0 0 1000 ${Math.round((1000 * sheet.height) / sheet.width)}`}
      className="board-ink"
      data-drawing={ink ? "" : undefined}
      role="img"
      aria-label={label}
      onPointerDown={(event) => {
        if (!ink) return;
        if (ink.tool === "text") return ink.put([pointOn(event)]);
        event.currentTarget.setPointerCapture(event.pointerId);
        begun.current = true;
        setDrawn([pointOn(event)]);
      }}
      onPointerMove={(event) => {
        if (begun.current) setDrawn([...drawn, pointOn(event)]);
      }}
      onPointerUp={end}
      onPointerCancel={end}
    >
      {strokes.map((stroke) => (
        <Drawn key={stroke.id} stroke={stroke} sheet={sheet} />
      ))}
      {ink && drawn.length > 1 ? <Drawn stroke={ink.draft(ends(drawn))} sheet={sheet} /> : null}
    </svg>
  );
}

/** What one draws with. */
export function InkTools({ ink, onUndo }: { ink: Ink; onUndo: (() => void) | null }) {
  const t = useText();
  return (
    <form
      className="board-tools"
      data-scene="page"
      onSubmit={(event) => {
        event.preventDefault();
        ink.put([[0.5, 0.5]]);
      }}
    >
      <Segmented
        label={t("room.draw.tool")}
        hideLabel
        value={ink.tool}
        onChange={ink.setTool}
        options={(["pen", "arrow", "ellipse", "text"] as const).map((value) => ({
          value,
          label: t(`room.draw.${value}`),
        }))}
      />
      <Segmented
        label={t("room.draw.colour")}
        hideLabel
        value={ink.colour}
        onChange={ink.setColour}
        options={(["red", "amber", "blue", "white"] as const).map((value) => ({
          value,
          label: t(`room.draw.colourName.${value}`),
        }))}
      />
      {ink.tool === "text" ? (
        <>
          <TextField
            label={t("room.draw.note")}
            hint={t("room.draw.noteHint")}
            maxLength={200}
            value={ink.note}
            onChange={(event) => ink.setNote(event.target.value)}
          />
          <Button type="submit">{t("room.draw.putMiddle")}</Button>
        </>
      ) : null}
      <Button icon={undo} disabled={!onUndo} onClick={() => onUndo?.()}>
        {t("room.draw.undo")}
      </Button>
    </form>
  );
}

function Drawn({ stroke, sheet }: { stroke: Stroke; sheet: Sheet }) {
  const height = (1000 * sheet.height) / sheet.width;
  const points = stroke.points.map((point) => [point[0] * 1000, point[1] * height] as const);
  const look = {
    stroke: painted[stroke.colour],
    strokeWidth: stroke.width * 1000,
    fill: "none",
    strokeLinecap: "round",
    strokeLinejoin: "round",
  } as const;
  const [first, last] = [points[0]!, points.at(-1)!];
  if (stroke.tool === "text") {
    return (
      <text
        x={first[0]}
        y={first[1]}
        fill={painted[stroke.colour]}
        fontSize={28}
        paintOrder="stroke"
        stroke="#000"
        strokeWidth={4}
      >
        {stroke.text}
      </text>
    );
  }
  if (stroke.tool === "ellipse") {
    return (
      <ellipse
        cx={(first[0] + last[0]) / 2}
        cy={(first[1] + last[1]) / 2}
        rx={Math.abs(first[0] - last[0]) / 2}
        ry={Math.abs(first[1] - last[1]) / 2}
        {...look}
      />
    );
  }
  if (stroke.tool === "arrow") {
    const angle = Math.atan2(last[1] - first[1], last[0] - first[0]);
    const head = (turn: number) =>
      `${last[0] - 26 * Math.cos(angle + turn)} ${last[1] - 26 * Math.sin(angle + turn)}`;
    return (
      <path
        d={`M${first[0]} ${first[1]}L${last[0]} ${last[1]}M${head(0.45)}L${last[0]} ${last[1]}L${head(-0.45)}`}
        {...look}
      />
    );
  }
  return <path d={`M${points.map((point) => `${point[0]} ${point[1]}`).join("L")}`} {...look} />;
}
