/** A laboratory's day in the demo: tubes of 闸北 that were received, a plate with one that waits for a second person. */
import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import { localDay } from "../calendar/domain.ts";
import type { Services } from "../http/context.ts";
import { enterReadings, loadPlate, openPlate, readPlate, receiveTube } from "../lab/service.ts";
import { registerPatient } from "../patients/service.ts";
import type { TestPurpose, TubeSize } from "../sampling/domain.ts";
import { makeTubeCode, registerTest } from "../sampling/service.ts";
import { asDemo, type DemoIds, demoActor } from "./load.ts";

const demoTubes: readonly {
  size: TubeSize;
  purpose: TestPurpose;
  people: readonly string[];
  /** Left out: still at the site. */
  at?: "received" | "negative" | "positive";
}[] = [
  { size: 5, purpose: "in-outpatient", people: ["夏志明", "邹丽华"], at: "positive" },
  { size: 5, purpose: "in-outpatient", people: ["滕永福", "柏素芬"], at: "negative" },
  { size: 1, purpose: "emergency", people: ["蓝建平"], at: "received" },
  { size: 5, purpose: "in-outpatient", people: ["包文静"], at: "received" },
  { size: 5, purpose: "in-outpatient", people: ["乐国荣"] },
];
/** Past those that the demo's samplers and tests take. */
const firstSerial = 24_900;

/** Load them through the services, after the demo's sites. */
export async function loadDemoLab(services: Services, ids: DemoIds): Promise<void> {
  const sampler = demoActor(ids, "baoyun");
  const reader = demoActor(ids, "qianwei");
  const now = services.clock();
  const day = localDay(now.getTime(), "Asia/Shanghai");
  const codes: string[] = [];
  for (const [index, one] of demoTubes.entries()) {
    const code = makeTubeCode(one.size, firstSerial + index);
    codes.push(code);
    const patients: string[] = [];
    for (const fullName of one.people) {
      const made = await asDemo(services, sampler, (work) =>
        registerPatient(services, work, {
          fullName,
          sex: "unknown",
          language: "zh-CN",
          ageYears: 52,
          unknownPerson: false,
          contacts: [],
        }),
      );
      patients.push(made.patient.id);
    }
    await asDemo(services, sampler, async ({ tx }) => {
      const [station] = await tx.execute<{ id: string; siteId: string }>(sql`
        select id, site_id as "siteId" from sampling_station where sampler_id = ${sampler.personId}`);
      if (!station) return;
      const step = (kind: string, registration: string | null = null) => ({
        id: randomUUID(),
        step: kind,
        station: station.id,
        tube: code,
        registration,
        purpose: one.purpose,
        retest: false,
        at: now.toISOString(),
      });
      const steps = [step("open")];
      for (const [place, patientId] of patients.entries()) {
        const { id } = await registerTest(tx, {
          patientId,
          siteId: station.siteId,
          purpose: one.purpose,
          priority: null,
          source: "walk-in",
          groupId: null,
          code: `LAB${index}${place}`,
          day,
          now,
        });
        steps.push(step("sample", id));
      }
      await tx.execute(
        sql`select app.sampling_steps(${JSON.stringify([...steps, step("seal")])}::jsonb, ${now.toISOString()})`,
      );
    });
    if (one.at)
      await asDemo(services, reader, (work) =>
        receiveTube(work, { runId: null, code, problem: null, note: "", acceptLate: false }),
      );
  }
  await asDemo(services, reader, async (work) => {
    const { id } = await openPlate(work, { code: "A-01" });
    const read = demoTubes.flatMap(({ at }, index) =>
      at === "positive" || at === "negative" ? [{ code: codes[index]!, result: at }] : [],
    );
    for (const { code } of read) await loadPlate(work, id, { code });
    const plate = await readPlate(work, id);
    await enterReadings(work, id, {
      readings: plate.findings.map((finding) => ({
        findingId: finding.id,
        version: finding.version,
        result: read.find((one) => one.code === finding.tube)!.result,
        ctOrf: null,
        ctN: null,
        reason: null,
      })),
      restNegative: false,
      method: "RT-PCR",
      testedAt: null,
    });
  });
}
