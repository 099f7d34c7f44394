import { z } from "zod";
import { type App, read, requireStaff, type Services, write } from "../http/context.ts";
import { uuid } from "../http/contract.ts";
import * as contract from "./contract.ts";
import {
  actOnCriticalValue,
  listCriticalValues,
  listReceivers,
  raiseCriticalValue,
  readCriticalValue,
} from "./critical-service.ts";
import {
  actOnReport,
  createReport,
  listDiseases,
  listReports,
  readReport,
} from "./report-service.ts";

const byId = z.object({ id: uuid });

/** Critical values and infectious-disease reports. Each route is a schema and one service call. */
export async function reportingRoutes(app: App, services: Services): Promise<void> {
  const value = { 200: contract.criticalValueView };
  const report = { 200: contract.infectiousReportView };

  app.get(
    "/api/critical-values",
    {
      schema: {
        querystring: contract.reportingListQuery,
        response: { 200: contract.criticalValueList },
      },
    },
    async (request) =>
      read(services, request, requireStaff(request), async (work) => ({
        values: await listCriticalValues(services, work, request.query.scope),
      })),
  );
  app.get(
    "/api/critical-values/receivers",
    {
      schema: { querystring: contract.receiverQuery, response: { 200: contract.receiverList } },
    },
    async (request) =>
      read(services, request, requireStaff(request), (work) =>
        listReceivers(work, request.query.consultId ?? null),
      ),
  );
  app.post(
    "/api/critical-values",
    { schema: { body: contract.raiseCriticalValueBody, response: value } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        raiseCriticalValue(services, work, request.body),
      ),
  );
  app.get(
    "/api/critical-values/:id",
    { schema: { params: byId, response: value } },
    async (request) =>
      read(services, request, requireStaff(request), (work) =>
        readCriticalValue(services, work, request.params.id),
      ),
  );
  app.post(
    "/api/critical-values/:id/actions",
    { schema: { params: byId, body: contract.criticalValueActionBody, response: value } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        actOnCriticalValue(services, work, request.params.id, request.body),
      ),
  );
  app.get(
    "/api/infectious-reports",
    {
      schema: {
        querystring: contract.reportingListQuery,
        response: { 200: contract.infectiousReportList },
      },
    },
    async (request) =>
      read(services, request, requireStaff(request), async (work) => ({
        reports: await listReports(services, work, request.query.scope),
      })),
  );
  app.get(
    "/api/infectious-reports/diseases",
    { schema: { querystring: contract.diseaseQuery, response: { 200: contract.diseaseList } } },
    async (request) =>
      read(services, request, requireStaff(request), (work) =>
        listDiseases(work, request.query.day ?? null),
      ),
  );
  app.post(
    "/api/infectious-reports",
    { schema: { body: contract.createReportBody, response: report } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        createReport(services, work, request.body),
      ),
  );
  app.get(
    "/api/infectious-reports/:id",
    { schema: { params: byId, response: report } },
    async (request) =>
      read(services, request, requireStaff(request), (work) =>
        readReport(services, work, request.params.id),
      ),
  );
  app.post(
    "/api/infectious-reports/:id/actions",
    { schema: { params: byId, body: contract.infectiousReportActionBody, response: report } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        actOnReport(services, work, request.params.id, request.body),
      ),
  );
}
