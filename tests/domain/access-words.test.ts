import { globSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { consultActions } from "../../server/consult/domain.ts";
import { feverActions } from "../../server/fever/domain.ts";
import { prescriptionActions } from "../../server/prescription/domain.ts";
import { referralActions } from "../../server/referral/states.ts";
import { criticalValueActions, infectiousReportActions } from "../../server/reporting/domain.ts";
import { transferActions } from "../../server/transfer/states.ts";
import { visitActions } from "../../server/visit/states.ts";

/** What a patient reads under "who looked" must say what was done: a step that is not named reads as something else. */
describe("the words of who looked", () => {
  const sources = globSync("server/**/*.ts")
    .map((file) => readFileSync(file, "utf8"))
    .join("\n");
  const traced = [
    ...sources.matchAll(
      /action: "((?:patient|consult|consent|opinion|attachment|room|guest|fhir|critical-value|infectious-report|fever|triage|paper-code|test-result|card|recall|bed|referral|episode|follow-up|visit|prescription|invoice|payment|refund)\.[\w.-]+)"/g,
    ),
  ].map((found) => found[1]!);
  const conditional = [...sources.matchAll(/"(consent\.(?:given|refused))"/g)].map(
    (found) => found[1]!,
  );
  const steps = [...Object.keys(consultActions), "draft", "amend", "escalate"].map(
    (step) => `consult.${step}`,
  );
  const reporting = [
    ...[...criticalValueActions, "raise", "escalate"].map((step) => `critical-value.${step}`),
    ...[...infectiousReportActions, "report", "remind", "escalate"].map(
      (step) => `infectious-report.${step}`,
    ),
  ];
  const referral = [
    ...[
      ...Object.keys(referralActions),
      "draft",
      "amend",
      "askPatient",
      "decline",
      "escalate",
      "readOutcome",
      "bedGone",
    ].map((step) => `referral.${step}`),
    ...["done", "move", "missed", "cancel"].map((step) => `follow-up.${step}`),
  ];
  const fever = [...feverActions, "arrive", "ask"].map((step) => `fever.${step}`);
  // Written by the database with each step of a sampler's phone that names a person.
  const sampling = ["sample", "undo", "lead-away"].map((step) => `sampling.${step}`);
  const records = ["open", "emergency", "ask", "unanswered"].map((step) => `record.${step}`);
  const visits = visitActions.map((step) => `visit.${step}`);
  const prescriptions = prescriptionActions.map((step) => `prescription.${step}`);
  const transfers = [
    ...Object.keys(transferActions),
    ...["begin", "read", "list", "link", "call", "ready", "packet", "packet-opened"],
  ].map((step) => `transfer.${step}`);
  const actions = [
    ...new Set([
      ...visits,
      ...prescriptions,
      ...transfers,
      ...records,
      ...sampling,
      ...traced,
      ...conditional,
      ...steps,
      ...reporting,
      ...fever,
      ...referral,
    ]),
  ];

  it("finds the traces of the server", () => {
    expect(actions.length).toBeGreaterThan(30);
    expect(actions).toEqual(
      expect.arrayContaining(["patient.read", "consent.given", "opinion.print"]),
    );
  });

  it.each(["zh-CN", "bo", "en"])("name every trace in %s", (language) => {
    const catalogue = JSON.parse(readFileSync(`web/i18n/${language}.json`, "utf8")) as Record<
      string,
      string
    >;
    const missing = actions.filter((action) => !catalogue[`patient.access.action.${action}`]);
    expect(missing).toEqual([]);
  });
});
