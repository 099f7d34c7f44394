import type { FastifyReply } from "fastify";
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
import { cardFile } from "./card.ts";
import { listMyResults, listPrintable, printCard, readCard } from "./card-service.ts";
import * as contract from "./contract.ts";
import { validityWindowsHours } from "./domain.ts";
import { issuerOf } from "./issuer.ts";
import { publishedKeys, revocationList, signingKey } from "./key-service.ts";
import {
  admitByPaperCode,
  checkPaperCode,
  issuePaperCode,
  listMyPaperCodes,
  readPaperDesk,
  readPaperResult,
  revokePaperCode,
} from "./paper-service.ts";
import { checkPolicy, enterPolicy, listPolicies, readPolicy } from "./policy-service.ts";

const byId = z.object({ id: uuid });
/** How long others may keep keys and lists, seconds: a revocation is known everywhere after this. */
const maxAgeSeconds = 300;
const paper = { 200: contract.paperCode };

/** Keys and revocations for anyone, paper codes for those who hand them out and check them. */
export async function cardRoutes(app: App, services: Services): Promise<void> {
  app.get(
    "/.well-known/jwks.json",
    { schema: { response: { 200: contract.jwks } } },
    async (_request, reply) => {
      forAnyone(reply);
      return { keys: await publishedKeys(services) };
    },
  );
  app.get(
    "/.well-known/crl/:file",
    { schema: { params: contract.revocationFile, response: { 200: contract.revocationList } } },
    async (request, reply) => {
      forAnyone(reply);
      return revocationList(services, request.params.file.replace(".json", ""));
    },
  );
  app.get(
    "/api/cards/policy",
    { schema: { response: { 200: contract.cardPolicy } } },
    async (_request, reply) => {
      forAnyone(reply);
      const { validFrom, validityHours } = await readPolicy(services);
      const windowsHours = [...validityWindowsHours];
      return { issuer: issuerOf(services), validityHours, windowsHours, validFrom };
    },
  );

  app.get(
    "/api/my/results",
    { schema: { response: { 200: contract.myResults } } },
    async (request) => read(services, request, requirePatient(request), listMyResults),
  );
  app.get(
    "/api/my/results/:id/card",
    { schema: { params: byId, response: { 200: contract.cardAnswer } } },
    async (request) => {
      const actor = requirePatient(request);
      const key = await signingKey(services);
      return read(services, request, actor, (work) =>
        readCard(services, work, key, request.params.id),
      );
    },
  );
  // For somebody without a phone, at a window.
  app.get(
    "/api/patients/:id/results",
    { schema: { params: byId, response: { 200: contract.myResults } } },
    async (request) =>
      read(services, request, requireStaff(request), (work) =>
        listPrintable(work, request.params.id),
      ),
  );
  app.post(
    "/api/patients/:id/results/:resultId/card",
    { schema: { params: byId.extend({ resultId: uuid }), response: { 200: contract.cardAnswer } } },
    async (request) => {
      const actor = requireStaff(request);
      const key = await signingKey(services);
      const { id: patientId, resultId } = request.params;
      return write(services, request, actor, (work) =>
        printCard(services, work, key, { patientId, resultId }),
      );
    },
  );
  // For wallets: a file with the card in it.
  app.get(
    "/api/my/results/:id/card.smart-health-card",
    { schema: { params: byId, response: { 200: contract.cardFile } } },
    async (request, reply) => {
      const actor = requirePatient(request);
      const key = await signingKey(services);
      const { jws } = await read(services, request, actor, (work) =>
        readCard(services, work, key, request.params.id),
      );
      void reply
        .type("application/smart-health-card")
        .header("content-disposition", 'attachment; filename="result.smart-health-card"')
        .serializer(JSON.stringify);
      return cardFile(jws);
    },
  );
  app.get(
    "/api/my/paper-codes",
    { schema: { response: { 200: contract.myPaperCodes } } },
    async (request) =>
      read(services, request, requirePatient(request), (work) => listMyPaperCodes(services, work)),
  );
  app.post(
    "/api/my/paper-codes",
    { schema: { body: contract.issuePaperBody.omit({ overrideReason: true }), response: paper } },
    async (request) => {
      const actor = requirePatient(request);
      const key = await signingKey(services);
      return write(services, request, actor, (work) =>
        issuePaperCode(services, work, key, request.body),
      );
    },
  );
  app.post(
    "/api/paper-codes",
    { schema: { body: contract.issuePaperBody, response: paper } },
    async (request) => {
      const actor = requireStaff(request);
      const key = await signingKey(services);
      return write(services, request, actor, (work) =>
        issuePaperCode(services, work, key, request.body),
      );
    },
  );
  app.get(
    "/api/patients/:id/paper-code",
    { schema: { params: byId, response: { 200: contract.paperDesk } } },
    async (request) =>
      read(services, request, requireStaff(request), (work) =>
        readPaperDesk(work, request.params.id),
      ),
  );
  app.post(
    "/api/paper-codes/:id/revoke",
    {
      schema: { params: byId, body: contract.revokePaperBody, response: { 200: empty } },
    },
    async (request) => {
      const actor = requireActor(request);
      const who = actor.kind === "patient" ? requirePatient(request) : requireStaff(request);
      return write(services, request, who, async (work) => {
        await revokePaperCode(work, request.params.id, request.body.reason);
        return { ok: true as const };
      });
    },
  );
  const policies = { 200: contract.policyList };
  app.get("/api/cards/policies", { schema: { response: policies } }, async (request) =>
    read(services, request, requireStaff(request), listPolicies),
  );
  app.post(
    "/api/cards/policies",
    { schema: { body: contract.policyBody, response: policies } },
    async (request) =>
      write(services, request, requireStaff(request), (work) => enterPolicy(work, request.body)),
  );
  app.post(
    "/api/cards/policies/:id/check",
    { schema: { params: byId, response: policies } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        checkPolicy(work, request.params.id),
      ),
  );
  // A question, asked by POST so that no code stands in an address.
  app.post(
    "/api/paper-codes/check",
    { schema: { body: contract.checkPaperBody, response: { 200: contract.paperHolder } } },
    async (request) => {
      const actor = requireStaff(request);
      const keys = await publishedKeys(services);
      return read(services, request, actor, (work) =>
        checkPaperCode(services, work, keys, request.body.code),
      );
    },
  );
  // At a window, once the identity card was compared: the person is known here from now on.
  app.post(
    "/api/paper-codes/admit",
    {
      schema: { body: contract.checkPaperBody, response: { 200: z.object({ patientId: uuid }) } },
    },
    async (request) => {
      const actor = requireStaff(request);
      const keys = await publishedKeys(services);
      return write(services, request, actor, async (work) => ({
        patientId: await admitByPaperCode(work, keys, request.body.code),
      }));
    },
  );
  // Asked for once the identity card was compared.
  app.post(
    "/api/paper-codes/result",
    { schema: { body: contract.checkPaperBody, response: { 200: contract.paperResult } } },
    async (request) => {
      const actor = requireStaff(request);
      const keys = await publishedKeys(services);
      return read(services, request, actor, (work) =>
        readPaperResult(work, keys, request.body.code),
      );
    },
  );
}

/** Public: pages of other origins read it, and may keep it for some minutes. */
export function forAnyone(reply: FastifyReply): void {
  void reply.headers({
    "cache-control": `public, max-age=${maxAgeSeconds}`,
    "access-control-allow-origin": "*",
    "cross-origin-resource-policy": "cross-origin",
  });
}
