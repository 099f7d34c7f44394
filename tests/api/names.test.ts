/** Names in the other languages: whose they are to mend, and where they are shown then. */
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { confirmedText, noName } from "../../server/booking/texts.ts";
import type { NameList } from "../../server/directory/names.ts";
import { buildTestApp, type Client, type TestApp } from "../support/app.ts";

let test: TestApp;
let owner: postgres.Sql;
let administrator: Client;
type Named = NameList["names"][number];
const nothing = { en: null, bo: null, placeEn: null, placeBo: null, feverEn: null, feverBo: null };
const list = async () => (await administrator.get("/api/directory/names")).body.names as Named[];
const path = (one: Named) => `/api/directory/names/${one.kind}/${one.id}`;

beforeAll(async () => {
  test = await buildTestApp();
  owner = postgres(test.database.admin, { max: 1 });
  administrator = await test.as("zhenglan");
});
afterAll(async () => {
  await owner?.end();
  await test?.close();
});

describe("names", () => {
  it("are the administrator's, of the own alliances only, and Chinese ones stay", async () => {
    const names = await list();
    const clinic = names.find((one) => one.kind === "clinic")!;
    for (const who of ["panyue", "fangyun", "guxiaowen"]) {
      const client = await test.as(who);
      expect((await client.get("/api/directory/names")).status).toBe(403);
      expect((await client.put(path(clinic), nothing)).status).toBe(403);
    }
    expect((await test.anonymous.get("/api/directory/names")).status).toBe(401);
    const zh = { ...nothing, zh: "别的" };
    expect((await administrator.put(path(clinic), zh)).status).toBe(400);
    const [stranger] = await owner<{ id: string }[]>`
      insert into institution (slug, kind, level) select 'far-away', kind, level from institution limit 1 returning id`;
    const far = await administrator.put(`/api/directory/names/institution/${stranger!.id}`, {
      ...nothing,
      en: "Mine now",
    });
    expect(far.body.code).toBe("request.not-found");
    expect(names.some((one) => one.id === stranger!.id)).toBe(false);
    const kinds = new Set(names.map((one) => one.kind));
    expect([...kinds].sort()).toEqual(["clinic", "department", "institution", "site", "title"]);
  });

  it("are complete in the demo, for places and titles too", async () => {
    const lacking = (await list()).filter((one) =>
      [one.name, one.place, one.feverPlace].some((part) => part && !part.bo),
    );
    expect(lacking.map((one) => `${one.kind} ${one.house} ${one.name.zh}`)).toEqual([]);
  });

  it("are shown where one books, when they were mended", async () => {
    const clinic = (await list()).find((one) => one.kind === "clinic")!;
    const words = { en: "Clinic X", bo: "སྨན་བཅོས་ཀ", placeEn: "Room 9", placeBo: "ཁང་པ་ 9" };
    for (const one of [words, words]) {
      const saved = await administrator.put(path(clinic), { ...nothing, ...one });
      expect(saved.status, JSON.stringify(saved.body)).toBe(200);
    }
    const after = (await list()).find((one) => one.id === clinic.id)!;
    expect(after.name).toEqual({ zh: clinic.name.zh, en: "Clinic X", bo: "སྨན་བཅོས་ཀ" });
    expect(after.place).toEqual({ zh: clinic.place!.zh, en: "Room 9", bo: "ཁང་པ་ 9" });
    const screen = (await test.anonymous.get(`/api/screens/${clinic.id}`)).body;
    expect(screen.placeNames.bo).toBe("ཁང་པ་ 9");
    const house = (await list()).find((one) => one.kind === "institution")!;
    await administrator.put(path(house), { ...nothing, en: "House X", bo: "ཁང་ཆེན་ཀ" });
    expect((await list()).find((one) => one.id === house.id)!.name).toMatchObject({
      zh: house.name.zh,
      en: "House X",
      bo: "ཁང་ཆེན་ཀ",
    });
    // Taken away, the Chinese one is shown again.
    await administrator.put(path(house), nothing);
    expect((await list()).find((one) => one.id === house.id)!.name.bo).toBeNull();
  });

  it("are what a message says, and the Chinese one where there is none", () => {
    const at = new Date("2026-11-24T02:00:00Z");
    const row = {
      startsAt: at,
      cancelUntil: at,
      ticket: "A001",
      code: "BCDFGH",
      institutionPhone: "021-1",
      place: "门诊楼 3 层",
      placeEn: "Floor 3",
      placeBo: null,
    } as unknown as Parameters<typeof confirmedText>[0];
    const words = confirmedText(row, noName, at);
    expect(words("en")).toContain("Floor 3");
    expect(words("bo")).toContain("门诊楼 3 层");
    expect(words("zh-CN")).toContain("门诊楼 3 层");
  });
});
