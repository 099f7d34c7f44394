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
import { uuid } from "../http/contract.ts";
import { requireRecentAuth } from "../identity/service.ts";
import type { MediaService } from "../media/service.ts";
import {
  type Federation,
  knownDiagnoses,
  openForDiagnoses,
  ownAddress,
} from "../records/service.ts";
import {
  askForVisit,
  cancelVisit,
  joinVisit,
  judgeDanger,
  listMine,
  readChoices,
  readMine,
} from "./ask-service.ts";
import * as contract from "./contract.ts";
import {
  callIn,
  decide,
  endVisit,
  move,
  noteSilence,
  readQueue,
  readVisit,
  saveNote,
  setDuty,
  stopVisit,
} from "./doctor-service.ts";
import { redirectVisit } from "./redirect-service.ts";
import { enterRoom } from "./room-service.ts";

const byId = z.object({ id: uuid });
const mine = { 200: contract.myVisit };
const detail = { 200: contract.visitDetail };
const queue = { 200: contract.visitQueue };

/** Video visits: the patient's phone, the doctor's queue, the room. */
export async function visitRoutes(
  app: App,
  {
    services,
    media,
    federation,
  }: { services: Services; media: MediaService; federation: Federation },
): Promise<void> {
  /** Houses are asked outside the transaction: one that is slow holds nobody. */
  const known = async (request: Parameters<typeof requirePatient>[0], patientId: string) => {
    const opened = await read(services, request, requirePatient(request), (work) =>
      openForDiagnoses(services, work, patientId),
    );
    return knownDiagnoses(services, federation, opened, ownAddress(app));
  };
  const recentAuth = requireRecentAuth(services);
  app.get(
    "/api/my/visits/choices",
    { schema: { querystring: contract.choicesQuery, response: { 200: contract.visitChoices } } },
    async (request) => {
      const found = await known(request, request.query.patientId);
      return read(services, request, requirePatient(request), (work) =>
        readChoices(work, request.query.patientId, found),
      );
    },
  );
  app.get("/api/my/visits", { schema: { response: { 200: contract.myVisits } } }, async (request) =>
    read(services, request, requirePatient(request), listMine),
  );
  app.post(
    "/api/my/visits",
    { schema: { body: contract.askBody, response: { 200: contract.askAnswer } } },
    async (request) => {
      const found = await known(request, request.body.patientId);
      return write(services, request, requirePatient(request), (work) =>
        askForVisit(services, work, request.body, found),
      );
    },
  );
  app.post(
    "/api/my/visits/danger",
    { schema: { body: contract.dangerBody, response: { 200: contract.dangerAnswer } } },
    async (request) =>
      write(services, request, requirePatient(request), (work) => judgeDanger(work, request.body)),
  );
  app.get("/api/my/visits/:id", { schema: { params: byId, response: mine } }, async (request) =>
    read(services, request, requirePatient(request), (work) => readMine(work, request.params.id)),
  );
  app.post(
    "/api/my/visits/:id/join",
    { schema: { params: byId, body: contract.versionBody, response: mine } },
    async (request) =>
      write(services, request, requirePatient(request), (work) =>
        joinVisit(work, request.params.id, request.body),
      ),
  );
  app.post(
    "/api/my/visits/:id/cancel",
    { schema: { params: byId, body: contract.versionBody, response: mine } },
    async (request) =>
      write(services, request, requirePatient(request), (work) =>
        cancelVisit(work, request.params.id, request.body),
      ),
  );

  app.get("/api/visits", { schema: { response: queue } }, async (request) =>
    read(services, request, requireStaff(request), readQueue),
  );
  app.post(
    "/api/visits/duty",
    { schema: { body: contract.dutyBody, response: queue } },
    async (request) =>
      write(services, request, requireStaff(request), (work) => setDuty(work, request.body)),
  );
  app.get("/api/visits/:id", { schema: { params: byId, response: detail } }, async (request) =>
    read(services, request, requireStaff(request), (work) =>
      readVisit(services, work, request.params.id),
    ),
  );
  app.post(
    "/api/visits/:id/call",
    // Not whoever finds the screen open: the doctor proves who it is before each session.
    {
      preHandler: async (request) => {
        requireStaff(request);
        await recentAuth(request);
      },
      schema: { params: byId, body: contract.versionBody, response: detail },
    },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        callIn(services, work, request.params.id, request.body),
      ),
  );
  for (const action of ["enter", "put-back", "miss"] as const)
    app.post(
      `/api/visits/:id/${action}`,
      { schema: { params: byId, body: contract.versionBody, response: detail } },
      async (request) =>
        write(services, request, requireStaff(request), (work) =>
          move(services, work, request.params.id, { ...request.body, action }),
        ),
    );
  app.post(
    "/api/visits/:id/decision",
    { schema: { params: byId, body: contract.decisionBody, response: detail } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        decide(services, work, request.params.id, request.body),
      ),
  );
  app.put(
    "/api/visits/:id",
    { schema: { params: byId, body: contract.saveBody, response: detail } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        saveNote(services, work, request.params.id, request.body),
      ),
  );
  app.post(
    "/api/visits/:id/end",
    { schema: { params: byId, body: contract.saveBody, response: detail } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        endVisit(services, work, request.params.id, request.body),
      ),
  );
  app.post(
    "/api/visits/:id/redirect",
    { schema: { params: byId, body: contract.redirectBody, response: detail } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        redirectVisit(services, work, request.params.id, request.body),
      ),
  );
  app.post(
    "/api/visits/:id/stop",
    { schema: { params: byId, body: contract.stopBody, response: detail } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        stopVisit(services, work, request.params.id, request.body),
      ),
  );
  app.post(
    "/api/visits/:id/silence",
    { schema: { params: byId, body: contract.silenceBody, response: detail } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        noteSilence(services, work, request.params.id, request.body),
      ),
  );
  // A token is good once and for a minute: it is never answered from the idempotency store.
  app.post(
    "/api/visits/:id/room-token",
    { schema: { params: byId, response: { 200: contract.roomTokenAnswer } } },
    async (request) =>
      read(services, request, requireActor(request), (work) =>
        enterRoom(media, work, request.params.id),
      ),
  );
}
