import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildTestApp, type Client, type TestApp } from "../support/app.ts";

let test: TestApp;
let danzeng: Client;
let lijia: Client;
beforeAll(async () => {
  test = await buildTestApp();
  danzeng = await test.as("danzeng");
  lijia = await test.as("lijia");
});
afterAll(() => test.close());

const idOf = (list: { consults: { id: string; patient: { fullName: string } }[] }, name: string) =>
  list.consults.find((one) => one.patient.fullName === name)!.id;

describe("who may see a consult", () => {
  it("shows a draft to its own side only", async () => {
    const mine = await danzeng.get("/api/consults");
    const id = idOf(mine.body, "达娃");
    expect((await danzeng.get(`/api/consults/${id}`)).status).toBe(200);
    for (const other of ["lijia", "zhouminhua", "zhaxidunzhu", "hejing", "deji", "zhenglan"]) {
      expect((await (await test.as(other)).get(`/api/consults/${id}`)).status, other).toBe(404);
    }
    expect((await test.anonymous.get(`/api/consults/${id}`)).status).toBe(401);
  });

  it("hides a sent request from an institution without agreement, from colleagues without the work and from families", async () => {
    const queue = await lijia.get("/api/consults?scope=desk");
    const id = idOf(queue.body, "扎西");
    expect((await lijia.get(`/api/consults/${id}`)).status).toBe(200);
    for (const other of [
      "hejing",
      "danzeng",
      "zhouminhua",
      "sunxiao",
      "13800138001",
      "13800138002",
    ]) {
      const answer = await (await test.as(other)).get(`/api/consults/${id}`);
      expect([403, 404], other).toContain(answer.status);
    }
  });
});
