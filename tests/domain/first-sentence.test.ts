import { describe, expect, it } from "vitest";
import { firstSentence } from "../../web/patient/first-sentence.ts";

describe("the first sentence of an opinion", () => {
  it.each([
    ["在萨迦就能治。拉黑便要马上来医院。", "在萨迦就能治。"],
    ["没有句号的一句话", "没有句号的一句话"],
    ["རང་གི་ཡུལ་དུ་བཅོས་ཐུབ། སྨན་ཟོ།", "རང་གི་ཡུལ་དུ་བཅོས་ཐུབ།"],
    ["", ""],
  ])("of %s", (text, first) => {
    expect(firstSentence(text)).toBe(first);
  });
});
