import type { Tone } from "../design/components/status.tsx";
import { check, clock, info, warning } from "../design/icons.ts";

export type Crowd = "free" | "calm" | "busy" | "full" | "paused" | "closed";

/** Minutes of expected wait from which a station counts as busy, and as very busy. Red is kept for what is closed. */
const busyMinutes = 15;
const fullMinutes = 30;

export function crowdOf(station: {
  state: "open" | "paused" | "closed";
  queue: number;
  waitMinutes: number | null;
}): Crowd {
  if (station.state !== "open") return station.state;
  if (station.queue === 0) return "free";
  const minutes = station.waitMinutes ?? 0;
  return minutes < busyMinutes ? "calm" : minutes < fullMinutes ? "busy" : "full";
}

export const crowdLook: Record<Crowd, { tone: Tone; icon: string }> = {
  free: { tone: "quiet", icon: check },
  calm: { tone: "good", icon: check },
  busy: { tone: "info", icon: info },
  full: { tone: "warn", icon: warning },
  paused: { tone: "quiet", icon: clock },
  closed: { tone: "quiet", icon: clock },
};
