import { z } from "zod";
import { type App, read, requireStaff, type Services, write } from "../http/context.ts";
import { day, uuid } from "../http/contract.ts";
import * as contract from "./schedule-contract.ts";
import * as policy from "./schedule-policy-service.ts";
import * as service from "./schedule-service.ts";

const byId = z.object({ id: uuid });
const byDay = byId.extend({ day });

/** What a schedule administrator does: schedules, weeks, exceptions, policies, preview and publishing. */
export async function scheduleRoutes(app: App, services: Services): Promise<void> {
  const detail = { 200: contract.scheduleDetail };
  const policies = { 200: contract.policyList };

  app.get(
    "/api/schedules",
    { schema: { response: { 200: contract.manageOverview } } },
    async (request) => read(services, request, requireStaff(request), service.manageOverviewOf),
  );
  app.post(
    "/api/schedules",
    { schema: { body: contract.newScheduleBody, response: { 200: contract.scheduleRow } } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        service.createSchedule(work, request.body),
      ),
  );
  app.get("/api/schedules/policies", { schema: { response: policies } }, async (request) =>
    read(services, request, requireStaff(request), async (work) => ({
      policies: await policy.listPolicies(work),
    })),
  );
  app.post(
    "/api/schedules/policies",
    { schema: { body: contract.policyBody, response: policies } },
    async (request) =>
      write(services, request, requireStaff(request), async (work) => ({
        policies: await policy.setPolicy(work, request.body),
      })),
  );
  app.delete(
    "/api/schedules/policies/:day",
    { schema: { params: z.object({ day }), response: policies } },
    async (request) =>
      write(services, request, requireStaff(request), async (work) => ({
        policies: await policy.removePolicy(work, request.params.day),
      })),
  );
  app.get("/api/schedules/:id", { schema: { params: byId, response: detail } }, async (request) =>
    read(services, request, requireStaff(request), (work) =>
      service.readScheduleDetail(work, request.params.id),
    ),
  );
  app.put(
    "/api/schedules/:id",
    {
      schema: {
        params: byId,
        body: contract.scheduleBody,
        response: { 200: contract.scheduleRow },
      },
    },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        service.changeSchedule(work, request.params.id, request.body),
      ),
  );
  app.put(
    "/api/schedules/:id/week",
    { schema: { params: byId, body: contract.weekBody, response: detail } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        service.setWeek(work, request.params.id, request.body),
      ),
  );
  app.put(
    "/api/schedules/:id/exceptions/:day",
    { schema: { params: byDay, body: contract.exceptionBody, response: detail } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        service.setException(work, request.params.id, request.params.day, request.body),
      ),
  );
  app.delete(
    "/api/schedules/:id/exceptions/:day",
    { schema: { params: byDay, response: detail } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        service.removeException(work, request.params.id, request.params.day),
      ),
  );
  app.get(
    "/api/schedules/:id/preview",
    {
      schema: {
        params: byId,
        querystring: contract.rangeQuery,
        response: { 200: contract.preview },
      },
    },
    async (request) =>
      read(services, request, requireStaff(request), (work) =>
        service.previewSchedule(work, request.params.id, request.query),
      ),
  );
  app.post(
    "/api/schedules/:id/publish",
    { schema: { params: byId, body: contract.rangeBody, response: { 200: contract.published } } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        service.publishSchedule(work, request.params.id, request.body),
      ),
  );
}
