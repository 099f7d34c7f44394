import type { ReactNode } from "react";
import { check, info, warning } from "../icons.ts";
import { Icon } from "./icon.tsx";
import type { Tone } from "./status.tsx";
import "./notice.css";

const icons: Record<Tone, string> = { good: check, warn: warning, bad: warning, info, quiet: info };

/** Says what happened, what is kept and what to do, where it happened. Bad news interrupts, other news waits. */
export function Notice({
  tone = "info",
  title,
  children,
  action,
  icon,
  live = true,
}: {
  tone?: Tone;
  title?: ReactNode;
  children?: ReactNode;
  action?: ReactNode;
  icon?: string;
  /** Off for notices that were there when the page opened. */
  live?: boolean;
}) {
  return (
    <div
      className={`notice notice-${tone}`}
      role={live ? (tone === "bad" ? "alert" : "status") : undefined}
    >
      <Icon path={icon ?? icons[tone]} />
      <div className="notice-words">
        {title ? <p className="strong">{title}</p> : null}
        {children ? <div>{children}</div> : null}
      </div>
      {action ? <div className="notice-action">{action}</div> : null}
    </div>
  );
}
