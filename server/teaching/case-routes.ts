import { z } from "zod";
import {
  type App,
  read,
  requirePatient,
  requireStaff,
  type Services,
  write,
} from "../http/context.ts";
import { empty, uuid } from "../http/contract.ts";
import { type Federation, ownAddress } from "../records/service.ts";
import * as contract from "./case-contract.ts";
import { readRecord } from "./case-record.ts";
import {
  actOnCase,
  buildCase,
  type CaseFiles,
  listCases,
  listReviews,
  loadCaseToChange,
  openCaseImage,
  readCase,
  viewSource,
} from "./case-service.ts";
import {
  listConsents,
  listMyConsents,
  recordConsent,
  withdrawForPatient,
  withdrawMine,
} from "./consent-service.ts";

const byId = z.object({ id: uuid });
const view = { 200: contract.caseView };
const ok = { ok: true } as const;
const done = { 200: empty };

/** De-identified cases, their review, and the consents that they rest on. */
export async function caseRoutes(
  app: App,
  { services, federation, files }: { services: Services; federation: Federation; files: CaseFiles },
): Promise<void> {
  const recordOf = (
    request: Parameters<typeof requireStaff>[0],
    patientId: string,
  ): ReturnType<typeof readRecord> =>
    readRecord(
      { services, federation, via: ownAddress(app) },
      { actor: requireStaff(request), origin: request.traceOrigin },
      patientId,
    );

  app.get(
    "/api/teaching/sessions/:id/case-source",
    {
      schema: {
        params: byId,
        querystring: contract.sourceQuery,
        response: { 200: contract.caseSource },
      },
    },
    async (request) => {
      const { patientId } = request.query;
      const actor = requireStaff(request);
      // Who plans nothing here does not make the record be read.
      await read(services, request, actor, (work) =>
        viewSource(work, request.params.id, patientId, { items: [], missing: [] }),
      );
      const record = await recordOf(request, patientId);
      return read(services, request, actor, (work) =>
        viewSource(work, request.params.id, patientId, record),
      );
    },
  );
  app.get(
    "/api/teaching/sessions/:id/cases",
    { schema: { params: byId, response: { 200: contract.caseList } } },
    async (request) =>
      read(services, request, requireStaff(request), (work) =>
        listCases(services, work, request.params.id),
      ),
  );
  app.post(
    "/api/teaching/sessions/:id/cases",
    { schema: { params: byId, body: contract.caseBody, response: view } },
    async (request) => {
      const actor = requireStaff(request);
      const { id } = request.params;
      await read(services, request, actor, (work) =>
        viewSource(work, id, request.body.patientId, { items: [], missing: [] }),
      );
      const { items } = await recordOf(request, request.body.patientId);
      return write(services, request, actor, (work) =>
        buildCase(services, files, work, id, request.body, items),
      );
    },
  );
  app.get(
    "/api/teaching/cases/:id",
    { schema: { params: byId, response: view } },
    async (request) =>
      read(services, request, requireStaff(request), (work) =>
        readCase(services, work, request.params.id),
      ),
  );
  app.put(
    "/api/teaching/cases/:id",
    { schema: { params: byId, body: contract.changeCaseBody, response: view } },
    async (request) => {
      const actor = requireStaff(request);
      const { version, ...body } = request.body;
      await read(services, request, actor, (work) => loadCaseToChange(work, request.params.id));
      const { items } = await recordOf(request, body.patientId);
      return write(services, request, actor, async (work) => {
        const row = await loadCaseToChange(work, request.params.id);
        return buildCase(services, files, work, row.sessionId, body, items, { row, version });
      });
    },
  );
  app.post(
    "/api/teaching/cases/:id/actions",
    { schema: { params: byId, body: contract.caseActionBody, response: view } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        actOnCase(services, work, request.params.id, request.body),
      ),
  );
  app.get(
    "/api/teaching/reviews",
    { schema: { response: { 200: contract.reviewList } } },
    async (request) => read(services, request, requireStaff(request), listReviews),
  );
  app.get(
    "/api/teaching/case-images/:id/:version",
    { schema: { params: byId.extend({ version: z.enum(["full", "thin"]) }) } },
    async (request, reply) => {
      const { id, version } = request.params;
      const item = await read(services, request, requireStaff(request), (work) =>
        openCaseImage(work, id),
      );
      return (
        reply
          // Consent may be taken back at any moment: nothing is kept by a browser.
          .header("cache-control", "no-store")
          .header("x-content-type-options", "nosniff")
          .type("image/webp")
          .send(await files.store.readPicture(item.id, 1, version))
      );
    },
  );

  app.get(
    "/api/teaching/sessions/:id/consents",
    { schema: { params: byId, response: { 200: contract.teachingConsentList } } },
    async (request) =>
      read(services, request, requireStaff(request), (work) =>
        listConsents(work, request.params.id),
      ),
  );
  app.post(
    "/api/teaching/sessions/:id/consents",
    {
      schema: {
        params: byId,
        body: contract.teachingConsentBody,
        response: { 200: contract.teachingConsentView },
      },
    },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        recordConsent(work, request.params.id, request.body),
      ),
  );
  app.post(
    "/api/teaching/consents/:id/withdraw",
    { schema: { params: byId, body: contract.withdrawBody, response: done } },
    async (request) =>
      write(services, request, requireStaff(request), async (work) => {
        await withdrawForPatient(work, request.params.id, request.body.reason);
        return ok;
      }),
  );
  app.get(
    "/api/teaching/my-consents",
    { schema: { response: { 200: contract.myConsentList } } },
    async (request) => read(services, request, requirePatient(request), listMyConsents),
  );
  app.post(
    "/api/teaching/my-consents/:id/withdraw",
    { schema: { params: byId, response: done } },
    async (request) =>
      write(services, request, requirePatient(request), async (work) => {
        await withdrawMine(work, request.params.id);
        return ok;
      }),
  );
}
