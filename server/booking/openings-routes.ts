import { z } from "zod";
import type { App, Services } from "../http/context.ts";
import {
  createOpenings,
  manifestName,
  maxAgeSeconds,
  type OpeningFile,
} from "./openings-service.ts";

/**
 * Openings for anyone, as SMART Scheduling Links wants them: no sign-in, any Accept header, readable by
 * pages of other origins. Nothing in them is about patients.
 */
export async function openingsRoutes(app: App, services: Services): Promise<void> {
  const openings = createOpenings(services);
  app.get("/$bulk-publish", { schema: { hide: true } }, async (request, reply) => {
    const file = await openings.file(manifestName);
    void reply.headers(headersOf(file)).type("application/json; charset=utf-8").serializer(String);
    return has(request.headers["if-none-match"], file)
      ? reply.status(304).send()
      : reply.send(file.body);
  });
  app.get(
    "/openings/:file",
    {
      schema: {
        hide: true,
        params: z.object({ file: z.string().regex(/^[A-Za-z]+-[A-Za-z]+\.ndjson$/) }),
      },
    },
    async (request, reply) => {
      const file = await openings.file(request.params.file);
      void reply
        .headers(headersOf(file))
        .type("application/fhir+ndjson; charset=utf-8")
        .serializer(String);
      return has(request.headers["if-none-match"], file)
        ? reply.status(304).send()
        : reply.send(file.body);
    },
  );
}

function headersOf(file: OpeningFile): Record<string, string> {
  return {
    "cache-control": `public, max-age=${maxAgeSeconds}`,
    etag: file.etag,
    "last-modified": file.madeAt.toUTCString(),
    "access-control-allow-origin": "*",
    "cross-origin-resource-policy": "cross-origin",
  };
}

/** A proxy that compressed the answer marks the tag as weak: it is the same content. */
function has(tags: string | undefined, file: OpeningFile): boolean {
  return (tags ?? "").split(",").some((tag) => tag.trim().replace(/^W\//, "") === file.etag);
}
