import os from "node:os";
import path from "node:path";
import { z } from "zod";
import type { BucketOptions } from "./broadcast/bucket.ts";

/** Settings of one media node, parsed once from the environment. */
export type NodeConfig = {
  /** Port of signalling (HTTP and socket.io). */
  port: number;
  /** First RTC port; worker i listens on UDP and TCP `rtcPort + i`. */
  rtcPort: number;
  /** Host name or address that browsers reach the RTC ports under. */
  announcedAddress: string;
  /** Address of this node as browsers see it; also its name. */
  publicUrl: string;
  /** Origins whose pages may connect; empty means any (development). */
  allowedOrigins: readonly string[];
  /** HS256 secret shared with the server. */
  secret: string;
  /** Where callbacks go. */
  serverUrl: string;
  region: string;
  /** Number of mediasoup workers. */
  workers: number;
  workerBin: string | undefined;
  tls: { certPath: string; keyPath: string } | undefined;
  turn: { urls: readonly string[]; secret: string } | undefined;
  /** Demo functions (simulated thin line) are allowed. */
  demo: boolean;
  /** Address under which other nodes reach this one; also its name among them. */
  linkUrl: string;
  /** Host name or address that other nodes send media to. */
  linkAddress: string;
  /** UDP ports for media between nodes. */
  linkPorts: { min: number; max: number };
  /** How long a cut link may take to heal before its people's media is built elsewhere. */
  linkGraceMs: number;
  /** How long a link has to stand before people go back to its node. */
  linkSteadyMs: number;
  /** How often it is looked whether people should lie elsewhere. */
  replanMs: number;
  /** Streams that one worker should carry at most; further people go to another one. */
  consumersPerWorker: number;
  /** Listeners of one teaching room on this node; the stage comes beside them. */
  teachingCapacity: number;
  /** Cameras of the stage that an audience gets at most. */
  audienceCameras: number;
  /** Private folder for recordings on their way to the server. */
  spoolDir: string;
  /** Recordings stop before less than this is free on its disk. */
  recordingReserveBytes: number;
  /** Where pieces of streams lie for a network of caches; undefined: at this node alone. */
  streamBucket: BucketOptions | undefined;
  /** How long a peer whose line is lost is kept, in milliseconds. */
  keepAwayMs: number;
  /** This machine's clock, if not `Date.now`; for tests. */
  now?: () => number;
};

const KNOWN_NAMES = [
  "SFU_PORT",
  "SFU_RTC_PORT",
  "SFU_ANNOUNCED_ADDRESS",
  "SFU_PUBLIC_URL",
  "SFU_SECRET",
  "SFU_SERVER_URL",
  "SFU_REGION",
  "SFU_WORKERS",
  "SFU_WORKER_CONSUMERS",
  "SFU_LINK_URL",
  "SFU_LINK_ADDRESS",
  "SFU_LINK_PORTS",
  "SFU_RECORDING_RESERVE_MB",
  "SFU_TEACHING_CAPACITY",
  "SFU_AUDIENCE_CAMERAS",
];

const port = z.coerce.number().int().min(1).max(65_535);
const httpUrl = z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, ""));
const flag = z.enum(["0", "1", ""]).transform((value) => value === "1");

const environmentSchema = z.object({
  SFU_PORT: port.default(8081),
  SFU_RTC_PORT: port.default(40_000),
  SFU_ANNOUNCED_ADDRESS: z.string().min(1).default("127.0.0.1"),
  SFU_PUBLIC_URL: httpUrl.default("http://localhost:8081"),
  SFU_SECRET: z.string().min(32),
  SFU_SERVER_URL: httpUrl.default("http://127.0.0.1:8080"),
  SFU_REGION: z.string().max(64).default("default"),
  SFU_WORKERS: z.coerce.number().int().min(1).max(256).default(os.availableParallelism()),
  SFU_TEACHING_CAPACITY: z.coerce.number().int().min(1).max(10_000).default(1_000),
  SFU_AUDIENCE_CAMERAS: z.coerce.number().int().min(1).max(25).default(4),
  SFU_WORKER_CONSUMERS: z.coerce.number().int().min(1).max(100_000).default(500),
  SFU_RECORDING_RESERVE_MB: z.coerce.number().int().min(0).max(1e9).default(500),
  DATA_DIR: z.string().min(1).default(".data"),
  HLS_S3_ENDPOINT: httpUrl.optional(),
  HLS_S3_BUCKET: z.string().min(1).optional(),
  HLS_S3_REGION: z.string().min(1).max(64).default("us-east-1"),
  HLS_S3_ACCESS_KEY: z.string().min(1).optional(),
  HLS_S3_SECRET_KEY: z.string().min(1).optional(),
  HLS_URL: httpUrl.optional(),
  SFU_LINK_URL: httpUrl.optional(),
  SFU_LINK_ADDRESS: z.string().min(1).optional(),
  SFU_LINK_PORTS: z
    .string()
    .regex(/^\d{1,5}-\d{1,5}$/)
    .default("42000-42999")
    .transform((text) => text.split("-").map(Number))
    .refine(([min = 0, max = 0]) => min >= 1 && min <= max && max <= 65_535),
  MEDIASOUP_WORKER_BIN: z.string().min(1).optional(),
  TLS_CERT: z.string().min(1).optional(),
  TLS_KEY: z.string().min(1).optional(),
  TURN_URLS: z.string().min(1).optional(),
  TURN_SECRET: z.string().min(1).optional(),
  PUBLIC_URL: z.string().optional(),
  DEMO: flag.default(false),
});

/** What to write instead, per name; shown when a value is refused. */
const ADVICE: Record<string, string> = {
  SFU_PORT: "write a port number from 1 to 65535, for example 8081",
  SFU_RTC_PORT: "write the first port of the media range, for example 40000",
  SFU_ANNOUNCED_ADDRESS: "write the address that browsers reach this machine under",
  SFU_PUBLIC_URL: "write an address such as https://media.example.org",
  SFU_SECRET: "write at least 32 characters, the same as at the server",
  SFU_SERVER_URL: "write the server's internal address, for example http://127.0.0.1:8080",
  SFU_REGION: "write a name of at most 64 characters",
  SFU_WORKERS: "write the number of media workers, for example 2",
  SFU_WORKER_CONSUMERS: "write the number of streams that one worker should carry, for example 500",
  SFU_TEACHING_CAPACITY: "write how many listeners a lecture may have here, for example 1000",
  SFU_AUDIENCE_CAMERAS: "write how many cameras an audience gets at most, for example 4",
  SFU_RECORDING_RESERVE_MB:
    "write how many megabytes a recording leaves free on the disk, for example 500",
  HLS_S3_ENDPOINT:
    "write the address of an object store for pieces of streams, with the other HLS_S3_ names",
  HLS_S3_BUCKET: "write the name of a bucket that exists, with the other HLS_S3_ names",
  HLS_S3_REGION: "write the region that the store was set up with",
  HLS_S3_ACCESS_KEY: "write the access key of an account that may write to HLS_S3_BUCKET",
  HLS_S3_SECRET_KEY: "write the secret key that belongs to HLS_S3_ACCESS_KEY",
  HLS_URL: "write the address under which pages reach what lies in HLS_S3_BUCKET",
  DATA_DIR: "write a folder for what this installation keeps",
  SFU_LINK_URL: "write the address that other media nodes reach this one under, or leave it out",
  SFU_LINK_ADDRESS: "write the address that other media nodes send media to, or leave it out",
  SFU_LINK_PORTS: "write a range of UDP ports such as 42000-42999",
  MEDIASOUP_WORKER_BIN: "write the path of a mediasoup-worker program, or leave it out",
  TLS_CERT: "write the path of a certificate in PEM form, and TLS_KEY with it",
  TLS_KEY: "write the path of a key in PEM form, and TLS_CERT with it",
  TURN_URLS:
    "write addresses such as turn:turn.example.org:3478, separated by commas, and TURN_SECRET",
  TURN_SECRET: "write coturn's static-auth-secret, and TURN_URLS with it",
  PUBLIC_URL: "write addresses of the pages such as https://example.org, separated by commas",
  DEMO: "write 1 or leave it out",
};

/** A start that cannot go on; the message is one sentence for the person at the terminal. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/**
 * Parses the environment of a media node.
 * @throws {ConfigError} naming the setting and what to write instead
 */
export function parseConfig(environment: Record<string, string | undefined>): NodeConfig {
  const unknown = Object.keys(environment).find(
    (name) => name.startsWith("SFU_") && !KNOWN_NAMES.includes(name),
  );
  if (unknown) {
    throw new ConfigError(
      `${unknown} is no setting of the media node: remove it or correct its name.`,
    );
  }
  const parsed = environmentSchema.safeParse(environment);
  if (!parsed.success) {
    const name = String(parsed.error.issues[0]?.path[0] ?? "SFU_SECRET");
    throw new ConfigError(`${name} cannot be used: ${ADVICE[name] ?? "correct it"}.`);
  }
  const env = parsed.data;
  const one = (name: string): never => {
    throw new ConfigError(`${name} cannot be used: ${ADVICE[name]}.`);
  };
  if (!env.TLS_CERT !== !env.TLS_KEY) one(env.TLS_CERT ? "TLS_CERT" : "TLS_KEY");
  if (!env.TURN_URLS !== !env.TURN_SECRET) one(env.TURN_URLS ? "TURN_URLS" : "TURN_SECRET");
  const store = {
    HLS_S3_ENDPOINT: env.HLS_S3_ENDPOINT,
    HLS_S3_BUCKET: env.HLS_S3_BUCKET,
    HLS_S3_ACCESS_KEY: env.HLS_S3_ACCESS_KEY,
    HLS_S3_SECRET_KEY: env.HLS_S3_SECRET_KEY,
  };
  const missing = Object.entries(store).find(([, value]) => value === undefined)?.[0];
  if (missing && Object.values(store).some((value) => value !== undefined)) one(missing);
  if (env.SFU_RTC_PORT + env.SFU_WORKERS - 1 > 65_535) one("SFU_RTC_PORT");
  return {
    port: env.SFU_PORT,
    rtcPort: env.SFU_RTC_PORT,
    announcedAddress: env.SFU_ANNOUNCED_ADDRESS,
    publicUrl: env.SFU_PUBLIC_URL,
    allowedOrigins: parseOrigins(env.PUBLIC_URL),
    secret: env.SFU_SECRET,
    serverUrl: env.SFU_SERVER_URL,
    region: env.SFU_REGION,
    workers: env.SFU_WORKERS,
    workerBin: env.MEDIASOUP_WORKER_BIN,
    tls: env.TLS_CERT && env.TLS_KEY ? { certPath: env.TLS_CERT, keyPath: env.TLS_KEY } : undefined,
    turn:
      env.TURN_URLS && env.TURN_SECRET
        ? { urls: env.TURN_URLS.split(",").map((url) => url.trim()), secret: env.TURN_SECRET }
        : undefined,
    demo: env.DEMO,
    teachingCapacity: env.SFU_TEACHING_CAPACITY,
    audienceCameras: env.SFU_AUDIENCE_CAMERAS,
    linkUrl: env.SFU_LINK_URL ?? env.SFU_PUBLIC_URL,
    linkAddress: env.SFU_LINK_ADDRESS ?? env.SFU_ANNOUNCED_ADDRESS,
    linkPorts: { min: env.SFU_LINK_PORTS[0] ?? 0, max: env.SFU_LINK_PORTS[1] ?? 0 },
    linkGraceMs: 4_000,
    linkSteadyMs: 15_000,
    replanMs: 5_000,
    consumersPerWorker: env.SFU_WORKER_CONSUMERS,
    spoolDir: path.resolve(env.DATA_DIR, "media-node"),
    recordingReserveBytes: env.SFU_RECORDING_RESERVE_MB * 1_000_000,
    streamBucket: bucketOf(env),
    keepAwayMs: 120_000,
  };
}

function bucketOf(env: z.output<typeof environmentSchema>): BucketOptions | undefined {
  const { HLS_S3_ENDPOINT: endpoint, HLS_S3_BUCKET: bucket } = env;
  const { HLS_S3_ACCESS_KEY: accessKey, HLS_S3_SECRET_KEY: secretKey } = env;
  if (!endpoint || !bucket || !accessKey || !secretKey) return undefined;
  const url = env.HLS_URL ?? `${endpoint}/${bucket}`;
  return { endpoint, bucket, region: env.HLS_S3_REGION, accessKey, secretKey, url };
}

const LOOPBACK_NAMES = ["localhost", "127.0.0.1", "[::1]"];

/** Origins of the pages; this machine's own names stand for each other. */
function parseOrigins(text: string | undefined): string[] {
  if (!text) return [];
  return text.split(",").flatMap((part) => {
    const url = URL.parse(part.trim());
    if (!url) throw new ConfigError(`PUBLIC_URL cannot be used: ${ADVICE.PUBLIC_URL}.`);
    if (!LOOPBACK_NAMES.includes(url.hostname)) return url.origin;
    const port = url.port ? `:${url.port}` : "";
    return LOOPBACK_NAMES.map((name) => `${url.protocol}//${name}${port}`);
  });
}
