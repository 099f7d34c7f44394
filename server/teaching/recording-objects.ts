/**
 * Files of recordings in a bucket of an object store that speaks S3 (path style, Signature Version 4). Every write says
 * the SHA-256 of what it brings, so that the store refuses what was altered on the way.
 */
import { createHash } from "node:crypto";
import { openAsBlob } from "node:fs";
import { rm } from "node:fs/promises";
import { AwsClient } from "aws4fetch";
import { type Blobs, type OpenBlob, StoreRefusedError } from "./recording-blobs.ts";

export type S3Options = {
  /** Without a slash at the end. */
  endpoint: string;
  bucket: string;
  region: string;
  accessKey: string;
  secretKey: string;
};

const PREFIX = "recordings/";
const PATIENCE_MS = 30_000;
const FILE_PATIENCE_MS = 30 * 60_000;
/** A player asks for what follows: so much is fetched at a time. */
const WINDOW_BYTES = 1024 * 1024;
const REMOVALS_AT_A_TIME = 8;

export function createObjectBlobs(options: S3Options): Blobs {
  const client = new AwsClient({
    accessKeyId: options.accessKey,
    secretAccessKey: options.secretKey,
    region: options.region,
    service: "s3",
    // Whoever asks tries again later, and says so.
    retries: 1,
  });
  const bucket = `${options.endpoint}/${options.bucket}`;
  const ask = async (
    method: string,
    path: string,
    init: { headers?: Record<string, string>; body?: Uint8Array<ArrayBuffer> | Blob } = {},
    patienceMs = PATIENCE_MS,
  ): Promise<Response> => {
    let answer: Response;
    try {
      answer = await client.fetch(`${bucket}${path}`, {
        method,
        ...init,
        signal: AbortSignal.timeout(patienceMs),
      });
    } catch (error) {
      throw new StoreRefusedError(`${method}: ${String(error)}`);
    }
    if (answer.ok || answer.status === 404) return answer;
    const said = (await answer.text()).slice(0, 300);
    throw new StoreRefusedError(`${method} was answered with ${answer.status} ${said}`);
  };
  const pathOf = (name: string) => `/${PREFIX}${name}`;
  const get = async (name: string, headers?: Record<string, string>) => {
    const answer = await ask("GET", pathOf(name), headers ? { headers } : {}, FILE_PATIENCE_MS);
    if (answer.status !== 404) return answer;
    await answer.body?.cancel();
    throw new Error(`${name} is gone`);
  };
  const remove = async (path: string) => {
    await (await ask("DELETE", path)).body?.cancel();
  };
  return {
    async put(name, bytes) {
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      const headers = { "x-amz-content-sha256": sha256 };
      const answer = await ask("PUT", pathOf(name), { headers, body: new Uint8Array(bytes) });
      if (!answer.ok) throw new StoreRefusedError("there is no such bucket");
      await answer.body?.cancel();
    },
    async keep(name, path, sha256) {
      const headers = { "x-amz-content-sha256": sha256.toString("hex") };
      const body = await openAsBlob(path);
      const answer = await ask("PUT", pathOf(name), { headers, body }, FILE_PATIENCE_MS);
      if (!answer.ok) throw new StoreRefusedError("there is no such bucket");
      await answer.body?.cancel();
      await rm(path, { force: true });
    },
    read: async (name) => Buffer.from(await (await get(name)).arrayBuffer()),
    open: async (name) => openObject((range) => get(name, { range })),
    async stamp(name) {
      const answer = await ask("HEAD", pathOf(name));
      if (!answer.ok) throw new Error(`${name} is gone`);
      return `${answer.headers.get("content-length")}/${answer.headers.get("etag")}`;
    },
    async hash(name) {
      const hash = createHash("sha256");
      for await (const chunk of (await get(name)).body ?? []) hash.update(chunk);
      return hash.digest();
    },
    remove: (name) => remove(pathOf(name)),
    async removeBelow(name) {
      for (;;) {
        const query = new URLSearchParams({ "list-type": "2", prefix: `${PREFIX}${name}/` });
        const answer = await ask("GET", `?${query}`);
        if (!answer.ok) throw new StoreRefusedError("there is no such bucket");
        // Our names have no letter that XML would write otherwise.
        const keys = [...(await answer.text()).matchAll(/<Key>([^<]+)<\/Key>/g)].map(
          ([, key]) => key!,
        );
        if (keys.length === 0) return;
        for (let at = 0; at < keys.length; at += REMOVALS_AT_A_TIME)
          await Promise.all(
            keys.slice(at, at + REMOVALS_AT_A_TIME).map((key) => remove(`/${key}`)),
          );
      }
    },
  };
}

/** Reads an object piece by piece, each fetched when it is asked for. */
function openObject(fetchRange: (range: string) => Promise<Response>): OpenBlob {
  let window = Buffer.alloc(0);
  let windowAt = 0;
  return {
    async read(into, offset, length, position) {
      if (position < windowAt || position >= windowAt + window.length) {
        const last = position + Math.max(length, WINDOW_BYTES) - 1;
        const answer = await fetchRange(`bytes=${position}-${last}`);
        window = Buffer.from(await answer.arrayBuffer());
        windowAt = position;
      }
      const from = position - windowAt;
      const bytesRead = window.copy(into, offset, from, Math.min(window.length, from + length));
      return { bytesRead };
    },
    close: async () => {},
  };
}
