import { z } from "zod";
import { type App, read, requireStaff, type Services, write } from "../http/context.ts";
import { uuid } from "../http/contract.ts";
import * as contract from "./contract.ts";
import { importVersion, listVersions, publishVersion, testImport } from "./version-service.ts";

/** A hospital's tables are larger than what pages send otherwise. */
const bodyLimit = 16 * 1024 * 1024;

/** A house's formulary as dated versions: imported by one, published by a second. */
export async function formularyRoutes(app: App, services: Services): Promise<void> {
  app.get(
    "/api/formulary/versions",
    { schema: { response: { 200: contract.versionList } } },
    async (request) => read(services, request, requireStaff(request), listVersions),
  );
  app.post(
    "/api/formulary/versions/test",
    { bodyLimit, schema: { body: contract.testBody, response: { 200: contract.importReport } } },
    async (request) =>
      read(services, request, requireStaff(request), (work) => testImport(work, request.body)),
  );
  app.post(
    "/api/formulary/versions",
    { bodyLimit, schema: { body: contract.importBody, response: { 200: contract.versionView } } },
    async (request) =>
      write(services, request, requireStaff(request), (work) => importVersion(work, request.body)),
  );
  app.post(
    "/api/formulary/versions/:id/publish",
    {
      schema: {
        params: z.object({ id: uuid }),
        body: z.object({}).strict().nullish(),
        response: { 200: contract.versionView },
      },
    },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        publishVersion(work, request.params.id),
      ),
  );
}
