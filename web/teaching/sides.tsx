import { type KeyboardEvent, type ReactNode, useId, useRef } from "react";

export type Side<Name extends string> = {
  name: Name;
  label: string;
  /** Something waits there. */
  count?: number;
  body: ReactNode;
};

/** Tabs of the panel beside what is shown: arrow keys move between them. */
export function Sides<Name extends string>({
  label,
  sides,
  open,
  onOpen,
}: {
  label: string;
  sides: readonly Side<Name>[];
  open: Name;
  onOpen: (name: Name) => void;
}) {
  const id = useId();
  const row = useRef<HTMLDivElement>(null);
  const shown = sides.find((side) => side.name === open) ?? sides[0]!;
  const move = (event: KeyboardEvent) => {
    const at = sides.indexOf(shown);
    const to = {
      ArrowRight: at + 1,
      ArrowLeft: at - 1,
      Home: 0,
      End: sides.length - 1,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = sides[(to + sides.length) % sides.length]!;
    onOpen(next.name);
    row.current?.querySelector<HTMLElement>(`[data-side="${next.name}"]`)?.focus();
  };
  return (
    <div className="sides" data-scene="page">
      <div ref={row} className="panel-tabs sides-tabs" role="tablist" aria-label={label}>
        {sides.map((side) => (
          <button
            key={side.name}
            type="button"
            role="tab"
            id={`${id}-${side.name}`}
            data-side={side.name}
            data-selected={side === shown || undefined}
            aria-selected={side === shown}
            aria-controls={`${id}-body`}
            tabIndex={side === shown ? 0 : -1}
            className="panel-tab"
            onClick={() => onOpen(side.name)}
            onKeyDown={move}
          >
            {side.label}
            {side.count ? <span className="side-count figure">{side.count}</span> : null}
          </button>
        ))}
      </div>
      <div
        className="sides-body"
        id={`${id}-body`}
        role="tabpanel"
        aria-labelledby={`${id}-${shown.name}`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
        tabIndex={0}
      >
        {shown.body}
      </div>
    </div>
  );
}
