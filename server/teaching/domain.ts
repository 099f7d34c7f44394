/** Rules of planning a teaching broadcast. Pure. */
import type { AudienceKind, SpeakerRole } from "./states.ts";

export * from "./states.ts";

/** Speakers may enter so long before the start to try sound, slides and light; the audience from live on. */
export const roomOpensBeforeMinutes = 7 * 24 * 60;
/** What everybody is told of the recording when nothing else is written. */
export const defaultRecordingWords =
  "本场将录音录像，用于院内外教学回放。不想被录到的人请关闭麦克风和摄像头，或在文字区提问。";

/** `JX` + local day + sequence of four. */
export function teachingNumber(day: string, sequence: number): string {
  return `JX${day.replaceAll("-", "")}${String(sequence % 10_000).padStart(4, "0")}`;
}

export type PlanPart = "topic" | "time" | "length" | "presenter" | "audience";

/** What a draft still lacks before it can be announced. */
export function missingParts(plan: {
  topic: string | null;
  startsAt: Date | null;
  lengthMinutes: number | null;
  speakers: readonly { role: SpeakerRole }[];
  audience: readonly { kind: AudienceKind }[];
}): PlanPart[] {
  const missing: PlanPart[] = [];
  if (!plan.topic?.trim()) missing.push("topic");
  if (!plan.startsAt) missing.push("time");
  if (!plan.lengthMinutes) missing.push("length");
  if (!plan.speakers.some((one) => one.role === "presenter")) missing.push("presenter");
  if (plan.audience.length === 0) missing.push("audience");
  return missing;
}

/** What somebody may publish in the room, by his part. With "audio" comes the lecture track for the audience. */
export function publishesAs(
  role: SpeakerRole,
): ("audio" | "video" | "screen" | "interpretation")[] {
  switch (role) {
    case "presenter":
    case "co-host":
      return ["audio", "video", "screen"];
    case "panel":
      return ["audio", "video"];
    case "interpreter":
      return ["audio", "video", "interpretation"];
  }
}

export const minutesAfter = (from: Date, minutes: number) =>
  new Date(from.getTime() + minutes * 60_000);
