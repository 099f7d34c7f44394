import { z } from "zod";
import { type App, read, requireStaff, type Services, write } from "../http/context.ts";
import { empty, uuid } from "../http/contract.ts";
import { type Federation, ownAddress } from "../records/service.ts";
import * as contract from "./contract.ts";
import { actAsCrew, readAsCrew, sharePositions } from "./escort-service.ts";
import { makePacket, packetOpened } from "./packet-service.ts";
import { readReadyList, saveReadyList } from "./ready-service.ts";
import {
  actOnTransfer,
  beginTransfer,
  listTransfers,
  makeLink,
  readTransfer,
  recordCall,
  tickReady,
  transferOf,
} from "./transfer-service.ts";

const byId = z.object({ id: uuid });
/** The crew's link is guessed by nobody; whoever tries is slowed down. */
const crewLimit = { rateLimit: { max: 240, timeWindow: "1 minute" } };

/** The green channel: both houses, the crew's phone, the sealed record. Each route is a schema and one service call. */
export async function transferRoutes(
  app: App,
  { services, federation }: { services: Services; federation: Federation },
): Promise<void> {
  const detail = { 200: contract.transferDetail };

  app.get(
    "/api/transfers",
    {
      schema: {
        querystring: contract.transferListQuery,
        response: { 200: contract.transferList },
      },
    },
    async (request) =>
      read(services, request, requireStaff(request), (work) =>
        listTransfers(work, request.query.limit),
      ),
  );
  app.post(
    "/api/transfers",
    { schema: { body: contract.beginBody, response: detail } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        beginTransfer(services, work, request.body),
      ),
  );
  app.get(
    "/api/transfers/of/:id",
    { schema: { params: byId, response: { 200: contract.ofReferral } } },
    async (request) =>
      read(services, request, requireStaff(request), (work) => transferOf(work, request.params.id)),
  );
  app.get(
    "/api/transfers/ready-list",
    { schema: { response: { 200: contract.readyList } } },
    async (request) =>
      read(services, request, requireStaff(request), (work) => readReadyList(work)),
  );
  app.put(
    "/api/transfers/ready-list",
    { schema: { body: contract.readyListBody, response: { 200: contract.readyList } } },
    async (request) =>
      write(services, request, requireStaff(request), (work) => saveReadyList(work, request.body)),
  );
  app.get("/api/transfers/:id", { schema: { params: byId, response: detail } }, async (request) =>
    read(services, request, requireStaff(request), (work) =>
      readTransfer(services, work, request.params.id),
    ),
  );
  app.post(
    "/api/transfers/:id/actions",
    { schema: { params: byId, body: contract.actionBody, response: detail } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        actOnTransfer(services, work, request.params.id, request.body),
      ),
  );
  app.post(
    "/api/transfers/:id/link",
    { schema: { params: byId, response: { 200: contract.linkAnswer } } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        makeLink(services, work, request.params.id),
      ),
  );
  app.post(
    "/api/transfers/:id/calls",
    { schema: { params: byId, body: contract.callBody, response: detail } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        recordCall(services, work, request.params.id, request.body),
      ),
  );
  app.put(
    "/api/transfers/:id/ready",
    { schema: { params: byId, body: contract.readyBody, response: detail } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        tickReady(services, work, request.params.id, request.body),
      ),
  );
  // Never under an Idempotency-Key: its answer is kept nowhere, and a second one has a code of its own.
  app.post(
    "/api/transfers/:id/packet",
    { schema: { params: byId, response: { 200: contract.packetAnswer } } },
    async (request) =>
      makePacket(
        services,
        { federation, hostedVia: ownAddress(app) },
        request.traceOrigin,
        requireStaff(request),
        request.params.id,
      ),
  );

  const crew = { 200: contract.escortView };
  app.post(
    "/api/escort/view",
    { schema: { body: contract.escortBody, response: crew }, config: crewLimit },
    async (request) => readAsCrew(services, request.traceOrigin, request.body.token),
  );
  app.post(
    "/api/escort/steps",
    { schema: { body: contract.escortStepBody, response: crew }, config: crewLimit },
    async (request) => actAsCrew(services, request.traceOrigin, request.body),
  );
  app.post(
    "/api/escort/positions",
    { schema: { body: contract.escortPositionsBody, response: crew }, config: crewLimit },
    async (request) => sharePositions(services, request.traceOrigin, request.body),
  );
  app.post(
    "/api/packets/opened",
    {
      schema: { body: contract.packetOpenedBody, response: { 200: empty } },
      config: { rateLimit: { max: 30, timeWindow: "1 minute" } },
    },
    async (request) => {
      await packetOpened(services, request.traceOrigin, request.body.proof);
      return { ok: true as const };
    },
  );
}
