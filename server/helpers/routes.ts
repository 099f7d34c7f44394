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
import * as contract from "./contract.ts";
import {
  endHelper,
  listHelpers,
  listHelpersOf,
  listHelping,
  listMyHelpers,
  openHelperAccount,
  recordConsent,
  registerHelper,
  revokeConsent,
} from "./service.ts";

const byId = z.object({ id: uuid });
const nothing = z.object({}).strict().nullish();

/** Registered helpers, and the elders' words. */
export async function helperRoutes(app: App, services: Services): Promise<void> {
  app.get("/api/helpers", { schema: { response: { 200: contract.helperList } } }, async (request) =>
    read(services, request, requireStaff(request), listHelpers),
  );
  app.post(
    "/api/helpers",
    { schema: { body: contract.registerHelperBody, response: { 200: byId } } },
    async (request) =>
      write(services, request, requireStaff(request), (work) => registerHelper(work, request.body)),
  );
  app.post(
    "/api/helpers/accounts",
    { schema: { body: contract.helperAccountBody, response: { 200: contract.helperAccount } } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        openHelperAccount(work, request.body),
      ),
  );
  app.post(
    "/api/helpers/:id/end",
    { schema: { params: byId, body: nothing, response: { 200: empty } } },
    async (request) =>
      write(services, request, requireStaff(request), (work) => endHelper(work, request.params.id)),
  );
  app.post(
    "/api/helpers/:id/consents",
    { schema: { params: byId, body: contract.consentBody, response: { 200: byId } } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        recordConsent(work, request.params.id, request.body),
      ),
  );
  app.post(
    "/api/helper-consents/:id/revoke",
    { schema: { params: byId, body: nothing, response: { 200: empty } } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        revokeConsent(work, request.params.id),
      ),
  );
  app.get(
    "/api/patients/:id/helpers",
    { schema: { params: byId, response: { 200: contract.patientHelpers } } },
    async (request) =>
      read(services, request, requireStaff(request), (work) =>
        listHelpersOf(work, request.params.id),
      ),
  );
  app.get("/api/helping", { schema: { response: { 200: contract.helping } } }, async (request) =>
    read(services, request, requireStaff(request), listHelping),
  );
  app.get(
    "/api/my/helpers",
    { schema: { response: { 200: contract.myHelpers } } },
    async (request) => read(services, request, requirePatient(request), listMyHelpers),
  );
  app.post(
    "/api/my/helper-consents/:id/revoke",
    { schema: { params: byId, body: nothing, response: { 200: empty } } },
    async (request) =>
      write(services, request, requirePatient(request), (work) =>
        revokeConsent(work, request.params.id),
      ),
  );
}
