import type { ReactNode } from "react";
import { check, clock, info, warning } from "../icons.ts";
import { Icon } from "./icon.tsx";
import "./status.css";

export type Tone = "good" | "warn" | "bad" | "info" | "quiet";
const toneIcons: Record<Tone, string> = {
  good: check,
  warn: warning,
  bad: warning,
  info,
  quiet: clock,
};

/** A state: always an icon, a word and a colour together. */
export function Status({
  tone,
  icon,
  children,
}: {
  tone: Tone;
  icon?: string | null;
  children: ReactNode;
}) {
  return (
    <span className={`status status-${tone}`}>
      {icon === null ? null : <Icon path={icon ?? toneIcons[tone]} size="small" />}
      <span>{children}</span>
    </span>
  );
}
