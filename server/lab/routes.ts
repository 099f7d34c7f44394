import { z } from "zod";
import { type App, read, requireStaff, type Services, write } from "../http/context.ts";
import { empty, uuid } from "../http/contract.ts";
import * as contract from "./contract.ts";
import { previewImport, takeImport } from "./import-service.ts";
import {
  confirmFinding,
  enterReadings,
  loadPlate,
  openPlate,
  readPlate,
  readResultsWork,
  withdrawFinding,
} from "./plate-service.ts";
import {
  listRecalls,
  previewExposure,
  recallExposed,
  recordRecallCall,
  takeRecall,
} from "./recall-service.ts";
import {
  closeRun,
  giveUpTube,
  readReception,
  receiveTube,
  signForRun,
} from "./reception-service.ts";
import { correctResult, exportPlate, readTube, releasePlate } from "./release-service.ts";

const byId = z.object({ id: uuid });
const byCode = z.object({ code: z.string().trim().min(1).max(60) });
/** A file as base64 in JSON. */
const fileLimit = 2 * 1024 * 1024;

/** The laboratory and the recalls that follow. Each route is a schema and one service call. */
export async function labRoutes(app: App, services: Services): Promise<void> {
  app.get(
    "/api/lab/reception",
    { schema: { response: { 200: contract.receptionView } } },
    async (request) => read(services, request, requireStaff(request), readReception),
  );
  app.post(
    "/api/lab/runs/:id/sign",
    { schema: { params: byId, body: contract.signBody, response: { 200: empty } } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        signForRun(work, request.params.id, request.body),
      ),
  );
  app.post(
    "/api/lab/runs/:id/close",
    { schema: { params: byId, response: { 200: contract.missingAnswer } } },
    async (request) =>
      write(services, request, requireStaff(request), (work) => closeRun(work, request.params.id)),
  );
  app.post(
    "/api/lab/tubes/receive",
    { schema: { body: contract.receiveBody, response: { 200: contract.receiveAnswer } } },
    async (request) =>
      write(services, request, requireStaff(request), (work) => receiveTube(work, request.body)),
  );
  app.post(
    "/api/lab/tubes/lost",
    { schema: { body: contract.lostBody, response: { 200: contract.lostAnswer } } },
    async (request) =>
      write(services, request, requireStaff(request), (work) => giveUpTube(work, request.body)),
  );
  app.get(
    "/api/lab/tubes",
    { schema: { querystring: contract.tubeQuery, response: { 200: contract.tubeAnswer } } },
    async (request) =>
      read(services, request, requireStaff(request), (work) => readTube(work, request.query.code)),
  );
  app.post(
    "/api/lab/tubes/:code/correct",
    {
      schema: { params: byCode, body: contract.correctBody, response: { 200: contract.plateView } },
    },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        correctResult(work, request.params.code, request.body),
      ),
  );
  plateRoutes(app, services);
  importRoutes(app, services);
  recallRoutes(app, services);
}

function plateRoutes(app: App, services: Services): void {
  app.get(
    "/api/lab/results",
    { schema: { response: { 200: contract.resultsWork } } },
    async (request) => read(services, request, requireStaff(request), readResultsWork),
  );
  app.post(
    "/api/lab/plates",
    { schema: { body: contract.plateBody, response: { 200: contract.plateLine } } },
    async (request) =>
      write(services, request, requireStaff(request), (work) => openPlate(work, request.body)),
  );
  app.get(
    "/api/lab/plates/:id",
    { schema: { params: byId, response: { 200: contract.plateView } } },
    async (request) =>
      read(services, request, requireStaff(request), (work) => readPlate(work, request.params.id)),
  );
  app.get(
    "/api/lab/plates/:id/results.csv",
    { schema: { params: byId, produces: ["text/csv"] } },
    async (request, reply) => {
      const text = await read(services, request, requireStaff(request), (work) =>
        exportPlate(work, request.params.id),
      );
      return reply
        .type("text/csv; charset=utf-8")
        .header("content-disposition", 'attachment; filename="results.csv"')
        .send(text);
    },
  );
  app.post(
    "/api/lab/plates/:id/tubes",
    { schema: { params: byId, body: contract.loadBody, response: { 200: contract.plateView } } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        loadPlate(work, request.params.id, request.body),
      ),
  );
  app.post(
    "/api/lab/plates/:id/readings",
    { schema: { params: byId, body: contract.readingBody, response: { 200: contract.plateView } } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        enterReadings(work, request.params.id, request.body),
      ),
  );
  app.post(
    "/api/lab/plates/:id/release",
    { schema: { params: byId, response: { 200: contract.releaseAnswer } } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        releasePlate(work, request.params.id),
      ),
  );
  app.post(
    "/api/lab/findings/:id/confirm",
    { schema: { params: byId, body: contract.versionBody, response: { 200: contract.plateView } } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        confirmFinding(work, request.params.id, request.body.version),
      ),
  );
  app.post(
    "/api/lab/findings/:id/withdraw",
    {
      schema: { params: byId, body: contract.withdrawBody, response: { 200: contract.plateView } },
    },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        withdrawFinding(work, request.params.id, request.body),
      ),
  );
}

function importRoutes(app: App, services: Services): void {
  app.post(
    "/api/lab/imports/preview",
    {
      bodyLimit: fileLimit,
      schema: { body: contract.importBody, response: { 200: contract.importPreview } },
    },
    async (request) =>
      read(services, request, requireStaff(request), (work) => previewImport(work, request.body)),
  );
  app.post(
    "/api/lab/imports",
    {
      bodyLimit: fileLimit,
      schema: { body: contract.importBody, response: { 200: contract.importAnswer } },
    },
    async (request) =>
      write(services, request, requireStaff(request), (work) => takeImport(work, request.body)),
  );
}

function recallRoutes(app: App, services: Services): void {
  app.get(
    "/api/recalls",
    {
      schema: { querystring: contract.recallListQuery, response: { 200: contract.recallList } },
    },
    async (request) =>
      read(services, request, requireStaff(request), (work) =>
        listRecalls(services, work, request.query.scope),
      ),
  );
  app.post(
    "/api/recalls/:id/take",
    {
      schema: { params: byId, body: contract.versionBody, response: { 200: contract.recallView } },
    },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        takeRecall(services, work, request.params.id, request.body.version),
      ),
  );
  app.post(
    "/api/recalls/:id/calls",
    {
      schema: {
        params: byId,
        body: contract.recallCallBody,
        response: { 200: contract.recallView },
      },
    },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        recordRecallCall(services, work, request.params.id, request.body),
      ),
  );
  app.post(
    "/api/recalls/exposure/preview",
    { schema: { body: contract.exposureBody, response: { 200: contract.exposureAnswer } } },
    async (request) =>
      read(services, request, requireStaff(request), (work) => previewExposure(work, request.body)),
  );
  app.post(
    "/api/recalls/exposure",
    { schema: { body: contract.exposureBody, response: { 200: contract.exposureAnswer } } },
    async (request) =>
      write(services, request, requireStaff(request), (work) => recallExposed(work, request.body)),
  );
}
