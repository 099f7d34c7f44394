import { z } from "zod";
import { listWhereabouts } from "../directory/service.ts";
import {
  type App,
  read,
  requireActor,
  requirePatient,
  type Services,
  write,
} from "../http/context.ts";
import { uuid } from "../http/contract.ts";
import * as contract from "./contract.ts";
import {
  bookTests,
  changeTest,
  createGroup,
  joinGroup,
  listGroups,
  listMyTests,
  listTestSites,
  readGroup,
} from "./my-service.ts";

const byId = z.object({ id: uuid });
const byCode = z.object({ code: z.string().trim().min(4).max(12) });

/** Tests on the patient's phone: where, for whom, together with whom. */
export async function myTestRoutes(app: App, services: Services): Promise<void> {
  app.get(
    "/api/tests/sites",
    { schema: { querystring: contract.testSitesQuery, response: { 200: contract.testSites } } },
    async (request) =>
      read(services, request, requireActor(request), (work) =>
        listTestSites(work, request.query.from ?? null),
      ),
  );
  app.get(
    "/api/tests/whereabouts",
    { schema: { response: { 200: contract.whereaboutsList } } },
    async (request) =>
      read(services, request, requireActor(request), async ({ tx }) => ({
        places: await listWhereabouts(tx),
      })),
  );
  app.get("/api/my/tests", { schema: { response: { 200: contract.myTests } } }, async (request) =>
    read(services, request, requirePatient(request), (work) => listMyTests(work)),
  );
  app.post(
    "/api/tests/bookings",
    {
      schema: { body: contract.testBookingBody, response: { 200: contract.testBookingAnswer } },
    },
    async (request) =>
      write(services, request, requirePatient(request), (work) => bookTests(work, request.body)),
  );
  app.put(
    "/api/tests/:id",
    {
      schema: {
        params: byId,
        body: contract.testChangeBody,
        response: { 200: z.object({ ok: z.literal(true) }) },
      },
    },
    async (request) =>
      write(services, request, requirePatient(request), (work) =>
        changeTest(work, request.params.id, request.body),
      ),
  );
  app.get(
    "/api/tests/groups",
    { schema: { response: { 200: contract.groupList } } },
    async (request) => read(services, request, requirePatient(request), (work) => listGroups(work)),
  );
  app.post(
    "/api/tests/groups",
    { schema: { body: contract.groupBody, response: { 200: contract.groupView } } },
    async (request) =>
      write(services, request, requirePatient(request), (work) => createGroup(work, request.body)),
  );
  app.get(
    "/api/tests/groups/:code",
    { schema: { params: byCode, response: { 200: contract.groupView } } },
    async (request) =>
      read(services, request, requirePatient(request), (work) =>
        readGroup(work, request.params.code),
      ),
  );
  app.post(
    "/api/tests/groups/:code/members",
    { schema: { params: byCode, body: contract.joinBody, response: { 200: contract.groupView } } },
    async (request) =>
      write(services, request, requirePatient(request), (work) =>
        joinGroup(work, request.params.code, request.body.patientIds),
      ),
  );
}
