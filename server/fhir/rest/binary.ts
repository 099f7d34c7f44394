/**
 * Reading a Binary (R4 binary.html, "Serving Binary Resources using the RESTful API"): the bytes in their own
 * type, or the resource with its bytes in base64 for who asks for FHIR. Bytes that lie elsewhere come from
 * there and pass through; no more of them is held than a piece.
 */
import { Readable } from "node:stream";
import type { Binary, Resource } from "@medplum/fhirtypes";
import type { FastifyReply, FastifyRequest } from "fastify";
import { type BinaryFacts, fromFhirBinary } from "../../../fhir-mappings/binary.ts";
import { readOrNull } from "../../../fhir-mappings/mapping-error.ts";
import { DomainError } from "../../errors/domain-error.ts";
import { projectionSource } from "../store/resource.ts";
import { type Answer, etagOf, mediaType, send } from "./answer.ts";
import { type Endpoint, getAnswer } from "./get.ts";
import { pairsOf, splitForm } from "./options.ts";

/** Where the bytes of projected Binaries lie; whoever asks was let through by the record that names them. */
export type RecordFiles = {
  /** Null: they are not there, or not yet. */
  readonly open: (id: string) => Promise<{ bytes: Readable; sizeBytes: number } | null>;
};

const fhirTypes = /(^|[\s,])(application\/(fhir\+)?json|text\/json)/;
const xml = /application\/fhir\+xml/;
/** What may go into a header as it stands; anything else is some bytes. */
const plainType = /^[\w.+-]+\/[\w.+-]+(;\s?[\w-]+=("[\w .-]*"|[\w.-]+))*$/;

/** Whether a request reads the bytes of a file: those have any type, and a client accepts theirs. */
export function isFileRead({ method, params, headers }: FastifyRequest): boolean {
  const { type, id, version } = (params ?? {}) as Record<string, string | undefined>;
  const isRead = (method === "GET" || method === "HEAD") && type === "Binary";
  return isRead && id !== undefined && version === undefined && !xml.test(headers.accept ?? "");
}

/**
 * Answers a read of a Binary, after consent, tenancy and scopes and with the audit row of every read.
 * @throws DomainError those of a read; `request.not-found` when the bytes are gone
 */
export async function sendBinary(
  request: FastifyRequest,
  reply: FastifyReply,
  endpoint: Endpoint,
  id: string,
  files: RecordFiles | undefined,
): Promise<FastifyReply> {
  const pairs = pairsOf(request.url);
  const answer = await getAnswer(endpoint, ["Binary", id], pairs, {
    ifNoneMatch: request.headers["if-none-match"],
    ifModifiedSince: request.headers["if-modified-since"],
  });
  // The same address has two forms.
  void reply.header("vary", "accept");
  const { base } = endpoint.context;
  const { form } = splitForm(pairs);
  const isPart = form.summary !== "false" || form.elements.length > 0;
  if (answer.text === null || isPart) return send(reply, answer, base);
  const resource = JSON.parse(answer.text) as Resource;
  const facts = readOrNull(() => fromFhirBinary(resource));
  const wantsFhir =
    pairs.some(([name, value]) => name === "_format" && value !== "") ||
    fhirTypes.test(request.headers.accept ?? "");
  // What cannot be read as a file is shown as it was sent.
  if (!facts) return send(reply, answer, base);
  const isElsewhere = facts.bytes === null && resource.meta?.source === projectionSource;
  if (wantsFhir && !isElsewhere) return send(reply, answer, base);
  const file = isElsewhere ? await files?.open(id) : asFile(facts);
  if (!file) throw new DomainError("request.not-found");
  describe(reply, answer);
  if (wantsFhir)
    return reply
      .type(mediaType)
      .send(Readable.from(inBase64(answer.text, file.bytes), { objectMode: false }));
  const { securityContext } = resource as Binary;
  if (securityContext?.reference && /^[\x21-\x7e]+$/.test(securityContext.reference))
    void reply.header("x-security-context", securityContext.reference);
  return (
    reply
      .header("x-content-type-options", "nosniff")
      .header("content-disposition", "attachment")
      // Whoever sent it, nothing in it runs or loads anything at our address.
      .header("content-security-policy", "default-src 'none'; sandbox; frame-ancestors 'none'")
      .header("content-length", file.sizeBytes)
      .type(plainType.test(facts.mediaType) ? facts.mediaType : "application/octet-stream")
      .send(file.bytes)
  );
}

function describe(reply: FastifyReply, { version, lastModified }: Answer): void {
  void reply.header("cache-control", "private, no-cache");
  if (version) void reply.header("etag", etagOf(version));
  if (lastModified) void reply.header("last-modified", lastModified.toUTCString());
}

const asFile = ({ bytes }: BinaryFacts) => {
  const all = bytes ?? Buffer.alloc(0);
  return { bytes: Readable.from([all], { objectMode: false }), sizeBytes: all.length };
};

/** The resource's own text with `data` at its end, piece by piece. */
async function* inBase64(text: string, bytes: Readable): AsyncGenerator<string> {
  yield `${text.trimEnd().slice(0, -1)},"data":"`;
  let rest: Buffer = Buffer.alloc(0);
  for await (const piece of bytes as AsyncIterable<Buffer>) {
    const all = rest.length > 0 ? Buffer.concat([rest, piece]) : piece;
    // Three bytes are four letters: what is left over waits for the next piece.
    const whole = all.length - (all.length % 3);
    yield all.toString("base64", 0, whole);
    rest = all.subarray(whole);
  }
  yield `${rest.toString("base64")}"}`;
}
