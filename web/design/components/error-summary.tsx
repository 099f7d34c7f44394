import { useEffect, useRef } from "react";
import { warning } from "../icons.ts";
import { Icon } from "./icon.tsx";
import "./error-summary.css";

/** What has to be put right before going on, each a link to its place. Takes the focus when it appears. */
export function ErrorSummary({
  title,
  items,
}: {
  title: string;
  items: readonly { href: string; text: string }[];
}) {
  const box = useRef<HTMLDivElement>(null);
  const key = items.map((item) => item.href).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: focus again when the list changes
  useEffect(() => box.current?.focus(), [key]);
  if (items.length === 0) return null;
  return (
    <div className="error-summary" ref={box} tabIndex={-1} role="alert">
      <h2>
        <Icon path={warning} /> {title}
      </h2>
      <ul>
        {items.map((item) => (
          <li key={item.href + item.text}>
            <a
              href={item.href}
              onClick={(event) => {
                const target = document.getElementById(item.href.slice(1));
                if (!target) return;
                event.preventDefault();
                target.scrollIntoView({ block: "center" });
                target.focus({ preventScroll: true });
              }}
            >
              {item.text}
            </a>
          </li>
        ))}
      </ul>
    </div>
  );
}
