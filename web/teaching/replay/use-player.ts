import { type RefObject, useCallback, useEffect, useState } from "react";

import type { Playable } from "./silent-media.ts";

export const speeds = [0.75, 1, 1.25, 1.5, 2] as const;
const rememberEveryMs = 5000;
const stepSeconds = 10;

const placeKey = (sessionId: string) => `yilian.replay.${sessionId}`;

/** Where one stopped last time, in seconds. */
export function rememberedPlace(sessionId: string): number {
  try {
    return Number(localStorage.getItem(placeKey(sessionId))) || 0;
  } catch {
    return 0;
  }
}

/** Plays, stops, jumps and speeds what is played; keys work anywhere but in a field. */
export function usePlayer(
  media: RefObject<Playable | null>,
  { sessionId, src }: { sessionId: string; src: string | null },
) {
  const [atMs, setAtMs] = useState(() => rememberedPlace(sessionId) * 1000);
  const [playing, setPlaying] = useState(false);
  const [speed, setSpeed] = useState<number>(1);
  const [waits, setWaits] = useState(false);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another source is another element perhaps
  useEffect(() => {
    const element = media.current;
    if (!element) return;
    let remembered = 0;
    const moved = () => {
      setAtMs(element.currentTime * 1000);
      if (Math.abs(element.currentTime * 1000 - remembered) < rememberEveryMs) return;
      remembered = element.currentTime * 1000;
      try {
        localStorage.setItem(placeKey(sessionId), String(Math.floor(element.currentTime)));
      } catch {
        // A browser that keeps nothing begins at the beginning.
      }
    };
    const begun = () => {
      setPlaying(true);
      setWaits(false);
    };
    const events = {
      timeupdate: moved,
      seeking: moved,
      playing: begun,
      pause: () => setPlaying(false),
      ended: () => setPlaying(false),
      waiting: () => setWaits(true),
    };
    for (const [name, listener] of Object.entries(events)) element.addEventListener(name, listener);
    return () => {
      for (const [name, listener] of Object.entries(events))
        element.removeEventListener(name, listener);
    };
  }, [media, sessionId, src]);

  const seek = useCallback(
    (milliseconds: number) => {
      const element = media.current;
      if (!element) return;
      element.currentTime = Math.max(0, milliseconds / 1000);
      setAtMs(element.currentTime * 1000);
    },
    [media],
  );
  const toggle = useCallback(() => {
    const element = media.current;
    if (!element) return;
    if (element.paused) void element.play().catch(() => {});
    else element.pause();
  }, [media]);
  const setPace = useCallback(
    (pace: number) => {
      setSpeed(pace);
      if (media.current) media.current.playbackRate = pace;
    },
    [media],
  );

  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const inside = (event.target as Element | null)?.closest?.(
        "input, textarea, select, button, a, [role=tab]",
      );
      if (inside || event.altKey || event.ctrlKey || event.metaKey) return;
      const element = media.current;
      if (!element) return;
      const act = {
        " ": toggle,
        k: toggle,
        ArrowRight: () => seek((element.currentTime + stepSeconds) * 1000),
        ArrowLeft: () => seek((element.currentTime - stepSeconds) * 1000),
      }[event.key];
      if (!act) return;
      event.preventDefault();
      act();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, [media, seek, toggle]);

  return { atMs, playing, speed, waits, seek, toggle, setPace, stepMs: stepSeconds * 1000 };
}
