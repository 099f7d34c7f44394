import { useEffect, useState } from "react";
import { Button, buttonClass } from "../design/components/button.tsx";
import { Status } from "../design/components/status.tsx";
import { info, retry } from "../design/icons.ts";
import { useText } from "../i18n/i18n.ts";
import evening from "./evening.json" with { type: "json" };
import { type Frame, frameAt } from "./replay.ts";
import "./surge.css";

export { wordsReady } from "./words.ts";

const lengthMs = 30_000;
const frames = evening.frames as Frame[];
const barWidth = 5;
const barHeight = 120;
/** Above so many people before a table the bar says that it is long. */
const longQueue = 20;

/** An evening in thirty seconds, from the numbers that a simulated run recorded. Says so all the time. */
export function ReplayPage() {
  const t = useText();
  const [playing, setPlaying] = useState(false);
  const [at, setAt] = useState(0);
  useEffect(() => {
    if (!playing) return;
    let frame = 0;
    let before: number | null = null;
    const tick = (now: number) => {
      const passed = before === null ? 0 : now - before;
      before = now;
      setAt((value) => Math.min(1, value + passed / lengthMs));
      frame = requestAnimationFrame(tick);
    };
    frame = requestAnimationFrame(tick);
    return () => cancelAnimationFrame(frame);
  }, [playing]);
  useEffect(() => {
    if (at >= 1) setPlaying(false);
  }, [at]);
  const now = frameAt(frames, at);
  const figures = [
    ["surge.board.sampled", now.sampled, t("surge.board.of", { count: now.registered })],
    ["surge.board.waiting", now.waiting, t("surge.board.hall", { count: now.hall })],
    ["surge.board.pace", now.perHour, ""],
    ["surge.board.inTransit", now.inTransit, ""],
    ["surge.board.inLaboratory", now.inLaboratory, ""],
    ["surge.replay.moved", now.moved, ""],
  ] as const;
  const highest = Math.max(longQueue, ...frames.flatMap((one) => one.queues));
  return (
    <main id="main" className="surge replay">
      <header className="row spread">
        <h1>{t("surge.replay.title")}</h1>
        <a href="/story" className={buttonClass("quiet")}>
          {t("surge.replay.back")}
        </a>
      </header>
      <p>
        <Status tone="info" icon={info}>
          {t("surge.replay.label")}
        </Status>
      </p>
      <p className="muted">
        {t("surge.replay.how", {
          people: frames.at(-1)!.registered,
          stations: evening.stations,
          hours: Math.round(evening.minutes / 6) / 10,
        })}
      </p>
      <div className="row">
        <Button
          look="primary"
          size="large"
          icon={at >= 1 ? retry : undefined}
          onClick={() => {
            if (at >= 1) setAt(0);
            setPlaying(!playing);
          }}
        >
          {t(playing ? "surge.replay.pause" : at >= 1 ? "surge.replay.again" : "surge.replay.play")}
        </Button>
        <span className="replay-at">
          {t("surge.replay.at", {
            hours: Math.floor(now.minute / 60),
            minutes: now.minute % 60,
          })}
        </span>
      </div>
      <input
        type="range"
        min={0}
        max={1000}
        value={Math.round(at * 1000)}
        aria-label={t("surge.replay.position")}
        onChange={(event) => {
          setPlaying(false);
          setAt(Number(event.target.value) / 1000);
        }}
      />
      <dl className="surge-figures">
        {figures.map(([name, value, under]) => (
          <div key={name}>
            <dt>{t(name)}</dt>
            <dd>{value}</dd>
            {under ? <dd className="surge-under">{under}</dd> : null}
          </div>
        ))}
      </dl>
      <section className="surge-card">
        <h2>{t("surge.replay.queues")}</h2>
        <svg
          className="replay-queues"
          viewBox={`0 0 ${now.queues.length * barWidth} ${barHeight}`}
          preserveAspectRatio="none"
          role="img"
          aria-label={t("surge.replay.queues")}
        >
          {now.queues.map((queue, index) => {
            const height = Math.max(1, (queue / highest) * barHeight);
            return (
              <rect
                // biome-ignore lint/suspicious/noArrayIndexKey: a station is its place in the row
                key={index}
                className={queue >= longQueue ? "replay-long" : undefined}
                x={index * barWidth}
                y={barHeight - height}
                width={barWidth - 1}
                height={height}
              />
            );
          })}
        </svg>
      </section>
    </main>
  );
}
