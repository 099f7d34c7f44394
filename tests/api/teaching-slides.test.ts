import { randomUUID } from "node:crypto";
import { NodeCompiler } from "@myriaddreamin/typst-ts-node-compiler";
import pino from "pino";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asDemo, demoActor } from "../../server/demo/load.ts";
import { demoLecture, equipDemoLecture } from "../../server/demo/teaching.ts";
import { findSession } from "../../server/teaching/repository.ts";
import {
  createSlideStore,
  findOwnSession,
  slideTasks,
  takeTeachingStep,
} from "../../server/teaching/service.ts";
import { deckLimits, thinBytes } from "../../server/teaching/slides-domain.ts";
import { buildTestApp, type Client, type TestApp } from "../support/app.ts";

let test: TestApp;
let teacher: Client;
let panel: Client;
let listener: Client;
let stranger: Client;
let sessionId: string;
const compiler = NodeCompiler.create({});
const pdfOf = (body: string): Buffer =>
  compiler.pdf({ mainFileContent: `#set page(width: 25.4cm, height: 14.29cm)\n${body}` });
const twoPages = () => pdfOf("= Purpura\nFirst page\n#pagebreak()\n= Treatment\n#lorem(300)");
const house = (slug: string) => test.ids.institutions.get(slug)!;
const staff = (login: string) => demoActor(test.ids, login);

beforeAll(async () => {
  test = await buildTestApp();
  [teacher, panel, listener, stranger] = (await Promise.all(
    ["zhouminhua", "wuqihang", "danzeng", "wangjianguo"].map((who) => test.as(who)),
  )) as [Client, Client, Client, Client];
  const made = await teacher.post("/api/teaching/sessions", {
    title: "课件",
    topic: "课件",
    startsAt: "2026-11-25T08:00:00Z",
    lengthMinutes: 30,
    speakers: [
      {
        personId: staff("zhouminhua").personId,
        institutionId: house("xuhui-central"),
        role: "presenter",
      },
      {
        personId: staff("wuqihang").personId,
        institutionId: house("xuhui-central"),
        role: "panel",
      },
    ],
    audience: [{ kind: "institution", institutionId: house("sakya-chc") }],
  });
  sessionId = made.body.id;
  await teacher.post(`/api/teaching/sessions/${sessionId}/actions`, {
    action: "plan",
    version: made.body.version,
  });
});
afterAll(() => test.close());

const raw = (
  who: Client,
  method: "POST" | "PATCH" | "HEAD",
  url: string,
  headers: Record<string, string>,
  payload?: Buffer,
) =>
  test.app.inject({
    method,
    url,
    headers: {
      cookie: who.cookie,
      "x-csrf-token": who.csrfToken,
      "tus-resumable": "1.0.0",
      ...headers,
    },
    ...(payload ? { payload } : {}),
  });
const base64 = (text: string) => Buffer.from(text).toString("base64");
const begin = (who: Client, size: number, name = "课件.pdf", of = sessionId) =>
  raw(who, "POST", "/api/teaching/uploads", {
    "upload-length": String(size),
    "upload-metadata": `sessionId ${base64(of)},filename ${base64(name)}`,
  });
const send = (who: Client, url: string, offset: number, bytes: Buffer) =>
  raw(
    who,
    "PATCH",
    url,
    { "upload-offset": String(offset), "content-type": "application/offset+octet-stream" },
    bytes,
  );
/** Sends a file and lets the job draw it. */
async function bring(bytes: Buffer, limits?: Parameters<typeof slideTasks>[1]) {
  const begun = await begin(teacher, bytes.length);
  expect(begun.statusCode, begun.body).toBe(201);
  const url = String(begun.headers.location);
  const sent = await send(teacher, url, 0, bytes);
  const id = url.split("/").at(-1)!;
  if (sent.statusCode >= 400) return { id, sent };
  await draw(id, limits);
  return { id, sent };
}
async function draw(deckId: string, limits?: Parameters<typeof slideTasks>[1]): Promise<void> {
  const tasks = slideTasks(createSlideStore(test.dataDir, test.services.vault), limits);
  await tasks["teaching:render"]!(
    { deckId },
    {
      db: test.services.db,
      clock: () => test.clock.now,
      log: pino({ level: "silent" }),
      asJob: (job) =>
        test.services.db.withActor(
          { kind: "job", task: "teaching:render", language: "zh-CN" },
          job,
        ),
    },
  );
}
type Page = {
  page: number;
  title: string;
  full: string;
  thin: string;
  thinBytes: number;
  text: string;
};
type Deck = {
  id: string;
  state: string;
  refusal: string | null;
  current: boolean;
  pageCount: number;
  pages: Page[];
};
const decksOf = async (who: Client) => {
  const answer = await who.get(`/api/teaching/sessions/${sessionId}/decks`);
  return {
    status: answer.status,
    code: answer.body.code as string,
    decks: answer.body.decks as Deck[],
  };
};

describe("slides", () => {
  it("are brought by who leads or plans, and seen by nobody else before it is live", async () => {
    for (const who of [listener, stranger, panel])
      expect((await begin(who, 1000)).statusCode).toBeGreaterThanOrEqual(400);
    const { id } = await bring(twoPages());
    expect((await decksOf(listener)).code).toBe("teaching.room-closed");
    expect((await decksOf(stranger)).status).toBe(404);
    for (const who of [listener, stranger])
      expect(
        (await who.get(`/api/teaching/decks/${id}/slides/1/full`)).status,
      ).toBeGreaterThanOrEqual(400);
    // The panel prepares with them.
    expect((await decksOf(panel)).decks[0]).toMatchObject({ id, state: "ready", current: true });
  });

  it("are pages of WebP in two versions with title and text, the same for caches, sealed on disk", async () => {
    const { decks } = await decksOf(teacher);
    const [first, second] = decks[0]!.pages as [Page, Page];
    expect([first.title, second.title]).toEqual(["Purpura", "Treatment"]);
    expect(first.text).toContain("First page");
    const full = await teacher.get(first.full);
    expect(full.headers["content-type"]).toBe("image/webp");
    expect(full.headers["cache-control"]).toContain("immutable");
    expect(await sharp(full.raw.rawPayload).metadata()).toMatchObject({
      format: "webp",
      width: 1600,
    });
    const again = await teacher.get(first.full, { "if-none-match": String(full.headers.etag) });
    expect(again.status).toBe(304);
    const thin = await teacher.get(second.thin);
    expect(thin.raw.rawPayload.length).toBeLessThanOrEqual(thinBytes);
    expect((await sharp(thin.raw.rawPayload).metadata()).format).toBe("webp");
  });

  it("come in pieces: a broken line goes on where it stopped", async () => {
    const bytes = twoPages();
    const url = String((await begin(teacher, bytes.length)).headers.location);
    await send(teacher, url, 0, bytes.subarray(0, 1000));
    const asked = await raw(teacher, "HEAD", url, {});
    expect(asked.headers["upload-offset"]).toBe("1000");
    expect((await raw(panel, "HEAD", url, {})).statusCode).toBe(404);
    expect((await send(teacher, url, 1000, bytes.subarray(1000))).statusCode).toBe(204);
  });

  it("refuses what is no slides with a sentence, and goes on", async () => {
    const png = await sharp({ create: { width: 8, height: 8, channels: 3, background: "red" } })
      .png()
      .toBuffer();
    const picture = await bring(png);
    expect(picture.sent.json<{ code: string }>().code).toBe("teaching.slides-content");
    const good = twoPages();
    const many = pdfOf(
      Array.from({ length: deckLimits.pages + 1 }, (_, page) => `#page[${page}]`).join("\n"),
    );
    const cases: [string, Buffer, Parameters<typeof slideTasks>[1]?][] = [
      ["broken", Buffer.concat([Buffer.from("%PDF-1.7\n"), Buffer.alloc(4000, 0x41)])],
      ["pages", many],
      ["encrypted", lockedPdf()],
      ["heavy", good, { ...deckLimits, memoryMegabytes: 20 }],
      ["slow", good, { ...deckLimits, pageSeconds: 0.001 }],
    ];
    for (const [refusal, bytes, limits] of cases) {
      const { id } = await bring(bytes, limits);
      const deck = (await decksOf(teacher)).decks.find((one) => one.id === id);
      expect(deck, refusal).toMatchObject({ state: "refused", refusal, current: false });
    }
    // Whichever limit a bomb meets first, memory or time, it ends there.
    const { id: bomb } = await bring(bombPdf(), { ...deckLimits, pageSeconds: 3 });
    const exploded = (await decksOf(teacher)).decks.find((one) => one.id === bomb);
    expect(exploded?.state).toBe("refused");
    expect(["heavy", "slow"]).toContain(exploded?.refusal);
    expect((await begin(teacher, deckLimits.bytes + 1)).statusCode).toBe(413);
    expect((await decksOf(teacher)).decks[0]).toMatchObject({ current: true, state: "ready" });
  });

  it("are replaced before and during it; what was shown stays", async () => {
    const before = (await decksOf(teacher)).decks[0]!;
    await test.services.db.withActor(staff("zhouminhua"), async (tx) =>
      takeTeachingStep(
        {
          tx,
          actor: staff("zhouminhua"),
          origin: { correlationId: "t", address: null },
          now: test.clock.now,
        },
        (await findSession(tx, sessionId))!,
        { action: "goLive" },
      ),
    );
    test.clock.now = new Date(test.clock.now.getTime() + 60_000);
    const { id } = await bring(pdfOf("= Newer"));
    const seen = await decksOf(listener);
    expect(seen.decks[0]).toMatchObject({ id, current: true });
    expect(seen.decks.map((one) => one.id)).toContain(before.id);
    // Only ready ones: what is being drawn or was refused is its maker's.
    expect(new Set(seen.decks.map((one) => one.state))).toEqual(new Set(["ready"]));
    expect((await listener.get(seen.decks[0]!.pages[0]!.thin)).status).toBe(200);
    expect((await listener.delete(`/api/teaching/decks/${id}`)).status).toBe(403);
    expect((await teacher.delete(`/api/teaching/decks/${id}`)).status).toBe(200);
    const left = (await decksOf(listener)).decks;
    expect(left.find((one) => one.current)?.id).toBe(before.id);
    expect(left.map((one) => one.id)).toContain(id);
  });
});

describe("a picture brought to the board", () => {
  const at = (path: string) => `/api/teaching/sessions/${sessionId}/${path}`;
  const bringStill = (who: Client, bytes: Buffer, type = "image/jpeg", said = "true") =>
    raw(who, "POST", at(`stills?deidentified=${said}`), { "content-type": type }, bytes);
  const show = (who: Client, stillId: string) =>
    who.post(at("entries"), { clientId: randomUUID(), kind: "still", data: { stillId } });
  // Noise is what weighs most.
  const photo = (width: number) =>
    sharp({
      create: {
        width,
        height: width / 2,
        channels: 3,
        background: "#000",
        noise: { type: "gaussian", mean: 128, sigma: 60 },
      },
    })
      .withExif({ IFD0: { ImageDescription: "Dawa 13800138000" } })
      .jpeg({ quality: 70 })
      .toBuffer();

  it("is nobody's but the speakers', is said to be looked at, and is a picture", async () => {
    const bytes = await photo(200);
    expect((await bringStill(stranger, bytes)).statusCode).toBe(404);
    expect((await bringStill(listener, bytes)).statusCode).toBe(403);
    expect((await listener.get(at("stills"))).status).toBe(403);
    expect((await bringStill(teacher, bytes, "image/jpeg", "false")).statusCode).toBe(400);
    expect((await bringStill(teacher, Buffer.from("no picture"))).json().code).toBe(
      "attachment.content",
    );
    expect((await bringStill(teacher, bytes.subarray(0, 2000))).json().code).toBe(
      "attachment.content",
    );
    expect((await bringStill(teacher, Buffer.from("{}"), "application/json")).json().code).toBe(
      "attachment.kind",
    );
  });

  it("is pixels alone, light for a thin line, shown as a still until it is taken away", async () => {
    const bytes = await photo(2500);
    expect(bytes.includes("13800138000")).toBe(true);
    const brought = (await bringStill(panel, bytes)).json();
    expect(brought).toMatchObject({ width: 2400, height: 1200 });
    // Sent twice it is one.
    expect((await bringStill(panel, bytes)).json().id).toBe(brought.id);
    for (const version of ["full", "thin"] as const) {
      const seen = (await listener.get(brought[version])).raw;
      expect(seen.statusCode).toBe(200);
      expect(seen.headers["cache-control"]).toBe("no-store");
      expect((await sharp(seen.rawPayload).metadata()).exif).toBeUndefined();
      expect(seen.rawPayload.includes("13800138000")).toBe(false);
      if (version === "thin") expect(seen.rawPayload.length).toBeLessThanOrEqual(thinBytes);
    }
    expect((await stranger.get(brought.thin)).status).toBe(404);
    // The session is live already; its timeline begins with the first step of who leads.
    await teacher.post(at("live"), { step: "go-live" });
    expect((await show(listener, brought.id)).body.code).toBe("teaching.stage-only");
    expect((await show(teacher, randomUUID())).status).toBe(404);
    expect((await show(teacher, brought.id)).status).toBe(200);
    expect((await listener.delete(`/api/teaching/stills/${brought.id}`)).status).toBe(403);
    expect((await teacher.delete(`/api/teaching/stills/${brought.id}`)).status).toBe(200);
    expect((await listener.get(brought.full)).status).toBe(404);
    expect((await show(teacher, brought.id)).status).toBe(404);
    expect((await teacher.get(at("stills"))).body.stills).toEqual([]);
  }, 60_000);
});

/** A PDF that asks for a password (standard handler, revision 2, a key that nobody knows). */
function lockedPdf(): Buffer {
  const hex = "0123456789abcdef".repeat(4);
  return assemble(
    [
      "<< /Type /Catalog /Pages 2 0 R >>",
      "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
      "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] >>",
      `<< /Filter /Standard /V 1 /R 2 /O <${hex}> /U <${hex}> /P -4 >>`,
    ],
    `/Encrypt 4 0 R /ID [<${hex.slice(0, 32)}> <${hex.slice(0, 32)}>]`,
  );
}

describe("the demo's lecture", () => {
  it("has slides and the girl's de-identified case", async () => {
    const find = (work: Parameters<typeof findOwnSession>[0]) => findOwnSession(work, demoLecture);
    const lecture = await asDemo(test.services, staff("zhouminhua"), find);
    const path = `/api/teaching/sessions/${lecture!.id}`;
    const store = createSlideStore(test.dataDir, test.services.vault);
    await equipDemoLecture(test.services, test.ids, store, lecture!.id);
    const [deck] = (await teacher.get(`${path}/decks`)).body.decks;
    await draw(deck.id);
    const drawn = (await teacher.get(`${path}/decks`)).body.decks[0];
    expect(drawn).toMatchObject({ state: "ready", current: true, refusal: null });
    expect(drawn.pages[1].title).toBe("怎样认");
    const { cases } = (await teacher.get(`${path}/cases`)).body;
    expect(cases).toMatchObject([{ state: "ready", title: "一例腹型过敏性紫癜" }]);
    expect(JSON.stringify(cases)).not.toContain("达娃");
    // Planned, with nothing missing: one click away from its audience.
    expect((await teacher.get(path)).body).toMatchObject({ state: "planned", missing: [] });
  }, 60_000);
});

/** Forms within forms, each drawn ten times by the one above: ten to the ninth drawings of a small file. */
function bombPdf(): Buffer {
  const depth = 9;
  const forms = Array.from({ length: depth }, (_, level) => {
    const inner = level === depth - 1 ? "0 0 100 100 re f" : `${"/F Do ".repeat(10)}`;
    const next = level === depth - 1 ? "" : `/Resources << /XObject << /F ${6 + level} 0 R >> >>`;
    return `<< /Type /XObject /Subtype /Form /BBox [0 0 100 100] ${next} /Length ${inner.length} >>\nstream\n${inner}\nendstream`;
  });
  return assemble([
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] /Contents 4 0 R /Resources << /XObject << /F 5 0 R >> >> >>",
    `<< /Length 5 >>\nstream\n/F Do\nendstream`,
    ...forms,
  ]);
}

function assemble(objects: string[], trailer = ""): Buffer {
  let body = "%PDF-1.7\n";
  const offsets = objects.map((object, index) => {
    const at = body.length;
    body += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return at;
  });
  const xref = body.length;
  body += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n`;
  for (const at of offsets) body += `${String(at).padStart(10, "0")} 00000 n \n`;
  body += `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R ${trailer} >>\nstartxref\n${xref}\n%%EOF\n`;
  return Buffer.from(body, "latin1");
}
