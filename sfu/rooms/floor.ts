/**
 * Whom of the stage an audience hears and sees: the last who spoke. Pure; the caller passes the
 * time and what the speaker observer says. Listeners on thin lines get fewer places of the same
 * order, so one order serves all of them.
 */

/** Who had the floor until just now is still heard for this long, so that no word is cut. */
export const HOLD_MS = 1_500;

/** Somebody on the stage, in a stable order. */
export type StagePerson = {
  readonly peerId: string;
  /** Presenter or host: their picture is always shown. */
  readonly leads: boolean;
  /** Has a microphone that is not muted. */
  readonly isOpen: boolean;
  readonly hasCamera: boolean;
};

type Turn = {
  readonly peerId: string;
  /** When it last had the floor; null: never yet, its microphone was just opened. */
  readonly untilMs: number | null;
};

export type Floor = {
  /** Who speaks now. */
  readonly speaker: string | null;
  /** Most recent first. */
  readonly turns: readonly Turn[];
};

/** Ranks count from 0; Infinity: no place. */
export type Place = {
  readonly sound: number;
  readonly camera: number;
  /** Lost the floor just now: is heard for a moment beyond its rank. */
  readonly isFading: boolean;
};

export const emptyFloor: Floor = { speaker: null, turns: [] };
export const noPlace: Place = { sound: Infinity, camera: Infinity, isFading: false };

/** Another one speaks, or nobody (null). */
export function takeTurn(floor: Floor, peerId: string | null, nowMs: number): Floor {
  const turns = floor.turns.map((turn) =>
    turn.peerId === floor.speaker ? { ...turn, untilMs: nowMs } : turn,
  );
  if (peerId === null) return { speaker: null, turns };
  const others = turns.filter((turn) => turn.peerId !== peerId);
  return { speaker: peerId, turns: [{ peerId, untilMs: nowMs }, ...others] };
}

/** Who opens a microphone is about to speak: next in order, before the first word. */
export function openMicrophone(floor: Floor, peerId: string): Floor {
  if (floor.speaker === peerId) return floor;
  const known = floor.turns.find((turn) => turn.peerId === peerId);
  const turn = known ?? { peerId, untilMs: null };
  const others = floor.turns.filter((other) => other.peerId !== peerId);
  const speaking = others.filter((other) => other.peerId === floor.speaker);
  const rest = others.filter((other) => other.peerId !== floor.speaker);
  return { ...floor, turns: [...speaking, turn, ...rest] };
}

export function leaveFloor(floor: Floor, peerId: string): Floor {
  return {
    speaker: floor.speaker === peerId ? null : floor.speaker,
    turns: floor.turns.filter((turn) => turn.peerId !== peerId),
  };
}

/** Everybody's place. A muted microphone takes none; whoever leads is before others in pictures. */
export function placesOf(
  floor: Floor,
  stage: readonly StagePerson[],
  nowMs: number,
): Map<string, Place> {
  const lastTurn = new Map(floor.turns.map((turn, index) => [turn.peerId, index]));
  const recency = ({ peerId }: StagePerson) => lastTurn.get(peerId) ?? Infinity;
  const leading = ({ leads }: StagePerson) => (leads ? 0 : 1);
  const bySound = inOrder(stage, recency, leading).filter((person) => person.isOpen);
  const byCamera = inOrder(stage, leading, recency).filter((person) => person.hasCamera);
  const soundRank = new Map(bySound.map((person, rank) => [person.peerId, rank]));
  const cameraRank = new Map(byCamera.map((person, rank) => [person.peerId, rank]));
  const fading = new Set(
    floor.turns
      .filter(({ peerId, untilMs }) => {
        return peerId !== floor.speaker && untilMs !== null && nowMs - untilMs < HOLD_MS;
      })
      .map(({ peerId }) => peerId),
  );
  return new Map(
    stage.map(({ peerId }) => [
      peerId,
      {
        sound: soundRank.get(peerId) ?? Infinity,
        camera: cameraRank.get(peerId) ?? Infinity,
        isFading: fading.has(peerId),
      },
    ]),
  );
}

/** Whether somebody is heard where `places` people are. */
export function isHeard(place: Place, places: number): boolean {
  return place.sound < places || (places > 0 && place.isFading && place.sound === places);
}

/** Sorts by the first key, then by the second, then as given. */
function inOrder<Item>(
  items: readonly Item[],
  first: (item: Item) => number,
  second: (item: Item) => number,
): Item[] {
  const compare = (a: number, b: number) => (a === b ? 0 : a < b ? -1 : 1);
  return items.toSorted((a, b) => compare(first(a), first(b)) || compare(second(a), second(b)));
}
