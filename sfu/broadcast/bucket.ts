/**
 * Pieces of a programme in a bucket that speaks S3 (path style, Signature Version 4), for a network of caches in front
 * of it. A piece's name is a secret that only the playlist tells; the playlist stays with the node, which asks for a
 * token.
 */
import { createHash } from "node:crypto";
import { AwsClient } from "aws4fetch";

export type BucketOptions = {
  /** Without a slash at the end. */
  endpoint: string;
  bucket: string;
  region: string;
  accessKey: string;
  secretKey: string;
  /** Where pages reach what lies in the bucket, without a slash at the end. */
  url: string;
};

const PREFIX = "stream/";
/** A piece lasts a second: what takes longer than this is given out by the node. */
const PATIENCE_MS = 3_000;

export class PieceBucket {
  private readonly options: BucketOptions;
  private readonly client: AwsClient;

  constructor(options: BucketOptions) {
    this.options = options;
    this.client = new AwsClient({
      accessKeyId: options.accessKey,
      secretAccessKey: options.secretKey,
      region: options.region,
      service: "s3",
      // Whoever asks tries again by himself.
      retries: 0,
    });
  }

  urlOf(name: string): string {
    return `${this.options.url}/${PREFIX}${name}`;
  }

  /** @throws Error when the store does not take it */
  async put(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    await this.ask("PUT", name, {
      body: bytes,
      headers: {
        "x-amz-content-sha256": createHash("sha256").update(bytes).digest("hex"),
        "content-type": "video/mp2t",
        "cache-control": "public, max-age=3600, immutable",
      },
    });
  }

  /** @throws Error when the store does not answer */
  async remove(name: string): Promise<void> {
    await this.ask("DELETE", name, {});
  }

  private async ask(method: string, name: string, init: RequestInit): Promise<void> {
    const { endpoint, bucket } = this.options;
    const answer = await this.client.fetch(`${endpoint}/${bucket}/${PREFIX}${name}`, {
      method,
      ...init,
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    await answer.body?.cancel();
    if (!answer.ok) throw new Error(`${method} was answered with ${answer.status}`);
  }
}
