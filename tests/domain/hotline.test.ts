import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { confirmedText, dayAndTime } from "../../server/booking/texts.ts";
import { bookingCode } from "../../server/booking/waiting.ts";
import { flagAnswers, isFlagged, routeOf } from "../../server/hotline/domain.ts";
import { parseSmsAnswer, replies } from "../../server/hotline/sms-text.ts";
import {
  assertSendable,
  callAgainMinutes,
  channelOf,
  nextTry,
} from "../../server/notices/domain.ts";

describe("red flags", () => {
  it.each([
    [["no", "no", "no"], false, null],
    [["yes"], true, "120"],
    [["no", "no", "yes"], true, "nurse"],
    [["no", "no", "unknown"], true, "nurse"],
    [["unknown", "yes", "no"], true, "120"],
    [["no", "no"], true, null],
    [[], true, null],
  ] as const)("%j: flagged %s, to %s", (answers, flagged, route) => {
    expect(isFlagged(answers, 3)).toBe(flagged);
    expect(routeOf(answers, ["120", "120", "nurse"])).toBe(route);
  });

  it("never let a yes or a don't know pass", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...flagAnswers), { maxLength: 5 }), (answers) => {
        if (answers.some((one) => one !== "no"))
          expect(isFlagged(answers, answers.length)).toBe(true);
      }),
    );
  });
});

describe("an answer by message", () => {
  it.each([
    ["确认 K7M2PX", "confirm", "K7M2PX"],
    ["确认K7M2PX", "confirm", "K7M2PX"],
    ["1 K7M2PX", "confirm", "K7M2PX"],
    ["1K7M2PX", "confirm", "K7M2PX"],
    ["K7M2PX 1", "confirm", "K7M2PX"],
    ["２　ｋ７ｍ２ｐｘ", "cancel", "K7M2PX"],
    ["2K7M2PX", "cancel", "K7M2PX"],
    ["取消，k7m2px。", "cancel", "K7M2PX"],
    ["“取消 K7M2PX”", "cancel", "K7M2PX"],
    ["取消 K7M 2PX", "cancel", "K7M2PX"],
    ["我来不了了 k7m2px", "cancel", "K7M2PX"],
    ["确认取消K7M2PX", "cancel", "K7M2PX"],
    ["不要取消K7M2PX", "keep", "K7M2PX"],
    ["don't cancel k7m2px", "keep", "K7M2PX"],
    ["Cancel k7m2px please", "cancel", "K7M2PX"],
    ["confirm: K7M2PX", "confirm", "K7M2PX"],
    ["ok K7M2PX", "confirm", "K7M2PX"],
    ["排队K7M2PX", "place", "K7M2PX"],
    ["前面还有几个人？K7M2PX", "place", "K7M2PX"],
    ["queue K7M2PX", "place", "K7M2PX"],
    ["3 K7M2PX", "place", "K7M2PX"],
    ["ཕྱིར་འཐེན་ K7M2PX", "cancel", "K7M2PX"],
    ["གཏན་འཁེལ་ K7M2PX", "confirm", "K7M2PX"],
    ["གྲལ་ K7M2PX", "place", "K7M2PX"],
    ["取消", "cancel", null],
    ["K7M2PX", null, "K7M2PX"],
    ["谢谢", null, null],
    ["", null, null],
    ["我在开会，稍后回复", null, null],
  ] as const)("%s", (text, intent, code) => {
    expect(parseSmsAnswer(text)).toEqual({ intent, code });
  });

  it("finds every code that we give out, however it is typed", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 6, maxLength: 6 }),
        fc.constantFrom("取消", "2", "cancel ", "ཕྱིར་འཐེན་"),
        fc.boolean(),
        fc.constantFrom("", " ", "　", "，", ": "),
        (bytes, word, low, gap) => {
          const code = bookingCode(bytes);
          const typed = `${word}${gap}${low ? code.toLowerCase() : code}`;
          expect(parseSmsAnswer(typed)).toEqual({ intent: "cancel", code });
        },
      ),
    );
  });

  it("is answered with the code, short enough, and sendable, in three languages", () => {
    const at = new Date("2026-11-24T01:30:00Z");
    const when = {
      "zh-CN": dayAndTime("zh-CN", at),
      en: dayAndTime("en", at),
      bo: dayAndTime("bo", at),
    };
    const said = [
      replies.confirmed("K7M2PX", when, "门诊楼 2 楼"),
      replies.askCancel("K7M2PX", when),
      replies.cancelled("K7M2PX", when),
      replies.kept("K7M2PX", when),
      replies.ahead("K7M2PX", 3, "09:30"),
      replies.ahead("K7M2PX", 0, "09:30"),
      replies.called("K7M2PX", "2 诊室"),
      replies.notYet("K7M2PX", when),
      replies.help([{ code: "K7M2PX", when }]),
    ];
    for (const one of said)
      for (const text of Object.values(one)) {
        expect(text).toContain("K7M2PX");
        expect(text.length).toBeLessThan(300);
        assertSendable({ phone: "13800138000", kind: "booking-answer", text, dedupeKey: "x", at });
      }
    expect(when.bo).toBe("ཟླ་11ཚེས་24 གཟའ་མིག་དམར 09:30");
  });
});

describe("a confirmation", () => {
  const row = {
    startsAt: new Date("2026-11-24T01:30:00Z"),
    cancelUntil: new Date("2026-11-23T09:00:00Z"),
    place: "2 楼",
    ticket: "A012",
    code: "K7M2PX",
    institutionPhone: "021-56628584",
  } as Parameters<typeof confirmedText>[0];
  const name = { zh: "闸北中心医院", en: "Zhabei", bo: "ཀྲ་པེ།" };
  it.each(["zh-CN", "en", "bo"] as const)(
    "in %s offers to cancel only while one may",
    (language) => {
      const before = confirmedText(row, name, new Date("2026-11-22T00:00:00Z"))(language);
      const after = confirmedText(row, name, new Date("2026-11-23T10:00:00Z"))(language);
      expect(before).toMatch(/取消 K7M2PX|CANCEL K7M2PX/);
      expect(after).not.toMatch(/取消|CANCEL/);
      for (const text of [before, after]) {
        expect(text).toContain("K7M2PX");
        expect(text).toContain("021-56628584");
      }
    },
  );
  it("says the day as people do", () => {
    expect(dayAndTime("zh-CN", row.startsAt)).toMatch(/^11月24日.*09:30$/);
  });
});

describe("a call that reached nobody", () => {
  const now = new Date("2026-11-24T01:00:00Z");
  const inMinutes = (minutes: number) => new Date(now.getTime() + minutes * 60_000);
  it.each([
    [120, callAgainMinutes],
    [callAgainMinutes + 1, callAgainMinutes],
    [10, 9],
    [1, 0],
    [0, 0],
  ])("due in %d minutes: again in %d", (due, again) => {
    expect(nextTry(now, inMinutes(due))).toEqual(inMinutes(again));
  });
});

describe("how news reaches whom", () => {
  const phones = { readsMessages: true, number: true };
  const landline = { readsMessages: false, number: true };
  const nobody = { readsMessages: false, number: false };
  it.each([
    // As one wishes, whatever one has.
    ["call-me", "called", phones, "call"],
    ["call-helper", "near", landline, "call"],
    // Without a wish: a message where a phone reads them.
    ["sms", "near", phones, "message"],
    ["sms", "called", phones, "message"],
    ["sms", "clinic-stopped", phones, "message"],
    // An elder with a telephone at home: the list of calls; what is called out in the room is heard there.
    ["sms", "clinic-stopped", landline, "call"],
    ["sms", "waitlist-offer", landline, "call"],
    ["sms", "release-booked", landline, "call"],
    ["sms", "near", landline, "call"],
    ["sms", "passed", landline, "call"],
    ["sms", "called", landline, "voice"],
    // Nobody to call: the desk sees a task for what happens elsewhere, the room calls by voice.
    ["sms", "clinic-stopped", nobody, "call"],
    ["sms", "near", nobody, "voice"],
  ] as const)("%s, %s", (mode, kind, who, channel) => {
    expect(channelOf(mode, kind, who)).toBe(channel);
  });
});
