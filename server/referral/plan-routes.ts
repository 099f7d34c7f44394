import { z } from "zod";
import { type App, read, requireStaff, type Services, write } from "../http/context.ts";
import { uuid } from "../http/contract.ts";
import * as contract from "./plan-contract.ts";
import {
  changePlan,
  draftPlan,
  listPlans,
  publishPlan,
  readPlan,
  testPlan,
} from "./plan-service.ts";

const byId = z.object({ id: uuid });
const plan = { 200: contract.planView };

/** The ways of specialty alliances as dated versions: written, tried, published by a second clinician. */
export async function pathwayPlanRoutes(app: App, options: { services: Services }): Promise<void> {
  const { services } = options;
  app.get(
    "/api/pathway-plans",
    { schema: { response: { 200: contract.planList } } },
    async (request) => read(services, request, requireStaff(request), listPlans),
  );
  app.post(
    "/api/pathway-plans",
    { schema: { body: contract.planBody, response: plan } },
    async (request) =>
      write(services, request, requireStaff(request), (work) => draftPlan(work, request.body)),
  );
  app.post(
    "/api/pathway-plans/test",
    { schema: { body: contract.planTestBody, response: { 200: contract.planTest } } },
    async (request) =>
      read(services, request, requireStaff(request), (work) => testPlan(work, request.body)),
  );
  app.get("/api/pathway-plans/:id", { schema: { params: byId, response: plan } }, async (request) =>
    read(services, request, requireStaff(request), (work) => readPlan(work, request.params.id)),
  );
  app.put(
    "/api/pathway-plans/:id",
    { schema: { params: byId, body: contract.planChange, response: plan } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        changePlan(work, request.params.id, request.body),
      ),
  );
  app.post(
    "/api/pathway-plans/:id/publish",
    { schema: { params: byId, body: z.object({}).strict().nullish(), response: plan } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        publishPlan(work, request.params.id),
      ),
  );
}
