import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { parseConfig } from "../../server/config.ts";
import { OperatorError } from "../../server/operator-error.ts";

/** The sentences of a refused environment. */
function problemsOf(env: Record<string, string>): string[] {
  try {
    parseConfig(env);
  } catch (error) {
    if (error instanceof OperatorError) return error.message.split("\n");
    throw error;
  }
  return [];
}

describe("parseConfig", () => {
  it("needs nothing", () => {
    const config = parseConfig({ PATH: "/usr/bin", HOME: "/root" });
    expect(config).toMatchObject({
      port: 8080,
      host: "0.0.0.0",
      dataDir: resolve(".data"),
      demo: true,
      publicUrl: "http://localhost:8080",
      logLevel: "info",
      databaseUrl: undefined,
      tls: undefined,
      turn: undefined,
      sms: undefined,
    });
    expect(config.sfu).toMatchObject({
      announcedAddress: "127.0.0.1",
      rtcPort: 40_000,
      port: 8081,
      publicUrl: "http://localhost:8081",
      serverUrl: "http://127.0.0.1:8080",
      secret: undefined,
    });
  });

  it("derives the addresses from ports and certificate", () => {
    const config = parseConfig({ PORT: "9000", TLS_CERT: "a.pem", TLS_KEY: "b.pem" });
    expect(config.publicUrl).toBe("https://localhost:9000");
    expect(config.sfu.publicUrl).toBe("https://localhost:8081");
    expect(config.sfu.serverUrl).toBe("https://localhost:9000");
  });

  it("takes an empty value as not set", () => {
    expect(parseConfig({ PORT: "", SFU_SECRET: " ", DATABASE_URL: "" }).port).toBe(8080);
  });

  it.each([
    [{}, true],
    [{ DEMO: "0" }, false],
    [{ DATABASE_URL: "postgres://a:b@c/d" }, false],
    [{ DATABASE_URL: "postgres://a:b@c/d", DEMO: "1" }, true],
  ])("loads demo data with %j: %s", (env, expected) => {
    expect(parseConfig(env).demo).toBe(expected);
  });

  it("takes the slash off addresses", () => {
    expect(parseConfig({ PUBLIC_URL: "https://example.org/" }).publicUrl).toBe(
      "https://example.org",
    );
  });

  it("splits TURN addresses", () => {
    const env = { TURN_URLS: "turn:a:3478, turns:b:5349", TURN_SECRET: "x" };
    expect(parseConfig(env).turn?.urls).toEqual(["turn:a:3478", "turns:b:5349"]);
  });

  it.each([
    ["PORT", "0"],
    ["PORT", "80a"],
    ["PORT", "70000"],
    ["PORT", "8080.5"],
    ["DATABASE_URL", "mysql://a@b/c"],
    ["DEMO", "yes"],
    ["PUBLIC_URL", "example.org"],
    ["LOG_LEVEL", "loud"],
    ["SFU_SECRET", "short"],
    ["SFU_WORKERS", "0"],
    ["YILIAN_WORKER_BUILD", "true"],
  ])("refuses %s=%s in one sentence that says what to write", (name, value) => {
    const problems = problemsOf({ [name]: value });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(new RegExp(`^${name} cannot be used as it is: write .+\\.$`));
  });

  it("never repeats a refused secret", () => {
    expect(problemsOf({ SFU_SECRET: "hunter2" }).join()).not.toContain("hunter2");
  });

  it("tells all problems at once", () => {
    expect(problemsOf({ PORT: "x", DEMO: "2", SFU_COLOUR: "red" })).toHaveLength(3);
  });

  it.each([
    ["SFU_ANOUNCED_ADDRESS", "write SFU_ANNOUNCED_ADDRESS instead"],
    ["TLS_CRT", "write TLS_CERT instead"],
    ["YILIAN_SOMETHING_ELSE", "remove it"],
  ])("refuses the unknown name %s", (name, advice) => {
    expect(problemsOf({ [name]: "x" })).toEqual([`${name} is not a setting: ${advice}.`]);
  });

  it("wants all that an object store needs, and a name that a bucket may have", () => {
    const place = { S3_ENDPOINT: "https://s3.example.org", S3_BUCKET: "teaching" };
    const missing = problemsOf(place);
    expect(missing.map((one) => one.split(" ")[0])).toEqual(["S3_ACCESS_KEY", "S3_SECRET_KEY"]);
    const whole = { ...place, S3_ACCESS_KEY: "a", S3_SECRET_KEY: "b" };
    expect(problemsOf(whole)).toEqual([]);
    expect(problemsOf({ ...whole, S3_BUCKET: "Teaching/x" })[0]).toMatch(/^S3_BUCKET/);
    // Pieces of streams likewise; the page's policy lets them in from where they lie.
    const stream = { HLS_S3_ENDPOINT: "https://s3.example.org", HLS_S3_BUCKET: "streams" };
    expect(problemsOf(stream)).toHaveLength(2);
    const keys = { HLS_S3_ACCESS_KEY: "a", HLS_S3_SECRET_KEY: "b" };
    expect(parseConfig({ ...stream, ...keys }).streamOrigin).toBe("https://s3.example.org");
    const cached = { ...stream, ...keys, HLS_URL: "https://cdn.example.org/streams" };
    expect(parseConfig(cached).streamOrigin).toBe("https://cdn.example.org");
    expect(parseConfig({}).streamOrigin).toBeUndefined();
    expect(problemsOf({ S3_BUKET: "x" })).toEqual([
      "S3_BUKET is not a setting: write S3_BUCKET instead.",
    ]);
  });

  it("leaves other programmes' names alone", () => {
    expect(problemsOf({ TLSX: "1", AWS_REGION: "x", npm_config_cache: "y" })).toEqual([]);
  });

  it.each([
    [{ TLS_CERT: "a.pem" }, ["TLS_KEY"]],
    [{ TURN_URLS: "turn:a:1" }, ["TURN_SECRET"]],
    [{ SMS_URL: "https://sms.example.org" }, ["SMS_TOKEN"]],
  ])("wants what belongs together: %j", (env, missing) => {
    const names = problemsOf(env).map((problem) => problem.split(" ")[0]);
    expect(names).toEqual(missing);
  });

  it("refuses one port for two and a media range that does not fit", () => {
    expect(problemsOf({ PORT: "8081" })).toEqual([
      "PORT and SFU_PORT are both 8081: write different ones.",
    ]);
    expect(problemsOf({ SFU_RTC_PORT: "65530", SFU_WORKERS: "8" })).toEqual([
      "SFU_RTC_PORT leaves no room for 8 workers: write 65528 or less.",
    ]);
  });
});
