/** Numbers of one moment of an evening, as the bench recorded them (tests/load/surge). */
export type Frame = {
  minute: number;
  registered: number;
  sampled: number;
  waiting: number;
  hall: number;
  perHour: number;
  filling: number;
  inTransit: number;
  inLaboratory: number;
  overdue: number;
  moved: number;
  queues: number[];
};

/**
 * The evening at a moment between its beginning (0) and its end (1): numbers between two records are drawn
 * straight, queues are shown as they were recorded last. Pure.
 */
export function frameAt(frames: readonly Frame[], at: number): Frame {
  const place = Math.min(1, Math.max(0, at)) * (frames.length - 1);
  const left = frames[Math.floor(place)]!;
  const right = frames[Math.ceil(place)]!;
  const part = place - Math.floor(place);
  const between = (from: number, to: number) => Math.round(from + (to - from) * part);
  return {
    minute: between(left.minute, right.minute),
    registered: between(left.registered, right.registered),
    sampled: between(left.sampled, right.sampled),
    waiting: between(left.waiting, right.waiting),
    hall: between(left.hall, right.hall),
    perHour: between(left.perHour, right.perHour),
    filling: between(left.filling, right.filling),
    inTransit: between(left.inTransit, right.inTransit),
    inLaboratory: between(left.inLaboratory, right.inLaboratory),
    overdue: between(left.overdue, right.overdue),
    moved: between(left.moved, right.moved),
    queues: left.queues,
  };
}
