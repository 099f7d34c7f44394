import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ListenerFigures, qualityBySite, summarise } from "../../sfu/rooms/audience.ts";
import {
  emptyFloor,
  type Floor,
  HOLD_MS,
  isHeard,
  leaveFloor,
  noPlace,
  openMicrophone,
  placesOf,
  type StagePerson,
  takeTurn,
} from "../../sfu/rooms/floor.ts";
import { type Listener, type RoutedStream, route } from "../../sfu/rooms/routing.ts";
import { QualityMeter } from "../../web/room/media/quality.ts";

const person = (peerId: string, changes: Partial<StagePerson> = {}): StagePerson => ({
  peerId,
  leads: false,
  isOpen: true,
  hasCamera: true,
  ...changes,
});
const stage = [
  person("a"),
  person("b"),
  person("c"),
  person("d"),
  person("p", { leads: true }),
  person("quiet", { isOpen: false, hasCamera: false }),
];

/** People who spoke one after the other, a minute apart; the last one still does. */
function spoken(...speakers: (string | null)[]): { floor: Floor; nowMs: number } {
  let floor = emptyFloor;
  let nowMs = 0;
  for (const peerId of speakers) {
    nowMs += 60_000;
    floor = takeTurn(floor, peerId, nowMs);
  }
  return { floor, nowMs };
}

const heard = (floor: Floor, nowMs: number, places: number, on = stage) =>
  [...placesOf(floor, on, nowMs)]
    .filter(([, place]) => isHeard(place, places))
    .map(([peerId]) => peerId)
    .sort()
    .join("");
const seen = (floor: Floor, cameras: number) =>
  [...placesOf(floor, stage, 1e9)]
    .filter(([, place]) => place.camera < cameras)
    .map(([peerId]) => peerId)
    .sort()
    .join("");

describe("whom the audience hears", () => {
  test.each([
    ["the last two who spoke", spoken("a", "b", "c", null), 2, "bc"],
    ["the last one, on a thin line", spoken("a", "b", "c", null), 1, "c"],
    ["nobody beside the interpreter on a thin line", spoken("a", "b", null), 0, ""],
    ["who speaks again counts once", spoken("a", "b", "a", "b", null), 2, "ab"],
    ["who leads, before anybody has spoken", spoken(), 1, "p"],
  ])("%s", (_, { floor, nowMs }, places, expected) => {
    expect(heard(floor, nowMs + HOLD_MS, places)).toBe(expected);
  });

  test("whoever has just had the floor is heard to the end of the word, and no longer", () => {
    const { floor, nowMs } = spoken("a", "b", "c");
    expect(heard(floor, nowMs, 1)).toBe("bc");
    expect(heard(floor, nowMs + HOLD_MS - 1, 1)).toBe("bc");
    expect(heard(floor, nowMs + HOLD_MS, 1)).toBe("c");
  });

  test("an opened microphone has its place before the first word; a muted one has none", () => {
    const { floor, nowMs } = spoken("a", "b", null);
    const speaking = takeTurn(floor, "b", nowMs);
    const opened = openMicrophone(speaking, "c");
    expect(heard(opened, nowMs + HOLD_MS, 2)).toBe("bc");
    const muted = stage.map((one) => (one.peerId === "c" ? { ...one, isOpen: false } : one));
    expect(heard(opened, nowMs + HOLD_MS, 2, muted)).toBe("ab");
  });

  test("who has left takes no place", () => {
    const { floor, nowMs } = spoken("a", "b", "c");
    expect(heard(leaveFloor(floor, "c"), nowMs + HOLD_MS, 2)).toBe("ab");
  });

  test("whatever happens: bounded, never somebody muted, and whoever speaks is heard", () => {
    const ids = stage.map((one) => one.peerId);
    const event = fc.record({
      id: fc.constantFrom(...ids),
      kind: fc.constantFrom("speak", "open", "silence", "leave"),
      waitMs: fc.integer({ min: 0, max: 4_000 }),
    });
    fc.assert(
      fc.property(
        fc.array(event, { maxLength: 60 }),
        fc.integer({ min: 1, max: 3 }),
        (events, n) => {
          let floor = emptyFloor;
          let nowMs = 0;
          for (const { id, kind, waitMs } of events) {
            nowMs += waitMs;
            if (kind === "speak") floor = takeTurn(floor, id, nowMs);
            else if (kind === "silence") floor = takeTurn(floor, null, nowMs);
            else if (kind === "open") floor = openMicrophone(floor, id);
            else floor = leaveFloor(floor, id);
            const places = placesOf(floor, stage, nowMs);
            const count = [...places.values()].filter((place) => isHeard(place, n)).length;
            expect(count).toBeLessThanOrEqual(n + 1);
            expect(isHeard(places.get("quiet")!, n)).toBe(false);
            const { speaker } = floor;
            if (speaker && speaker !== "quiet") expect(isHeard(places.get(speaker)!, n)).toBe(true);
          }
        },
      ),
    );
  });
});

describe("whom the audience sees", () => {
  test.each([
    ["who leads and the last speakers", spoken("a", "b", "c", "d"), 3, "cdp"],
    ["who leads first of all", spoken("a", "b"), 1, "p"],
    ["all, when they are few", spoken("a"), 9, "abcdp"],
  ])("%s", (_, { floor }, cameras, expected) => {
    expect(seen(floor, cameras)).toBe(expected);
  });
});

describe("routing to an audience", () => {
  const listener = (changes: Partial<Listener> = {}): Listener => ({
    peerId: "l",
    private: false,
    privateAudio: true,
    videoUp: "full",
    videoDown: "full",
    isNewLine: false,
    chosenChannel: null,
    place: noPlace,
    hasLecture: false,
    isOnStage: false,
    chosenWay: "full",
    isInterpreted: false,
    mostCameras: 4,
    ...changes,
  });
  const speaker = (sound: number, camera = 0) =>
    listener({
      isOnStage: true,
      hasLecture: true,
      place: { sound, camera, isFading: false },
    });
  const stream = (source: RoutedStream["source"], paused = false) => ({
    source,
    paused,
    channel: source === "interpretation" ? "bo" : undefined,
  });
  const outcome = (
    source: RoutedStream["source"],
    from: Listener,
    to: Listener,
    paused = false,
  ) => {
    const result = route(stream(source, paused), from, to, false, 2);
    return result.exists ? (result.held ?? "flows") : "none";
  };
  const low = { chosenWay: "slides-and-sound" } as const;
  const sound = { chosenWay: "sound-only" } as const;

  test.each([
    ["lecture of who speaks", "lecture", speaker(0), listener(), "flows"],
    ["lecture of the last but one", "lecture", speaker(1), listener(), "flows"],
    ["lecture of a third", "lecture", speaker(2), listener(), "last-n"],
    [
      "lecture of the last but one, thin",
      "lecture",
      speaker(1),
      listener({ videoDown: "low" }),
      "last-n",
    ],
    ["lecture of who speaks, slides and sound", "lecture", speaker(0), listener(low), "flows"],
    ["lecture of the last but one, sound only", "lecture", speaker(1), listener(sound), "last-n"],
    [
      "lecture of who speaks behind an interpreter, thin",
      "lecture",
      speaker(0),
      listener({ ...low, isInterpreted: true }),
      "last-n",
    ],
    [
      "lecture of who speaks behind an interpreter",
      "lecture",
      speaker(0),
      listener({ isInterpreted: true }),
      "flows",
    ],
    ["the conversation, where there is a lecture track", "audio", speaker(0), listener(), "none"],
    [
      "the conversation, until there is a lecture track",
      "audio",
      { ...speaker(0), hasLecture: false },
      listener(low),
      "flows",
    ],
    ["a camera among the shown", "video", speaker(0, 3), listener(), "flows"],
    ["a camera beyond", "video", speaker(0, 4), listener(), "last-n"],
    ["a camera, slides and sound", "video", speaker(0), listener(low), "way"],
    ["a screen, sound only", "screen", speaker(0), listener(sound), "way"],
    ["a screen", "screen", speaker(0, 9), listener(), "flows"],
    [
      "a camera, on a line that carries none",
      "video",
      speaker(0),
      listener({ videoDown: "off" }),
      "line",
    ],
    [
      "the chosen interpretation, sound only",
      "interpretation",
      speaker(9),
      listener({ ...sound, chosenChannel: "bo" }),
      "flows",
    ],
    ["an interpretation that is not chosen", "interpretation", speaker(9), listener(), "none"],
    ["the lecture, to the stage", "lecture", speaker(0), listener({ isOnStage: true }), "none"],
    ["the conversation, to the stage", "audio", speaker(9), listener({ isOnStage: true }), "flows"],
    [
      "a camera beyond, to the stage",
      "video",
      speaker(9, 9),
      listener({ isOnStage: true }),
      "flows",
    ],
  ] as const)("%s", (_, source, from, to, expected) => {
    expect(outcome(source, from, to)).toBe(expected);
  });

  test("what is held for long is not made before it is needed; a voice always is", () => {
    const result = (source: RoutedStream["source"]) =>
      route(stream(source), speaker(9, 9), listener(), false, 2);
    expect(result("video")).toMatchObject({ exists: true, isSpare: true });
    expect(result("lecture")).toMatchObject({ exists: true, isSpare: false });
  });

  test("a muted voice is not stopped at each listener: its first word needs no order", () => {
    expect(outcome("lecture", speaker(Infinity), listener(), true)).toBe("muted");
  });
});

describe("reports of an audience", () => {
  const EVERY_MS = 5_000;
  /** What a browser would count; a second of 25 packets, some of them lost or asked for again. */
  function listening() {
    const sound = { id: "in", type: "inbound-rtp", kind: "audio", trackIdentifier: "t" };
    const counters = { packetsReceived: 0, packetsLost: 0, nackCount: 0, concealedSamples: 0 };
    const line = { currentRoundTripTime: 0.1 };
    const stats = () => [
      { ...sound, ...counters, totalSamplesReceived: counters.packetsReceived * 1_920 },
      { id: "pair", type: "candidate-pair", nominated: true, ...line },
    ];
    const meter = new QualityMeter();
    let nowMs = 0;
    const session = {
      send: { getStats: async () => new Map() },
      recv: { getStats: async () => new Map(stats().map((stat) => [stat.id, stat])) },
      consumers: new Map([["c", { id: "c", track: { id: "t" } }]]),
    };
    return {
      line,
      async second(trouble: Partial<typeof counters> = {}) {
        nowMs += 1_000;
        counters.packetsReceived += 25;
        counters.packetsLost += trouble.packetsLost ?? 0;
        counters.nackCount += trouble.nackCount ?? 0;
        counters.concealedSamples += trouble.concealedSamples ?? 0;
        return await meter.take(session, nowMs, EVERY_MS);
      },
    };
  }

  test("one in five seconds while all is well, of all five", async () => {
    const { second } = listening();
    const reports = [];
    for (let turn = 0; turn < 16; turn++) reports.push(await second());
    const sent = reports.flatMap((report, at) => (report ? [{ at, report }] : []));
    expect(sent.map(({ at }) => at)).toEqual([5, 10, 15]);
    expect(sent[1]!.report).toMatchObject({
      intervalMs: 5_000,
      downlink: { consumers: [{ received: 125 }] },
    });
  });

  test.each([
    ["lost sound", { packetsLost: 2 }],
    ["sound asked for again", { nackCount: 2 }],
    ["sound made up", { concealedSamples: 4_800 }],
  ])("%s is reported at once", async (_, trouble) => {
    const { second } = listening();
    await second();
    expect(await second()).toBeNull();
    expect(await second(trouble)).not.toBeNull();
  });

  test("a queue that fills is reported at once", async () => {
    const { second, line } = listening();
    await second();
    expect(await second()).toBeNull();
    line.currentRoundTripTime = 0.6;
    expect(await second()).toMatchObject({ downlink: { rttMs: 600 } });
  });
});

describe("an audience in figures", () => {
  const one = (org: string, changes: Partial<ListenerFigures> = {}): ListenerFigures => ({
    org,
    way: "full",
    line: "good",
    concealed: 0,
    lossDown: 0,
    rttMs: 100,
    ...changes,
  });

  test("counts people, ways, lines and who could not hear; worst institutions first", () => {
    const listeners = [
      ...Array.from({ length: 30 }, () => one("county")),
      one("clinic", { way: "slides-and-sound", line: "thin" }),
      one("school", { line: "thin", concealed: 0.3 }),
      one("school", { line: "gone", concealed: 0.9 }),
    ];
    const summary = summarise(listeners);
    expect(summary).toMatchObject({
      people: 33,
      sites: 3,
      ways: { full: 32, "slides-and-sound": 1, "sound-only": 0 },
      lines: { good: 30, fair: 0, thin: 2, gone: 1 },
      unheard: 1,
    });
    expect(summary.worst.map((site) => site.org)).toEqual(["school", "clinic"]);
  });

  test("lists are bounded, whatever the audience", () => {
    const many = Array.from({ length: 3_000 }, (_, index) => one(`org ${index}`, { line: "thin" }));
    expect(summarise(many).worst).toHaveLength(20);
    const { sites, others } = qualityBySite(many);
    expect(sites).toHaveLength(500);
    expect(others).toBe(2_500);
  });

  test("an institution's line is the mean of its people's", () => {
    const { sites } = qualityBySite([
      one("clinic", { lossDown: 0.02, rttMs: 100 }),
      one("clinic", { lossDown: 0.04, rttMs: 300, concealed: 0.2 }),
    ]);
    expect(sites).toEqual([
      {
        org: "clinic",
        people: 2,
        thin: 0,
        gone: 0,
        unheard: 1,
        lossDown: 0.03,
        rttMs: 200,
        concealed: 0.1,
      },
    ]);
  });
});
