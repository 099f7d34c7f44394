import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  createIcd10Index,
  findIcd10,
  ICD10_SEARCH_MAX,
  isIcd10Code,
  normaliseIcd10Code,
  searchIcd10,
} from "../../server/terminology/icd10.ts";
import { parseIcd10Table } from "../../server/terminology/icd10-import.ts";
import { icd10Starter } from "../../server/terminology/icd10-starter.ts";
import { pinyinInitials } from "../../server/terminology/pinyin-initials.ts";

const codesOf = (query: string, limit?: number) =>
  searchIcd10(query, limit).map((entry) => entry.code);

describe("starter list", () => {
  it("holds at least 400 valid, distinct codes in order, each with a display in both languages", () => {
    expect(icd10Starter.length).toBeGreaterThanOrEqual(400);
    const codes = icd10Starter.map(([code]) => code);
    expect(codes.filter((code) => !isIcd10Code(code))).toEqual([]);
    expect(codes).toEqual([...new Set(codes)].sort());
    expect(
      icd10Starter.filter(([, zh, en]) => !/\p{Script=Han}/u.test(zh) || en.length < 4),
    ).toEqual([]);
  });

  it.each([
    ["D69.0", "过敏性紫癜", "Allergic purpura"],
    ["N08.2", "血液病和免疫机制疾患引起的肾小球疾患（含紫癜性肾炎）", undefined],
    ["K56.1", "肠套叠", "Intussusception"],
    ["T70.2", undefined, "Other and unspecified effects of high altitude"],
    ["D75.1", undefined, "Secondary polycythaemia"],
    ["A20.9", "鼠疫", "Plague, unspecified"],
    ["R50.9", "发热", "Fever, unspecified"],
    ["I10", "原发性高血压", "Essential (primary) hypertension"],
  ])("has %s", (code, zh, en) => {
    const entry = findIcd10(code);
    if (zh) expect(entry?.zh).toBe(zh);
    if (en) expect(entry?.en).toBe(en);
    expect(entry).toBeDefined();
  });
});

describe("codes", () => {
  it.each(["D69.0", "I10", "A17.0+", "G01*", "D69.000x001", "I10.x00x002", "M06.991", "A18.001+"])(
    "%s is one",
    (code) => {
      expect(isIcd10Code(code)).toBe(true);
    },
  );

  it.each(["", "D6", "69.0", "D69.", "d69.0", "D69.0 ", "D69.0000000", "过敏", "D69.0x1-2"])(
    "%j is none",
    (code) => {
      expect(isIcd10Code(code)).toBe(false);
    },
  );

  it("tidies what people paste", () => {
    expect(normaliseIcd10Code(" d69.0 ")).toBe("D69.0");
    expect(normaliseIcd10Code("a17.0†")).toBe("A17.0+");
    expect(normaliseIcd10Code("Ｉ10.X00X002")).toBe("I10.x00x002");
  });
});

describe("search", () => {
  it.each([
    ["D69.0", "D69.0"],
    ["d690", "D69.0"],
    ["过敏性紫癜", "D69.0"],
    ["gmxzd", "D69.0"],
    ["allergic purpura", "D69.0"],
    ["purpura aller", "D69.0"],
    ["gyfy", "T70.2"],
    ["high altitude", "T70.2"],
    ["fr", "R50.9"],
    ["gxy", "I10"],
    ["咳嗽", "R05"],
    ["ks", "R05"],
    ["tnb 2型", "E11.9"],
  ])("%j finds %s", (query, code) => {
    expect(codesOf(query, 50)).toContain(code);
  });

  it("puts the exact code first, then those that begin with it", () => {
    expect(codesOf("D69.0")[0]).toBe("D69.0");
    const blood = codesOf("D69", 50);
    expect(blood.slice(0, 8).every((code) => code.startsWith("D69"))).toBe(true);
    expect(codesOf("紫癜")[0]).toBe("D69.0");
    expect(codesOf("发热")[0]).toBe("R50.9");
  });

  it("finds nothing for nothing, and respects the limit", () => {
    expect(searchIcd10("")).toEqual([]);
    expect(searchIcd10("   ")).toEqual([]);
    expect(searchIcd10("炎", 0)).toEqual([]);
    expect(searchIcd10("炎", 3)).toHaveLength(3);
    expect(searchIcd10("炎", 10_000)).toHaveLength(ICD10_SEARCH_MAX);
    expect(searchIcd10("zzzzzz")).toEqual([]);
    expect(searchIcd10("炎", Number.NaN)).toEqual([]);
  });

  it("finds every entry by its code and by its display", () => {
    const found = icd10Starter.filter(
      ([code, zh]) => codesOf(code, 1)[0] === code && codesOf(zh, 50).includes(code),
    );
    expect(found).toHaveLength(icd10Starter.length);
  });

  it("never throws and never exceeds the limit", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme", maxLength: 30 }),
        fc.integer({ min: -5, max: 99 }),
        (query, limit) => {
          expect(searchIcd10(query, limit).length).toBeLessThanOrEqual(
            Math.max(0, Math.min(limit, 50)),
          );
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe("pinyin initials", () => {
  it.each([
    ["过敏性紫癜", "gmxzd"],
    ["高原肺水肿", "gyfsz"],
    ["维生素B12缺乏", "wssb12qf"],
    ["咳嗽", "ks"],
    ["脑卒中", "ncz"],
    ["急性上呼吸道感染", "jxshxdgr"],
    ["扎西、次仁", "zxcr"],
    ["བོད", ""],
  ])("%s → %s", (text, initials) => {
    expect(pinyinInitials(text)).toBe(initials);
  });
});

describe("import of a licensed table", () => {
  it("reads CSV with quotes, a BOM and Windows line ends", () => {
    const report = parseIcd10Table(
      '\ufeff疾病编码,疾病名称,英文名称\r\nD69.000,"过敏性紫癜, 单纯型","Purpura ""simple"""\r\n\r\ni10.x00x002,高血压,\r\n',
    );
    expect(report).toEqual({
      entries: [
        { code: "D69.000", zh: "过敏性紫癜, 单纯型", en: 'Purpura "simple"' },
        { code: "I10.x00x002", zh: "高血压", en: "" },
      ],
      problems: [],
    });
  });

  it("reads TSV in any column order", () => {
    expect(parseIcd10Table("名称\t序号\t编码\n过敏性紫癜\t1\tD69.0").entries).toEqual([
      { code: "D69.0", zh: "过敏性紫癜", en: "" },
    ]);
  });

  it("keeps the good lines and reports each bad one with its number", () => {
    const report = parseIcd10Table(
      'code;zh\nD69.0;过敏性紫癜\nX;无此码\nD69.1;\nD69.0;重复\nD69.2\n"D69.3";"两行\n名称"\nD69.4;其他\nD69.5;"没有结束',
    );
    expect(report.entries.map((entry) => entry.code)).toEqual(["D69.0", "D69.3", "D69.4"]);
    expect(report.entries[1]?.zh).toBe("两行 名称");
    expect(report.problems.map(({ line, problem }) => [line, problem])).toEqual([
      [3, "code"],
      [4, "display"],
      [5, "duplicate"],
      [6, "columns"],
      [10, "quote"],
    ]);
  });

  it.each(["", "\n\n", "foo,bar\n1,2"])("says that %j has no header", (text) => {
    expect(parseIcd10Table(text).problems.map(({ problem }) => problem)).toEqual(["no-header"]);
  });

  it("survives any text, and round-trips any table that it would accept", () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom('"', ",", "\n", "\t", "a", "D69.0", "癜"),
          maxLength: 60,
        }),
        (text) => {
          parseIcd10Table(text);
          parseIcd10Table(`code,zh\n${text}`);
        },
      ),
    );
    const displays = fc.string({
      unit: fc.constantFrom('"', ",", ";", "癜", "炎", " ", "x"),
      minLength: 1,
      maxLength: 20,
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 0, max: 999 }), { minLength: 1, maxLength: 20 }),
        displays,
        (numbers, zh) => {
          fc.pre(zh.trim() !== "");
          const rows = numbers.map((number) => {
            const digits = String(number).padStart(3, "0");
            return {
              code: `A${digits.slice(0, 2)}.${digits.slice(2)}`,
              zh: zh.replace(/\s+/gu, " ").trim(),
              en: "",
            };
          });
          const csv = [
            "code,zh",
            ...rows.map((row) => `${row.code},"${row.zh.replaceAll('"', '""')}"`),
          ].join("\n");
          expect(parseIcd10Table(csv)).toEqual({ entries: rows, problems: [] });
        },
      ),
    );
  });

  it("indexes 40,000 imported lines and searches them within a keystroke", () => {
    const entries = Array.from({ length: 40_000 }, (_, number) => ({
      code: `A${String(number % 100).padStart(2, "0")}.${String(number).padStart(5, "0")}`,
      zh: `测试疾病${number}`,
      en: "",
    }));
    const index = createIcd10Index([
      ...entries,
      { code: "D69.0", zh: "过敏性紫癜", en: "Allergic purpura" },
    ]);
    expect(index.size).toBe(40_001);
    expect(index.search("gmxzd")[0]?.code).toBe("D69.0");
  });
});
