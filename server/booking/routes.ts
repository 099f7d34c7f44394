import { z } from "zod";
import {
  type App,
  read,
  requireActor,
  requirePatient,
  requireStaff,
  type Services,
  write,
} from "../http/context.ts";
import { empty, uuid } from "../http/contract.ts";
import { assistHold, assistsPatients, assistWaitlist } from "./assist-service.ts";
import { createConfirmBatch } from "./confirm-batch.ts";
import * as contract from "./contract.ts";
import { serviceKinds } from "./domain.ts";
import { createHoldBatch } from "./hold-batch.ts";
import { cancel, checkIn, confirm, move } from "./hold-service.ts";
import { addPerson, listMyAppointments } from "./my-service.ts";
import { listDays, listPlaces, listSegments } from "./places-service.ts";
import type { ReleaseRooms } from "./release-rooms.ts";
import { joinWaitlist, withdraw } from "./waitlist-service.ts";

const byId = z.object({ id: uuid });
const answer = { 200: contract.appointmentAnswer };

/** Booking by phone: what is free, holding, confirming, changing, the waitlist. */
export async function bookingRoutes(
  app: App,
  options: { services: Services; confirmsPerMinute: number; rooms: ReleaseRooms },
): Promise<void> {
  const { services, rooms } = options;
  const holdInBatch = createHoldBatch(services);
  const confirmInBatch = createConfirmBatch(services);
  const rush = {
    ownSession: true,
    rateLimit: {
      max: options.confirmsPerMinute,
      timeWindow: "1 minute",
      keyGenerator: (request: { ip: string }) => request.ip,
    },
  };

  app.get(
    "/api/booking/places",
    {
      schema: {
        querystring: z.object({ kind: z.enum(serviceKinds).optional() }),
        response: { 200: contract.bookingPlaces },
      },
    },
    async (request) =>
      read(services, request, requireActor(request), (work) =>
        listPlaces(work, request.query.kind ?? null),
      ),
  );
  app.get(
    "/api/booking/availability",
    {
      schema: {
        querystring: contract.availabilityQuery,
        response: { 200: contract.availability },
      },
    },
    async (request) =>
      read(services, request, requireActor(request), (work) => listDays(work, request.query)),
  );
  app.get(
    "/api/booking/segments",
    {
      schema: { querystring: contract.segmentsQuery, response: { 200: contract.segmentsOfDay } },
    },
    async (request) =>
      read(services, request, requireActor(request), (work) => listSegments(work, request.query)),
  );

  app.post(
    "/api/appointments/hold",
    {
      schema: { body: contract.holdBody, response: answer },
      attachValidation: true,
      config: rush,
    },
    async (request) => {
      const done = rooms.holding();
      return holdInBatch(request, request.body).finally(done);
    },
  );
  app.post(
    "/api/appointments/:id/confirm",
    {
      schema: {
        params: byId,
        body: z.object({}).strict().nullish(),
        response: { 200: contract.confirmed },
      },
      config: rush,
    },
    async (request) => confirmInBatch(request, request.params.id),
  );
  app.post(
    "/api/appointments/:id/cancel",
    { schema: { params: byId, body: contract.cancelBody, response: answer } },
    async (request) =>
      write(services, request, assistsPatients(requireActor(request)), (work) =>
        cancel(work, request.params.id, request.body.reason),
      ),
  );
  app.post(
    "/api/appointments/:id/move",
    { schema: { params: byId, body: contract.moveBody, response: answer } },
    async (request) =>
      write(services, request, assistsPatients(requireActor(request)), (work) =>
        move(work, request.params.id, request.body.segmentId),
      ),
  );
  app.post(
    "/api/appointments/:id/check-in",
    { schema: { params: byId, body: contract.checkInBody, response: answer } },
    async (request) =>
      write(services, request, requirePatient(request), (work) =>
        checkIn(work, request.params.id, request.body.place),
      ),
  );

  app.get(
    "/api/my/appointments",
    { schema: { response: { 200: contract.myAppointments } } },
    async (request) => read(services, request, requirePatient(request), listMyAppointments),
  );
  app.post(
    "/api/my/patients",
    { schema: { body: contract.addPersonBody, response: { 200: contract.addedPerson } } },
    async (request) =>
      write(services, request, requirePatient(request), (work) =>
        addPerson(services, work, request.body),
      ),
  );
  app.post(
    "/api/waitlist",
    { schema: { body: contract.joinWaitlistBody, response: { 200: byId } } },
    async (request) =>
      write(services, request, requirePatient(request), (work) =>
        joinWaitlist(work, { ...request.body, channel: "phone-web" }),
      ),
  );
  app.post(
    "/api/waitlist/:id/withdraw",
    { schema: { params: byId, body: z.object({}).strict().nullish(), response: { 200: empty } } },
    async (request) =>
      write(services, request, assistsPatients(requireActor(request)), (work) =>
        withdraw(work, request.params.id),
      ),
  );

  // Somebody of the staff books for a patient: hotline, window, community doctor, registered helper.
  app.post(
    "/api/assist/appointments/hold",
    { schema: { body: contract.assistHoldBody, response: answer } },
    async (request) =>
      write(services, request, requireStaff(request), (work) => assistHold(work, request.body)),
  );
  app.post(
    "/api/assist/waitlist",
    { schema: { body: contract.assistWaitlistBody, response: { 200: byId } } },
    async (request) =>
      write(services, request, requireStaff(request), (work) => assistWaitlist(work, request.body)),
  );
  app.post(
    "/api/assist/appointments/:id/confirm",
    {
      schema: { params: byId, body: z.object({}).strict().nullish(), response: answer },
    },
    async (request) =>
      write(services, request, requireStaff(request), (work) => confirm(work, request.params.id)),
  );
}
