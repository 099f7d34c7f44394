import { z } from "zod";
import { type App, read, requireStaff, type Services, write } from "../http/context.ts";
import { day, uuid } from "../http/contract.ts";
import {
  actOnRow,
  callNext,
  readClinicDay,
  setDelay,
  stopClinic,
  walkIn,
} from "./clinic-service.ts";
import * as contract from "./contract.ts";
import { readScreen } from "./screen-service.ts";

const byId = z.object({ id: uuid });

/** The clinic at work: who comes, calling, passing, walk-ins, delays and stops. */
export async function clinicRoutes(app: App, services: Services): Promise<void> {
  app.get(
    "/api/clinic/days/:day",
    { schema: { params: z.object({ day }), response: { 200: contract.clinicDay } } },
    async (request) =>
      read(services, request, requireStaff(request), (work) =>
        readClinicDay(services, work, request.params.day),
      ),
  );
  app.post(
    "/api/clinic/schedules/:id/call-next",
    {
      schema: { params: byId, body: contract.callNextBody, response: { 200: contract.calledNext } },
    },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        callNext(services, work, request.params.id, request.body.day),
      ),
  );
  app.post(
    "/api/clinic/appointments/:id/actions",
    {
      schema: { params: byId, body: contract.clinicAction, response: { 200: contract.clinicRow } },
    },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        actOnRow(services, work, request.params.id, request.body),
      ),
  );
  app.post(
    "/api/clinic/walk-ins",
    { schema: { body: contract.walkInBody, response: { 200: contract.clinicRow } } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        walkIn(services, work, request.body),
      ),
  );
  app.post(
    "/api/clinic/schedules/:id/delay",
    {
      schema: {
        params: byId,
        body: contract.delayBody,
        response: { 200: z.object({ told: z.number().int() }) },
      },
    },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        setDelay(services, work, request.params.id, request.body),
      ),
  );
  app.post(
    "/api/clinic/schedules/:id/stop",
    { schema: { params: byId, body: contract.stopBody, response: { 200: contract.stopped } } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        stopClinic(services, work, request.params.id, request.body),
      ),
  );
  app.get(
    "/api/screens/:id",
    {
      schema: {
        params: byId,
        querystring: z.object({ day: day.optional() }),
        response: { 200: contract.callScreen },
      },
    },
    async (request) => readScreen(services, request.params.id, request.query.day),
  );
}
