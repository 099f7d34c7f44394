import { useEffect, useRef, useState } from "react";
import { Button } from "../design/components/button.tsx";
import { speaker } from "../design/icons.ts";
import { useText } from "../i18n/i18n.ts";

/**
 * The stream of a large audience. Its clock is told, so that slides and chat come as late as the picture.
 * The player is fetched only here; browsers that play HLS by themselves do without.
 */
export function Stream({
  url,
  soundOnly,
  onClock,
}: {
  url: string;
  soundOnly: boolean;
  onClock: (clock: (() => number | null) | null) => void;
}) {
  const t = useText();
  const video = useRef<HTMLVideoElement>(null);
  const [blocked, setBlocked] = useState(false);
  useEffect(() => {
    const element = video.current;
    if (!element) return;
    let gone = false;
    let stop = () => {};
    const begin = async () => {
      const { default: Hls } = await import("hls.js/light");
      if (gone) return;
      if (!Hls.isSupported()) {
        element.src = url;
        onClock(() => startOf(element));
        return;
      }
      const player = new Hls({
        // As near to the live edge as 1-second segments allow; behind it catches up a little faster than life.
        liveSyncDurationCount: 3,
        liveMaxLatencyDurationCount: 6,
        maxLiveSyncPlaybackRate: 1.1,
        enableWorker: true,
      });
      player.on(Hls.Events.ERROR, (_, { fatal, type }) => {
        if (!fatal) return;
        if (type === Hls.ErrorTypes.MEDIA_ERROR) player.recoverMediaError();
        else setTimeout(() => !gone && player.loadSource(url), 1000);
      });
      player.loadSource(url);
      player.attachMedia(element);
      onClock(() => player.playingDate?.getTime() ?? null);
      stop = () => player.destroy();
    };
    void begin();
    element.play().catch((error: DOMException) => {
      if (error.name === "NotAllowedError") setBlocked(true);
    });
    return () => {
      gone = true;
      stop();
      onClock(null);
    };
  }, [url, onClock]);
  return (
    <div className="tile stream">
      {/* biome-ignore lint/a11y/useMediaCaption: captions come with the timeline, below the slide */}
      <video
        ref={video}
        autoPlay
        playsInline
        hidden={soundOnly}
        aria-label={t("lecture.tile.stream")}
      />
      {blocked ? (
        <Button
          look="primary"
          icon={speaker}
          onClick={() => {
            setBlocked(false);
            void video.current?.play();
          }}
        >
          {t("lecture.sound.start")}
        </Button>
      ) : null}
    </div>
  );
}

/** Safari: the date of the stream's beginning, and how far it is. */
function startOf(element: HTMLVideoElement): number | null {
  const from = (element as HTMLVideoElement & { getStartDate?: () => Date }).getStartDate?.();
  const time = from?.getTime();
  return time && !Number.isNaN(time) ? time + element.currentTime * 1000 : null;
}
