/** The story's fifth scene: what a newcomer sees on the family's phone is made by the services. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { buildTestApp, type TestApp } from "../support/app.ts";

let test: TestApp;
beforeAll(async () => {
  test = await buildTestApp();
});
afterAll(() => test?.close());

it("grandmother waits at the fever clinic, three are ahead, and calling the next moves her up", async () => {
  const opened = await test.anonymous.post("/api/demo/story/queue");
  expect(opened.status, JSON.stringify(opened.body)).toBe(200);
  const phone = await test.as("13800138005");
  const own = async () =>
    (await phone.get("/api/my/appointments")).body.appointments.find(
      (one: { id: string }) => one.id === opened.body.appointmentId,
    );
  expect(await own()).toMatchObject({
    state: "waiting",
    kind: "fever-clinic",
    queue: { ahead: 3 },
  });

  // Opened once more, nothing changes.
  expect((await test.anonymous.post("/api/demo/story/queue")).body).toEqual(opened.body);
  expect((await own()).queue.ahead).toBe(3);

  const nurse = await test.as("fangyun");
  const { scheduleId, day } = await own();
  const called = await nurse.post(`/api/clinic/schedules/${scheduleId}/call-next`, { day });
  expect(called.status).toBe(200);
  expect((await own()).queue.ahead).toBe(2);
});

it("finds her at the hotline's appointment too, and late in the evening", async () => {
  test.clock.now = new Date("2026-11-24T15:40:00Z");
  const opened = await test.anonymous.post("/api/demo/story/queue");
  expect(opened.status, JSON.stringify(opened.body)).toBe(200);
});
