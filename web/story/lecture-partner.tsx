import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from "react";
import type { LiveState } from "../../timeline/fold.ts";
import { api } from "../api/client.ts";
import { readSession } from "../api/session.ts";
import { Button } from "../design/components/button.tsx";
import { Status } from "../design/components/status.tsx";
import { thinLine } from "../design/icons-work.ts";
import { useText } from "../i18n/i18n.ts";
import { createRoomClient, playRoom, type RoomClient } from "../room/media/index.ts";
import { createScriptedPartner, type ScriptedPartner } from "../room/media/scripted-partner.ts";

const PAGES = 5;
const TURN_MS = 25_000;
const LOOK_MS = 2_000;
/** A raised hand is seen after a while, as in life; who is on the stage has time for a question. */
const CALL_AFTER_MS = 4_000;
const SPEAKS_MS = 25_000;

type Script =
  | { act: "slide"; page: number }
  | { act: "case" | "quiz" | "answer" | "end" }
  | { act: "promote"; hand: number }
  | { act: "back"; personId: string };

/** The speaker, or a clinic on a thin line, by script: real WebRTC, a drawn face and recorded speech. */
export function LecturePartner() {
  const t = useText();
  const query = new URLSearchParams(location.search);
  const sessionId = query.get("session") ?? "";
  const name = query.get("partner") === "thin" ? "thin" : "presenter";
  const video = useRef<HTMLVideoElement>(null);
  const [client, setClient] = useState<RoomClient | null>(null);
  const [failed, setFailed] = useState(false);

  useEffect(() => {
    let gone = false;
    let partner: ScriptedPartner | null = null;
    let joined: RoomClient | null = null;
    const enter = async () => {
      await readSession();
      if (name === "presenter") {
        partner = await createScriptedPartner({
          name: t("story.lecture.partner.presenter"),
          speechUrl: "/demo/speech-zh.opus",
          delayMs: 500,
          pauseMs: 3000,
          colours: { background: "#2f3640", face: "#e6c7a8", line: "#2a1f1a" },
        });
        if (gone) return partner.stop();
        if (video.current) video.current.srcObject = partner.stream;
      }
      joined = createRoomClient({
        ...(partner ? { media: partner.media } : {}),
        getToken: async () => {
          const grant = await api.post<{ token: string; nodeUrl: string }>(
            `/api/demo/lectures/${sessionId}/partner-token`,
            { partner: name },
          );
          return { token: grant.token, url: grant.nodeUrl };
        },
      });
      setClient(joined);
      await joined.join();
      if (name === "presenter") {
        await joined.setMicrophone(true);
        await joined.setCamera(true);
      } else {
        // The clinic beside mine: its line is thin from the beginning.
        await joined.simulateThinLine(true);
      }
    };
    enter().catch(() => setFailed(true));
    return () => {
      gone = true;
      void joined?.leave();
      partner?.stop();
    };
  }, [sessionId, name, t]);

  return (
    <main className="partner" aria-label={t(`story.lecture.partner.${name}`)}>
      {name === "presenter" ? (
        <video
          ref={video}
          autoPlay
          playsInline
          muted
          aria-label={t("story.lecture.partner.presenter")}
        />
      ) : null}
      <p className="strong">{t(`story.lecture.partner.${name}`)}</p>
      {failed ? <Status tone="bad">{t("story.room.failed")}</Status> : null}
      {client && name === "thin" ? <ThinClinic client={client} /> : null}
      {client && name === "presenter" ? <Speaker sessionId={sessionId} /> : null}
    </main>
  );
}

/** What the clinic on the thin line has left. */
function ThinClinic({ client }: { client: RoomClient }) {
  const t = useText();
  const room = useSyncExternalStore(client.subscribe, client.getSnapshot);
  const { effective } = room.listening;
  const [thin, setThin] = useState(true);
  const seen = useRef<HTMLVideoElement>(null);
  const camera = room.peers.find((peer) => peer.camera)?.camera ?? null;
  const shows = camera !== null && camera.held === null && effective === "full";
  useEffect(() => {
    // Its sound would be heard twice in this browser.
    const stop = playRoom(client);
    for (const player of document.querySelectorAll("audio")) player.muted = true;
    return stop;
  }, [client]);
  useEffect(() => {
    if (seen.current) seen.current.srcObject = camera?.stream ?? null;
  }, [camera]);
  const speakerId = room.peers[0]?.id;
  useEffect(() => {
    if (speakerId) client.setTile(speakerId, "video", { width: 320, height: 180, visible: true });
  }, [client, speakerId]);
  if (room.connection !== "joined")
    return <Status tone="quiet">{t("story.connection.other")}</Status>;
  return (
    <>
      <video
        ref={seen}
        autoPlay
        playsInline
        muted
        hidden={!shows}
        aria-label={t("story.lecture.thinPicture")}
      />
      <Status tone={effective === "full" ? "good" : "warn"} icon={thinLine}>
        {t(effective === "full" ? "story.lecture.full" : "story.lecture.fallen")}
      </Status>
      <Button
        size="small"
        aria-pressed={thin}
        onClick={() => {
          setThin(!thin);
          void client.simulateThinLine(!thin);
        }}
      >
        {t(thin ? "story.room.good" : "story.room.thin")}
      </Button>
    </>
  );
}

/** Turns pages, calls who raised a hand, asks a question: what a speaker does, at a speaker's pace. */
function Speaker({ sessionId }: { sessionId: string }) {
  const t = useText();
  const [state, setState] = useState<LiveState | null>(null);
  const called = useRef(new Map<string, number>());
  const act = useCallback(
    (script: Script) =>
      void api.post(`/api/demo/lectures/${sessionId}/script`, script).catch(() => {}),
    [sessionId],
  );
  const over = state?.phase === "ended";

  useEffect(() => {
    if (over) return;
    const look = async () => {
      const answer = await api
        .get<{ state: LiveState }>(`/api/teaching/sessions/${sessionId}/state`)
        .catch(() => null);
      if (!answer) return;
      setState(answer.state);
      const now = Date.now();
      const [hand] = answer.state.hands;
      if (hand && hand.way === "voice" && now - Date.parse(hand.at) > CALL_AFTER_MS)
        act({ act: "promote", hand: hand.seq });
      for (const { personId, role } of answer.state.stage) {
        if (role !== "guest") continue;
        const since = called.current.get(personId) ?? now;
        called.current.set(personId, since);
        if (now - since < SPEAKS_MS) continue;
        called.current.delete(personId);
        act({ act: "back", personId });
      }
    };
    const timer = setInterval(() => void look(), LOOK_MS);
    return () => clearInterval(timer);
  }, [sessionId, over, act]);

  const page = state?.slide?.page ?? 1;
  // After the title comes the girl's case, then what is said about it.
  const showsCase = Boolean(state?.caseItem);
  const next = useCallback(
    () =>
      act(page === 1 && !showsCase ? { act: "case" } : { act: "slide", page: (page % PAGES) + 1 }),
    [page, showsCase, act],
  );
  useEffect(() => {
    if (over) return;
    const timer = setTimeout(next, TURN_MS);
    return () => clearTimeout(timer);
  }, [over, next]);

  const asked = state?.poll ?? null;
  if (over)
    return (
      <a href={`/teaching/${sessionId}/replay`} target="_parent">
        {t("story.lecture.replay")}
      </a>
    );
  return (
    <div className="row">
      <Button size="small" onClick={next}>
        {t("story.lecture.next")}
      </Button>
      {asked?.open ? (
        <Button size="small" onClick={() => act({ act: "answer" })}>
          {t("story.lecture.answer")}
        </Button>
      ) : (
        <Button size="small" onClick={() => act({ act: "quiz" })}>
          {t("story.lecture.quiz")}
        </Button>
      )}
      <Button size="small" onClick={() => act({ act: "end" })}>
        {t("story.lecture.end")}
      </Button>
    </div>
  );
}
