import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from "react";
import { useText } from "../i18n/i18n.ts";
import { isTyping } from "../workbench/queue.tsx";

export type Choice = {
  id: string;
  label: ReactNode;
  hint?: ReactNode;
  lang?: string;
  disabled?: boolean;
};

const perPage = 9;

/**
 * A few things to choose from, each with its number key; 0 shows the next nine. Native buttons, so that
 * Tab, Enter and a mouse work as everywhere. The first one has the focus when the step appears.
 */
export function Choices({
  label,
  options,
  onChoose,
  busy,
  autoFocus = true,
}: {
  label: string;
  options: readonly Choice[];
  onChoose: (id: string) => void;
  busy?: boolean;
  autoFocus?: boolean;
}) {
  const t = useText();
  const list = useRef<HTMLUListElement>(null);
  const [page, setPage] = useState(0);
  const pages = Math.max(1, Math.ceil(options.length / perPage));
  const at = Math.min(page, pages - 1);
  const shown = options.slice(at * perPage, at * perPage + perPage);
  const ids = shown.map((one) => one.id).join();
  // Before the paint: who is quick presses the key of what he has just seen.
  useLayoutEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (isTyping(event) || event.repeat || busy) return;
      if (event.key === "0" && pages > 1) {
        event.preventDefault();
        setPage((at + 1) % pages);
        return;
      }
      const chosen = /^[1-9]$/.test(event.key) ? shown[Number(event.key) - 1] : undefined;
      if (!chosen || chosen.disabled) return;
      event.preventDefault();
      onChoose(chosen.id);
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: when other choices appear
  useEffect(() => {
    if (autoFocus) list.current?.querySelector<HTMLButtonElement>("button:not(:disabled)")?.focus();
  }, [ids, autoFocus]);
  const move = (event: React.KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const buttons = [...(list.current?.querySelectorAll("button:not(:disabled)") ?? [])];
    const now = buttons.indexOf(document.activeElement as HTMLButtonElement);
    const next = buttons[Math.min(buttons.length - 1, Math.max(0, now + step))];
    if (next instanceof HTMLElement) next.focus();
  };
  return (
    <>
      <ul ref={list} className="choices" aria-label={label} onKeyDown={move}>
        {shown.map((one, index) => (
          <li key={one.id}>
            <button
              type="button"
              className="choice"
              disabled={one.disabled}
              aria-busy={busy || undefined}
              lang={one.lang}
              onClick={() => {
                if (!busy) onChoose(one.id);
              }}
            >
              <kbd>{index + 1}</kbd>
              <span className="choice-words">
                <span className="strong">{one.label}</span>
                {one.hint ? <span className="muted small">{one.hint}</span> : null}
              </span>
            </button>
          </li>
        ))}
      </ul>
      {pages > 1 ? (
        <button
          type="button"
          className="choice choice-more"
          onClick={() => setPage((at + 1) % pages)}
        >
          <kbd>0</kbd>
          <span>{t("hotline.more", { page: at + 1, pages })}</span>
        </button>
      ) : null}
    </>
  );
}

/** A letter key that does something while nobody types. */
export function useKey(letter: string, run: () => void, enabled = true): void {
  useLayoutEffect(() => {
    if (!enabled) return;
    const press = (event: KeyboardEvent) => {
      if (isTyping(event) || event.repeat || event.key.toLowerCase() !== letter) return;
      event.preventDefault();
      run();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  });
}
