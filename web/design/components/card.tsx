import type { ReactNode } from "react";
import "./card.css";

/** A paper card. With a title it is a section that can be found by heading. */
export function Card({
  title,
  aside,
  children,
  strong,
  id,
}: {
  title?: ReactNode;
  aside?: ReactNode;
  children: ReactNode;
  strong?: boolean;
  id?: string;
}) {
  return (
    <section className={`card${strong ? " card-strong" : ""}`} id={id}>
      {title || aside ? (
        <header className="card-head">
          {title ? <h2 className="card-title">{title}</h2> : <span />}
          {aside}
        </header>
      ) : null}
      {children}
    </section>
  );
}
