import { z } from "zod";
import { type App, read, requireStaff, type Services, write } from "../http/context.ts";
import { uuid } from "../http/contract.ts";
import { sayApart, takeApartBack } from "./apart-service.ts";
import * as contract from "./join-contract.ts";
import {
  compare,
  findPossibleDuplicates,
  joinPatients,
  listJoins,
  separatePatients,
} from "./join-service.ts";

const byId = z.object({ id: uuid });

export async function joinRoutes(app: App, services: Services): Promise<void> {
  app.get(
    "/api/patients/:id/duplicates",
    { schema: { params: byId, response: { 200: contract.possibleDuplicates } } },
    async (request) =>
      read(services, request, requireStaff(request), async (work) => ({
        possible: await findPossibleDuplicates(work, request.params.id),
      })),
  );
  app.get(
    "/api/patient-joins",
    { schema: { response: { 200: contract.joinList } } },
    async (request) => read(services, request, requireStaff(request), (work) => listJoins(work)),
  );
  app.get(
    "/api/patient-joins/compare",
    { schema: { querystring: contract.compareQuery, response: { 200: contract.comparison } } },
    async (request) =>
      read(services, request, requireStaff(request), (work) =>
        compare(services, work, request.query),
      ),
  );
  app.post(
    "/api/patient-joins",
    { schema: { body: contract.joinBody, response: { 200: contract.joinAnswer } } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        joinPatients(services, work, request.body),
      ),
  );
  app.post(
    "/api/patient-joins/:id/separate",
    {
      schema: {
        params: byId,
        body: contract.separateBody,
        response: { 200: contract.separateAnswer },
      },
    },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        separatePatients(work, request.params.id, request.body.reason),
      ),
  );
  app.post(
    "/api/patient-joins/apart",
    { schema: { body: contract.apartBody, response: { 200: contract.apartAnswer } } },
    async (request) =>
      write(services, request, requireStaff(request), (work) => sayApart(work, request.body)),
  );
  app.post(
    "/api/patient-joins/apart/:id/take-back",
    {
      schema: {
        params: byId,
        body: contract.apartBackBody,
        response: { 200: contract.apartAnswer },
      },
    },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        takeApartBack(work, request.params.id, request.body.reason),
      ),
  );
}
