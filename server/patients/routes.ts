import { z } from "zod";
import {
  type App,
  read,
  requirePatient,
  requireStaff,
  type Services,
  write,
} from "../http/context.ts";
import { uuid } from "../http/contract.ts";
import * as contract from "./contract.ts";
import { listAccess, readPatient, registerPatient, searchPatients } from "./service.ts";

export async function patientRoutes(app: App, services: Services): Promise<void> {
  app.get(
    "/api/patients",
    {
      schema: { querystring: contract.patientSearchQuery, response: { 200: contract.patientList } },
    },
    async (request) =>
      read(services, request, requireStaff(request), async (work) => ({
        patients: await searchPatients(services, work, request.query.q),
      })),
  );

  app.post(
    "/api/patients",
    {
      schema: {
        body: contract.registerPatientBody,
        response: { 200: contract.registerPatientAnswer },
      },
    },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        registerPatient(services, work, request.body),
      ),
  );

  app.get(
    "/api/patients/:id",
    { schema: { params: z.object({ id: uuid }), response: { 200: contract.patientView } } },
    async (request) =>
      read(services, request, requireStaff(request), (work) =>
        readPatient(services, work, request.params.id),
      ),
  );

  app.get(
    "/api/my/access",
    { schema: { response: { 200: contract.accessList } } },
    async (request) => read(services, request, requirePatient(request), (work) => listAccess(work)),
  );
}
