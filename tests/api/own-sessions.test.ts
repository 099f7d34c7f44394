import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildTestApp, type Client, type TestApp } from "../support/app.ts";

let test: TestApp;
beforeAll(async () => {
  test = await buildTestApp();
});
afterAll(() => test.close());

type Listed = { id: string; current: boolean; lastSeenAt: string; startedAt: string };
const list = async (client: Client): Promise<Listed[]> =>
  (await client.get("/api/account/sessions")).body.sessions;
const ownId = async (client: Client) => (await list(client)).find((one) => one.current)!.id;
const kindOf = async (client: Client) => (await client.get("/api/session")).body.kind;

describe("where I am signed in", () => {
  it("is nobody's business but mine", async () => {
    const deji = await test.as("deji");
    const family = await test.as("13800138001");
    const theirs = [await ownId(deji), await ownId(family)];
    const danzeng = await test.as("danzeng");
    const seen = (await list(danzeng)).map((one) => one.id);
    for (const id of theirs) {
      expect(seen).not.toContain(id);
      const answer = await danzeng.delete(`/api/account/sessions/${id}`);
      expect(answer.body).toMatchObject({ code: "request.not-found", status: 404 });
    }
    // Neither does a patient end a doctor's, nor another phone's.
    const other = await test.as("13800138004");
    for (const id of [...theirs, await ownId(danzeng)])
      expect((await other.delete(`/api/account/sessions/${id}`)).status).toBe(404);
    await danzeng.post("/api/account/sessions/end-others");
    await other.post("/api/account/sessions/end-others");
    expect([await kindOf(deji), await kindOf(family)]).toEqual(["staff", "patient"]);
    expect((await test.anonymous.get("/api/account/sessions")).status).toBe(401);
  });

  it("says device, institution, since and last seen, this one first", async () => {
    const before = test.clock.now;
    const first = await test.as("chenliming");
    test.clock.now = new Date(before.getTime() + 30 * 60_000);
    const second = await test.as("chenliming");
    const { institutions, institution } = (await second.get("/api/session")).body;
    const post = institutions.find((one: { id: string }) => one.id !== institution.id);
    await second.post("/api/session/institution", { institutionId: post.id });
    const [own, other, ...rest] = await list(second);
    expect(rest).toEqual([]);
    expect(own).toMatchObject({
      current: true,
      institution: post.name,
      startedAt: test.clock.now.toISOString(),
      locked: false,
    });
    expect(other).toMatchObject({
      id: await ownId(first),
      current: false,
      institution: institution.name,
      startedAt: before.toISOString(),
      device: { browser: null, form: "other" },
    });
    // The other one was used just now, by asking.
    test.clock.now = new Date(before.getTime() + 90 * 60_000);
    await first.get("/api/session");
    expect((await list(second)).find((one) => !one.current)?.lastSeenAt).toBe(
      test.clock.now.toISOString(),
    );
    test.clock.now = before;
  });

  it("ends one, or all others, at once", async () => {
    const [here, one, two, three] = await Promise.all(
      Array.from({ length: 4 }, () => test.as("zhenglan")),
    );
    const ended = await here!.delete(`/api/account/sessions/${await ownId(one!)}`);
    expect(ended.status).toBe(200);
    expect(await kindOf(one!)).toBe("none");
    expect(await kindOf(two!)).toBe("staff");
    const again = await here!.delete(
      `/api/account/sessions/${(await ownId(two!)).slice(0, -4)}0000`,
    );
    expect(again.body.code).toBe("request.not-found");
    expect((await here!.post("/api/account/sessions/end-others")).body).toEqual({ ended: 2 });
    expect(await Promise.all([here!, two!, three!].map(kindOf))).toEqual(["staff", "none", "none"]);
    expect((await here!.post("/api/account/sessions/end-others")).body).toEqual({ ended: 0 });
  });

  it("is not shown on a locked screen", async () => {
    const doctor = await test.as("hejing");
    await doctor.post("/api/session/lock");
    expect((await doctor.get("/api/account/sessions")).body.code).toBe("auth.stale");
    expect((await doctor.post("/api/account/sessions/end-others")).body.code).toBe("auth.stale");
  });
});
