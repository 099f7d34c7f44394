import { type App, read, requirePatient, type Services, write } from "../http/context.ts";
import { empty } from "../http/contract.ts";
import { createOpinionPrinter } from "../opinion-document/service.ts";
import { localDay } from "../patients/service.ts";
import type { Federation } from "./federation/federation.ts";
import { listStoreAccess } from "./own-access-service.ts";
import { ownAddress } from "./own-address.ts";
import { choose, readChoices } from "./own-choice-service.ts";
import * as contract from "./own-contract.ts";
import {
  askOwnRecord,
  listPeople,
  openOwnRecord,
  ownRecordOf,
  streamOwnRecord,
} from "./own-record-service.ts";
import { applyChoices } from "./own-rules.ts";
import { missingFrom, ownSummary, summaryPerson } from "./own-summary-service.ts";
import { sendLines } from "./record-lines.ts";
import { summaryPrintData } from "./summary-print.ts";

/** A person's own record on his phone: read, taken along, opened to others or not, and who looked. */
export async function ownRecordRoutes(
  app: App,
  { services, federation }: { services: Services; federation: Federation },
): Promise<void> {
  app.get(
    "/api/my/record/people",
    { schema: { response: { 200: contract.ownPeople } } },
    async (request) => read(services, request, requirePatient(request), (work) => listPeople(work)),
  );

  app.get(
    "/api/my/record/people/:id",
    { schema: { params: contract.ownParams, response: { 200: contract.ownRecord } } },
    async (request) => {
      const opened = await read(services, request, requirePatient(request), (work) =>
        openOwnRecord(services, work, request.params.id, "record.own"),
      );
      return ownRecordOf(opened, await askOwnRecord(services, federation, opened, ownAddress(app)));
    },
  );

  /** The same as lines of JSON (application/x-ndjson), each institution as it answers. */
  app.get(
    "/api/my/record/people/:id/stream",
    { compress: false, schema: { params: contract.ownParams } },
    async (request, reply) => {
      const opened = await read(services, request, requirePatient(request), (work) =>
        openOwnRecord(services, work, request.params.id, "record.own"),
      );
      return sendLines(request, reply, (emit: (event: contract.OwnEvent) => void) =>
        streamOwnRecord(services, federation, opened, ownAddress(app), emit),
      );
    },
  );

  /** International Patient Summary of everything that answers, to take along. */
  app.get(
    "/api/my/record/people/:id/summary",
    { schema: { params: contract.ownParams, querystring: contract.summaryQuery, hide: true } },
    async (request, reply) => {
      const { opened, person } = await read(services, request, requirePatient(request), (work) =>
        summaryPerson(services, work, request.params.id),
      );
      const asked = await askOwnRecord(services, federation, opened, ownAddress(app));
      const document = ownSummary(services, { opened, person, asked }, request.query.language);
      return reply
        .type("application/fhir+json; charset=utf-8")
        .header("cache-control", "no-store")
        .header("content-disposition", 'attachment; filename="patient-summary.json"')
        .serializer(JSON.stringify)
        .send(document);
    },
  );

  const printer = createOpinionPrinter();
  app.addHook("onClose", () => printer.close());
  app.get(
    "/api/my/record/people/:id/summary.pdf",
    { schema: { params: contract.ownParams, querystring: contract.summaryQuery, hide: true } },
    async (request, reply) => {
      const { language } = request.query;
      const { opened, person } = await read(services, request, requirePatient(request), (work) =>
        summaryPerson(services, work, request.params.id),
      );
      const asked = await askOwnRecord(services, federation, opened, ownAddress(app));
      const pdf = await printer.printSummary(
        summaryPrintData(ownSummary(services, { opened, person, asked }, language), {
          language,
          missing: missingFrom(opened, asked, language),
          day: localDay(opened.at),
          demo: services.demo,
        }),
        opened.at,
      );
      return reply
        .type("application/pdf")
        .header("cache-control", "no-store")
        .header("content-disposition", 'attachment; filename="patient-summary.pdf"')
        .send(Buffer.from(pdf));
    },
  );

  app.get(
    "/api/my/record/people/:id/choices",
    { schema: { params: contract.ownParams, response: { 200: contract.choiceView } } },
    async (request) =>
      read(services, request, requirePatient(request), (work) =>
        readChoices(services, work, request.params.id),
      ),
  );

  app.post(
    "/api/my/record/people/:id/choices",
    {
      schema: {
        params: contract.ownParams,
        body: contract.choiceBody,
        response: { 200: empty },
      },
    },
    async (request) => {
      const { id } = request.params;
      const answer = await write(services, request, requirePatient(request), async (work) => {
        await choose(work, id, request.body);
        return { ok: true as const };
      });
      // In force before the phone reads the page again; a store that is away follows with the job.
      await applyChoices(services, id);
      return answer;
    },
  );

  app.get(
    "/api/my/record/access",
    { schema: { response: { 200: contract.ownAccess } } },
    async (request) =>
      read(services, request, requirePatient(request), (work) => listStoreAccess(services, work)),
  );
}
