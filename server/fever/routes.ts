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
import { actOnVisit } from "./action-service.ts";
import { liftBlock, readBlock } from "./block-service.ts";
import * as contract from "./contract.ts";
import { disinfectRoom, readDesk } from "./desk-service.ts";
import { draftPolicy, listPolicies, previewPolicy, publishPolicy } from "./policy-service.ts";
import { addRoom, changeRoom, listRooms, writeEntrance } from "./room-service.ts";
import { answerQuestionnaire, listMyFever, readQuestionnaire } from "./screening-service.ts";
import { listSites } from "./site-service.ts";
import {
  admitVisit,
  askAtDesk,
  measure,
  raiseAlarm,
  readVisit,
  writeRegister,
} from "./visit-service.ts";

const byId = z.object({ id: uuid });
const visit = { 200: contract.visitView };

/** Fever care: the questionnaire, the desk, rooms, vehicles and the rules behind them. */
export async function feverRoutes(app: App, services: Services): Promise<void> {
  app.get(
    "/api/fever/questionnaire",
    {
      schema: {
        querystring: contract.questionnaireQuery,
        response: { 200: contract.questionnaire },
      },
    },
    async (request) =>
      read(services, request, requireActor(request), (work) =>
        readQuestionnaire(work, request.query),
      ),
  );
  app.get(
    "/api/fever/sites",
    {
      schema: {
        querystring: z.object({ institutionId: uuid.optional() }),
        response: { 200: contract.siteList },
      },
    },
    async (request) =>
      read(services, request, requireActor(request), (work) =>
        listSites(work, request.query.institutionId ?? null),
      ),
  );
  app.post(
    "/api/fever/screenings",
    { schema: { body: contract.screeningBody, response: { 200: contract.screeningAnswer } } },
    async (request) =>
      write(services, request, requirePatient(request), (work) =>
        answerQuestionnaire(work, request.body),
      ),
  );
  app.get("/api/my/fever", { schema: { response: { 200: contract.myFever } } }, async (request) =>
    read(services, request, requirePatient(request), listMyFever),
  );

  app.get(
    "/api/fever/desk",
    { schema: { response: { 200: contract.deskView } } },
    async (request) =>
      read(services, request, requireStaff(request), (work) => readDesk(services, work)),
  );
  app.post(
    "/api/fever/visits",
    { schema: { body: contract.admitBody, response: visit } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        admitVisit(services, work, request.body),
      ),
  );
  app.get("/api/fever/visits/:id", { schema: { params: byId, response: visit } }, async (request) =>
    read(services, request, requireStaff(request), (work) =>
      readVisit(services, work, request.params.id),
    ),
  );
  app.post(
    "/api/fever/visits/:id/measurements",
    { schema: { params: byId, body: contract.measureBody, response: visit } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        measure(services, work, request.params.id, request.body),
      ),
  );
  app.put(
    "/api/fever/visits/:id/register",
    { schema: { params: byId, body: contract.registerBody, response: visit } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        writeRegister(services, work, request.params.id, request.body),
      ),
  );
  app.post(
    "/api/fever/visits/:id/answers",
    { schema: { params: byId, body: contract.askBody, response: visit } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        askAtDesk(services, work, request.params.id, request.body),
      ),
  );
  app.post(
    "/api/fever/visits/:id/actions",
    { schema: { params: byId, body: contract.feverActionBody, response: visit } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        actOnVisit(services, work, request.params.id, request.body),
      ),
  );
  app.post(
    "/api/fever/visits/:id/critical-values",
    { schema: { params: byId, body: contract.criticalBody, response: visit } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        raiseAlarm(services, work, request.params.id, request.body),
      ),
  );
  app.post(
    "/api/fever/rooms/disinfected",
    { schema: { body: contract.disinfectRoomBody, response: { 200: contract.deskView } } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        disinfectRoom(services, work, request.body.stayId),
      ),
  );
  app.get(
    "/api/fever/rooms",
    { schema: { response: { 200: contract.roomList } } },
    async (request) => read(services, request, requireStaff(request), listRooms),
  );
  app.post(
    "/api/fever/rooms",
    { schema: { body: contract.newRoomBody, response: { 200: contract.roomList } } },
    async (request) =>
      write(services, request, requireStaff(request), (work) => addRoom(work, request.body)),
  );
  app.put(
    "/api/fever/rooms/:id",
    { schema: { params: byId, body: contract.roomBody, response: { 200: contract.roomList } } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        changeRoom(work, request.params.id, request.body),
      ),
  );
  app.put(
    "/api/fever/entrance",
    { schema: { body: contract.entranceBody, response: { 200: contract.roomList } } },
    async (request) =>
      write(services, request, requireStaff(request), (work) => writeEntrance(work, request.body)),
  );
  app.get(
    "/api/fever/blocks",
    {
      schema: {
        querystring: z.object({ patientId: uuid }),
        response: { 200: contract.blockView },
      },
    },
    async (request) =>
      read(services, request, requireStaff(request), (work) =>
        readBlock(work, request.query.patientId),
      ),
  );
  app.post(
    "/api/fever/blocks/:id/lift",
    { schema: { params: byId, body: contract.liftBody, response: { 200: empty } } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        liftBlock(services, work, request.params.id, request.body.reason),
      ),
  );

  app.get(
    "/api/fever/rules",
    { schema: { response: { 200: contract.policyList } } },
    async (request) => read(services, request, requireStaff(request), listPolicies),
  );
  app.post(
    "/api/fever/rules",
    { schema: { body: contract.policyBody, response: { 200: contract.policyView } } },
    async (request) =>
      write(services, request, requireStaff(request), (work) => draftPolicy(work, request.body)),
  );
  app.post(
    "/api/fever/rules/preview",
    { schema: { body: contract.policyNumbers, response: { 200: contract.policyQuestions } } },
    async (request) =>
      read(services, request, requireStaff(request), async (work) =>
        previewPolicy(work, request.body),
      ),
  );
  app.post(
    "/api/fever/rules/:id/publish",
    {
      schema: {
        params: byId,
        body: z.object({}).strict().nullish(),
        response: { 200: contract.policyView },
      },
    },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        publishPolicy(work, request.params.id),
      ),
  );
}
