import { describe, expect, it } from "vitest";
import {
  createOpinionDocument,
  opinionDocument,
  signingDoctor,
} from "../../server/opinion-document/document.ts";
import { canonicalJson } from "../../server/signing/canonical.ts";
import { opinionFixture, specialistId } from "./opinion-fixture.ts";

describe("opinion document", () => {
  it("states its version and who signs", () => {
    expect(opinionFixture().schema).toBe("yilian.opinion/1");
    expect(signingDoctor(opinionFixture()).personId).toBe(specialistId);
  });

  it("brings text to one spelling: NFC, single line ends, no outer blanks, UTC instants", () => {
    const { schema: _schema, ...content } = opinionFixture();
    const document = createOpinionDocument({
      ...content,
      plan: "  休息\r\n禁食\r观察 ",
      question: "\ufeffe\u0301",
      times: { ...content.times, issuedAt: new Date("2026-11-22T11:28:41.120+08:00") },
    });
    expect(document.plan).toBe("休息\n禁食\n观察");
    expect(document.question).toBe("é");
    expect(document.times.issuedAt).toBe("2026-11-22T03:28:41.120Z");
  });

  it("survives storage as JSON with its members in another order", () => {
    const document = opinionFixture();
    const stored: unknown = JSON.parse(
      JSON.stringify(Object.fromEntries(Object.entries(document).reverse())),
    );
    expect(canonicalJson(opinionDocument.parse(stored))).toBe(canonicalJson(document));
  });

  const document = opinionFixture();
  const doctor = document.doctors[0]!;
  it.each([
    ["no opinion", { ...document, diagnosticOpinion: "" }],
    ["no plan", { ...document, plan: "" }],
    ["nobody signs", { ...document, doctors: [{ ...doctor, signs: false }] }],
    ["two sign", { ...document, doctors: [doctor, doctor] }],
    ["a code that is none", { ...document, diagnoses: [{ code: "过敏", text: "过敏性紫癜" }] }],
    ["another version", { ...document, schema: "yilian.opinion/2" }],
    ["an extra member", { ...document, note: "x" }],
    ["a missing member", { ...document, plainWords: undefined }],
    ["text that is not NFC", { ...document, plan: "e\u0301" }],
    ["a lone surrogate", { ...document, plan: "\ud800" }],
    [
      "an instant with an offset",
      { ...document, times: { ...document.times, issuedAt: "2026-11-22T11:28:41.120+08:00" } },
    ],
    [
      "an instant that does not exist",
      { ...document, times: { ...document.times, issuedAt: "2026-02-30T11:28:41.120Z" } },
    ],
    ["a fractional age", { ...document, patient: { ...document.patient, ageYears: 9.5 } }],
  ])("refuses %s", (_name, wrong) => {
    expect(opinionDocument.safeParse(wrong).success).toBe(false);
  });

  it("allows an unknown person, words without a code, and advice without a meeting", () => {
    const changed = opinionFixture({
      patient: {
        name: null,
        nameBo: null,
        sex: "unknown",
        ageYears: null,
        ageMonths: null,
        identityMasked: null,
      },
      diagnoses: [{ code: null, text: "发热待查" }],
      times: { ...document.times, sessionStartedAt: null, sessionEndedAt: null },
    });
    expect(changed.patient.name).toBeNull();
  });
});
