import type { AddressInfo } from "node:net";
import { pino } from "pino";
import { io, type Socket } from "socket.io-client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createAttachmentStore } from "../../server/attachments/store.ts";
import { startBackground } from "../../server/background.ts";
import { createMediaService } from "../../server/media/service.ts";
import { createDemoSmsProvider } from "../../server/notices/sms-provider.ts";
import {
  type Changed,
  type ClientEvents,
  realtimeProtocol,
  type ServerEvents,
} from "../../server/realtime/contract.ts";
import { buildTestApp, type Client, type TestApp } from "../support/app.ts";
import { eventually } from "./kit.ts";

type Page = Socket<ServerEvents, ClientEvents>;

let tested: TestApp;
let background: { close: () => Promise<void> };
let address: string;
const pages: Page[] = [];

beforeAll(async () => {
  tested = await buildTestApp();
  background = await startBackground({
    app: tested.app,
    services: tested.services,
    releaseRooms: tested.releaseRooms,
    jobsUrl: tested.database.jobs,
    attachments: createAttachmentStore(tested.dataDir),
    smsProvider: createDemoSmsProvider(),
    media: createMediaService({ secret: tested.sfuSecret, clock: tested.services.clock }),
    log: pino({ level: "silent" }),
  });
  await tested.app.listen({ port: 0, host: "127.0.0.1" });
  address = `http://127.0.0.1:${(tested.app.server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  for (const page of pages) page.close();
  await background?.close();
  await tested?.close();
});

async function open(client: Client): Promise<{ page: Page; heard: Changed[] }> {
  const page: Page = io(address, {
    path: "/realtime",
    transports: ["websocket"],
    auth: { protocol: realtimeProtocol },
    extraHeaders: { cookie: client.cookie },
    forceNew: true,
    reconnection: false,
  });
  pages.push(page);
  const heard: Changed[] = [];
  page.on("changed", (change) => heard.push(change));
  await new Promise<void>((resolve, reject) => {
    page.on("connect", resolve);
    page.on("connect_error", reject);
  });
  return { page, heard };
}

test("nobody comes in without a session", async () => {
  await expect(open(tested.anonymous)).rejects.toThrow("auth.required");
});

test("a draft that is saved in Sakya is heard by Sakya at once, and not by Shanghai", async () => {
  const attending = await tested.as("danzeng");
  const mine = await open(attending);
  const desk = await open(await tested.as("lijia"));
  const known = await attending.get("/api/consults");
  const created = await attending.post("/api/consults", {
    patientId: known.body.consults[0].patient.id,
    content: { urgency: "routine", complaint: "咳嗽" },
  });
  expect(created.status).toBe(200);
  const { id, version } = created.body;
  const saved = await attending.put(`/api/consults/${id}/draft`, {
    version,
    content: { complaint: "咳嗽三天" },
  });
  expect(saved.status).toBe(200);
  await eventually("the newer version", () =>
    mine.heard.some((change) => change.id === id && change.version > version),
  );
  expect(desk.heard.filter((change) => change.id === id)).toEqual([]);
});

test("a text message of a sign-in is delivered by its job", async () => {
  const asked = await tested.anonymous.post("/api/session/phone-code", { phone: "13800138003" });
  expect(asked.status).toBe(200);
  await eventually("it is marked as sent", async () => {
    const rows = await tested.services.db.withActor(
      { kind: "system", reason: "test", language: "zh-CN" },
      (tx) => tx.execute("select 1 from sms_message where sent_at is not null"),
    );
    return rows.length > 0;
  });
  const shown = await tested.anonymous.get("/api/demo/sms");
  const phones = shown.body.messages.map((one: { phone: string }) => one.phone);
  expect(phones).toContain("13800138003");
});

test("signing out ends the person's pages", async () => {
  const client = await tested.as("wuqihang");
  const { page } = await open(client);
  const ended = new Promise((resolve) => page.on("session:ended", resolve));
  const gone = new Promise((resolve) => page.on("disconnect", resolve));
  await client.delete("/api/session");
  expect(await ended).toEqual({ code: "auth.required" });
  await gone;
});
