import { type PointerEvent, useRef, useState } from "react";
import { uuid } from "../api/client.ts";
import { Button } from "../design/components/button.tsx";
import { TextField } from "../design/components/field.tsx";
import { Icon } from "../design/components/icon.tsx";
import { Segmented } from "../design/components/segmented.tsx";
import { close, photo, undo } from "../design/icons-work.ts";
import { useText } from "../i18n/i18n.ts";
import type { Still, Stroke } from "./media/index.ts";
import { useRoom } from "./room-context.ts";
import { addressOf } from "./use-still.ts";

type Tool = Stroke["tool"];
const colours = { red: "#ff6b5e", amber: "#ffd166", blue: "#6bb6ff", white: "#ffffff" } as const;
const painted: Record<Stroke["colour"], string> = { ...colours, ink: "#111111", pine: "#4fc79b" };
const lineWidth = 0.006;

/** A sharp still in the large place, with what everybody draws on it. */
export function StillBoard({ still }: { still: Still }) {
  const t = useText();
  const { client, room, annotating } = useRoom();
  const [tool, setTool] = useState<Tool>("pen");
  const [colour, setColour] = useState<keyof typeof colours>("red");
  const [note, setNote] = useState("");
  const [drawn, setDrawn] = useState<[number, number][]>([]);
  const begun = useRef(false);
  const index = room.stills.findIndex((entry) => entry.attachmentId === still.attachmentId);
  const mine = still.strokes.filter(
    (stroke) => stroke.by === room.me?.sub || stroke.by === room.peerId,
  );

  const at = (event: PointerEvent<SVGSVGElement>): [number, number] => {
    const box = event.currentTarget.getBoundingClientRect();
    const clamp = (value: number) => Math.min(1, Math.max(0, Math.round(value * 10_000) / 10_000));
    return [
      clamp((event.clientX - box.left) / box.width),
      clamp((event.clientY - box.top) / box.height),
    ];
  };
  const put = (points: [number, number][], text?: string) =>
    void client.annotate(still.attachmentId, {
      id: uuid(),
      tool,
      colour,
      width: lineWidth,
      points,
      ...(text ? { text } : {}),
    } as Stroke);
  const end = () => {
    begun.current = false;
    if (drawn.length > 1) put(tool === "pen" ? drawn.slice(0, 400) : [drawn[0]!, drawn.at(-1)!]);
    setDrawn([]);
  };
  return (
    <div className="board tile tile-large">
      <div className="board-room">
        <div
          className="board-sheet"
          style={{
            aspectRatio: `${still.width} / ${still.height}`,
            width: `min(100cqw, calc(100cqh * ${still.width / still.height}))`,
          }}
        >
          <img
            src={addressOf(still.attachmentId)}
            alt={t("room.still.alt", { name: still.byName })}
          />
          <svg
            viewBox={`0 0 1000 ${Math.round((1000 * still.height) / still.width)}`}
            className="board-ink"
            data-drawing={annotating || undefined}
            role="img"
            aria-label={t("room.still.strokes", { count: still.strokes.length })}
            onPointerDown={(event) => {
              if (!annotating) return;
              if (tool === "text") {
                if (note.trim()) put([at(event)], note.trim());
                setNote("");
                return;
              }
              event.currentTarget.setPointerCapture(event.pointerId);
              begun.current = true;
              setDrawn([at(event)]);
            }}
            onPointerMove={(event) => {
              if (begun.current) setDrawn([...drawn, at(event)]);
            }}
            onPointerUp={end}
            onPointerCancel={end}
          >
            {still.strokes.map((stroke) => (
              <Drawn key={stroke.id} stroke={stroke} still={still} />
            ))}
            {drawn.length > 1 ? (
              <Drawn
                stroke={
                  {
                    id: "new",
                    tool,
                    colour,
                    width: lineWidth,
                    points: tool === "pen" ? drawn : [drawn[0]!, drawn.at(-1)!],
                  } as Stroke
                }
                still={still}
              />
            ) : null}
          </svg>
        </div>
      </div>
      <div className="tile-foot">
        <p className="tile-name">
          <Icon path={photo} size="small" />
          <span>
            {t("room.still.count", { index: index + 1, count: room.stills.length })} ·{" "}
            {still.byName}
          </span>
        </p>
        <span className="row">
          {room.stills.length > 1 ? (
            <Button
              size="small"
              onClick={() =>
                void client.showStill(
                  room.stills[(index + 1) % room.stills.length]?.attachmentId ?? null,
                )
              }
            >
              {t("room.still.next")}
            </Button>
          ) : null}
          <Button size="small" icon={close} onClick={() => void client.showStill(null)}>
            {t("room.still.close")}
          </Button>
        </span>
      </div>
      {annotating ? (
        <form
          className="board-tools"
          data-scene="page"
          onSubmit={(event) => {
            event.preventDefault();
            if (note.trim()) put([[0.5, 0.5]], note.trim());
            setNote("");
          }}
        >
          <Segmented
            label={t("room.draw.tool")}
            hideLabel
            value={tool}
            onChange={setTool}
            options={(["pen", "arrow", "ellipse", "text"] as const).map((value) => ({
              value,
              label: t(`room.draw.${value}`),
            }))}
          />
          <Segmented
            label={t("room.draw.colour")}
            hideLabel
            value={colour}
            onChange={setColour}
            options={(["red", "amber", "blue", "white"] as const).map((value) => ({
              value,
              label: t(`room.draw.colourName.${value}`),
            }))}
          />
          {tool === "text" ? (
            <>
              <TextField
                label={t("room.draw.note")}
                hint={t("room.draw.noteHint")}
                maxLength={200}
                value={note}
                onChange={(event) => setNote(event.target.value)}
              />
              <Button type="submit">{t("room.draw.putMiddle")}</Button>
            </>
          ) : null}
          <Button
            icon={undo}
            disabled={mine.length === 0}
            onClick={() =>
              mine.length > 0 && void client.eraseStrokes(still.attachmentId, [mine.at(-1)!.id])
            }
          >
            {t("room.draw.undo")}
          </Button>
        </form>
      ) : null}
    </div>
  );
}

function Drawn({ stroke, still }: { stroke: Stroke; still: Still }) {
  const height = (1000 * still.height) / still.width;
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
