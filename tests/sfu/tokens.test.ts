import { createHash } from "node:crypto";
import { decodeJwt } from "jose";
import { describe, expect, test } from "vitest";
import { ConfigError, parseConfig } from "../../sfu/config.ts";
import { createRoomTokens, signCallback, verifyAdmin } from "../../sfu/tokens.ts";
import { iceServersFor } from "../../sfu/turn.ts";
import { adminToken, roomToken, SECRET } from "./support/node.ts";

const PUBLIC_URL = "https://media.example.org";
const tokens = (now?: () => number) =>
  createRoomTokens({ secret: SECRET, publicUrl: PUBLIC_URL, ...(now ? { now } : {}) });
const seconds = () => Math.floor(Date.now() / 1000);

describe("room tokens", () => {
  test("say who enters which room as what", async () => {
    const claims = await tokens().redeem(await roomToken({ role: "attending", moderator: true }));
    expect(claims).toMatchObject({
      room: "consult-1",
      sub: "person-1",
      role: "attending",
      moderator: true,
      lobby: false,
      private: false,
    });
  });

  test("can be used once", async () => {
    const one = tokens();
    const token = await roomToken();
    await one.redeem(token);
    await expect(one.redeem(token)).rejects.toMatchObject({ code: "token-used" });
  });

  test.each([
    ["another audience", { aud: "server" }, "token-foreign"],
    ["another issuer", { iss: "somebody" }, "token-foreign"],
    ["another secret", { secret: "x".repeat(40) }, "token-foreign"],
    ["another node", { node: "https://other.example.org" }, "token-foreign"],
    ["its time over", { exp: seconds() - 30 }, "token-expired"],
    ["too long a life", { exp: seconds() + 3600 }, "token-malformed"],
    ["a time before this node", { iat: seconds() - 50 }, "token-stale"],
    ["an unknown stream", { pub: ["everything"] as never }, "token-malformed"],
    ["no room", { room: "" }, "token-malformed"],
  ])("with %s are refused", async (_, claims, code) => {
    await expect(tokens().redeem(await roomToken(claims))).rejects.toMatchObject({ code });
  });

  test.each(["", "x", "a.b.c", `${"x".repeat(3000)}`])(
    "that are none are refused",
    async (text) => {
      await expect(tokens().redeem(text)).rejects.toMatchObject({ code: "token-malformed" });
    },
  );

  test("without a signature are refused", async () => {
    const [, payload] = (await roomToken()).split(".");
    const header = Buffer.from(JSON.stringify({ alg: "none" })).toString("base64url");
    await expect(tokens().redeem(`${header}.${payload}.`)).rejects.toMatchObject({
      name: "SignalError",
    });
  });
});

describe("the server's side", () => {
  test("callbacks are signed over their exact bytes", async () => {
    const claims = decodeJwt(await signCallback(SECRET, '{"a":1}'));
    expect(claims).toMatchObject({
      aud: "server",
      iss: "sfu",
      body_sha256: createHash("sha256").update('{"a":1}').digest("hex"),
    });
    expect(claims.exp! - claims.iat!).toBe(60);
  });

  test("orders need its token", async () => {
    await expect(verifyAdmin(SECRET, await adminToken())).resolves.toBeUndefined();
    await expect(verifyAdmin(SECRET, await roomToken())).rejects.toMatchObject({
      code: "forbidden",
    });
    await expect(verifyAdmin(SECRET, await adminToken("y".repeat(40)))).rejects.toMatchObject({
      code: "forbidden",
    });
  });
});

describe("settings", () => {
  test("have defaults but for the secret", () => {
    expect(parseConfig({ SFU_SECRET: SECRET })).toMatchObject({ port: 8081, rtcPort: 40_000 });
    expect(() => parseConfig({})).toThrow(ConfigError);
  });

  test.each([
    [{ SFU_PORT: "eighty" }, /^SFU_PORT cannot be used: write a port number/],
    [{ SFU_SECRET: "short" }, /^SFU_SECRET cannot be used: write at least 32/],
    [{ SFU_PROT: "8081" }, /^SFU_PROT is no setting/],
    [{ TLS_CERT: "/cert.pem" }, /TLS_KEY with it/],
    [{ TURN_URLS: "turn:a" }, /TURN_SECRET/],
    [{ SFU_RTC_PORT: "65535", SFU_WORKERS: "4" }, /^SFU_RTC_PORT/],
    [{ PUBLIC_URL: "not an address" }, /^PUBLIC_URL/],
  ])("%o stop the start with a sentence", (environment, sentence) => {
    expect(() => parseConfig({ SFU_SECRET: SECRET, ...environment })).toThrow(sentence);
  });

  test("pages of this machine may use any of its names", () => {
    const { allowedOrigins } = parseConfig({
      SFU_SECRET: SECRET,
      PUBLIC_URL: "http://localhost:8080, https://example.org/",
    });
    expect(allowedOrigins).toEqual([
      "http://localhost:8080",
      "http://127.0.0.1:8080",
      "http://[::1]:8080",
      "https://example.org",
    ]);
  });

  test("TURN credentials follow coturn's REST scheme", () => {
    const turn = { urls: ["turn:turn.example.org:3478"], secret: "s" };
    const [server] = iceServersFor(turn, "peer", 0);
    expect(server).toMatchObject({ urls: turn.urls, username: "43200:peer" });
    expect(server!.credential).toMatch(/^[A-Za-z0-9+/]{27}=$/);
    expect(iceServersFor(undefined, "peer", 0)).toEqual([]);
  });
});
