import { useEffect, useRef } from "react";
import { Button } from "../../design/components/button.tsx";
import { left, right } from "../../design/icons.ts";
import { useText } from "../../i18n/i18n.ts";
import type { Deck } from "../lecture.ts";

/** The pages of the deck beside each other, where we are, and what comes next. Arrow keys turn pages anywhere on the page. */
export function SlideStrip({
  decks,
  shown,
  onShow,
}: {
  decks: readonly Deck[];
  shown: { deckId: string; page: number } | null;
  onShow: (deckId: string, page: number) => void;
}) {
  const t = useText();
  const deck = decks.find((one) => one.id === shown?.deckId) ?? decks[0];
  const current = useRef<HTMLButtonElement>(null);
  const page = deck && shown?.deckId === deck.id ? shown.page : 0;
  useEffect(() => {
    if (page > 0) void current.current?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [page]);
  const count = deck?.pages.length ?? 0;
  useEffect(() => {
    if (!deck) return;
    const turn = (event: KeyboardEvent) => {
      const field = (event.target as Element | null)?.closest?.(
        "input, textarea, select, [role=tablist], [role=radiogroup], .segmented",
      );
      if (field || event.altKey || event.ctrlKey || event.metaKey) return;
      const to = {
        ArrowRight: page + 1,
        PageDown: page + 1,
        ArrowLeft: page - 1,
        PageUp: page - 1,
        Home: 1,
        End: count,
      }[event.key];
      if (to === undefined || to < 1 || to > count) return;
      event.preventDefault();
      onShow(deck.id, to);
    };
    addEventListener("keydown", turn);
    return () => removeEventListener("keydown", turn);
  }, [deck, page, count, onShow]);
  if (!deck) return <p className="muted small">{t("lecture.slides.none")}</p>;
  const next = deck.pages[page];
  return (
    <section className="strip" aria-label={t("lecture.slides.title")}>
      <div className="row spread strip-now">
        <span className="row">
          <Button
            size="small"
            icon={left}
            disabled={page <= 1}
            onClick={() => onShow(deck.id, page - 1)}
          >
            {t("lecture.slides.back")}
          </Button>
          <span className="figure strong">{t("lecture.slides.at", { page, count })}</span>
          <Button
            size="small"
            look="primary"
            icon={right}
            disabled={page >= count}
            onClick={() => onShow(deck.id, page + 1)}
          >
            {t("lecture.slides.next")}
          </Button>
        </span>
        {next ? (
          <span className="muted small strip-next">
            {t("lecture.slides.then", {
              title: next.title ?? t("lecture.slides.page", { page: next.page }),
            })}
          </span>
        ) : null}
        {decks.filter((one) => one.current).length > 1 ? (
          <span className="row">
            {decks
              .filter((one) => one.current)
              .map((one) => (
                <Button
                  key={one.id}
                  size="small"
                  look="quiet"
                  aria-pressed={one === deck}
                  onClick={() => onShow(one.id, 1)}
                >
                  {one.name}
                </Button>
              ))}
          </span>
        ) : null}
      </div>
      <ol className="strip-pages">
        {deck.pages.map((one) => (
          <li key={one.page}>
            <button
              ref={one.page === page ? current : undefined}
              type="button"
              aria-current={one.page === page ? "true" : undefined}
              onClick={() => onShow(deck.id, one.page)}
            >
              <img
                src={one.thin}
                alt={one.title ?? t("lecture.slides.page", { page: one.page })}
                loading="lazy"
                width={112}
                height={Math.round((112 * one.height) / one.width)}
              />
              <span className="figure" aria-hidden="true">
                {one.page}
              </span>
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}
