import { z } from "zod";
import { publishedKeys } from "../cards/service.ts";
import { type App, read, requireStaff, type Services, write } from "../http/context.ts";
import { uuid } from "../http/contract.ts";
import {
  findPerson,
  readWork,
  registerGroup,
  registerPaperCode,
  registerWalkIn,
  takeSteps,
} from "./collect-service.ts";
import * as contract from "./contract.ts";
import {
  listIncoming,
  openRun,
  packTube,
  pickUp,
  readCourierWork,
  readRun,
  receiveRun,
} from "./courier-service.ts";
import { confirmOrder, createOrder, listOrders } from "./order-service.ts";
import { linkSchedule } from "./site-schedule-service.ts";
import {
  addStations,
  changeStation,
  createSite,
  listSites,
  settleConflict,
} from "./site-service.ts";

const byId = z.object({ id: uuid });
const ok = { 200: z.object({ ok: z.literal(true) }) };

/** Sampling at work: the sampler's phone, the site's lead, the courier. Each route is a schema and one service call. */
export async function samplingRoutes(app: App, services: Services): Promise<void> {
  app.get(
    "/api/sampling/work",
    { schema: { querystring: contract.workQuery, response: { 200: contract.samplerWork } } },
    async (request) =>
      read(services, request, requireStaff(request), (work) =>
        readWork(services, work, request.query.people === "all"),
      ),
  );
  app.post(
    "/api/sampling/steps",
    { schema: { body: contract.stepsBody, response: { 200: contract.stepAnswers } } },
    async (request) =>
      write(services, request, requireStaff(request), (work) => takeSteps(work, request.body)),
  );
  app.get(
    "/api/sampling/people",
    {
      schema: { querystring: contract.personQuery, response: { 200: contract.personAnswer } },
    },
    async (request) =>
      read(services, request, requireStaff(request), (work) =>
        findPerson(services, work, request.query.code),
      ),
  );
  app.post(
    "/api/sampling/walk-ins",
    { schema: { body: contract.walkInBody, response: { 200: contract.registeredPeople } } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        registerWalkIn(services, work, request.body),
      ),
  );
  app.post(
    "/api/sampling/paper-codes",
    { schema: { body: contract.paperBody, response: { 200: contract.registeredPeople } } },
    async (request) => {
      const actor = requireStaff(request);
      const keys = await publishedKeys(services);
      return write(services, request, actor, (work) =>
        registerPaperCode(services, work, keys, request.body.code),
      );
    },
  );
  app.post(
    "/api/sampling/group-walk-ins",
    { schema: { body: contract.groupWalkInBody, response: { 200: contract.registeredPeople } } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        registerGroup(services, work, request.body.code),
      ),
  );
  app.get(
    "/api/sampling/sites",
    { schema: { response: { 200: contract.siteList } } },
    async (request) => read(services, request, requireStaff(request), (work) => listSites(work)),
  );
  app.post(
    "/api/sampling/sites",
    { schema: { body: contract.siteBody, response: { 200: byId } } },
    async (request) =>
      write(services, request, requireStaff(request), (work) => createSite(work, request.body)),
  );
  app.post(
    "/api/sampling/sites/:id/stations",
    {
      schema: { params: byId, body: contract.stationsBody, response: { 200: contract.siteView } },
    },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        addStations(work, request.params.id, request.body.count),
      ),
  );
  app.put(
    "/api/sampling/sites/:id/schedule",
    { schema: { params: byId, body: contract.siteScheduleBody, response: ok } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        linkSchedule(work, request.params.id, request.body),
      ),
  );
  app.put(
    "/api/sampling/stations/:id",
    { schema: { params: byId, body: contract.stationBody, response: ok } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        changeStation(work, request.params.id, request.body),
      ),
  );
  app.post(
    "/api/sampling/conflicts/:id/settle",
    { schema: { params: byId, response: ok } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        settleConflict(work, request.params.id),
      ),
  );
  app.get(
    "/api/sampling/orders",
    { schema: { response: { 200: contract.orderList } } },
    async (request) => read(services, request, requireStaff(request), (work) => listOrders(work)),
  );
  app.post(
    "/api/sampling/orders",
    { schema: { body: contract.orderBody, response: { 200: contract.orderView } } },
    async (request) =>
      write(services, request, requireStaff(request), (work) => createOrder(work, request.body)),
  );
  app.post(
    "/api/sampling/orders/:id/confirm",
    { schema: { params: byId, response: { 200: contract.orderView } } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        confirmOrder(work, request.params.id),
      ),
  );
  await courierRoutes(app, services);
}

async function courierRoutes(app: App, services: Services): Promise<void> {
  const run = { 200: contract.runView };
  app.get(
    "/api/sampling/courier",
    { schema: { response: { 200: contract.courierWork } } },
    async (request) =>
      read(services, request, requireStaff(request), (work) => readCourierWork(work)),
  );
  app.get(
    "/api/sampling/runs/incoming",
    { schema: { response: { 200: z.object({ runs: z.array(contract.runView) }) } } },
    async (request) =>
      read(services, request, requireStaff(request), async (work) => ({
        runs: await listIncoming(work),
      })),
  );
  app.post(
    "/api/sampling/runs",
    { schema: { body: contract.runBody, response: run } },
    async (request) =>
      write(services, request, requireStaff(request), (work) => openRun(work, request.body)),
  );
  app.get("/api/sampling/runs/:id", { schema: { params: byId, response: run } }, async (request) =>
    read(services, request, requireStaff(request), (work) => readRun(work, request.params.id)),
  );
  app.post(
    "/api/sampling/runs/:id/tubes",
    { schema: { params: byId, body: contract.runTubeBody, response: run } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        packTube(work, request.params.id, request.body),
      ),
  );
  app.post(
    "/api/sampling/runs/:id/pick-up",
    { schema: { params: byId, response: run } },
    async (request) =>
      write(services, request, requireStaff(request), (work) => pickUp(work, request.params.id)),
  );
  app.post(
    "/api/sampling/runs/:id/receive",
    { schema: { params: byId, body: contract.receiveBody, response: run } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        receiveRun(work, request.params.id, request.body),
      ),
  );
}
