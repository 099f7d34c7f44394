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
import {
  assertCalls,
  listCalls,
  myPreferences,
  readPreferences,
  recordCall,
  setPreference,
} from "./call-service.ts";
import * as contract from "./contract.ts";

const byId = z.object({ id: uuid });

/** Calls instead of messages: the list, what came of each, and who wants them. */
export async function callRoutes(app: App, services: Services): Promise<void> {
  app.get("/api/calls", { schema: { response: { 200: contract.callList } } }, async (request) =>
    read(services, request, requireStaff(request), (work) => listCalls(services, work)),
  );
  app.post(
    "/api/calls/:id",
    { schema: { params: byId, body: contract.callBody, response: { 200: empty } } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        recordCall(work, request.params.id, request.body),
      ),
  );
  app.get(
    "/api/my/notice-preferences",
    { schema: { response: { 200: contract.preferenceList } } },
    async (request) =>
      read(services, request, requirePatient(request), (work) => myPreferences(services, work)),
  );
  app.put(
    "/api/my/notice-preferences/:id",
    {
      schema: {
        params: byId,
        body: contract.preferenceBody,
        response: { 200: contract.preferenceView },
      },
    },
    async (request) =>
      write(services, request, requirePatient(request), (work) =>
        setPreference(services, work, request.params.id, request.body),
      ),
  );
  app.get(
    "/api/patients/:id/notice-preference",
    { schema: { params: byId, response: { 200: contract.preferenceView } } },
    async (request) =>
      read(services, request, requireStaff(request), async (work) => {
        assertCalls(work.actor);
        const { id } = request.params;
        return (await readPreferences(services, work.tx, [id])).get(id)!;
      }),
  );
  app.put(
    "/api/patients/:id/notice-preference",
    {
      schema: {
        params: byId,
        body: contract.preferenceBody,
        response: { 200: contract.preferenceView },
      },
    },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        setPreference(services, work, request.params.id, request.body),
      ),
  );
}
