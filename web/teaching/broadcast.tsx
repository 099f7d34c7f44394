import { useQuery, useQueryClient } from "@tanstack/react-query";
import {
  type ReactNode,
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";
import type { z } from "zod";
import type { SessionView } from "../../server/teaching/contract.ts";
import type { pollList } from "../../server/teaching/live-contract.ts";
import { emptyState, type LiveState, surfaceOf } from "../../timeline/fold.ts";
import { api } from "../api/client.ts";
import type { StaffView } from "../api/session.ts";
import { Button } from "../design/components/button.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { speaker } from "../design/icons.ts";
import { useText } from "../i18n/i18n.ts";
import type { Stroke } from "../room/media/index.ts";
import { createActs } from "./acts.ts";
import { useCases } from "./cases.ts";
import { useDecks } from "./decks.ts";
import type { Place } from "./device.ts";
import { type Lecture, LectureContext } from "./lecture.ts";
import { Stream } from "./stream.tsx";
import { openTimeline, type Timeline, type TimelineState } from "./timeline.ts";
import { useEntry } from "./use-entry.ts";

const POLLS_MS = 3000;
const nothing: TimelineState = {
  shown: emptyState(),
  head: emptyState(),
  pointers: [],
  counts: null,
  isRead: false,
};

/** One page's part in a broadcast: its timeline, its sound and picture, and what may be done. */
export function Broadcast({
  session,
  me,
  place,
  devices,
  onOut,
  children,
}: {
  session: SessionView;
  me: StaffView;
  place: Place;
  devices: { microphone: boolean; camera: boolean };
  onOut: (reason: string) => void;
  children: ReactNode;
}) {
  const t = useText();
  const cache = useQueryClient();
  const [timeline, setTimeline] = useState<Timeline | null>(null);
  useEffect(() => {
    const opened = openTimeline(session.id);
    setTimeline(opened);
    return () => opened.close();
  }, [session.id]);
  const told = useSyncExternalStore(
    timeline?.subscribe ?? never,
    timeline?.getSnapshot ?? (() => nothing),
  );
  const speaks = session.speaks !== null;
  const onStage = told.head.stage.some((person) => person.personId === me.person.id);
  const entry = useEntry(session.id, {
    personId: me.person.id,
    place,
    onStage: speaks || onStage,
    devices,
  });
  const { out } = entry;
  useEffect(() => {
    if (out) onOut(out);
  }, [out, onOut]);
  const { phase } = told.shown;
  useEffect(() => {
    if (phase === "ended") void cache.invalidateQueries({ queryKey: ["teaching", session.id] });
    if (phase === "ended" && !session.leads) onOut("over");
  }, [phase, cache, session.id, session.leads, onOut]);

  const decks = useDecks(session.id);
  const cases = useCases(session.id);
  const polls = useQuery({
    queryKey: ["teaching", session.id, "polls"],
    enabled: session.leads,
    // While people answer, their number is what one waits for.
    refetchInterval: told.head.poll?.open ? POLLS_MS : false,
    queryFn: ({ signal }) =>
      api.get<z.infer<typeof pollList>>(`/api/teaching/sessions/${session.id}/polls`, signal),
  });

  const [problem, setProblem] = useState<unknown>(null);
  const [answered, setAnswered] = useState<ReadonlySet<string>>(new Set());
  // What I do is shown at once; the timeline confirms it a moment later.
  const [wanted, setWanted] = useState<LiveState["slide"]>(null);
  const [drawn, setDrawn] = useState<readonly { surface: string; stroke: Stroke }[]>([]);
  const slide = told.head.slide;
  const isConfirmed = wanted?.deckId === slide?.deckId && wanted?.page === slide?.page;
  useEffect(() => {
    if (isConfirmed) setWanted(null);
  }, [isConfirmed]);
  const known = told.head.strokes;
  useEffect(() => {
    setDrawn((before) => {
      const left = before.filter(
        ({ surface, stroke }) => !known[surface]?.some((one) => one.id === stroke.id),
      );
      return left.length === before.length ? before : left;
    });
  }, [known]);

  const basic = useMemo(
    () =>
      createActs(
        session.id,
        me.person.id,
        () => void cache.invalidateQueries({ queryKey: ["teaching", session.id, "polls"] }),
      ),
    [session.id, me.person.id, cache],
  );
  const run = useCallback((act: () => Promise<unknown>) => {
    act().then(
      () => setProblem(null),
      (error: unknown) => setProblem(error),
    );
  }, []);
  const acts = useMemo(
    () => ({
      ...basic,
      run,
      problem,
      showSlide: async (deckId: string, page: number) => {
        setWanted({ deckId, page });
        try {
          return await basic.showSlide(deckId, page);
        } catch (error) {
          setWanted(null);
          throw error;
        }
      },
      // What was rehearsed is thrown away; the slide that lay there lies there again at the first moment.
      goLive: async () => {
        const lay = timeline?.getSnapshot().head.slide;
        const [first] = decks;
        await basic.goLive();
        const slide = lay ?? (first ? { deckId: first.id, page: 1 } : null);
        if (slide) await basic.showSlide(slide.deckId, slide.page);
      },
      stroke: async (surface: string, stroke: Stroke) => {
        setDrawn((before) => [...before, { surface, stroke }]);
        try {
          return await basic.stroke(surface, stroke);
        } catch (error) {
          setDrawn((before) => before.filter((one) => one.stroke.id !== stroke.id));
          throw error;
        }
      },
      answer: async (pollId: string, answer: { options: number[] } | { counts: number[] }) => {
        await basic.answer(pollId, answer);
        setAnswered((before) => new Set(before).add(pollId));
      },
    }),
    [basic, run, problem, timeline, decks],
  );

  // Whoever leads writes into the timeline from the first moment: alone, it is a rehearsal.
  const rehearsed = useRef(false);
  const mayRehearse =
    session.leads && session.state === "planned" && told.isRead && told.head.phase === "waiting";
  useEffect(() => {
    if (!mayRehearse || rehearsed.current) return;
    rehearsed.current = true;
    run(basic.rehearse);
  }, [mayRehearse, basic, run]);

  const live = useMemo<LiveState>(() => {
    const base = wanted
      ? { ...told.shown, slide: wanted, still: null, caseItem: null }
      : told.shown;
    const surface = surfaceOf(base);
    const mine = drawn.filter((one) => one.surface === surface).map((one) => one.stroke);
    if (!surface || mine.length === 0) return base;
    return {
      ...base,
      strokes: { ...base.strokes, [surface]: [...(base.strokes[surface] ?? []), ...mine] },
    };
  }, [told.shown, wanted, drawn]);

  const follow = useCallback(
    (clock: (() => number | null) | null) => timeline?.follow(clock),
    [timeline],
  );
  const { stream, room } = entry;
  const lecture: Lecture = {
    session,
    me,
    live,
    room,
    client: entry.client,
    decks,
    cases,
    polls: (polls.data?.polls ?? []).map((poll) => ({
      ...poll,
      quiz: poll.right !== null,
      answered: poll.openedAt ? poll.answered : null,
    })),
    answered,
    pointers: told.pointers.flatMap(({ at, ...pointer }) => (at ? [{ ...pointer, at }] : [])),
    acts,
    asSite: place === "site",
    setWay: entry.setWay,
    picture: stream ? (
      <Stream
        url={`${stream.url}?token=${encodeURIComponent(stream.token)}`}
        soundOnly={room.listening.effective !== "full"}
        onClock={follow}
      />
    ) : null,
  };
  if (!told.isRead && !entry.error)
    return (
      <main className="lecture-door" id="main">
        <Skeleton lines={4} />
      </main>
    );
  return (
    <LectureContext value={lecture}>
      {entry.error ? <ProblemNotice error={entry.error} /> : null}
      {entry.blocked ? (
        <div className="call-sound">
          <Button look="primary" size="large" icon={speaker} onClick={entry.unblock}>
            {t("lecture.sound.start")}
          </Button>
        </div>
      ) : null}
      {children}
    </LectureContext>
  );
}

const never = () => () => {};
