/**
 * The environment, parsed once. A value that cannot be used and a name under our prefixes that
 * means nothing stop the start, each with a sentence that says what to write instead.
 */
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { z } from "zod";
import { OperatorError } from "./operator-error.ts";

const PORT_MAX = 65_535;
const SECRET_LENGTH_MIN = 32;
const NAME_PREFIXES = ["SFU_", "TLS_", "TURN_", "S3_", "HLS_", "SMS_", "YILIAN_"];

const port = z.coerce.number().int().min(1).max(PORT_MAX);
const text = z.string().min(1);
const webAddress = z
  .url({ protocol: /^https?$/ })
  .transform((address) => address.replace(/\/+$/, ""));
const databaseAddress = z.url({ protocol: /^postgres(ql)?$/ });
const bucketName = z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/);
const bucketAdvice =
  "the name of a bucket that exists, 3 to 63 small letters, digits, dots and hyphens";
const switchValue = z.enum(["0", "1"]).transform((value) => value === "1");

/** Each known name: what it may be, and what to write instead of something else. */
const settings = {
  PORT: [port.default(8080), "a port number from 1 to 65535, for example 8080"],
  HOST: [text.default("0.0.0.0"), "an address to listen on, for example 0.0.0.0 or 127.0.0.1"],
  DATABASE_URL: [
    databaseAddress.optional(),
    "the application role's address, for example postgres://yilian_app:password@host:5432/yilian",
  ],
  MIGRATION_DATABASE_URL: [
    databaseAddress.optional(),
    "the owner role's address, for example postgres://yilian_owner:password@host:5432/yilian",
  ],
  JOBS_DATABASE_URL: [
    databaseAddress.optional(),
    "the job role's address, for example postgres://yilian_jobs:password@host:5432/yilian",
  ],
  DATA_DIR: [text.default(".data"), "a folder for what this installation keeps"],
  DEMO: [switchValue.optional(), "1 to load demo data into an empty database, or 0"],
  PUBLIC_URL: [webAddress.optional(), "the address of the pages, for example https://example.org"],
  LOG_LEVEL: [
    z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]).default("info"),
    "one of fatal, error, warn, info, debug, trace, silent",
  ],
  SFU_ANNOUNCED_ADDRESS: [
    text.optional(),
    "the address that browsers reach the media node under, for example 203.0.113.7",
  ],
  SFU_RTC_PORT: [port.default(40_000), "the first port of the media range, for example 40000"],
  SFU_PORT: [port.default(8081), "a port number from 1 to 65535, for example 8081"],
  SFU_PUBLIC_URL: [
    webAddress.optional(),
    "the media node's address as browsers see it, for example https://media.example.org",
  ],
  SFU_SERVER_URL: [
    webAddress.optional(),
    "the server's address as the media node sees it, for example http://127.0.0.1:8080",
  ],
  SFU_REGION: [text.max(64).default("default"), "a name of at most 64 characters"],
  SFU_SECRET: [
    z.string().min(SECRET_LENGTH_MIN).optional(),
    `at least ${SECRET_LENGTH_MIN} characters, the same at the server and every media node`,
  ],
  SFU_WORKERS: [
    z.coerce.number().int().min(1).max(256).default(availableParallelism()),
    "the number of media workers, for example 2",
  ],
  SFU_TEACHING_CAPACITY: [
    z.coerce.number().int().min(1).max(10_000).default(1_000),
    "how many listeners a lecture may have on one media node, for example 1000",
  ],
  SFU_AUDIENCE_CAMERAS: [
    z.coerce.number().int().min(1).max(25).default(4),
    "how many cameras an audience gets at most, for example 4",
  ],
  SFU_RECORDING_RESERVE_MB: [
    z.coerce.number().int().min(0).max(1e9).default(500),
    "how many megabytes a recording leaves free on the media node's disk, for example 500",
  ],
  S3_ENDPOINT: [
    webAddress.optional(),
    "the address of an object store for recordings, for example https://s3.example.org, together with the other S3_ names",
  ],
  S3_BUCKET: [bucketName.optional(), bucketAdvice],
  S3_REGION: [text.max(64).default("us-east-1"), "the region that the store was set up with"],
  S3_ACCESS_KEY: [text.optional(), "the access key of an account that may write to S3_BUCKET"],
  S3_SECRET_KEY: [text.optional(), "the secret key that belongs to S3_ACCESS_KEY"],
  HLS_S3_ENDPOINT: [
    webAddress.optional(),
    "the address of an object store for pieces of streams, together with the other HLS_S3_ names",
  ],
  HLS_S3_BUCKET: [bucketName.optional(), bucketAdvice],
  HLS_S3_REGION: [text.max(64).default("us-east-1"), "the region that the store was set up with"],
  HLS_S3_ACCESS_KEY: [
    text.optional(),
    "the access key of an account that may write to HLS_S3_BUCKET",
  ],
  HLS_S3_SECRET_KEY: [text.optional(), "the secret key that belongs to HLS_S3_ACCESS_KEY"],
  HLS_URL: [
    webAddress.optional(),
    "the address under which pages reach what lies in HLS_S3_BUCKET, for example https://cdn.example.org",
  ],
  TLS_CERT: [text.optional(), "the path of a certificate in PEM form, together with TLS_KEY"],
  TLS_KEY: [text.optional(), "the path of a key in PEM form, together with TLS_CERT"],
  TURN_URLS: [
    z
      .string()
      .regex(/^turns?:[^,\s]+(\s*,\s*turns?:[^,\s]+)*$/)
      .transform((list) => list.split(",").map((url) => url.trim()))
      .optional(),
    "addresses such as turn:turn.example.org:3478, separated by commas, together with TURN_SECRET",
  ],
  TURN_SECRET: [text.optional(), "coturn's static-auth-secret, together with TURN_URLS"],
  SMS_URL: [
    webAddress.optional(),
    "the SMS gateway's address, together with SMS_TOKEN, for example https://sms.example.org/send",
  ],
  SMS_TOKEN: [text.optional(), "the SMS gateway's token, together with SMS_URL"],
  SMS_INBOUND_TOKEN: [
    z.string().min(SECRET_LENGTH_MIN).optional(),
    `at least ${SECRET_LENGTH_MIN} characters that the SMS gateway sends with each answer it brings`,
  ],
  PAY_NAME: [
    z
      .string()
      .regex(/^[a-z][a-z0-9-]{1,29}$/)
      .optional(),
    "the payment provider's short name, for example unionpay",
  ],
  PAY_URL: [
    webAddress.optional(),
    "the payment provider's address, together with PAY_NAME and PAY_SECRET, for example https://pay.example.org/v1",
  ],
  PAY_SECRET: [
    text.min(SECRET_LENGTH_MIN).optional(),
    `at least ${SECRET_LENGTH_MIN} characters that the payment provider and this server sign with`,
  ],
  SMS_SIGNATURE: [text.max(20).default("医联"), "a signature of at most 20 characters"],
  YILIAN_CACHE: [text.optional(), "a folder for the media worker's programme"],
  YILIAN_WORKER_BUILD: [switchValue.default(false), "1 to build the media worker always, or 0"],
} as const satisfies Record<string, readonly [z.ZodType, string]>;

type SettingName = keyof typeof settings;
type Parsed = { [Name in SettingName]: z.output<(typeof settings)[Name][0]> };

/** Names that only make sense together: one of them alone is a mistake. */
const TOGETHER: readonly (readonly SettingName[])[] = [
  ["TLS_CERT", "TLS_KEY"],
  ["TURN_URLS", "TURN_SECRET"],
  ["SMS_URL", "SMS_TOKEN"],
  ["PAY_NAME", "PAY_URL", "PAY_SECRET"],
  ["S3_ENDPOINT", "S3_BUCKET", "S3_ACCESS_KEY", "S3_SECRET_KEY"],
  ["HLS_S3_ENDPOINT", "HLS_S3_BUCKET", "HLS_S3_ACCESS_KEY", "HLS_S3_SECRET_KEY"],
];

export type Config = ReturnType<typeof shape>;

/**
 * @param env usually process.env; an empty value counts as not set
 * @throws {OperatorError} one sentence per problem, all problems at once
 */
export function parseConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const given = (name: string) => (env[name]?.trim() === "" ? undefined : env[name]);
  const problems = unknownNames(env);
  const parsed: Partial<Record<SettingName, unknown>> = {};
  for (const name of Object.keys(settings) as SettingName[]) {
    const [schema, advice] = settings[name];
    const result = schema.safeParse(given(name));
    if (result.success) parsed[name] = result.data;
    else problems.push(`${name} cannot be used as it is: write ${advice}.`);
  }
  for (const group of TOGETHER) {
    const missing = group.filter((name) => given(name) === undefined);
    if (missing.length === 0 || missing.length === group.length) continue;
    for (const name of missing) problems.push(`${name} is missing: write ${settings[name][1]}.`);
  }
  const values = parsed as Parsed;
  if (problems.length === 0) problems.push(...portProblems(values));
  if (problems.length > 0) throw new OperatorError(problems.join("\n"));
  return shape(values);
}

function shape(env: Parsed) {
  const isSecure = env.TLS_CERT !== undefined;
  const scheme = isSecure ? "https" : "http";
  const publicUrl = env.PUBLIC_URL ?? `${scheme}://localhost:${env.PORT}`;
  return {
    port: env.PORT,
    host: env.HOST,
    /** undefined: the embedded PostgreSQL */
    databaseUrl: env.DATABASE_URL,
    migrationDatabaseUrl: env.MIGRATION_DATABASE_URL,
    jobsDatabaseUrl: env.JOBS_DATABASE_URL,
    /** absolute */
    dataDir: resolve(env.DATA_DIR),
    /** Without DEMO, demo data belong to the embedded database only: an outside one may be real. */
    demo: env.DEMO ?? env.DATABASE_URL === undefined,
    /** without a slash at the end */
    publicUrl,
    logLevel: env.LOG_LEVEL,
    sfu: {
      announcedAddress: env.SFU_ANNOUNCED_ADDRESS ?? "127.0.0.1",
      /** worker i listens on UDP and TCP `rtcPort + i` */
      rtcPort: env.SFU_RTC_PORT,
      port: env.SFU_PORT,
      publicUrl: env.SFU_PUBLIC_URL ?? `${scheme}://localhost:${env.SFU_PORT}`,
      /** Over HTTPS by the public name: the certificate names no loopback address. */
      serverUrl: env.SFU_SERVER_URL ?? (isSecure ? publicUrl : `http://127.0.0.1:${env.PORT}`),
      region: env.SFU_REGION,
      /** undefined: the one in secrets.json */
      secret: env.SFU_SECRET,
      workers: env.SFU_WORKERS,
    },
    tls: env.TLS_CERT && env.TLS_KEY ? { certPath: env.TLS_CERT, keyPath: env.TLS_KEY } : undefined,
    turn:
      env.TURN_URLS && env.TURN_SECRET
        ? { urls: env.TURN_URLS, secret: env.TURN_SECRET }
        : undefined,
    sms:
      env.SMS_URL && env.SMS_TOKEN
        ? { url: env.SMS_URL, token: env.SMS_TOKEN, signature: env.SMS_SIGNATURE }
        : undefined,
    /** undefined: one pays at the desk, and in the demo by the sandbox */
    payment:
      env.PAY_NAME && env.PAY_URL && env.PAY_SECRET
        ? { name: env.PAY_NAME, url: env.PAY_URL, secret: env.PAY_SECRET }
        : undefined,
    /** undefined: recordings are kept in DATA_DIR, as attachments are always */
    s3:
      env.S3_ENDPOINT && env.S3_BUCKET && env.S3_ACCESS_KEY && env.S3_SECRET_KEY
        ? {
            ...{ endpoint: env.S3_ENDPOINT, bucket: env.S3_BUCKET, region: env.S3_REGION },
            ...{ accessKey: env.S3_ACCESS_KEY, secretKey: env.S3_SECRET_KEY },
          }
        : undefined,
    /** Where pages fetch pieces of streams, beside the media node; undefined: nowhere else */
    streamOrigin: originOf(env.HLS_S3_ENDPOINT ? (env.HLS_URL ?? env.HLS_S3_ENDPOINT) : undefined),
    /** undefined: answers by message are not taken */
    smsInboundToken: env.SMS_INBOUND_TOKEN,
  };
}

const originOf = (address: string | undefined): string | undefined =>
  address === undefined ? undefined : new URL(address).origin;

function portProblems(env: Parsed): string[] {
  const problems: string[] = [];
  if (env.PORT === env.SFU_PORT) {
    problems.push(`PORT and SFU_PORT are both ${env.PORT}: write different ones.`);
  }
  if (env.SFU_RTC_PORT + env.SFU_WORKERS - 1 > PORT_MAX) {
    problems.push(
      `SFU_RTC_PORT leaves no room for ${env.SFU_WORKERS} workers: write ${PORT_MAX - env.SFU_WORKERS + 1} or less.`,
    );
  }
  return problems;
}

function unknownNames(env: Readonly<Record<string, string | undefined>>): string[] {
  const known = Object.keys(settings);
  return Object.keys(env)
    .filter((name) => NAME_PREFIXES.some((prefix) => name.startsWith(prefix)))
    .filter((name) => !known.includes(name))
    .map((name) => {
      const nearest = known
        .map((candidate) => ({ candidate, distance: editDistance(name, candidate) }))
        .sort((a, b) => a.distance - b.distance)[0];
      return nearest && nearest.distance <= 3
        ? `${name} is not a setting: write ${nearest.candidate} instead.`
        : `${name} is not a setting: remove it.`;
    });
}

/** Levenshtein's distance, in letters. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const substitution = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
