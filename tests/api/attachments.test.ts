import { createHash, randomBytes, randomUUID } from "node:crypto";
import { existsSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Upload } from "tus-js-client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  contentDisposition,
  fitsMediaType,
  mediaTypeOf,
  safeName,
} from "../../server/attachments/domain.ts";
import { attachmentRoutes } from "../../server/attachments/routes.ts";
import { createAttachmentStore } from "../../server/attachments/store.ts";
import { attachmentTasks } from "../../server/attachments/tasks.ts";
import { DomainError } from "../../server/errors/domain-error.ts";
import type { Actor, GuestActor } from "../../server/identity/domain.ts";
import {
  type Clone,
  cloneDatabase,
  createWorld,
  eventually,
  silent,
  system,
  type World,
} from "./kit.ts";
import { buildKitApp, type KitApp } from "./kit-app.ts";

const jpeg = (size: number) =>
  Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), randomBytes(size - 4)]);

let clone: Clone;
let world: World;
let guest: GuestActor;
let kit: KitApp;
let address: string;
let folder: string;
let mayOpen = true;
let now = new Date();
beforeAll(async () => {
  clone = await cloneDatabase();
  world = await createWorld(clone.db);
  guest = {
    kind: "guest",
    guestId: randomUUID(),
    consultId: world.consultId,
    sessionId: randomUUID(),
    name: "女儿",
    language: "zh-CN",
  };
  folder = mkdtempSync(join(tmpdir(), "yilian-attachments-"));
  kit = await buildKitApp({ db: clone.db, clock: () => now }, (app, services) =>
    attachmentRoutes(app, {
      services,
      store: createAttachmentStore(folder),
      assertMayOpenAttachment: async () => {
        if (!mayOpen) throw new DomainError("request.not-found");
      },
    }),
  );
  await kit.app.listen({ port: 0, host: "127.0.0.1" });
  address = `http://127.0.0.1:${(kit.app.server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await kit?.app.close();
  await clone.close();
  rmSync(folder, { recursive: true, force: true });
});

type Metadata = Record<string, string>;
const metadataOf = (more: Metadata = {}) => {
  const all: Metadata = {
    consultId: world.consultId,
    purpose: "request",
    filename: "化验单.jpg",
    filetype: "image/jpeg",
    ...more,
  };
  return Object.entries(all)
    .map(([name, value]) => `${name} ${Buffer.from(value).toString("base64")}`)
    .join(",");
};
const create = (
  actor: Actor | null,
  size: number | string,
  metadata = metadataOf(),
  more: Metadata = {},
) =>
  fetch(`${address}/api/uploads`, {
    method: "POST",
    headers: {
      ...kit.as(actor),
      "tus-resumable": "1.0.0",
      "upload-length": String(size),
      "upload-metadata": metadata,
      ...more,
    },
  });
const send = (actor: Actor | null, url: string, offset: number, bytes: Buffer) =>
  fetch(`${address}${url}`, {
    method: "PATCH",
    headers: {
      ...kit.as(actor),
      "tus-resumable": "1.0.0",
      "upload-offset": String(offset),
      "content-type": "application/offset+octet-stream",
    },
    body: new Uint8Array(bytes),
  });
const head = (actor: Actor | null, url: string) =>
  fetch(`${address}${url}`, {
    method: "HEAD",
    headers: { ...kit.as(actor), "tus-resumable": "1.0.0" },
  });
const get = (actor: Actor | null, id: string, more: Metadata = {}) =>
  fetch(`${address}/api/attachments/${id}`, { headers: { ...kit.as(actor), ...more } });
const codeOf = async (answer: Response) => {
  expect(answer.headers.get("content-type")).toMatch(/application\/problem\+json/);
  return ((await answer.json()) as { code: string }).code;
};
const locationOf = (answer: Response) => new URL(answer.headers.get("location")!, address).pathname;
const idOf = (url: string) => url.split("/").at(-1)!;
const rowOf = async (id: string) =>
  (await clone.admin`select * from attachment where id = ${id}`)[0];

async function upload(actor: Actor, bytes: Buffer, more: Metadata = {}) {
  const created = await create(actor, bytes.length, metadataOf(more));
  expect(created.status).toBe(201);
  const url = locationOf(created);
  const answer = await send(actor, url, 0, bytes);
  return { id: idOf(url), url, answer };
}

describe("who may not", () => {
  test("nobody without a session, by any method", async () => {
    const { url, id } = await upload(world.attending, jpeg(100));
    expect(await codeOf(await create(null, 10))).toBe("auth.required");
    expect(await codeOf(await send(null, url, 0, jpeg(10)))).toBe("auth.required");
    expect((await head(null, url)).status).toBe(401);
    expect(await codeOf(await get(null, id))).toBe("auth.required");
  });

  test("a doctor of a hospital that has nothing to do with the consult: neither attach nor read nor learn that it exists", async () => {
    const { url, id } = await upload(world.attending, jpeg(100));
    expect(await codeOf(await create(world.outsider, 10))).toBe("request.not-found");
    expect(
      await codeOf(await create(world.outsider, 10, metadataOf({ consultId: randomUUID() }))),
    ).toBe("request.not-found");
    expect(await codeOf(await get(world.outsider, id))).toBe("request.not-found");
    expect(await codeOf(await get(world.outsider, randomUUID()))).toBe("request.not-found");
    expect((await head(world.outsider, url)).status).toBe(404);
    expect(await codeOf(await send(world.outsider, url, 0, jpeg(10)))).toBe("request.not-found");
  });

  test("another person who sees the consult cannot go on with, look into or end my upload", async () => {
    const created = await create(world.attending, 100);
    const url = locationOf(created);
    expect(await codeOf(await send(world.specialist, url, 0, jpeg(100)))).toBe(
      "attachment.foreign-upload",
    );
    expect((await head(world.specialist, url)).status).toBe(403);
    const ended = await fetch(`${address}${url}`, {
      method: "DELETE",
      headers: { ...kit.as(world.specialist), "tus-resumable": "1.0.0" },
    });
    expect(await codeOf(ended)).toBe("attachment.foreign-upload");
    expect((await rowOf(idOf(url)))?.state).toBe("uploading");
  });

  test("a patient and a relative: stills only, of their own consult only", async () => {
    for (const actor of [world.patient, guest]) {
      expect(await codeOf(await create(actor, 100))).toBe("permission.denied");
      const still = await upload(actor, jpeg(100), { purpose: "still" });
      expect(still.answer.status).toBe(204);
      const { id } = await upload(world.attending, jpeg(100));
      expect((await get(actor, id)).status).toBe(404);
      expect((await get(actor, still.id)).status).toBe(200);
    }
    const stranger: Actor = { ...guest, guestId: randomUUID(), consultId: randomUUID() };
    expect(await codeOf(await create(stranger, 100, metadataOf({ purpose: "still" })))).toBe(
      "request.not-found",
    );
  });

  test("whoever the consult itself is closed to", async () => {
    const { id } = await upload(world.specialist, jpeg(100));
    mayOpen = false;
    try {
      expect(await codeOf(await get(world.specialist, id))).toBe("request.not-found");
      expect(await codeOf(await create(world.specialist, 100))).toBe("request.not-found");
    } finally {
      mayOpen = true;
    }
  });

  test("nobody once the consult is archived", async () => {
    await clone.admin`alter table consult disable trigger consult_guard`;
    await clone.admin`update consult set state = 'archived' where id = ${world.consultId}`;
    try {
      expect(await codeOf(await create(world.attending, 100))).toBe("consult.illegal-step");
    } finally {
      await clone.admin`update consult set state = 'submitted' where id = ${world.consultId}`;
      await clone.admin`alter table consult enable trigger consult_guard`;
    }
  });
});

describe("what is refused", () => {
  test.each([
    ["application/x-msdownload", "virus.exe"],
    ["text/html", "page.html"],
    ["image/svg+xml", "drawing.svg"],
    ["application/octet-stream", "unknown.bin"],
    ["__proto__", "x.jpg"],
    ["", "constructor"],
  ])("type %s (%s)", async (filetype, filename) => {
    expect(
      await codeOf(await create(world.attending, 100, metadataOf({ filetype, filename }))),
    ).toBe("attachment.kind");
  });

  test("a still that is no picture", async () => {
    const answer = await create(
      world.attending,
      100,
      metadataOf({ purpose: "still", filetype: "application/pdf" }),
    );
    expect(await codeOf(answer)).toBe("attachment.kind");
  });

  test("too large, empty, or of unknown size", async () => {
    const large = await create(world.attending, 50 * 1024 * 1024 + 1);
    expect([large.status, await codeOf(large)]).toEqual([413, "request.too-large"]);
    expect(await codeOf(await create(world.attending, 0))).toBe("attachment.content");
    const deferred = await fetch(`${address}/api/uploads`, {
      method: "POST",
      headers: {
        ...kit.as(world.attending),
        "tus-resumable": "1.0.0",
        "upload-defer-length": "1",
        "upload-metadata": metadataOf(),
      },
    });
    expect(await codeOf(deferred)).toBe("request.invalid");
    expect((await create(world.attending, "-5")).status).toBe(400);
    expect((await create(world.attending, "abc")).status).toBe(400);
  });

  test.each([
    ["no metadata", ""],
    ["not base64", "consultId ???"],
    ["wrong purpose", "purpose eA=="],
  ])("%s", async (_, metadata) => {
    const answer = await create(world.attending, 100, metadata);
    expect(answer.status).toBe(400);
    expect(await codeOf(answer)).toBe("request.invalid");
  });

  test("bytes that are not what was declared: refused, told, and not kept", async () => {
    const page = Buffer.from("<!doctype html><script>alert(1)</script>");
    const { id, answer } = await upload(world.attending, page);
    expect([answer.status, await codeOf(answer)]).toEqual([422, "attachment.content"]);
    expect(await rowOf(id)).toMatchObject({ state: "refused", sha256: null });
    expect(existsSync(join(folder, "attachments", id))).toBe(false);
    expect((await get(world.attending, id)).status).toBe(404);
    expect((await head(world.attending, `/api/uploads/${id}`)).status).toBe(404);
  });

  test("more bytes than announced", async () => {
    const url = locationOf(await create(world.attending, 10));
    expect((await send(world.attending, url, 0, jpeg(20))).status).toBe(413);
  });

  test("a wrong offset changes nothing", async () => {
    const bytes = jpeg(100);
    const url = locationOf(await create(world.attending, 100));
    expect((await send(world.attending, url, 50, bytes.subarray(50))).status).toBe(409);
    expect((await head(world.attending, url)).headers.get("upload-offset")).toBe("0");
  });

  test("addresses that are none", async () => {
    for (const id of ["..%2f..%2fetc%2fpasswd", "x", "%00", randomUUID()]) {
      const answer = await head(world.attending, `/api/uploads/${id}`);
      expect([400, 404]).toContain(answer.status);
    }
    expect((await get(world.attending, "..%2f..%2fsecrets.json")).status).toBe(400);
  });

  test("not more than twenty unfinished ones of one person", async () => {
    const actor: Actor = { ...guest, guestId: randomUUID() };
    const statuses: number[] = [];
    for (let count = 0; count < 21; count += 1) {
      statuses.push((await create(actor, 100, metadataOf({ purpose: "still" }))).status);
    }
    expect(statuses).toEqual([...Array(20).fill(201), 429]);
  });
});

describe("what arrives", () => {
  test("is complete, hashed, told to both sides and left in the trace", async () => {
    const bytes = jpeg(5000);
    const { id, answer } = await upload(world.attending, bytes, { width: "640", height: "480" });
    expect(answer.status).toBe(204);
    const row = await rowOf(id);
    expect(row).toMatchObject({
      state: "complete",
      name: "化验单.jpg",
      uploaded_by_kind: "staff",
      uploaded_by_name: "attending",
      width_pixels: 640,
      height_pixels: 480,
    });
    expect(row?.sha256).toEqual(createHash("sha256").update(bytes).digest());
    expect(Number(row?.received_bytes)).toBe(5000);
    const [event] =
      await clone.admin`select * from outbox_event where topic = 'attachment' and entity_id = ${id}`;
    expect(event?.detail).toEqual({ consultId: world.consultId });
    expect([...(event?.institution_ids ?? [])].sort()).toEqual(
      [world.sakyaId, world.xuhuiId].sort(),
    );
    const actions =
      await clone.admin`select action from audit_event where entity_id = ${id} order by id`;
    expect(actions.map((one) => one.action)).toEqual(["attachment.begin", "attachment.complete"]);
    expect(statSync(join(folder, "attachments")).mode & 0o077).toBe(0);
  });

  test("is read by the other side as it was, and each reading leaves a trace", async () => {
    const bytes = jpeg(3000);
    const { id } = await upload(world.attending, bytes);
    const answer = await get(world.specialist, id);
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(bytes);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      "content-type": "image/jpeg",
      "content-length": "3000",
      "x-content-type-options": "nosniff",
      "cache-control": "private, no-cache",
      "content-security-policy": expect.stringContaining("sandbox"),
      "content-disposition": expect.stringMatching(/^inline; .*filename\*=UTF-8''%E5%8C%96/),
    });
    const again = await get(world.specialist, id, { "if-none-match": answer.headers.get("etag")! });
    expect([again.status, await again.text()]).toEqual([304, ""]);
    const traces =
      await clone.admin`select * from audit_event where entity_id = ${id} and action = 'attachment.read'`;
    expect(traces).toHaveLength(2);
    expect(traces[0]).toMatchObject({ patient_id: world.patientId, actor_name: "specialist" });
  });

  test("text is handed out as a download", async () => {
    const { id } = await upload(world.attending, Buffer.from("name,value\nHb,92\n"), {
      filename: "血常规.csv",
      filetype: "application/vnd.ms-excel",
    });
    const answer = await get(world.attending, id);
    expect(answer.headers.get("content-type")).toBe("text/csv; charset=utf-8");
    expect(answer.headers.get("content-disposition")).toMatch(/^attachment/);
  });

  test("is not readable before it is complete", async () => {
    const id = idOf(locationOf(await create(world.attending, 100)));
    expect(await codeOf(await get(world.attending, id))).toBe("attachment.unfinished");
  });
});

describe("a line that breaks", () => {
  test("at half: what arrived is kept, and the rest completes it", async () => {
    const bytes = jpeg(2_000_000);
    const url = locationOf(await create(world.attending, bytes.length));
    const broken = httpRequest(`${address}${url}`, {
      method: "PATCH",
      headers: {
        ...kit.as(world.attending),
        "tus-resumable": "1.0.0",
        "upload-offset": "0",
        "content-type": "application/offset+octet-stream",
        "content-length": bytes.length,
      },
    });
    const gone = new Promise<void>((resolve) => {
      broken.on("error", () => resolve());
      broken.on("close", () => resolve());
    });
    broken.write(bytes.subarray(0, 1_000_000));
    // The line breaks when the half has reached the disk, however busy the machine is.
    const file = join(folder, "attachments", idOf(url));
    await eventually(
      "the half is on disk",
      () => existsSync(file) && statSync(file).size >= 900_000,
    );
    broken.destroy();
    await gone;
    const offset = await eventually("the half is there", async () => {
      const found = Number((await head(world.attending, url)).headers.get("upload-offset"));
      return found >= 900_000 && found;
    });
    expect(offset).toBeLessThanOrEqual(1_000_000);
    expect((await send(world.attending, url, offset, bytes.subarray(offset))).status).toBe(204);
    const row = await rowOf(idOf(url));
    expect(row?.sha256).toEqual(createHash("sha256").update(bytes).digest());
  });

  test("in pieces, with the client library of the pages, stopped and taken up again", async () => {
    const bytes = jpeg(300_000);
    const options = {
      endpoint: `${address}/api/uploads`,
      chunkSize: 50_000,
      retryDelays: [0, 50],
      headers: kit.as(world.specialist),
      metadata: {
        consultId: world.consultId,
        purpose: "answer",
        filename: "ct.jpg",
        filetype: "image/jpeg",
      },
    };
    const url = await new Promise<string>((resolve, reject) => {
      const first: Upload = new Upload(bytes, {
        ...options,
        onError: reject,
        onChunkComplete: (_, accepted) => {
          if (accepted >= 150_000) void first.abort().then(() => resolve(first.url ?? ""));
        },
      });
      first.start();
    });
    expect(Number((await rowOf(idOf(url)))?.received_bytes)).toBeGreaterThanOrEqual(100_000);
    await new Promise<void>((resolve, reject) => {
      new Upload(bytes, {
        ...options,
        uploadUrl: url,
        onError: reject,
        onSuccess: () => resolve(),
      }).start();
    });
    expect((await rowOf(idOf(url)))?.sha256).toEqual(createHash("sha256").update(bytes).digest());
  });

  test("between disk and database: asking again finishes it, once", async () => {
    const bytes = jpeg(1000);
    const { id, url } = await upload(world.attending, bytes);
    await clone.admin`update attachment set state = 'uploading', sha256 = null where id = ${id}`;
    await Promise.all([head(world.attending, url), head(world.attending, url)]);
    expect(await rowOf(id)).toMatchObject({ state: "complete" });
    expect(
      await clone.admin`select 1 from outbox_event where topic = 'attachment' and entity_id = ${id}`,
    ).toHaveLength(2);
  });

  test("an upload given up by its owner leaves nothing; a complete one cannot be given up", async () => {
    const end = (url: string) =>
      fetch(`${address}${url}`, {
        method: "DELETE",
        headers: { ...kit.as(world.attending), "tus-resumable": "1.0.0" },
      });
    const url = locationOf(await create(world.attending, 100));
    expect((await end(url)).status).toBe(204);
    expect(await rowOf(idOf(url))).toBeUndefined();
    expect(existsSync(join(folder, "attachments", idOf(url)))).toBe(false);
    const { url: done, id } = await upload(world.attending, jpeg(100));
    expect((await end(done)).status).toBe(400);
    expect((await get(world.attending, id)).status).toBe(200);
  });

  test("an upload that nobody finished for a week is taken out, with stray bytes; others stay", async () => {
    const old = idOf(locationOf(await create(world.attending, 100)));
    const { id: complete } = await upload(world.attending, jpeg(100));
    const young = idOf(locationOf(await create(world.attending, 100)));
    const stray = join(folder, "attachments", randomUUID());
    writeFileSync(stray, "x");
    const past = new Date(Date.now() - 8 * 86_400_000);
    for (const name of [old, complete]) utimesSync(join(folder, "attachments", name), past, past);
    utimesSync(stray, past, past);
    await clone.admin`update attachment set created_at = ${past} where id in ${clone.admin([old, complete])}`;
    now = new Date();
    await attachmentTasks(createAttachmentStore(folder))["attachments:clean"]!(null, {
      db: clone.db,
      clock: () => now,
      log: silent,
      asJob: (work) => clone.db.withActor(system, work),
    });
    expect([
      await rowOf(old),
      existsSync(join(folder, "attachments", old)),
      existsSync(stray),
    ]).toEqual([undefined, false, false]);
    expect(existsSync(join(folder, "attachments", complete))).toBe(true);
    expect((await rowOf(young))?.state).toBe("uploading");
  });
});

describe("rules", () => {
  test.each([
    ["../../etc/passwd", "passwd"],
    ["C:\\Users\\x\\片子.jpg", "片子.jpg"],
    ["a\u202egpj.exe", "agpj.exe"],
    ["\u0000\n", "file"],
    ["...", "file"],
    ['a"b<c>.pdf', "a_b_c_.pdf"],
    [`${"长".repeat(300)}.pdf`, `${"长".repeat(116)}.pdf`],
  ])("name %j becomes %j", (name, safe) => expect(safeName(name)).toBe(safe));

  test("types by declaration, alias and ending", () => {
    expect(mediaTypeOf("image/JPG; x=1", "a", "request")).toBe("image/jpeg");
    expect(mediaTypeOf("", "scan.DCM", "request")).toBe("application/dicom");
    expect(mediaTypeOf("application/octet-stream", "p.heic", "answer")).toBe("image/heic");
    expect(() => mediaTypeOf("application/octet-stream", "a.exe", "request")).toThrow(DomainError);
  });

  test("bytes of each type", () => {
    const dicom = Buffer.alloc(200);
    dicom.write("DICM", 128, "latin1");
    expect(fitsMediaType("application/dicom", dicom)).toBe(true);
    expect(fitsMediaType("image/webp", Buffer.from("RIFF0000WEBPVP8 "))).toBe(true);
    expect(fitsMediaType("image/heic", Buffer.from("\0\0\0\x18ftypheic"))).toBe(true);
    expect(fitsMediaType("application/pdf", Buffer.from("%PDF-1.7"))).toBe(true);
    expect(fitsMediaType("text/plain", Buffer.from("次仁：咳嗽\r\n"))).toBe(true);
    expect(fitsMediaType("text/plain", Buffer.from([0x4d, 0x5a, 0, 1]))).toBe(false);
    expect(fitsMediaType("image/png", Buffer.alloc(0))).toBe(false);
    expect(fitsMediaType("toString", Buffer.from("x"))).toBe(false);
  });

  test("a name cannot break out of its header", () => {
    const header = contentDisposition('a"; x=\r\n(b).jpg', false);
    expect(header).not.toMatch(/[\r\n]/);
    expect(header.split('"')).toHaveLength(3);
  });
});
