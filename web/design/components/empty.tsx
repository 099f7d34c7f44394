import type { ReactNode } from "react";
import { Icon } from "./icon.tsx";
import "./empty.css";

/** An empty page says what will appear here and how. */
export function Empty({
  icon,
  title,
  children,
  action,
}: {
  icon: string;
  title: ReactNode;
  children?: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div className="empty">
      <Icon path={icon} size="large" />
      <p className="strong">{title}</p>
      {children ? <div className="muted">{children}</div> : null}
      {action}
    </div>
  );
}
