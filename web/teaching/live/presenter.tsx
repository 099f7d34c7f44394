import { useCallback, useRef, useState } from "react";
import { surfaceOf } from "../../../timeline/fold.ts";
import { ProblemNotice } from "../../design/components/problem.tsx";
import { camera } from "../../design/icons.ts";
import { cameraOff, microphone, microphoneOff, pen } from "../../design/icons-work.ts";
import { useText } from "../../i18n/i18n.ts";
import { InkTools, useInk } from "../../room/ink.tsx";
import { Control } from "../controls.tsx";
import { Hands } from "../hands.tsx";
import { stageOrder } from "../layout.ts";
import { useLecture } from "../lecture.ts";
import { Says } from "../says.tsx";
import { Shown } from "../shown.tsx";
import { type Side, Sides } from "../sides.tsx";
import { OwnTile, StageTile } from "../stage-tile.tsx";
import { Talk } from "../talk.tsx";
import { Cases } from "./cases.tsx";
import { Head } from "./head.tsx";
import { Health } from "./health.tsx";
import { Interpreter } from "./interpreter.tsx";
import { Polls } from "./polls.tsx";
import { SlideStrip } from "./strip.tsx";

type SideName = "interpret" | "hands" | "talk" | "polls" | "health" | "cases";

/** The speaker's room: the slide large, the stage and everybody's words beside it, one row of what to do. */
export function Presenter({ onLeave }: { onLeave: () => void }) {
  const t = useText();
  const lecture = useLecture();
  const { live, room, client, acts, me, session } = lecture;
  const [open, setOpen] = useState<SideName>(
    session.speaks === "interpreter" ? "interpret" : "hands",
  );
  const [drawing, setDrawing] = useState(false);
  const surface = surfaceOf(live);
  const own = useRef(new Set<string>());
  const ink = useInk((stroke) => {
    if (!surface) return;
    own.current.add(stroke.id);
    acts.run(() => acts.stroke(surface, stroke));
  });
  const show = useCallback(
    (deckId: string, page: number) => acts.run(() => acts.showSlide(deckId, page)),
    [acts],
  );
  const mine = (surface ? (live.strokes[surface] ?? []) : []).findLast((stroke) =>
    own.current.has(stroke.id),
  );
  const { leads } = session;
  const interprets = session.speaks === "interpreter";
  const sides: Side<SideName>[] = [
    ...(interprets
      ? [
          {
            name: "interpret" as const,
            label: t("lecture.side.interpret"),
            body: <Interpreter lecture={lecture} />,
          },
        ]
      : []),
    {
      name: "hands",
      label: t("lecture.side.hands"),
      count: live.hands.length,
      body: <Hands lecture={lecture} />,
    },
    {
      name: "talk",
      label: t("lecture.side.talk"),
      body: (
        <Talk
          live={live}
          ownId={me.person.id}
          send={acts.say}
          rule={
            leads
              ? {
                  pin: (line) => acts.pin(line.seq),
                  unpin: (line) => acts.unpin(line.seq),
                  remove: (line) => acts.removeLine(line.seq),
                }
              : undefined
          }
        />
      ),
    },
    ...(leads
      ? [
          {
            name: "polls" as const,
            label: t("lecture.side.polls"),
            body: <Polls lecture={lecture} />,
          },
        ]
      : []),
    {
      name: "health",
      label: t("lecture.side.health"),
      count: room.audience?.unheard,
      body: <Health lecture={lecture} />,
    },
    ...(interprets
      ? []
      : [
          {
            name: "cases" as const,
            label: t("lecture.side.cases"),
            body: <Cases lecture={lecture} />,
          },
        ]),
  ];
  const silent = !room.local.audio.on || room.local.audio.muted;
  const dark = !room.local.video.on;
  const ignore = () => {};
  return (
    <div className="lecture lecture-stage">
      <Head lecture={lecture} onLeave={onLeave} />
      <main className="lecture-main" id="main">
        <Says lecture={lecture} />
        <ProblemNotice error={acts.problem} />
        <Shown
          lecture={lecture}
          thin={false}
          ink={drawing ? ink : null}
          onPoint={drawing || !surface ? null : (at) => acts.point(surface, at)}
        />
        {drawing ? (
          <InkTools
            ink={ink}
            onUndo={mine && surface ? () => acts.run(() => acts.erase(surface, [mine.id])) : null}
          />
        ) : null}
        {interprets ? null : <SlideStrip decks={lecture.decks} shown={live.slide} onShow={show} />}
      </main>
      <section className="lecture-controls" aria-label={t("lecture.controls.label")}>
        <div className="controls-row" role="toolbar" aria-label={t("lecture.controls.label")}>
          <Control
            icon={silent ? microphoneOff : microphone}
            label={t(silent ? "lecture.controls.unmute" : "lecture.controls.mute")}
            off={silent}
            onClick={() => void client.setMicrophone(silent).catch(ignore)}
          />
          <Control
            icon={dark ? cameraOff : camera}
            label={t(dark ? "lecture.controls.cameraOn" : "lecture.controls.cameraOff")}
            off={dark}
            onClick={() => void client.setCamera(dark).catch(ignore)}
          />
          <Control
            icon={pen}
            label={t("lecture.controls.draw")}
            pressed={drawing}
            onClick={() => setDrawing(!drawing)}
          />
        </div>
      </section>
      <aside className="lecture-side" aria-label={t("lecture.side.label")}>
        <div className="lecture-tiles">
          <OwnTile room={room} />
          {stageOrder(room.peers, live.stage, live.leadId).map((peer) => (
            <StageTile
              key={peer.id}
              peer={peer}
              client={client}
              speaking={room.speaker === peer.id}
            />
          ))}
        </div>
        <Sides label={t("lecture.side.label")} sides={sides} open={open} onOpen={setOpen} />
      </aside>
    </div>
  );
}
