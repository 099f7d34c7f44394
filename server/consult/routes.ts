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
import { line, uuid } from "../http/contract.ts";
import { requireRecentAuth } from "../identity/service.ts";
import type { MediaService } from "../media/service.ts";
import { act } from "./action-service.ts";
import * as contract from "./contract.ts";
import { listCandidates, listProposals, setParticipants } from "./desk-service.ts";
import { listConsults } from "./list-service.ts";
import { listMyConsults } from "./my-service.ts";
import { prepareDocument, saveOpinion, signOpinion } from "./opinion-service.ts";
import {
  createConsult,
  readConsult,
  recordConsent,
  saveDraft,
  withdrawConsent,
} from "./request-service.ts";
import { addStill, enterRoom, inviteGuest, revokeGuest } from "./room-service.ts";

const byId = z.object({ id: uuid });

/** The remote consult: request, desk, room, opinion. Each route is a schema and one service call. */
export async function consultRoutes(
  app: App,
  options: { services: Services; media: MediaService },
): Promise<void> {
  const { services, media } = options;
  const detail = { 200: contract.consultDetail };

  app.get(
    "/api/consults",
    { schema: { querystring: contract.consultListQuery, response: { 200: contract.consultList } } },
    async (request) =>
      read(services, request, requireStaff(request), async (work) => ({
        consults: await listConsults(work, request.query.scope),
      })),
  );
  app.post(
    "/api/consults",
    { schema: { body: contract.createConsultBody, response: detail } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        createConsult(services, work, request.body),
      ),
  );
  app.get("/api/consults/:id", { schema: { params: byId, response: detail } }, async (request) =>
    read(services, request, requireStaff(request), (work) =>
      readConsult(services, work, request.params.id),
    ),
  );
  app.put(
    "/api/consults/:id/draft",
    {
      schema: {
        params: byId,
        body: contract.saveDraftBody,
        response: {
          200: z.object({
            version: z.number(),
            updatedAt: z.string(),
            missing: z.array(z.string()),
          }),
        },
      },
    },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        saveDraft(services, work, request.params.id, request.body),
      ),
  );
  app.post(
    "/api/consults/:id/actions",
    { schema: { params: byId, body: contract.consultActionBody, response: detail } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        act(services, work, request.params.id, request.body),
      ),
  );
  app.post(
    "/api/consults/:id/consents",
    {
      bodyLimit: 2_000_000,
      schema: { params: byId, body: contract.consentBody, response: detail },
    },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        recordConsent(services, work, request.params.id, request.body),
      ),
  );
  app.post(
    "/api/consults/:id/consents/:consentId/withdraw",
    {
      schema: {
        params: byId.extend({ consentId: uuid }),
        body: z.object({ reason: line(500) }),
        response: detail,
      },
    },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        withdrawConsent(
          services,
          work,
          request.params.id,
          request.params.consentId,
          request.body.reason,
        ),
      ),
  );
  app.get(
    "/api/consults/:id/candidates",
    { schema: { params: byId, response: { 200: contract.candidates } } },
    async (request) =>
      read(services, request, requireStaff(request), (work) =>
        listCandidates(work, request.params.id),
      ),
  );
  app.put(
    "/api/consults/:id/participants",
    { schema: { params: byId, body: contract.participantsBody, response: detail } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        setParticipants(services, work, request.params.id, request.body),
      ),
  );
  app.get(
    "/api/consults/:id/proposals",
    {
      schema: {
        params: byId,
        querystring: contract.proposalsQuery,
        response: { 200: contract.proposals },
      },
    },
    async (request) =>
      read(services, request, requireStaff(request), (work) =>
        listProposals(work, request.params.id, request.query),
      ),
  );
  app.post(
    "/api/consults/:id/guests",
    {
      bodyLimit: 2_000_000,
      schema: {
        params: byId,
        body: contract.inviteGuestBody,
        response: { 200: contract.inviteGuestAnswer },
      },
    },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        inviteGuest(services, work, request.params.id, request.body),
      ),
  );
  app.post(
    "/api/consults/:id/guests/:guestId/revoke",
    { schema: { params: byId.extend({ guestId: uuid }), response: detail } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        revokeGuest(services, work, request.params.id, request.params.guestId),
      ),
  );
  // A token is good once and for a minute: it is never answered from the idempotency store.
  app.post(
    "/api/consults/:id/room-token",
    { schema: { params: byId, response: { 200: contract.roomTokenAnswer } } },
    async (request) =>
      read(services, request, requireActor(request), (work) =>
        enterRoom(media, work, request.params.id),
      ),
  );
  app.post(
    "/api/consults/:id/stills",
    {
      schema: {
        params: byId,
        body: contract.stillBody,
        response: { 200: z.object({ stillId: uuid }) },
      },
    },
    async (request) =>
      write(services, request, requireActor(request), (work) =>
        addStill(work, request.params.id, request.body),
      ),
  );
  app.put(
    "/api/consults/:id/opinion",
    {
      schema: {
        params: byId,
        body: contract.saveOpinionBody,
        response: { 200: contract.opinionView },
      },
    },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        saveOpinion(work, request.params.id, request.body),
      ),
  );
  app.post(
    "/api/consults/:id/opinion/document",
    { schema: { params: byId, response: { 200: contract.opinionDocumentAnswer } } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        prepareDocument(services, work, request.params.id),
      ),
  );
  app.post(
    "/api/consults/:id/opinion/sign",
    // The signer's sole control: not whoever finds the screen open.
    {
      preHandler: requireRecentAuth(services),
      schema: { params: byId, body: contract.signOpinionBody, response: detail },
    },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        signOpinion(services, work, request.params.id, request.body),
      ),
  );
  app.get(
    "/api/my/consults",
    { schema: { response: { 200: contract.patientConsults } } },
    async (request) =>
      read(services, request, requirePatient(request), (work) => listMyConsults(work)),
  );
}
