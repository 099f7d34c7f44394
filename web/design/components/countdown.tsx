import { useEffect, useState } from "react";
import { useText } from "../../i18n/i18n.ts";
import { dayTime } from "../../i18n/time.ts";
import { clock } from "../icons.ts";
import { Status, type Tone } from "./status.tsx";

/** Time that goes on: renders again each `everyMilliseconds`. */
export function useNow(everyMilliseconds = 1000): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMilliseconds);
    return () => clearInterval(timer);
  }, [everyMilliseconds]);
  return now;
}

/** How a clock stands: over, soon over (under a quarter hour), or with time. */
export function clockTone(dueAt: string, now: number): Tone {
  const left = Date.parse(dueAt) - now;
  if (left < 5 * 60_000) return "bad";
  return left < 60 * 60_000 ? "warn" : "quiet";
}

/** `11:42` up to an hour, `1:20` hours and minutes up to a day. */
export function remaining(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(Math.abs(milliseconds) / 1000));
  const two = (value: number) => String(value).padStart(2, "0");
  if (seconds < 3600) return `${two(Math.floor(seconds / 60))}:${two(seconds % 60)}`;
  return `${Math.floor(seconds / 3600)}:${two(Math.floor((seconds % 3600) / 60))}`;
}

/** A deadline that counts down. Its words change each minute for those who listen, its figures each second. */
export function Countdown({
  dueAt,
  lead,
  tone,
  size,
}: {
  dueAt: string;
  /** What stands before the figure: the urgency or what is to be done. */
  lead?: string;
  tone?: Tone;
  size?: "large";
}) {
  const t = useText();
  const now = useNow();
  const left = Date.parse(dueAt) - now;
  const day = 24 * 3_600_000;
  const words =
    left < 0
      ? t("common.clock.over", { time: remaining(left) })
      : left > day
        ? dayTime(dueAt, now)
        : t(left >= 3_600_000 ? "common.clock.leftHours" : "common.clock.left", {
            time: remaining(left),
          });
  return (
    <span className={size === "large" ? "countdown-large" : undefined}>
      <Status tone={tone ?? clockTone(dueAt, now)} icon={clock}>
        {lead ? `${lead} ` : ""}
        <span className="strong figure">{words}</span>
      </Status>
    </span>
  );
}
