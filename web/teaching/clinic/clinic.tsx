import { useEffect, useRef, useState } from "react";
import { handOf, placeOfHand } from "../../../timeline/fold.ts";
import { ProblemNotice } from "../../design/components/problem.tsx";
import { Status } from "../../design/components/status.tsx";
import { camera as cameraIcon, check } from "../../design/icons.ts";
import {
  cameraOff,
  chat,
  ear,
  hand,
  line,
  microphone,
  microphoneOff,
  people,
  record,
  slides,
  thinLine,
} from "../../design/icons-work.ts";
import { useText } from "../../i18n/i18n.ts";
import type { RoomState } from "../../room/media/index.ts";
import { Control } from "../controls.tsx";
import { facing } from "../layout.ts";
import { useLecture } from "../lecture.ts";
import { PollCard } from "../poll-card.tsx";
import { Says } from "../says.tsx";
import { Shown } from "../shown.tsx";
import { OwnTile, StageTile } from "../stage-tile.tsx";
import { Talk } from "../talk.tsx";
import { useTitle } from "../words.ts";
import { Captions } from "./captions.tsx";
import { HandRaise } from "./hand-raise.tsx";
import { Names } from "./names.tsx";
import { useWayWords, Ways } from "./ways.tsx";

type Pane = "talk" | "hand" | "ways" | "names";
const heardAgainMs = 12_000;

/** A township clinic in front of one screen, or one person with a phone: the slide, the voice, four things to do. */
export function Clinic({ onLeave }: { onLeave: () => void }) {
  const t = useText();
  const lecture = useLecture();
  const { live, room, client, acts, session, me } = lecture;
  const title = useTitle(session.title);
  const wayWords = useWayWords();
  const [pane, setPane] = useState<Pane>("talk");
  const [told, setTold] = useState(false);
  const own = handOf(live, me.person.id);
  const ahead = own ? placeOfHand(live, own.seq) : null;
  const lead = live.stage.find((person) => person.personId === live.leadId);
  const face = facing(room.peers, { speaker: room.speaker, leadSub: lead?.sub ?? null });
  const { effective } = room.listening;
  const pollId = live.poll?.pollId;
  useStageDevices(room, client);
  useEffect(() => {
    if (!told) return;
    const timer = setTimeout(() => setTold(false), heardAgainMs);
    return () => clearTimeout(timer);
  }, [told]);
  // A question that is put comes before what one was looking at.
  const [hidden, setHidden] = useState<string | null>(null);
  const poll = live.poll && live.poll.pollId !== hidden ? live.poll : null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new question shows itself again
  useEffect(() => setHidden(null), [pollId]);
  const choose = (next: Pane) => {
    if (poll) setHidden(poll.pollId);
    setPane(pane === next && !poll ? "talk" : next);
  };
  const onStage = room.stage.on;
  const silent = !room.local.audio.on || room.local.audio.muted;
  const dark = !room.local.video.on;
  return (
    <div className="lecture lecture-clinic">
      <header className="lecture-head">
        <h1>{title}</h1>
        <PhaseMark />
        {room.recording ? (
          <Status tone="bad" icon={record}>
            {t("lecture.head.recording")}
          </Status>
        ) : null}
        <button type="button" className="lecture-leave" onClick={onLeave}>
          {t("lecture.head.leave")}
        </button>
      </header>
      <main className="lecture-main" id="main">
        <Says lecture={lecture} />
        <ProblemNotice error={acts.problem} />
        {effective === "sound-only" ? (
          <p className="sound-only">{t("lecture.way.soundOnlyHere")}</p>
        ) : (
          <Shown lecture={lecture} thin={effective !== "full" || room.line === "thin"} />
        )}
        <Captions lecture={lecture} />
      </main>
      <aside className="lecture-side" aria-label={t("lecture.side.label")}>
        <div className="face">
          {onStage ? <OwnTile room={room} /> : null}
          {face ? (
            <StageTile
              peer={face}
              client={client}
              speaking={room.speaker === face.id}
              wanted={effective === "full"}
            />
          ) : lecture.picture ? (
            lecture.picture
          ) : null}
          <div className="face-words">
            {face ? (
              <p>
                <span className="strong">{face.name}</span>{" "}
                <span className="muted small">{face.org}</span>
              </p>
            ) : null}
            <Status
              tone={room.listening.chosen === effective ? "good" : "warn"}
              icon={room.listening.chosen === effective ? line : thinLine}
            >
              {wayWords(room)}
            </Status>
          </div>
        </div>
        <div className="pane" data-scene="page">
          {poll ? (
            <PollCard
              key={poll.pollId}
              poll={poll}
              asSite={lecture.asSite}
              answered={lecture.answered.has(poll.pollId)}
              onAnswer={(answer) => acts.answer(poll.pollId, answer)}
            />
          ) : pane === "hand" ? (
            <HandRaise lecture={lecture} onDone={() => setPane("talk")} />
          ) : pane === "ways" ? (
            <Ways lecture={lecture} onWay={lecture.setWay} />
          ) : pane === "names" ? (
            <Names lecture={lecture} />
          ) : (
            <Talk live={live} ownId={me.person.id} send={acts.say} />
          )}
        </div>
      </aside>
      <section className="lecture-controls" aria-label={t("lecture.controls.label")}>
        <div className="controls-row" role="toolbar" aria-label={t("lecture.controls.label")}>
          {onStage ? (
            <>
              <Control
                icon={silent ? microphoneOff : microphone}
                label={t(silent ? "lecture.controls.unmute" : "lecture.controls.mute")}
                off={silent}
                onClick={() => void client.setMicrophone(silent).catch(() => {})}
              />
              <Control
                icon={dark ? cameraOff : cameraIcon}
                label={t(dark ? "lecture.controls.cameraOn" : "lecture.controls.cameraOff")}
                off={dark}
                onClick={() => void client.setCamera(dark).catch(() => {})}
              />
            </>
          ) : (
            <Control
              icon={hand}
              strong={own === null}
              label={
                ahead === null
                  ? t("lecture.controls.hand")
                  : t("lecture.controls.handUp", { ahead })
              }
              pressed={pane === "hand" && !poll}
              onClick={() => choose("hand")}
            />
          )}
          <Control
            icon={told ? check : ear}
            label={t(told ? "lecture.controls.toldUnheard" : "lecture.controls.cannotHear")}
            onClick={() => {
              setTold(true);
              acts.run(acts.cannotHear);
            }}
          />
          <Control
            icon={slides}
            label={t("lecture.controls.ways")}
            pressed={pane === "ways" && !poll}
            onClick={() => choose("ways")}
          />
          {lecture.asSite ? (
            <Control
              icon={people}
              label={t("lecture.controls.names")}
              pressed={pane === "names" && !poll}
              onClick={() => choose("names")}
            />
          ) : null}
          <Control
            icon={chat}
            label={t("lecture.controls.talk")}
            pressed={pane === "talk" && !poll}
            onClick={() => choose("talk")}
          />
        </div>
      </section>
    </div>
  );
}

function PhaseMark() {
  const t = useText();
  const { live } = useLecture();
  if (live.phase === "live")
    return (
      <Status tone="bad" icon={record}>
        {t("lecture.head.live")}
      </Status>
    );
  if (live.phase === "interrupted")
    return <Status tone="warn">{t("lecture.head.interrupted")}</Status>;
  return (
    <Status tone="quiet">
      {t(live.phase === "ended" ? "lecture.head.ended" : "lecture.head.waiting")}
    </Status>
  );
}

/** Who is called to the stage is heard at once: the question was asked to be heard. The camera waits for a click. */
function useStageDevices(room: RoomState, client: ReturnType<typeof useLecture>["client"]) {
  const was = useRef(room.stage.on);
  useEffect(() => {
    if (room.stage.on && !was.current) void client.setMicrophone(true).catch(() => {});
    was.current = room.stage.on;
  }, [room.stage.on, client]);
}
