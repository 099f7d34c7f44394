import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  ageOn,
  creditCodeCheckCharacter,
  isCalendarDate,
  maskIdentityNumber,
  maskIdentityNumberPublic,
  maskPhone,
  parseCreditCode,
  parsePhone,
  parseResidentId,
  residentIdCheckCharacter,
} from "../../server/patients/identifiers.ts";

const digits = (length: number) =>
  fc
    .array(fc.integer({ min: 0, max: 9 }), { minLength: length, maxLength: length })
    .map((list) => list.join(""));
const birthDates = fc
  .date({
    min: new Date("1900-01-01T00:00:00Z"),
    max: new Date("2026-12-31T00:00:00Z"),
    noInvalidDate: true,
  })
  .map((date) => date.toISOString().slice(0, 10));
const residentIds = fc
  .tuple(digits(6), birthDates, digits(3))
  .map(([area, date, order]) => `${area}${date.replaceAll("-", "")}${order}`)
  .map((first17) => first17 + residentIdCheckCharacter(first17));
const creditAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
const creditCodes = fc
  .array(fc.constantFrom(...creditAlphabet), { minLength: 17, maxLength: 17 })
  .map((list) => list.join(""))
  .map((first17) => first17 + creditCodeCheckCharacter(first17));

describe("resident ID", () => {
  it("accepts the reference number and reads date and sex from it", () => {
    expect(parseResidentId("11010519491231002X")).toEqual({
      ok: true,
      value: {
        number: "11010519491231002X",
        areaCode: "110105",
        birthDate: "1949-12-31",
        sex: "female",
      },
    });
  });

  it.each([
    ["", "length"],
    ["110105491231002", "length"],
    ["11010519491231002XX", "length"],
    ["1101051949123100AX", "characters"],
    ["X1010519491231002X", "characters"],
    ["110105194912310O2X", "characters"],
    ["11010519490230002X", "date"],
    ["11010519491331002X", "date"],
    ["11010500001231002X", "date"],
    ["110105194912310021", "checksum"],
    ["11010519491231003X", "checksum"],
  ])("refuses %s as %s", (text, problem) => {
    expect(parseResidentId(text)).toEqual({ ok: false, problem });
  });

  it("takes lower-case x, spaces and full-width digits from an input method", () => {
    for (const text of [
      "11010519491231002x",
      " 110105 19491231 002X ",
      "１１０１０５１９４９１２３１００２Ｘ",
    ]) {
      expect(parseResidentId(text)).toMatchObject({
        ok: true,
        value: { number: "11010519491231002X" },
      });
    }
  });

  it("refuses a birth date after today only when today is given", () => {
    const first17 = "54232420300101012";
    const number = first17 + residentIdCheckCharacter(first17);
    expect(parseResidentId(number).ok).toBe(true);
    expect(parseResidentId(number, "2029-12-31")).toEqual({ ok: false, problem: "date" });
    expect(parseResidentId(number, "2030-01-01").ok).toBe(true);
  });

  it("keeps retired area codes valid: any six digits", () => {
    // 542324 was Sakya until Shigatse became a city (now 540622).
    const first17 = "54232419700515012";
    expect(parseResidentId(first17 + residentIdCheckCharacter(first17))).toMatchObject({
      ok: true,
      value: { areaCode: "542324", birthDate: "1970-05-15", sex: "female" },
    });
  });

  it("accepts every well-formed number and its sex follows digit 17", () => {
    fc.assert(
      fc.property(residentIds, (number) => {
        const parsed = parseResidentId(number);
        expect(parsed.ok && parsed.value.number).toBe(number);
        expect(parsed.ok && parsed.value.sex === "male").toBe(Number(number[16]) % 2 === 1);
      }),
    );
  });

  it("detects every single wrong digit and every swap of neighbours", () => {
    fc.assert(
      fc.property(
        residentIds,
        fc.integer({ min: 0, max: 16 }),
        fc.integer({ min: 1, max: 9 }),
        (number, at, shift) => {
          const wrong = (Number(number[at]) + shift) % 10;
          expect(parseResidentId(number.slice(0, at) + wrong + number.slice(at + 1)).ok).toBe(
            false,
          );
          const next = number.charAt(at + 1);
          fc.pre(next !== number[at]);
          expect(
            parseResidentId(number.slice(0, at) + next + number[at] + number.slice(at + 2)).ok,
          ).toBe(false);
        },
      ),
    );
  });

  it("never throws on any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 40 }), (text) => {
        expect(typeof parseResidentId(text).ok).toBe("boolean");
        expect(typeof parsePhone(text).ok).toBe("boolean");
        expect(typeof parseCreditCode(text).ok).toBe("boolean");
      }),
    );
  });
});

describe("unified social credit code", () => {
  it("accepts the reference code", () => {
    expect(parseCreditCode("91330100799655058b")).toEqual({
      ok: true,
      value: "91330100799655058B",
    });
  });

  it.each([
    ["9133010079965505", "length"],
    ["9133010079965505IB", "characters"],
    ["91330100799655058C", "checksum"],
    ["91330100799655085B", "checksum"],
  ])("refuses %s as %s", (text, problem) => {
    expect(parseCreditCode(text)).toEqual({ ok: false, problem });
  });

  it("accepts every code with its check character and no other character in its place", () => {
    fc.assert(
      fc.property(creditCodes, (code) => {
        const accepted = [...creditAlphabet].filter(
          (last) => parseCreditCode(code.slice(0, 17) + last).ok,
        );
        expect(accepted).toEqual([code.charAt(17)]);
      }),
    );
  });
});

describe("phone", () => {
  it.each([
    ["13812345678", "mobile", "13812345678", "+8613812345678"],
    ["+86 138-1234-5678", "mobile", "13812345678", "+8613812345678"],
    ["008619912345678", "mobile", "19912345678", "+8619912345678"],
    ["021-64373066", "landline", "02164373066", "+862164373066"],
    ["（0892）8221234", "landline", "08928221234", "+868928221234"],
    ["+86 892 8221234", "landline", "08928221234", "+868928221234"],
    ["010 6512 3456", "landline", "01065123456", "+861065123456"],
  ])("reads %s", (text, kind, national, e164) => {
    expect(parsePhone(text)).toEqual({ ok: true, value: { kind, national, e164 } });
  });

  it("keeps an extension", () => {
    expect(parsePhone("021-64373066转8012")).toMatchObject({
      ok: true,
      value: { extension: "8012" },
    });
  });

  it.each([
    ["", "characters"],
    ["abc", "characters"],
    ["1381234567", "length"],
    ["138123456789", "length"],
    ["12812345678", "prefix"],
    ["8221234", "prefix"],
    ["0892822123", "length"],
    ["0892-0221234", "prefix"],
    ["00112345678", "prefix"],
  ])("refuses %s as %s", (text, problem) => {
    expect(parsePhone(text)).toEqual({ ok: false, problem });
  });

  it("accepts exactly the numbers of ^1[3-9]\\d{9}$ among 11-digit numbers starting with 1", () => {
    fc.assert(
      fc.property(digits(10), (tail) => {
        const number = `1${tail}`;
        expect(parsePhone(number).ok).toBe(/^1[3-9]\d{9}$/.test(number));
      }),
    );
  });
});

describe("masks", () => {
  it("shows phones as 138****5678", () => {
    expect(maskPhone("13812345678")).toBe("138****5678");
    expect(maskPhone("0892-8221234")).toBe("0892-****34");
    expect(maskPhone("no phone")).toBe("****");
  });

  it("shows identity numbers by first 3 and last 4, on public screens by 1 and 1", () => {
    expect(maskIdentityNumber("11010519491231002X")).toBe("110***********002X");
    expect(maskIdentityNumberPublic("11010519491231002X")).toBe("1****************X");
    expect(maskIdentityNumber("E12345")).toBe("******");
    expect(maskIdentityNumber("")).toBe("****");
  });

  it("never shows more than seven characters of any identity number", () => {
    fc.assert(
      fc.property(residentIds, (number) => {
        expect(maskIdentityNumber(number).replaceAll("*", "")).toHaveLength(7);
        expect(maskIdentityNumberPublic(number).replaceAll("*", "")).toHaveLength(2);
      }),
    );
  });
});

describe("age", () => {
  it.each([
    ["2017-03-10", "2026-03-09", { years: 8, months: 11 }],
    ["2017-03-10", "2026-03-10", { years: 9, months: 0 }],
    ["2024-02-29", "2025-02-28", { years: 0, months: 11 }],
    ["2024-02-29", "2025-03-01", { years: 1, months: 0 }],
    ["2026-11-01", "2026-11-01", { years: 0, months: 0, totalDays: 0 }],
    ["2026-08-31", "2026-11-30", { years: 0, months: 2, totalDays: 91 }],
  ])("%s on %s", (birth, on, age) => {
    expect(ageOn(birth, on)).toMatchObject(age);
  });

  it("has no age for a birth after the day or a date that does not exist", () => {
    expect(ageOn("2026-01-02", "2026-01-01")).toBeUndefined();
    expect(ageOn("2026-02-30", "2026-03-01")).toBeUndefined();
    expect(isCalendarDate("2026-2-3")).toBe(false);
  });
});
