import { useEffect, useRef } from "react";
import { Icon } from "../design/components/icon.tsx";
import { offline, person } from "../design/icons.ts";
import { cameraOff, microphone, microphoneOff, thinLine } from "../design/icons-work.ts";
import { useText } from "../i18n/i18n.ts";
import type { RemotePeer, RoomClient, RoomState } from "../room/media/index.ts";

/** Somebody on the stage: the picture, or why there is none, and the name. */
export function StageTile({
  peer,
  client,
  speaking,
  large,
  wanted = true,
}: {
  peer: RemotePeer;
  client: RoomClient;
  speaking: boolean;
  large?: boolean;
  /** Off where the way of listening has no pictures: that none comes is no fault of the line. */
  wanted?: boolean;
}) {
  const t = useText();
  const box = useTileSize(client, peer.id);
  const shows = wanted && peer.camera !== null && peer.camera.held === null && !peer.away;
  const video = usePicture(peer.camera?.stream ?? null);
  const silent = !peer.producers.some((one) => one.source === "audio" && !one.paused);
  const why = peer.away
    ? t("lecture.tile.away")
    : wanted && (peer.camera?.held === "line" || peer.video.up === "off")
      ? t("lecture.tile.soundOnly")
      : null;
  return (
    <div
      ref={box}
      className={`tile${large ? " tile-large" : ""}`}
      data-speaking={speaking || undefined}
      data-peer={peer.id}
    >
      <video
        ref={video}
        autoPlay
        playsInline
        muted
        hidden={!shows}
        aria-label={t("lecture.tile.picture", { name: peer.name })}
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
            {peer.name}
            {peer.org ? <span className="tile-org"> {peer.org}</span> : null}
          </span>
          {silent ? <span className="visually-hidden">{t("lecture.tile.muted")}</span> : null}
        </p>
        {why || peer.line === "thin" ? (
          <p className="tile-name">
            <Icon path={peer.away ? offline : why ? cameraOff : thinLine} size="small" />
            <span>{why ?? t(`room.line.${peer.line}`)}</span>
          </p>
        ) : null}
      </div>
    </div>
  );
}

/** My own picture, small. */
export function OwnTile({ room }: { room: RoomState }) {
  const t = useText();
  const { video: camera, audio } = room.local;
  const video = usePicture(camera.stream);
  return (
    <div className="tile tile-self">
      <video
        ref={video}
        className="tile-mirror"
        autoPlay
        playsInline
        muted
        hidden={!camera.on}
        aria-label={t("lecture.tile.self")}
      />
      {camera.on ? null : (
        <span className="tile-figure">
          <Icon path={person} />
        </span>
      )}
      <div className="tile-foot">
        <p className="tile-name">
          <Icon path={audio.on && !audio.muted ? microphone : microphoneOff} size="small" />
          <span>{t("lecture.tile.self")}</span>
        </p>
      </div>
    </div>
  );
}

export function usePicture(stream: MediaStream | null) {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    if (video.current && video.current.srcObject !== stream) video.current.srcObject = stream;
  }, [stream]);
  return video;
}

/** Tells the node how large a picture is shown, so that no more of it is sent. */
function useTileSize(client: RoomClient, peerId: string) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const tell = () => {
      const { width, height } = element.getBoundingClientRect();
      client.setTile(peerId, "video", {
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
      client.setTile(peerId, "video", { width: 0, height: 0, visible: false });
    };
  }, [client, peerId]);
  return box;
}
