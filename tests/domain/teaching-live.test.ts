import { describe, expect, it } from "vitest";
import {
  intersect,
  normalise,
  presentOf,
  quizScore,
  secondsOf,
  subtract,
} from "../../server/teaching/attendance-domain.ts";
import type { Entry, EntryData, EntryKind } from "../../timeline/entries.ts";
import {
  chatWindow,
  emptyState,
  foldBatch,
  foldEntries,
  handOf,
  placeOfHand,
  surfaceOf,
  trimState,
} from "../../timeline/fold.ts";

const deck = "11111111-1111-4111-8111-111111111111";
const doctor = { id: "doctor", name: "王主任", org: "徐汇" };
const nurse = { id: "nurse", name: "卓玛", org: "麻布加" };
/** Entries in order, numbered from 1. */
const entries = (...list: { [K in EntryKind]: [K, EntryData[K], typeof nurse?] }[EntryKind][]) =>
  list.map(
    ([kind, data, by], index) =>
      ({ seq: index + 1, at: "2026-05-01T02:00:00.000Z", by: by ?? null, kind, data }) as Entry,
  );
const stroke = (id: string) => ({
  id,
  tool: "pen" as const,
  colour: "red" as const,
  width: 0.01,
  points: [[0, 0] as [number, number]],
});
const onStage = (personId: string, role: "presenter" | "co-host" | "guest") => ({
  personId,
  name: personId,
  org: "",
  role,
  sub: personId,
  pub: ["audio" as const],
  hand: null,
});

describe("the fold of the timeline", () => {
  const told = entries(
    ["went-live", { rehearsal: false }],
    ["stage-joined", onStage("doctor", "presenter")],
    ["slide", { deckId: deck, page: 1 }],
    ["stroke", { surface: `slide:${deck}:1`, stroke: stroke("a") }],
    ["stroke", { surface: `slide:${deck}:1`, stroke: stroke("b") }],
    ["erase", { surface: `slide:${deck}:1`, strokeIds: ["a"] }],
    ["chat", { text: "听得到吗", question: true }, nurse],
    ["pin", { of: 7, text: "听得到吗", by: nurse }, doctor],
    ["hand-raised", { way: "voice", language: "bo", text: null }, nurse],
    ["slide", { deckId: deck, page: 2 }],
    ["stage-joined", { ...onStage("nurse", "guest"), hand: 9 }],
    ["hand-lowered", { of: 9, reason: "called" }],
    [
      "poll-opened",
      { pollId: deck, question: "?", options: ["a", "b"], choice: "single", quiz: true },
    ],
    ["poll-closed", { pollId: deck }],
    ["poll-results", { pollId: deck, counts: [1, 2], answered: 3, right: [1] }],
    ["interrupted", { reason: "line" }],
    ["handover", { toPersonId: "co-host", toName: "李", byItself: true }],
    ["resumed", {}],
    ["still", { stillId: "s" }],
    ["chat-removed", { of: 7 }],
  );

  it("is what is to be seen now", () => {
    const state = foldEntries(emptyState(), told);
    expect(state).toMatchObject({
      seq: 20,
      phase: "live",
      slide: { page: 2 },
      still: "s",
      leadId: "co-host",
      chat: [],
      pinned: [],
      hands: [],
      stage: [{ personId: "doctor" }, { personId: "nurse", role: "guest" }],
      poll: { open: false, results: { counts: [1, 2], right: [1] } },
    });
    expect(surfaceOf(state)).toBe("still:s");
    expect(state.strokes[`slide:${deck}:1`]?.map(({ id }) => id)).toEqual(["b"]);
    const paused = foldEntries(emptyState(), told.slice(0, 16));
    expect(paused).toMatchObject({ phase: "interrupted", leadId: "doctor", pinned: [{ seq: 7 }] });
  });

  it("is the same in one go, in batches of any size, and told twice", () => {
    const whole = foldEntries(emptyState(), told);
    for (const size of [1, 3, 7]) {
      let state = emptyState();
      for (let from = 0; from < told.length; from += size) {
        const batch = {
          sessionId: deck,
          run: 1,
          after: from,
          through: Math.min(from + size, told.length),
          entries: told.slice(from, from + size),
          skippedChats: 0,
        };
        const next = foldBatch(state, batch);
        expect(next && foldBatch(next, batch)).toEqual(next);
        state = next!;
      }
      expect(state).toEqual(whole);
    }
  });

  it("knows what it missed, and that a rehearsal is over", () => {
    const batch = { sessionId: deck, run: 1, after: 5, through: 6, entries: [], skippedChats: 0 };
    expect(foldBatch(emptyState(), batch)).toBeNull();
    expect(foldBatch(emptyState(), { ...batch, run: 2, after: 0 })).toBeNull();
    expect(foldBatch({ ...emptyState(), seq: 5 }, { ...batch, skippedChats: 1 })).toMatchObject({
      seq: 6,
      chatCount: 1,
    });
  });

  it("holds a flood of chat in a window, and five hundred hands in order", () => {
    const chats = entries(
      ...Array.from(
        { length: 1_000 },
        (_, n) =>
          ["chat", { text: `${n}`, question: false }, nurse] as [
            "chat",
            EntryData["chat"],
            typeof nurse,
          ],
      ),
    );
    const state = foldEntries(emptyState(), chats);
    expect(state.chat).toHaveLength(chatWindow);
    expect(state.chat.at(-1)?.text).toBe("999");
    expect(state.chatCount).toBe(1_000);
    const hands = foldEntries(
      emptyState(),
      entries(
        ...Array.from(
          { length: 500 },
          (_, n) =>
            [
              "hand-raised",
              { way: "text", language: "bo", text: "问" },
              { id: `p${n}`, name: "", org: "" },
            ] as ["hand-raised", EntryData["hand-raised"], typeof nurse],
        ),
      ),
    );
    expect(placeOfHand(hands, handOf(hands, "p300")!.seq)).toBe(300);
    expect(placeOfHand(hands, 501)).toBeNull();
    const own = trimState(hands, "p300");
    expect(own.hands.filter((hand) => hand.by).map((hand) => hand.by?.id)).toEqual([
      ...Array.from({ length: 20 }, (_, n) => `p${n}`),
      "p300",
    ]);
    expect(own.hands).toHaveLength(500);
    expect(trimState(hands, null).hands.every((hand) => hand.by)).toBe(true);
  });
});

describe("interval algebra", () => {
  const at = (from: number, until: number) => ({ from: from * 1_000, until: until * 1_000 });
  it.each([
    [[], []],
    [[at(5, 5), at(7, 6)], []],
    [
      [at(3, 4), at(1, 2)],
      [at(1, 2), at(3, 4)],
    ],
    // Touching ends are one stay; one inside another adds nothing.
    [[at(1, 2), at(2, 3)], [at(1, 3)]],
    [[at(1, 9), at(2, 3), at(8, 10)], [at(1, 10)]],
  ])("normalises %j", (given, expected) => {
    expect(normalise(given)).toEqual(expected);
  });

  it("cuts and takes away", () => {
    expect(intersect([at(0, 5), at(8, 12)], [at(3, 9)])).toEqual([at(3, 5), at(8, 9)]);
    expect(intersect([at(0, 5)], [at(5, 9)])).toEqual([]);
    expect(subtract([at(0, 10)], [at(2, 3), at(9, 20)])).toEqual([at(0, 2), at(3, 9)]);
    expect(subtract([at(2, 3)], [at(0, 10)])).toEqual([]);
    expect(secondsOf([at(0, 2), at(1, 4)])).toBe(4);
  });

  it("counts a person once, whatever the devices, and only what was taught", () => {
    const house = "mabujia";
    const stay = (personId: string, kind: "person" | "site", from: number, until: number) => ({
      personId,
      kind,
      institutionId: house,
      ...at(from, until),
    });
    const present = presentOf({
      taught: at(100, 1_100),
      broken: [at(500, 600)],
      stays: [
        stay("phone", "person", 0, 300),
        stay("phone", "person", 200, 400),
        stay("clerk", "site", 0, 550),
        stay("early", "person", 0, 90),
      ],
      ticks: [
        { institutionId: house, personId: "phone", name: "次仁" },
        { institutionId: house, personId: null, name: "实习生" },
        { institutionId: "sakya", personId: "elsewhere", name: "旦增" },
      ],
    });
    expect(present).toEqual([
      // Own phone and the room's screen together: 100 to 500 of 900 seconds that were taught.
      { personId: "phone", name: null, institutionId: house, seconds: 400, share: 0.444 },
      { personId: null, name: "实习生", institutionId: house, seconds: 400, share: 0.444 },
    ]);
  });

  it("scores the quiz by what was answered rightly of all questions", () => {
    expect(quizScore(0, [])).toBeNull();
    expect(
      quizScore(3, [
        { right: [1], chosen: [1] },
        { right: [0, 2], chosen: [2, 0] },
      ]),
    ).toBe(0.667);
    expect(quizScore(1, [{ right: [0, 2], chosen: [0] }])).toBe(0);
  });
});
