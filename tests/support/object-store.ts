/**
 * An object store that speaks as much of S3 as recordings need: PUT, GET with ranges, HEAD, DELETE, ListObjectsV2. It
 * checks the signature of each request by the letter of AWS Signature Version 4, with code of its own, and that the
 * bytes are those that were signed.
 */
import { createHash, createHmac } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { S3Options } from "../../server/teaching/recording-objects.ts";

export type ObjectStore = {
  options: S3Options;
  objects: Map<string, Buffer>;
  /** Answers everything with this status instead; null: as it should. */
  refuses: number | null;
  close(): Promise<void>;
};

const ACCESS_KEY = "AKTEST";
const SECRET_KEY = "a secret of this test/with+signs";
const REGION = "cn-test";
const BUCKET = "recordings-test";
const MOST_KEYS = 3;

const hmac = (key: string | Buffer, text: string) =>
  createHmac("sha256", key).update(text).digest();
const sha256 = (bytes: Buffer | string) => createHash("sha256").update(bytes).digest("hex");
const encode = (text: string) =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
  );

export async function startObjectStore(): Promise<ObjectStore> {
  const objects = new Map<string, Buffer>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks);
      const url = new URL(request.url ?? "/", "http://store");
      const say = (status: number, code: string) =>
        response.writeHead(status).end(`<Error><Code>${code}</Code></Error>`);
      if (store.refuses !== null) return say(store.refuses, "SlowDown");
      const wrong = objectionTo(request, url, body);
      if (wrong) return say(403, wrong);
      const [, bucket, ...rest] = url.pathname.split("/").map(decodeURIComponent);
      if (bucket !== BUCKET) return say(404, "NoSuchBucket");
      const key = rest.join("/");
      if (request.method === "PUT") {
        objects.set(key, body);
        return response.writeHead(200, { etag: `"${sha256(body).slice(0, 32)}"` }).end();
      }
      if (request.method === "DELETE") {
        objects.delete(key);
        return response.writeHead(204).end();
      }
      if (key === "") {
        const prefix = url.searchParams.get("prefix") ?? "";
        const keys = [...objects.keys()].filter((one) => one.startsWith(prefix)).sort();
        const contents = keys
          .slice(0, MOST_KEYS)
          .map((one) => `<Contents><Key>${one}</Key></Contents>`);
        const isTruncated = keys.length > MOST_KEYS;
        return response.end(
          `<ListBucketResult><IsTruncated>${isTruncated}</IsTruncated>${contents.join("")}</ListBucketResult>`,
        );
      }
      const found = objects.get(key);
      if (!found) return say(404, "NoSuchKey");
      const etag = `"${sha256(found).slice(0, 32)}"`;
      const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "");
      const part = range ? found.subarray(Number(range[1]), Number(range[2]) + 1) : found;
      response.writeHead(range ? 206 : 200, { etag, "content-length": part.length });
      return response.end(request.method === "HEAD" ? undefined : part);
    });
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const store: ObjectStore = {
    options: {
      ...{ endpoint, bucket: BUCKET, region: REGION },
      ...{ accessKey: ACCESS_KEY, secretKey: SECRET_KEY },
    },
    objects,
    refuses: null,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return store;
}

/** AWS General Reference, Signature Version 4. @returns the code of what is wrong, or null */
function objectionTo(request: IncomingMessage, url: URL, body: Buffer): string | null {
  const header = (name: string) => String(request.headers[name] ?? "");
  const given =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/.exec(
      header("authorization"),
    );
  if (!given) return "AccessDenied";
  const [, accessKey, day = "", region = "", signed = "", signature] = given;
  if (accessKey !== ACCESS_KEY || region !== REGION) return "InvalidAccessKeyId";
  const names = signed.split(";");
  for (const name of ["host", "x-amz-date", "x-amz-content-sha256"])
    if (!names.includes(name)) return "AccessDenied";
  const date = header("x-amz-date");
  const asIso = date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z");
  if (!date.startsWith(day) || Math.abs(Date.parse(asIso) - Date.now()) > 15 * 60_000)
    return "RequestTimeTooSkewed";
  const hash = header("x-amz-content-sha256");
  if (hash !== sha256(body) && !(hash === "UNSIGNED-PAYLOAD" && request.method !== "PUT"))
    return "XAmzContentSHA256Mismatch";
  const query = [...url.searchParams]
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join("&");
  const canonical = [
    request.method,
    url.pathname.split("/").map(decodeURIComponent).map(encode).join("/"),
    query,
    ...names.map((name) => `${name}:${header(name).trim().replace(/ +/g, " ")}`),
    "",
    signed,
    hash,
  ].join("\n");
  const scope = `${day}/${region}/s3/aws4_request`;
  const toSign = ["AWS4-HMAC-SHA256", date, scope, sha256(canonical)].join("\n");
  const key = [region, "s3", "aws4_request"].reduce(hmac, hmac(`AWS4${SECRET_KEY}`, day));
  return hmac(key, toSign).toString("hex") === signature ? null : "SignatureDoesNotMatch";
}
