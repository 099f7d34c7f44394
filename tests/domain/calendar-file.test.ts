import { describe, expect, it } from "vitest";
import { calendarFile } from "../../web/patient/booking/calendar-file.ts";

const visit = {
  id: "7d4a8c1e-0000-4000-8000-000000000001",
  version: 3,
  startsAt: "2026-11-23T10:00:00+08:00",
  endsAt: "2026-11-23T11:00:00+08:00",
  title: "血液科 · 徐汇区中心医院",
  place: "徐汇区中心医院, 门诊楼 3 层; 305 诊室",
  notes: "就诊码 P39TV8\n身份证或医保卡，以前的化验单，正在吃的药",
  remindMinutes: 60,
};
const file = calendarFile(visit, Date.parse("2026-11-22T00:00:00Z"));
/** As a reader unfolds it (RFC 5545, 3.1). */
const lines = file.replaceAll("\r\n ", "").split("\r\n");

describe("a visit as a calendar file", () => {
  it("says when, in UTC, whatever zone the phone is in", () => {
    expect(lines).toContain("DTSTART:20261123T020000Z");
    expect(lines).toContain("DTEND:20261123T030000Z");
    expect(lines).toContain("DTSTAMP:20261122T000000Z");
    expect(lines).toContain("TRIGGER:-PT60M");
  });

  it("replaces itself after a change of time", () => {
    expect(lines).toContain(`UID:${visit.id}@yilian`);
    expect(lines).toContain("SEQUENCE:3");
  });

  it("escapes what has a meaning in the format", () => {
    expect(lines).toContain("LOCATION:徐汇区中心医院\\, 门诊楼 3 层\\; 305 诊室");
    expect(lines.find((line) => line.startsWith("DESCRIPTION:就诊码"))).toContain(
      "P39TV8\\n身份证",
    );
  });

  it("folds at 75 octets, never within a letter", () => {
    for (const line of file.split("\r\n")) {
      expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
      expect(line).not.toContain("�");
    }
    expect(file.endsWith("END:VCALENDAR\r\n")).toBe(true);
  });
});
