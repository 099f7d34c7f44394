import type { FastifyRequest } from "fastify";
import { DomainError } from "../../errors/domain-error.ts";
import type { App } from "../../http/context.ts";
import { parseJson } from "../store/json.ts";

const jsonTypes = [
  "application/fhir+json",
  "application/json",
  "application/json-patch+json",
  "text/json",
];
/** A Synthea patient's whole life is 10 MB; larger things come as NDJSON. */
export const bodyLimit = 32 * 1024 * 1024;
const formLimit = 64 * 1024;

/** Bodies of a scope are strict JSON in UTF-8, or the form of a search; anything else is 415. */
export function takeFhirBodies(app: App): void {
  app.removeAllContentTypeParsers();
  for (const type of jsonTypes)
    app.addContentTypeParser(
      type,
      { parseAs: "buffer" },
      async (request: FastifyRequest, body: Buffer) => {
        assertUtf8(request.headers["content-type"]);
        return body.length === 0 ? undefined : parseJson(body);
      },
    );
  app.addContentTypeParser(
    "application/x-www-form-urlencoded",
    { parseAs: "string", bodyLimit: formLimit },
    async (_request: FastifyRequest, body: string) => body,
  );
}

/** @throws DomainError `request.media-type` */
function assertUtf8(contentType: string | undefined): void {
  const charset = /charset\s*=\s*"?([\w-]+)/i.exec(contentType ?? "")?.[1]?.toLowerCase();
  if (charset && charset !== "utf-8" && charset !== "utf8")
    throw new DomainError("request.media-type");
}
