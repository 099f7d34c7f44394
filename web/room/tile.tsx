import { useEffect, useRef } from "react";
import { Icon } from "../design/components/icon.tsx";
import { offline, person } from "../design/icons.ts";
import {
  cameraOff,
  lock,
  microphone,
  microphoneOff,
  screen,
  thinLine,
} from "../design/icons-work.ts";
import { i18n, useText } from "../i18n/i18n.ts";
import type { RemotePeer } from "./media/index.ts";
import { useRoom } from "./room-context.ts";

/** What somebody is here as, in words. */
export function useRoleWords() {
  const t = useText();
  return (role: string) => {
    const id = `room.role.${role}`;
    const words = i18n._(id);
    return words === id ? t("room.role.other") : words;
  };
}

function usePicture(stream: MediaStream | null) {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    if (video.current && video.current.srcObject !== stream) video.current.srcObject = stream;
  }, [stream]);
  return video;
}

/** Tells the node how large a picture is shown, so that no more of it is sent. */
function useTileSize(peerId: string, source: "video" | "screen") {
  const { client } = useRoom();
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const tell = () => {
      const { width, height } = element.getBoundingClientRect();
      client.setTile(peerId, source, {
        width: Math.round(width * devicePixelRatio),
        height: Math.round(height * devicePixelRatio),
        visible: width > 0 && document.visibilityState === "visible",
      });
    };
    const observer = new ResizeObserver(tell);
    observer.observe(element);
    document.addEventListener("visibilitychange", tell);
    return () => {
      observer.disconnect();
      document.removeEventListener("visibilitychange", tell);
      client.setTile(peerId, source, { width: 0, height: 0, visible: false });
    };
  }, [client, peerId, source]);
  return box;
}

/** A person: the picture or why there is none, the name and place, the line in words. */
export function Tile({
  peer,
  large,
  pinned,
}: {
  peer: RemotePeer;
  large?: boolean;
  pinned?: boolean;
}) {
  const t = useText();
  const { room, setPinned } = useRoom();
  const roleWords = useRoleWords();
  const camera = peer.camera;
  const shows = camera !== null && camera.held === null && !peer.away;
  const video = usePicture(camera?.stream ?? null);
  const box = useTileSize(peer.id, "video");
  const silent = !peer.producers.some(
    (producer) => producer.source === "audio" && !producer.paused,
  );
  const why = peer.away
    ? t("room.tile.away")
    : camera?.held === "line" || peer.video.up === "off"
      ? t("room.tile.soundOnly")
      : camera?.held === "private"
        ? t("room.tile.private")
        : shows
          ? null
          : t("room.tile.cameraOff");
  return (
    <div
      ref={box}
      className={`tile${large ? " tile-large" : ""}${pinned ? " tile-pinned" : ""}`}
      data-speaking={room.speaker === peer.id || undefined}
      data-peer={peer.id}
    >
      <video
        ref={video}
        autoPlay
        playsInline
        muted
        hidden={!shows}
        aria-label={t("room.tile.picture", { name: peer.name })}
      />
      {shows ? null : (
        <span className="tile-figure">
          <Icon path={person} />
        </span>
      )}
      <div className="tile-foot">
        <p className="tile-name">
          <Icon path={silent ? microphoneOff : microphone} size="small" />
          <span>
            {peer.name} · {roleWords(peer.role)}
            {large && peer.org ? <span className="tile-org"> {peer.org}</span> : null}
          </span>
          {silent ? <span className="visually-hidden">{t("room.tile.muted")}</span> : null}
        </p>
        {why || peer.line !== "good" ? (
          <p className="tile-name">
            <Icon
              path={
                peer.away
                  ? offline
                  : why
                    ? camera?.held === "private"
                      ? lock
                      : cameraOff
                    : thinLine
              }
              size="small"
            />
            <span>{why ?? t(`room.line.${peer.line}`)}</span>
          </p>
        ) : null}
      </div>
      {large ? null : (
        <button
          type="button"
          className="tile-pin"
          aria-pressed={pinned}
          onClick={() => setPinned(pinned ? null : peer.id)}
        >
          {pinned ? t("room.tile.unpin") : t("room.tile.pin")}
          <span className="visually-hidden">{t("room.tile.pinWhat", { name: peer.name })}</span>
        </button>
      )}
    </div>
  );
}

/** Somebody's screen in the large place. */
export function ScreenTile({ peer }: { peer: RemotePeer }) {
  const t = useText();
  const video = usePicture(peer.screen?.stream ?? null);
  const box = useTileSize(peer.id, "screen");
  return (
    <div ref={box} className="tile tile-large">
      <video
        ref={video}
        className="tile-whole"
        autoPlay
        playsInline
        muted
        aria-label={t("room.tile.screen", { name: peer.name })}
      />
      <div className="tile-foot">
        <p className="tile-name">
          <Icon path={screen} size="small" />
          <span>{t("room.tile.screen", { name: peer.name })}</span>
        </p>
      </div>
    </div>
  );
}

/** My own picture, small. */
export function SelfTile() {
  const t = useText();
  const { room } = useRoom();
  const { video: camera, audio } = room.local;
  const video = usePicture(camera.stream);
  const off = !camera.on;
  return (
    <div className="tile tile-self">
      <video
        ref={video}
        className="tile-mirror"
        autoPlay
        playsInline
        muted
        hidden={off}
        aria-label={t("room.tile.self")}
      />
      {off ? (
        <span className="tile-figure">
          <Icon path={person} />
        </span>
      ) : null}
      <div className="tile-foot">
        <p className="tile-name">
          <Icon path={audio.on && !audio.muted ? microphone : microphoneOff} size="small" />
          <span>{t("room.tile.self")}</span>
        </p>
        {room.line === "good" ? null : (
          <p className="tile-name">
            <Icon path={thinLine} size="small" />
            <span>{t(`room.line.${room.line}`)}</span>
          </p>
        )}
      </div>
    </div>
  );
}
