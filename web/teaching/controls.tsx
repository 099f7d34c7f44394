import type { ReactNode } from "react";
import { Icon } from "../design/components/icon.tsx";

/** One thing to do in the room: an icon with its word; a pressed one says so. */
export function Control({
  icon,
  label,
  onClick,
  pressed,
  off,
  strong,
  danger,
  badge,
}: {
  icon: string;
  label: ReactNode;
  onClick: () => void;
  pressed?: boolean;
  off?: boolean;
  strong?: boolean;
  danger?: boolean;
  badge?: number;
}) {
  const kind = danger ? " control-danger" : strong ? " control-strong" : off ? " control-off" : "";
  return (
    <button type="button" className={`control${kind}`} aria-pressed={pressed} onClick={onClick}>
      <Icon path={icon} />
      <span>
        {label}
        {badge ? <span className="control-badge figure"> {badge}</span> : null}
      </span>
    </button>
  );
}
