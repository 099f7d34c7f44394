import { z } from "zod";
import { DomainError } from "../../errors/domain-error.ts";
import { type App, read, requireStaff, type Services, write } from "../../http/context.ts";
import { languageOf } from "../../http/problem-plugin.ts";
import * as contract from "./contract.ts";
import type { BulkFiles } from "./files.ts";
import {
  beginImport,
  cancelImport,
  listImports,
  loadImport,
  receivePart,
} from "./import-service.ts";
import { reportOf } from "./report.ts";

const faultsShown = 50;
const faultsReported = 10_000;

/** Files of records brought in by the institution that answers for them. */
export async function importRoutes(
  app: App,
  { services, files }: { services: Services; files: BulkFiles },
): Promise<void> {
  app.addContentTypeParser(
    "application/octet-stream",
    { parseAs: "buffer", bodyLimit: contract.chunkMax },
    async (_request: unknown, body: Buffer) => body,
  );
  app.post(
    "/api/record-imports",
    { schema: { body: contract.newImport, response: { 200: contract.importAnswer } } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        beginImport(services, work, request.body),
      ),
  );
  app.put(
    "/api/record-imports/:id/content",
    {
      bodyLimit: contract.chunkMax,
      schema: {
        params: contract.importParams,
        querystring: contract.chunkQuery,
        response: { 200: contract.importAnswer },
      },
    },
    async (request) => {
      if (!Buffer.isBuffer(request.body)) throw new DomainError("request.media-type");
      const bytes = request.body;
      const { id } = request.params;
      // A part that was sent twice is told by its place, not by a key.
      return read(services, request, requireStaff(request), (work) =>
        receivePart(services, work, files, { id, offset: request.query.offset, bytes }),
      );
    },
  );
  app.get(
    "/api/record-imports",
    { schema: { response: { 200: contract.importList } } },
    async (request) =>
      read(services, request, requireStaff(request), (work) => listImports(services, work, files)),
  );
  app.get(
    "/api/record-imports/:id",
    { schema: { params: contract.importParams, response: { 200: contract.importDetail } } },
    async (request) =>
      read(services, request, requireStaff(request), (work) =>
        loadImport(services, work, files, request.params.id, faultsShown),
      ),
  );
  app.get(
    "/api/record-imports/:id/report.csv",
    { schema: { params: contract.importParams } },
    async (request, reply) => {
      const { faults } = await read(services, request, requireStaff(request), (work) =>
        loadImport(services, work, files, request.params.id, faultsReported),
      );
      return reply
        .type("text/csv; charset=utf-8")
        .header(
          "content-disposition",
          `attachment; filename="import-${request.params.id.slice(0, 8)}.csv"`,
        )
        .send(reportOf(faults, languageOf(request)));
    },
  );
  app.post(
    "/api/record-imports/:id/cancel",
    {
      schema: {
        params: contract.importParams,
        body: z.object({}).strict().nullish(),
        response: { 200: contract.importAnswer },
      },
    },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        cancelImport(services, work, files, request.params.id),
      ),
  );
}
