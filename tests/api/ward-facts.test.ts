/** What the ward's suggestions read of the house's own store: values and devices that are really there. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { wardFactsOf } from "../../server/records/service.ts";
import { buildTestApp, type Client, type TestApp } from "../support/app.ts";

const json = { "content-type": "application/fhir+json" };
const hourMs = 3_600_000;
let test: TestApp;
let danzeng: Client;
let patient: string;

beforeAll(async () => {
  test = await buildTestApp();
  danzeng = await test.as("danzeng");
  const { consults } = (await danzeng.get("/api/consults")).body as {
    consults: { patient: { id: string } }[];
  };
  patient = consults[0]!.patient.id;
});
afterAll(() => test.close());

const ago = (hours: number) => new Date(test.clock.now.getTime() - hours * hourMs);
const coding = (code: string) => ({ coding: [{ system: "http://loinc.org", code }] });
async function create(resource: { resourceType: string; [name: string]: unknown }) {
  const answer = await danzeng.post(`/fhir/${resource.resourceType}`, resource, json);
  expect(answer.status, answer.raw.body).toBe(201);
}
const vital = (code: string, value: number, unit: string, at: Date, status = "final") =>
  create({
    resourceType: "Observation",
    status,
    code: coding(code),
    subject: { reference: `Patient/${patient}` },
    effectiveDateTime: at.toISOString(),
    valueQuantity: { value, unit, system: "http://unitsofmeasure.org", code: unit },
  });
const facts = async (since: Date) => {
  const sakya = test.ids.institutions.get("sakya-chc")!;
  const found = await test.services.db.withActor(
    { kind: "system", reason: "test", language: "zh-CN" },
    (tx) => wardFactsOf(test.services, tx, sakya, [patient], since),
  );
  return found?.get(patient);
};

it("says that nothing is known where nothing was written", async () => {
  const found = await facts(ago(-1));
  expect(found).toEqual({ measured: [], devices: [], devicesNoted: false });
});

it("reads values of the last hours, parts of a pressure one by one, and nothing older or taken back", async () => {
  await vital("8310-5", 36.8, "Cel", ago(3));
  await vital("2708-6", 86, "%", ago(2));
  await vital("8867-4", 150, "/min", ago(30));
  await vital("9279-1", 44, "/min", ago(1), "entered-in-error");
  await create({
    resourceType: "Observation",
    status: "final",
    code: coding("85354-9"),
    subject: { reference: `Patient/${patient}` },
    effectiveDateTime: ago(1).toISOString(),
    component: [
      { code: coding("8480-6"), valueQuantity: { value: 128, unit: "mm[Hg]" } },
      { code: coding("8462-4"), valueQuantity: { value: 82, unit: "mm[Hg]" } },
    ],
  });
  const { measured } = (await facts(ago(24)))!;
  const mine = measured.filter(({ at }) =>
    [ago(3), ago(2), ago(1), ago(30)].some((one) => one.getTime() === at.getTime()),
  );
  expect(
    mine.map(({ measure, value }) => [measure, value]).toSorted(([a], [b]) => (a! < b! ? -1 : 1)),
  ).toEqual([
    ["diastolicMmHg", 82],
    ["spo2Percent", 86],
    ["systolicMmHg", 128],
    ["temperatureCelsius", 36.8],
  ]);
});

it("names a device that is in use, and knows that none is when it was taken off", async () => {
  const device = (status: string, display: string) =>
    create({
      resourceType: "DeviceUseStatement",
      status,
      subject: { reference: `Patient/${patient}` },
      device: { display },
    });
  await device("completed", "导尿管");
  expect(await facts(ago(24))).toMatchObject({ devices: [], devicesNoted: true });
  await device("active", "高流量氧疗");
  expect(await facts(ago(24))).toMatchObject({ devices: ["高流量氧疗"], devicesNoted: true });
});
