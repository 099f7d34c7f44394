import type { FastifyReply, FastifyRequest } from "fastify";
import { type App, read, requireStaff, type Services, write } from "../http/context.ts";
import { empty } from "../http/contract.ts";
import type { Federation } from "./federation/federation.ts";
import { warmUp } from "./federation/warm-up.ts";
import { keepLocator } from "./locator-service.ts";
import { ownAddress } from "./own-address.ts";
import { ownRecordRoutes } from "./own-routes.ts";
import { applyWaitingAt } from "./own-rules.ts";
import * as contract from "./record-contract.ts";
import { sendLines } from "./record-lines.ts";
import {
  beginRecord,
  listStores,
  locateRecord,
  pauseStore,
  type RecordQuestion,
  streamRecord,
} from "./record-service.ts";

/** The federated record as lines of JSON (application/x-ndjson): each source as it answers. */
export async function recordRoutes(
  app: App,
  { services, federation }: { services: Services; federation: Federation },
): Promise<void> {
  const upkeep = keepLocator(services, (error) =>
    app.log.warn({ err: error }, "the record locator could not be kept up"),
  );
  app.addHook("onClose", async () => upkeep.settled());
  app.addHook("onListen", () => warmUp());

  const stream = async (request: FastifyRequest, reply: FastifyReply, question: RecordQuestion) => {
    const begun = await read(services, request, requireStaff(request), (work) =>
      beginRecord(services, work, question),
    );
    const opened = await locateRecord(services, begun, ownAddress(app));
    return sendLines(request, reply, (emit: (event: contract.RecordEvent) => void) =>
      streamRecord(services, federation, opened, emit),
    );
  };

  app.get(
    "/api/patients/:id/record",
    {
      compress: false,
      schema: { params: contract.recordParams, querystring: contract.recordQuery },
    },
    async (request, reply) =>
      stream(request, reply, {
        patientId: request.params.id,
        source: request.query.source ?? null,
        emergency: null,
      }),
  );

  /** In an emergency, past what the patient withheld: with a reason, and he is told. */
  app.post(
    "/api/patients/:id/record/emergency",
    { compress: false, schema: { params: contract.recordParams, body: contract.emergencyBody } },
    async (request, reply) =>
      stream(request, reply, {
        patientId: request.params.id,
        source: request.body.source ?? null,
        emergency: request.body.reason,
      }),
  );

  app.get(
    "/api/record-stores",
    { schema: { response: { 200: contract.storeList } } },
    async (request) => read(services, request, requireStaff(request), (work) => listStores(work)),
  );

  app.post(
    "/api/record-stores/:code/paused",
    {
      schema: {
        params: contract.storeParams,
        body: contract.pauseBody,
        response: { 200: empty },
      },
    },
    async (request) => {
      const answer = await write(services, request, requireStaff(request), async (work) => {
        await pauseStore(services, work, request.params.code, request.body);
        return { ok: true as const };
      });
      services.records.refresh();
      // What people chose meanwhile is in force before anybody reads here again.
      if (!request.body.paused) await applyWaitingAt(services, request.params.code);
      return answer;
    },
  );
  await app.register(ownRecordRoutes, { services, federation });
}
