import { z } from "zod";
import { type ReleaseRooms, withdrawCaller } from "../booking/service.ts";
import { type App, read, requireStaff, type Services, write } from "../http/context.ts";
import { empty, uuid } from "../http/contract.ts";
import {
  confirmForCall,
  enterRoomForCall,
  holdForCall,
  leaveWaiting,
  listForCall,
  listLetters,
  markPrinted,
} from "./booking-service.ts";
import {
  beat,
  dropCall,
  endCall,
  openCall,
  readCall,
  readOverview,
  saveCall,
  takeCall,
  transferCall,
} from "./call-service.ts";
import * as contract from "./contract.ts";
import { choosePerson, registerPerson, searchPeople } from "./person-service.ts";
import { draftQuestions, listQuestionSets, publishQuestions } from "./question-service.ts";

const byId = z.object({ id: uuid });
const call = { 200: contract.callView };

/** The hotline: calls, people, booking by telephone, letters. */
export async function hotlineRoutes(
  app: App,
  { services, rooms }: { services: Services; rooms: Pick<ReleaseRooms, "entered"> },
): Promise<void> {
  app.get(
    "/api/hotline",
    { schema: { response: { 200: contract.hotlineOverview } } },
    async (request) =>
      read(services, request, requireStaff(request), (work) => readOverview(services, work)),
  );
  // The text may be somebody's number: it is sent in the body, not in an address that others keep.
  app.post(
    "/api/hotline/search",
    { schema: { body: contract.searchBody, response: { 200: contract.searchAnswer } } },
    async (request) =>
      read(services, request, requireStaff(request), (work) =>
        searchPeople(services, work, request.body.q),
      ),
  );
  app.post(
    "/api/hotline/calls",
    { schema: { body: contract.openBody, response: call } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        openCall(services, work, request.body),
      ),
  );
  app.get("/api/hotline/calls/:id", { schema: { params: byId, response: call } }, async (request) =>
    read(services, request, requireStaff(request), (work) =>
      readCall(services, work, request.params.id),
    ),
  );
  app.put(
    "/api/hotline/calls/:id",
    { schema: { params: byId, body: contract.saveBody, response: call } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        saveCall(services, work, request.params.id, request.body),
      ),
  );
  app.post(
    "/api/hotline/calls/:id/beat",
    { schema: { params: byId, body: contract.beatBody, response: { 200: empty } } },
    async (request) =>
      read(services, request, requireStaff(request), (work) =>
        beat(work, request.params.id, request.body),
      ),
  );
  app.post(
    "/api/hotline/calls/:id/take",
    { schema: { params: byId, body: contract.takeBody, response: call } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        takeCall(services, work, request.params.id, request.body),
      ),
  );
  app.post(
    "/api/hotline/calls/:id/person",
    { schema: { params: byId, body: contract.personBody, response: call } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        choosePerson(services, work, request.params.id, request.body),
      ),
  );
  app.post(
    "/api/hotline/calls/:id/register",
    { schema: { params: byId, body: contract.registerBody, response: call } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        registerPerson(services, work, request.params.id, request.body),
      ),
  );
  app.post(
    "/api/hotline/calls/:id/transfer",
    { schema: { params: byId, body: contract.transferBody, response: call } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        transferCall(services, work, request.params.id, request.body),
      ),
  );
  app.post(
    "/api/hotline/calls/:id/drop",
    { schema: { params: byId, body: contract.takeBody, response: call } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        dropCall(services, work, request.params.id, request.body),
      ),
  );
  app.post(
    "/api/hotline/calls/:id/end",
    { schema: { params: byId, body: contract.endBody, response: call } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        endCall(services, work, request.params.id, request.body),
      ),
  );
  app.get(
    "/api/hotline/calls/:id/appointments",
    { schema: { params: byId, response: { 200: contract.callAppointments } } },
    async (request) =>
      read(services, request, requireStaff(request), (work) =>
        listForCall(work, request.params.id),
      ),
  );
  app.post(
    "/api/hotline/calls/:id/hold",
    { schema: { params: byId, body: contract.holdBody, response: call } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        holdForCall(services, work, request.params.id, request.body),
      ),
  );
  app.post(
    "/api/hotline/calls/:id/room",
    { schema: { params: byId, body: contract.holdBody, response: call } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        enterRoomForCall(services, work, rooms, request.params.id, request.body),
      ),
  );
  app.post(
    "/api/hotline/calls/:id/leave",
    { schema: { params: byId, body: contract.leaveBody, response: call } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        leaveWaiting(services, work, request.params.id, request.body),
      ),
  );
  app.post(
    "/api/hotline/waiting/:id/withdraw",
    { schema: { params: byId, response: { 200: empty } } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        withdrawCaller(work, request.params.id),
      ),
  );
  app.post(
    "/api/hotline/calls/:id/confirm",
    { schema: { params: byId, body: contract.confirmBody, response: call } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        confirmForCall(services, work, request.params.id, request.body),
      ),
  );
  app.get(
    "/api/hotline/letters",
    { schema: { response: { 200: contract.letterList } } },
    async (request) =>
      read(services, request, requireStaff(request), (work) => listLetters(services, work)),
  );
  app.post(
    "/api/hotline/letters/printed",
    {
      schema: {
        body: contract.printedBody,
        response: { 200: z.object({ left: z.number().int() }) },
      },
    },
    async (request) =>
      write(services, request, requireStaff(request), (work) => markPrinted(work, request.body)),
  );
  app.get(
    "/api/hotline/questions",
    { schema: { response: { 200: contract.questionSetList } } },
    async (request) => read(services, request, requireStaff(request), listQuestionSets),
  );
  app.post(
    "/api/hotline/questions",
    { schema: { body: contract.questionSetBody, response: { 200: contract.questionSetView } } },
    async (request) =>
      write(services, request, requireStaff(request), (work) => draftQuestions(work, request.body)),
  );
  app.post(
    "/api/hotline/questions/:id/publish",
    { schema: { params: byId, response: { 200: contract.questionSetView } } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        publishQuestions(work, request.params.id),
      ),
  );
}
