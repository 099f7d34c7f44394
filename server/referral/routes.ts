import { z } from "zod";
import {
  type App,
  read,
  requirePatient,
  requireStaff,
  type Services,
  write,
} from "../http/context.ts";
import { empty, line, paragraph, uuid } from "../http/contract.ts";
import { act } from "./action-service.ts";
import * as contract from "./contract.ts";
import { beginConsult, readOutcome } from "./desk-service.ts";
import { actOnFollowUp, listFollowUps } from "./follow-up-service.ts";
import { closeEpisode, listReferrals } from "./list-service.ts";
import { actAsPatient, listRoads } from "./my-service.ts";
import { createReferral, readReferral, recordConsent, saveDraft, say } from "./request-service.ts";
import { findKnown, listPathways, listTargets } from "./suggest-service.ts";

const byId = z.object({ id: uuid });

/** Two-way referral: up, down, follow-ups, and the patient's road. Each route is a schema and one service call. */
export async function referralRoutes(app: App, options: { services: Services }): Promise<void> {
  const { services } = options;
  const detail = { 200: contract.referralDetail };

  app.get(
    "/api/referrals",
    { schema: { querystring: contract.listQuery, response: { 200: contract.referralList } } },
    async (request) =>
      read(services, request, requireStaff(request), (work) => listReferrals(work, request.query)),
  );
  app.post(
    "/api/referrals",
    { schema: { body: contract.createBody, response: detail } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        createReferral(services, work, request.body),
      ),
  );
  app.get(
    "/api/referrals/known",
    { schema: { querystring: contract.knownQuery, response: { 200: contract.known } } },
    async (request) =>
      read(services, request, requireStaff(request), (work) => findKnown(work, request.query)),
  );
  app.get(
    "/api/referrals/targets",
    { schema: { querystring: contract.targetQuery, response: { 200: contract.targetList } } },
    async (request) =>
      read(services, request, requireStaff(request), (work) => listTargets(work, request.query)),
  );
  app.get(
    "/api/pathways",
    { schema: { querystring: contract.pathwayQuery, response: { 200: contract.pathwayList } } },
    async (request) =>
      read(services, request, requireStaff(request), (work) => listPathways(work, request.query)),
  );
  app.get("/api/referrals/:id", { schema: { params: byId, response: detail } }, async (request) =>
    read(services, request, requireStaff(request), (work) =>
      readReferral(services, work, request.params.id),
    ),
  );
  app.put(
    "/api/referrals/:id/draft",
    {
      schema: {
        params: byId,
        body: contract.saveBody,
        response: {
          200: z.object({
            version: z.number(),
            state: contract.referralSummary.shape.state,
            updatedAt: z.string(),
            missing: z.array(z.string()),
          }),
        },
      },
    },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        saveDraft(work, request.params.id, request.body),
      ),
  );
  app.post(
    "/api/referrals/:id/actions",
    { schema: { params: byId, body: contract.actionBody, response: detail } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        act(services, work, request.params.id, request.body),
      ),
  );
  app.post(
    "/api/referrals/:id/consents",
    {
      bodyLimit: 2_000_000,
      schema: { params: byId, body: contract.consentOfReferral, response: detail },
    },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        recordConsent(services, work, request.params.id, request.body),
      ),
  );
  app.post(
    "/api/referrals/:id/messages",
    {
      schema: {
        params: byId,
        body: z.object({ text: paragraph.min(1).max(2000) }).strict(),
        response: detail,
      },
    },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        say(services, work, request.params.id, request.body.text),
      ),
  );
  app.post(
    "/api/referrals/:id/consult",
    { schema: { params: byId, response: { 200: z.object({ consultId: uuid }) } } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        beginConsult(services, work, request.params.id),
      ),
  );
  app.post(
    "/api/referrals/:id/outcome-read",
    { schema: { params: byId, response: { 200: empty } } },
    async (request) =>
      write(services, request, requireStaff(request), async (work) => {
        await readOutcome(work, request.params.id);
        return { ok: true as const };
      }),
  );
  app.post(
    "/api/episodes/:id/close",
    {
      schema: {
        params: byId,
        body: z.object({ version: z.number().int().positive(), reason: line(300) }).strict(),
        response: {
          200: z.object({ id: uuid, state: z.enum(["active", "finished"]), version: z.number() }),
        },
      },
    },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        closeEpisode(work, request.params.id, request.body),
      ),
  );
  app.get(
    "/api/follow-ups",
    { schema: { querystring: contract.followUpQuery, response: { 200: contract.followUpList } } },
    async (request) =>
      read(services, request, requireStaff(request), (work) => listFollowUps(work, request.query)),
  );
  app.post(
    "/api/follow-ups/:id/actions",
    {
      schema: {
        params: byId,
        body: contract.followUpBody,
        response: { 200: contract.followUpAnswer },
      },
    },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        actOnFollowUp(services, work, request.params.id, request.body),
      ),
  );
  app.get("/api/me/road", { schema: { response: { 200: contract.road } } }, async (request) =>
    read(services, request, requirePatient(request), listRoads),
  );
  app.post(
    "/api/me/referrals/:id/actions",
    { schema: { params: byId, body: contract.myActionBody, response: { 200: contract.road } } },
    async (request) =>
      write(services, request, requirePatient(request), (work) =>
        actAsPatient(work, request.params.id, request.body),
      ),
  );
}
