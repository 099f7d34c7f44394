import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { encode } from "uqr";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { OpinionDocument } from "../../server/opinion-document/document.ts";
import { createOpinionPrinter, PdfError } from "../../server/opinion-document/pdf.ts";
import {
  type OpinionPrint,
  opinionPrintData,
  printedAge,
  printedTime,
} from "../../server/opinion-document/pdf-content.ts";
import { contentHash } from "../../server/signing/canonical.ts";
import { opinionFixture } from "./opinion-fixture.ts";

const folder = mkdtempSync(join(tmpdir(), "opinion-pdf-"));
const printer = createOpinionPrinter();
afterAll(async () => {
  await printer.close();
  rmSync(folder, { recursive: true, force: true });
});

const printOf = (document: OpinionDocument, demo = true): OpinionPrint => ({
  document,
  signature: {
    kid: "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs",
    signedAt: new Date("2026-11-22T03:30:00.000Z"),
    contentHash: contentHash(document),
  },
  checkUrl: `https://yilian.example.org/check/${document.documentId}`,
  demo,
});

/** Poppler's tools read the PDF, so that our own code is not its own witness. */
const poppler = (tool: string, ...args: string[]) =>
  execFileSync(tool, args, { encoding: "utf8", maxBuffer: 1 << 26 });
const squeeze = (text: string) => text.replace(/\s+/gu, "");

async function printed(name: string, document: OpinionDocument, demo = true) {
  const file = join(folder, `${name}.pdf`);
  const bytes = await printer.print(printOf(document, demo));
  writeFileSync(file, bytes);
  return {
    bytes,
    file,
    text: poppler("pdftotext", "-layout", file, "-"),
    pages: Number(/Pages:\s+(\d+)/.exec(poppler("pdfinfo", file))?.[1]),
  };
}

/** Dark pixels of a part of the first page, at 300 dpi: a look-up and the box around them. */
function inkOf(
  file: string,
  crop: { readonly x: number; readonly y: number; readonly width: number; readonly height: number },
  threshold = 64,
) {
  const base = join(folder, "ink");
  const area = ["-x", crop.x, "-y", crop.y, "-W", crop.width, "-H", crop.height].map(String);
  poppler("pdftoppm", "-gray", "-r", "300", "-f", "1", "-singlefile", ...area, file, base);
  const image = readFileSync(`${base}.pgm`);
  const head = /^P5\s+(\d+)\s+(\d+)\s+255\s/.exec(image.subarray(0, 32).toString("latin1"));
  const [start, w, h] = [head?.[0].length ?? 0, Number(head?.[1]), Number(head?.[2])];
  const dark = (x: number, y: number) =>
    x >= 0 && x < w && (image[start + Math.floor(y) * w + Math.floor(x)] ?? 255) < threshold;
  let [left, right, top, bottom] = [w, -1, h, -1];
  for (let y = 0; y < h; y += 1) {
    for (let x = 0; x < w; x += 1) {
      if (!dark(x, y)) continue;
      [left, right] = [Math.min(left, x), Math.max(right, x)];
      [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
    }
  }
  return { dark, box: { left, top, width: right - left + 1, height: bottom - top + 1 } };
}

describe("printed opinion", () => {
  const document = opinionFixture();
  let print: Awaited<ReturnType<typeof printed>>;
  beforeAll(async () => {
    print = await printed("short", document);
  });

  it("is one A4 page that holds every word of the document", () => {
    expect(print.pages).toBe(1);
    expect(poppler("pdfinfo", print.file)).toContain("(A4)");
    const text = squeeze(print.text);
    const { patient, inviting, invited, doctors, consult } = document;
    const words = [
      "远程会诊意见书",
      "RemoteConsultOpinion",
      consult.number,
      patient.name,
      "女，9岁",
      patient.identityMasked,
      inviting.name,
      invited.name,
      document.attendingDoctor.name,
      document.question,
      document.missingData,
      document.diagnosticOpinion,
      "D69.0",
      document.testsAdvised,
      document.transferConditions,
      document.plainWords,
      ...document.findingsReviewed.split("\n"),
      ...document.plan.split("\n"),
      ...doctors.flatMap((doctor) => [doctor.name, doctor.title]),
      "2026-11-2211:00–11:25",
      "2026-11-2211:30",
      contentHash(document),
      "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs",
      document.documentId,
      "演示数据，人物均为虚构",
      "治疗由邀请方的经治医生决定",
    ];
    expect(words.filter((word) => !text.includes(squeeze(word ?? "?")))).toEqual([]);
  });

  it("carries its fonts inside and is PDF/A", () => {
    const fonts = poppler("pdffonts", print.file).split("\n").slice(2).filter(Boolean);
    expect(fonts.length).toBeGreaterThanOrEqual(3);
    expect(fonts.filter((line) => !/ yes yes yes +\d+ +\d+$/.test(line))).toEqual([]);
    expect(fonts.some((line) => line.includes("NotoSerifTibetan"))).toBe(true);
    expect(fonts.some((line) => line.includes("NotoSansHans"))).toBe(true);
    const raw = Buffer.from(print.bytes).toString("latin1");
    expect(raw).toMatch(/pdfaid:part>2</);
    expect(raw).toMatch(/pdfaid:conformance>B</);
  });

  it("gives the same bytes for the same opinion", async () => {
    expect(Buffer.from(await printer.print(printOf(document))).equals(print.bytes)).toBe(true);
  });

  it("shows a QR of exactly the check page's address", () => {
    const { dark, box } = inkOf(print.file, { x: 1850, y: 150, width: 500, height: 350 });
    const { size, data } = encode(printOf(document).checkUrl, { ecc: "M", border: 0 });
    const [stepX, stepY] = [box.width / size, box.height / size];
    expect(Math.abs(stepX - stepY)).toBeLessThan(0.1);
    // Fit for a phone's camera: a module of at least 0.4 mm.
    expect((stepX / 300) * 25.4).toBeGreaterThan(0.4);
    const seen = data.map((row, y) =>
      row.map((_, x) => dark(box.left + (x + 0.5) * stepX, box.top + (y + 0.5) * stepY)),
    );
    expect(seen).toEqual(data);
  });

  it("draws the Tibetan title as it was seen and approved: stacked letters, vowel signs on them", () => {
    // The picture beside this file can be read by eye. To renew it after a change of
    // the font or the layout, look at the print first, then replace it by `picture`.
    const { dark, box } = inkOf(print.file, { x: 230, y: 325, width: 700, height: 95 }, 160);
    const cell = 5;
    const picture = Array.from({ length: Math.ceil(box.height / cell) }, (_, row) =>
      Array.from({ length: Math.ceil(box.width / cell) }, (_, column) => {
        let ink = 0;
        for (let at = 0; at < cell * cell; at += 1) {
          const x = box.left + column * cell + (at % cell);
          const y = box.top + row * cell + Math.floor(at / cell);
          if (dark(x, y)) ink += 1;
        }
        return ink > (cell * cell) / 3 ? "#" : " ";
      })
        .join("")
        .trimEnd(),
    ).join("\n");
    const approved = readFileSync(
      new URL("./opinion-pdf-tibetan.txt", import.meta.url),
      "utf8",
    ).trimEnd();
    const lines = approved.split("\n");
    const got = picture.trimEnd().split("\n");
    expect(got.length, picture).toBe(lines.length);
    const width = Math.max(...lines.map((line) => line.length));
    const different = lines.reduce(
      (sum, line, at) =>
        sum +
        [...line.padEnd(width)].filter((mark, x) => mark !== (got[at] ?? "").padEnd(width)[x])
          .length,
      0,
    );
    // Antialiasing of another poppler may move a cell or two; a wrong stack moves dozens.
    expect(different, picture).toBeLessThan(20);
  });

  it("flows long text over pages, with number and document on each and the signature kept together", async () => {
    const long =
      "患儿9岁，双下肢出现对称性紫癜3天，伴脐周阵发性疼痛。血小板268×10⁹/L，SpO₂ 88%（4,300 m）。";
    const changed = opinionFixture({
      findingsReviewed: long.repeat(100),
      plan: `${long.repeat(4)}\n`.repeat(9),
      plainWords: "ནད་པ་ཚེ་རིང་སྒྲོལ་མ་ལགས། སྨན་པས་ཁྱེད་ལ་བརྟག་དཔྱད་བྱས་པ་རེད། ".repeat(12),
      testsAdvised: "",
    });
    const { text, pages } = await printed("long", changed);
    expect(pages).toBeGreaterThanOrEqual(3);
    const each = text.split("\f").filter((page) => page.trim() !== "");
    expect(each).toHaveLength(pages);
    each.forEach((page, at) => {
      expect(page).toContain(changed.documentId);
      expect(page).toContain(changed.consult.number);
      expect(squeeze(page)).toContain(`第${at + 1}页，共${pages}页`);
    });
    expect(squeeze(text)).toContain("（未填写）");
    const signed = each.filter((page) => page.includes("密钥指纹") || page.includes("核验网址"));
    expect(signed).toHaveLength(1);
    const [all, once] = [squeeze(text), squeeze(long).slice(0, 12)];
    expect(all.split(once).length - 1).toBeGreaterThan(110);
  });

  it("prints what a person types as text, never as markup, and keeps unbroken runs on the paper", async () => {
    const nasty = '#set page(paper: "a0") $x$ *b* _i_ \\ "quote" {a} @ref <l> // c';
    const { text, pages } = await printed(
      "markup",
      opinionFixture({ plan: `${nasty}\n${"a".repeat(400)}\n\n\n\n\n末` }),
    );
    expect(squeeze(text)).toContain(squeeze(nasty));
    expect(text.match(/a/g)?.length).toBeGreaterThanOrEqual(400);
    expect(Math.max(...(text.match(/a{5,}/g) ?? []).map((run) => run.length))).toBeLessThan(130);
    expect(pages).toBeLessThanOrEqual(2);
  });

  it("does not stop at a character that no font can draw", async () => {
    const { bytes } = await printed("rare", opinionFixture({ plan: "患者\u{10fffd}" }));
    expect(Buffer.from(bytes).toString("latin1")).not.toContain("pdfaid");
  });

  it("says nothing of a demo in real use", async () => {
    expect((await printed("real", document, false)).text).not.toContain("演示");
  });
});

describe("words of the print", () => {
  it.each([
    [0, 0, "不满 1 个月"],
    [0, 7, "7 个月"],
    [1, 6, "18 个月"],
    [2, 0, "2 岁"],
    [3, 4, "3 岁 4 个月"],
    [9, 3, "9 岁"],
    [76, null, "76 岁"],
    [null, null, "不详"],
  ])("%s years %s months is %s", (years, months, words) => {
    expect(printedAge(years, months)).toBe(words);
  });

  it("prints Beijing time wherever the server stands", () => {
    expect(printedTime("2026-11-22T16:00:00.000Z")).toBe("2026-11-23 00:00");
  });

  it("names an unknown person and an advice without a meeting", () => {
    const document = opinionFixture();
    const data = opinionPrintData(
      printOf({
        ...document,
        patient: {
          name: null,
          nameBo: null,
          sex: "unknown",
          ageYears: null,
          ageMonths: null,
          identityMasked: null,
        },
        times: { ...document.times, sessionStartedAt: null, sessionEndedAt: null },
      }),
    );
    expect(data).toContain("身份不明");
    expect(data).toContain("书面意见");
  });

  it("refuses a check page that is no web address", () => {
    const print = printOf(opinionFixture());
    expect(() => opinionPrintData({ ...print, checkUrl: "javascript:alert(1)" })).toThrow(
      TypeError,
    );
    expect(() => opinionPrintData({ ...print, checkUrl: "/check/1" })).toThrow(TypeError);
  });
});

describe("the typesetting process", () => {
  const children = () =>
    readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, "utf8")
      .split(" ")
      .filter(Boolean)
      .map(Number);
  const since = (before: number[]) => children().filter((pid) => !before.includes(pid));
  const print = printOf(opinionFixture());

  it("starts at the first print only, ends when idle, and starts again", async () => {
    const before = children();
    const own = createOpinionPrinter({ idleMs: 50 });
    expect(since(before)).toEqual([]);
    await own.print(print);
    expect(since(before)).toHaveLength(1);
    for (let tries = 0; since(before).length > 0 && tries < 100; tries += 1) await wait(20);
    expect(since(before)).toEqual([]);
    expect((await own.print(print)).length).toBeGreaterThan(1000);
    await own.close();
    expect(since(before)).toEqual([]);
  });

  it("prints again what was waiting when it is killed", async () => {
    const before = children();
    const own = createOpinionPrinter();
    await own.print(print);
    const waiting = [own.print(print), own.print(print)];
    process.kill(since(before)[0] ?? -1, "SIGKILL");
    for (const bytes of await Promise.all(waiting)) expect(bytes.length).toBeGreaterThan(1000);
    expect((await own.print(print)).length).toBeGreaterThan(1000);
    await own.close();
    expect(since(before)).toEqual([]);
  });

  it("refuses more than it may keep waiting, hangs never, and nothing after close", async () => {
    const own = createOpinionPrinter({ maxWaiting: 1, timeoutMs: 1 });
    const first = own.print(print).catch((error: unknown) => (error as PdfError).reason);
    await expect(own.print(print)).rejects.toMatchObject({ reason: "busy" });
    expect(await first).toBe("timeout");
    await own.close();
    await own.close();
    await expect(own.print(print)).rejects.toBeInstanceOf(PdfError);
  });
});
