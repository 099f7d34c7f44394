import { type KeyboardEvent, useEffect, useId, useLayoutEffect, useRef, useState } from "react";
import { Link } from "wouter";
import { Icon } from "../design/components/icon.tsx";
import { more } from "../design/icons-work.ts";
import { useText } from "../i18n/i18n.ts";

export const jobs = ["care", "places", "rules"] as const;
export type Tab = {
  href: string;
  label: string;
  /** What kind of work it is: the heading under "more". */
  job: (typeof jobs)[number];
  /** A page of its own, outside the workbench. */
  outside?: boolean;
};

/**
 * One row of places, the daily ones first; what does not fit is under "more", by kind of work. Where one is
 * stays in the row: when it is a place under "more", the button bears its name.
 */
export function Nav({ tabs, place }: { tabs: readonly Tab[]; place: string }) {
  const t = useText();
  const row = useRef<HTMLElement>(null);
  const { shown, all } = useFitting(row, tabs);
  const rest = all ? [] : tabs.slice(shown);
  // A place may lie below another one: the nearest is where one is.
  const [here] = tabs
    .filter((tab) => !tab.outside && place.startsWith(tab.href))
    .toSorted((one, other) => other.href.length - one.href.length);
  const isHere = (tab: Tab) => tab === here;
  return (
    <nav ref={row} className="shell-nav" aria-label={t("workbench.nav.label")}>
      <div className="shell-places">
        {tabs.slice(0, all ? tabs.length : shown).map((tab) => (
          <Place key={tab.href} tab={tab} here={isHere(tab)} />
        ))}
      </div>
      {rest.length > 0 ? (
        <More tabs={rest} here={rest.find(isHere) ?? null} isHere={isHere} />
      ) : null}
    </nav>
  );
}

function Place({ tab, here }: { tab: Tab; here: boolean }) {
  if (tab.outside) return <a href={tab.href}>{tab.label}</a>;
  return (
    <Link href={tab.href} aria-current={here ? "page" : undefined}>
      {tab.label}
    </Link>
  );
}

function More({
  tabs,
  here,
  isHere,
}: {
  tabs: readonly Tab[];
  here: Tab | null;
  isHere: (tab: Tab) => boolean;
}) {
  const t = useText();
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const [open, setOpen] = useState(false);
  const close = (back: boolean) => {
    setOpen(false);
    if (back) button.current?.focus();
  };
  useEffect(() => {
    if (!open) return;
    const outside = (event: Event) => {
      if (!box.current?.contains(event.target as Node)) setOpen(false);
    };
    addEventListener("pointerdown", outside);
    addEventListener("focusin", outside);
    return () => {
      removeEventListener("pointerdown", outside);
      removeEventListener("focusin", outside);
    };
  }, [open]);
  const links = () => [...(box.current?.querySelectorAll<HTMLElement>("a") ?? [])];
  const press = (event: KeyboardEvent) => {
    if (event.key === "Escape" && open) {
      event.stopPropagation();
      close(true);
      return;
    }
    const at = links().indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: links().length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    if (!open) {
      setOpen(true);
      requestAnimationFrame(() => links()[0]?.focus());
      return;
    }
    links()[(to + links().length) % links().length]?.focus();
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys are those of the button and links in it
    <div ref={box} className="shell-more" onKeyDown={press}>
      <button
        ref={button}
        type="button"
        aria-expanded={open}
        aria-controls={id}
        data-here={here ? "" : undefined}
        onClick={() => setOpen(!open)}
      >
        <span>{here ? here.label : t("workbench.nav.more")}</span>
        {here ? <span className="visually-hidden">{t("workbench.nav.more")}</span> : null}
        <Icon path={more} />
      </button>
      <div id={id} className="shell-more-list" hidden={!open}>
        {jobs
          .map((job) => ({ job, inside: tabs.filter((tab) => tab.job === job) }))
          .filter(({ inside }) => inside.length > 0)
          .map(({ job, inside }) => (
            <section key={job} aria-labelledby={`${id}-${job}`}>
              <h2 id={`${id}-${job}`}>{t(`workbench.nav.job.${job}`)}</h2>
              <ul>
                {inside.map((tab) => (
                  <li key={tab.href}>
                    {/* biome-ignore lint/a11y/useKeyWithClickEvents: a link's own click, by pointer or Enter */}
                    {/* biome-ignore lint/a11y/noStaticElementInteractions: see above */}
                    <span onClick={() => close(false)}>
                      <Place tab={tab} here={isHere(tab)} />
                    </span>
                  </li>
                ))}
              </ul>
            </section>
          ))}
      </div>
    </div>
  );
}

/** Room for the button under which the rest is, in px. */
const moreWidth = 132;

/** How many places fit beside each other: all of them, or so many and the button. */
function useFitting(row: { current: HTMLElement | null }, tabs: readonly Tab[]) {
  const key = tabs.map((tab) => tab.label).join("|");
  const [measured, setMeasured] = useState<{ key: string; widths: number[] } | null>(null);
  const [width, setWidth] = useState(0);
  const known = measured?.key === key ? measured.widths : null;
  useLayoutEffect(() => {
    const nav = row.current;
    if (!nav || known) return;
    const gap = Number.parseFloat(getComputedStyle(nav).columnGap) || 0;
    setMeasured({
      key,
      widths: [...nav.querySelectorAll(".shell-places > a")].map(
        (one) => one.getBoundingClientRect().width + gap,
      ),
    });
    setWidth(nav.clientWidth);
  });
  useEffect(() => {
    const nav = row.current;
    if (!nav) return;
    const size = new ResizeObserver(() => setWidth(nav.clientWidth));
    size.observe(nav);
    // Another font has other widths.
    const again = () => setMeasured(null);
    document.fonts.addEventListener("loadingdone", again);
    return () => {
      size.disconnect();
      document.fonts.removeEventListener("loadingdone", again);
    };
  }, [row]);
  if (!known) return { shown: tabs.length, all: true };
  const sum = known.reduce((total, one) => total + one, 0);
  if (sum <= width) return { shown: tabs.length, all: true };
  let shown = 0;
  let used = moreWidth;
  while (shown < known.length && used + known[shown]! <= width) {
    used += known[shown]!;
    shown += 1;
  }
  return { shown, all: false };
}
