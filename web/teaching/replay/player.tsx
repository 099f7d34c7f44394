import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { surfaceOf } from "../../../timeline/fold.ts";
import { Button } from "../../design/components/button.tsx";
import { SelectField, TextField } from "../../design/components/field.tsx";
import { Segmented } from "../../design/components/segmented.tsx";
import { pause, play } from "../../design/icons-work.ts";
import { useText } from "../../i18n/i18n.ts";
import { languageOf } from "../../room/channel-language.ts";
import { CaseSheet } from "../case-sheet.tsx";
import { PollResults } from "../poll-card.tsx";
import { Sheet } from "../sheet.tsx";
import { Sides } from "../sides.tsx";
import { StillSheet } from "../still-sheet.tsx";
import { spanOf } from "../words.ts";
import { chapterAt, chaptersOf, createReel, findLines, linesOf } from "./chapters.ts";
import type { OpenedKept } from "./offline.ts";
import type { ReplayVariant, ReplayView, Wish } from "./replay-data.ts";
import { type Playable, SilentMedia } from "./silent-media.ts";
import { rememberedPlace, speeds, usePlayer } from "./use-player.ts";

type SideName = "chapters" | "talk" | "polls";
const wide = { width: 16, height: 9 };

/** What was heard, the slide that lay there, and what was written at that moment; without a recording all but the sound. */
export function Player({
  view,
  variant,
  kept,
  onVariant,
}: {
  view: ReplayView;
  /** Null: nothing is heard, slides and chat go by their own clock. */
  variant: ReplayVariant | null;
  kept: OpenedKept | null;
  onVariant: ((wish: Wish) => void) | null;
}) {
  const t = useText();
  const media = useRef<Playable>(null);
  const src = kept?.media ?? variant?.url ?? null;
  const thin = variant?.name !== "full";
  const takeVideo = useCallback((element: HTMLVideoElement | null) => {
    media.current = element;
  }, []);
  useEffect(() => {
    if (src) return;
    const clock = new SilentMedia(view.durationMs, rememberedPlace(view.sessionId));
    media.current = clock;
    return () => clock.pause();
  }, [src, view.durationMs, view.sessionId]);
  const player = usePlayer(media, { sessionId: view.sessionId, src });
  const startedAt = Date.parse(view.startedAt);
  const [side, setSide] = useState<SideName>("chapters");
  const [search, setSearch] = useState("");
  const chapters = useMemo(() => chaptersOf(view.entries, startedAt), [view, startedAt]);
  const lines = useMemo(() => linesOf(view.entries, startedAt), [view, startedAt]);
  const reel = useMemo(() => createReel(view.entries, startedAt), [view, startedAt]);
  const polls = useMemo(() => pollsOf(view, startedAt), [view, startedAt]);
  const state = reel(player.atMs);
  const now = chapterAt(chapters, player.atMs);
  const pageOf = (slide: { deckId: string; page: number } | null) =>
    view.decks
      .find((deck) => deck.id === slide?.deckId)
      ?.pages.find((page) => page.page === slide?.page);
  const page = pageOf(state.slide);
  const surface = surfaceOf(state);
  const found = findLines(lines, search);
  const titleOf = (slide: { deckId: string; page: number }) =>
    pageOf(slide)?.title ?? t("lecture.slides.page", { page: slide.page });
  const address = page ? (kept?.pictures.get(page.thin) ?? (thin ? page.thin : page.full)) : null;
  const pictureAt = (picture: string) => kept?.pictures.get(picture) ?? picture;

  // Where the next version goes on, as long as it is not there: nothing may be sought in it before.
  const before = useRef<{ at: number; wasPlaying: boolean } | null>({
    at: player.atMs / 1000,
    wasPlaying: false,
  });
  const seek = (milliseconds: number) => {
    if (before.current) before.current.at = Math.max(0, milliseconds / 1000);
    player.seek(milliseconds);
  };
  const names = [...new Set(view.variants.map((one) => one.name))];
  const channels = [...new Set(view.variants.flatMap((one) => one.channel ?? []))];
  const choose = (wish: Wish) => {
    const element = media.current;
    if (element) before.current ??= { at: element.currentTime, wasPlaying: !element.paused };
    onVariant?.(wish);
  };

  // Another version goes on at the same second and pace.
  // biome-ignore lint/correctness/useExhaustiveDependencies: when the source changes
  useEffect(() => {
    const element = media.current;
    if (!element || !src) return;
    const go = () => {
      element.currentTime = before.current?.at ?? player.atMs / 1000;
      element.playbackRate = player.speed;
      if (before.current?.wasPlaying) void element.play().catch(() => {});
      before.current = null;
    };
    element.addEventListener("loadedmetadata", go, { once: true });
    return () => element.removeEventListener("loadedmetadata", go);
  }, [src]);

  const list = useRef<HTMLOListElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: when the next chapter begins
  useEffect(() => {
    const current = list.current?.querySelector<HTMLElement>("[aria-current]");
    // Within the list alone: the page must not move under who reads elsewhere.
    if (current && list.current?.parentElement) {
      const box = list.current.parentElement;
      box.scrollTop = current.offsetTop - box.offsetTop - box.clientHeight / 3;
    }
  }, [now, side]);

  return (
    <div className="player">
      <div className="player-main">
        <div className="player-picture" data-sound={thin || undefined}>
          {state.caseItem ? (
            <CaseSheet
              cases={view.cases}
              item={state.caseItem}
              thin={thin || kept !== null}
              pictureAt={pictureAt}
            />
          ) : state.still ? (
            <StillSheet
              stillId={state.still}
              cases={view.cases}
              state={state}
              thin={thin || kept !== null}
              pictureAt={pictureAt}
            />
          ) : (
            <Sheet
              src={address}
              alt={
                page
                  ? t("lecture.slides.alt", { page: page.page, title: page.title ?? "" })
                  : t("lecture.slides.notYet")
              }
              size={page ?? wide}
              strokes={surface ? (state.strokes[surface] ?? []) : []}
              pointers={[]}
            />
          )}
          {src ? (
            // biome-ignore lint/a11y/useMediaCaption: written captions stand beside, from the timeline
            <video
              ref={takeVideo}
              src={src}
              preload="metadata"
              playsInline
              hidden={thin}
              aria-label={t("replay.picture")}
              onClick={player.toggle}
            />
          ) : null}
        </div>
        <Caption state={state} />
        <div className="player-bar">
          <input
            type="range"
            min={0}
            max={view.durationMs}
            step={1000}
            value={Math.min(player.atMs, view.durationMs)}
            aria-label={t("replay.place")}
            aria-valuetext={spanOf(player.atMs)}
            onChange={({ target }) => seek(Number(target.value))}
          />
          <div className="row spread">
            <span className="row">
              <Button look="primary" icon={player.playing ? pause : play} onClick={player.toggle}>
                {t(player.playing ? "replay.pause" : "replay.play")}
              </Button>
              <Button
                aria-label={t("replay.back10")}
                onClick={() => seek(player.atMs - player.stepMs)}
              >
                −10
              </Button>
              <Button
                aria-label={t("replay.forward10")}
                onClick={() => seek(player.atMs + player.stepMs)}
              >
                +10
              </Button>
              <span className="figure">
                {spanOf(player.atMs)} / {spanOf(view.durationMs)}
              </span>
            </span>
            <span className="row">
              <SelectField
                label={t("replay.speed")}
                value={String(player.speed)}
                onChange={({ target }) => player.setPace(Number(target.value))}
              >
                {speeds.map((speed) => (
                  <option key={speed} value={String(speed)}>
                    {speed}×
                  </option>
                ))}
              </SelectField>
              {onVariant && variant && channels.length > 0 ? (
                <Segmented
                  label={t("replay.channel")}
                  hideLabel
                  value={variant.channel ?? "floor"}
                  onChange={(next) =>
                    choose({ name: variant.name, channel: next === "floor" ? null : next })
                  }
                  options={[
                    { value: "floor", label: t("replay.channel.floor") },
                    ...channels.map((one) => ({
                      value: one,
                      label: t(`common.languageName.${languageOf(one)}`),
                    })),
                  ]}
                />
              ) : null}
              {onVariant && variant && names.length > 1 ? (
                <Segmented
                  label={t("replay.variant")}
                  hideLabel
                  value={variant.name}
                  onChange={(name) => choose({ name, channel: variant.channel })}
                  options={names.map((one) => ({ value: one, label: t(`replay.variant.${one}`) }))}
                />
              ) : null}
            </span>
          </div>
          <p className="muted small player-keys">{t("replay.keys")}</p>
        </div>
      </div>
      <aside className="player-side" aria-label={t("replay.side")}>
        <Sides
          label={t("replay.side")}
          open={side}
          onOpen={setSide}
          sides={[
            {
              name: "chapters",
              label: t("replay.chapters"),
              body:
                chapters.length === 0 ? (
                  <p className="muted">{t("replay.noChapters")}</p>
                ) : (
                  <ol ref={list} className="chapters">
                    {chapters.map((chapter, index) => (
                      <li key={chapter.atMs}>
                        <button
                          type="button"
                          aria-current={index === now ? "true" : undefined}
                          onClick={() => seek(chapter.atMs)}
                        >
                          <span className="figure muted">{spanOf(chapter.atMs)}</span>
                          <span>{titleOf(chapter)}</span>
                        </button>
                      </li>
                    ))}
                  </ol>
                ),
            },
            {
              name: "talk",
              label: t("lecture.side.talk"),
              body: (
                <div className="stack">
                  <TextField
                    type="search"
                    label={t("replay.search")}
                    value={search}
                    onChange={({ target }) => setSearch(target.value)}
                  />
                  {search ? (
                    <p className="muted small" role="status">
                      {t("replay.found", { count: found.length })}
                    </p>
                  ) : null}
                  {lines.length === 0 ? <p className="muted">{t("replay.noTalk")}</p> : null}
                  <ol className="replay-lines">
                    {found.slice(0, mostLines).map((line) => (
                      <li key={line.seq} data-past={line.atMs <= player.atMs || undefined}>
                        <button type="button" onClick={() => seek(line.atMs)}>
                          <span className="muted small">
                            <span className="figure">{spanOf(line.atMs)}</span>{" "}
                            {[line.name, line.org].filter(Boolean).join(" · ")}
                          </span>
                          <span className="pre-line">{line.text}</span>
                        </button>
                      </li>
                    ))}
                  </ol>
                  {found.length > mostLines ? (
                    <p className="muted small">
                      {t("replay.moreTalk", { count: found.length - mostLines })}
                    </p>
                  ) : null}
                </div>
              ),
            },
            {
              name: "polls",
              label: t("lecture.side.polls"),
              count: polls.length,
              body:
                polls.length === 0 ? (
                  <p className="muted">{t("replay.noPolls")}</p>
                ) : (
                  <ul className="stack stack-6">
                    {polls.map(({ poll, atMs }) => (
                      <li key={poll.pollId} className="poll">
                        <button type="button" className="replay-jump" onClick={() => seek(atMs)}>
                          <span className="figure muted">{spanOf(atMs)}</span>{" "}
                          <span className="strong">{poll.question}</span>
                        </button>
                        <PollResults poll={poll} />
                      </li>
                    ))}
                  </ul>
                ),
            },
          ]}
        />
      </aside>
    </div>
  );
}

/** A page that lists more than this scrolls badly on a phone; the search narrows it down. */
const mostLines = 300;

function Caption({ state }: { state: ReturnType<ReturnType<typeof createReel>> }) {
  const t = useText();
  const newest = Object.entries(state.captions).toSorted(([, left], [, right]) =>
    right.at.localeCompare(left.at),
  )[0];
  if (!newest) return null;
  return (
    <section className="captions" aria-label={t("lecture.captions.label")}>
      <p lang={newest[0]}>{newest[1].text}</p>
    </section>
  );
}

function pollsOf(view: ReplayView, startedAt: number) {
  return view.entries.flatMap((entry) => {
    if (entry.kind !== "poll-opened") return [];
    const results = view.entries.findLast(
      (one) => one.kind === "poll-results" && one.data.pollId === entry.data.pollId,
    );
    return [
      {
        atMs: Math.max(0, Date.parse(entry.at) - startedAt),
        poll: {
          ...entry.data,
          open: false,
          results: results?.kind === "poll-results" ? results.data : null,
        },
      },
    ];
  });
}
