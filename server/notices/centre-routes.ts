import { z } from "zod";
import { type App, read, requireStaff, type Services, write } from "../http/context.ts";
import { empty, uuid } from "../http/contract.ts";
import * as contract from "./centre-contract.ts";
import {
  type AcknowledgeListener,
  acknowledge,
  enterNoticePolicy,
  listCentre,
  listNoticePolicies,
  readQuiet,
  setQuiet,
} from "./centre-service.ts";
import { listMessages } from "./sms-service.ts";

/** The notice centre of the staff: what was told, quiet hours, and how the house is told of what can wait. */
export async function noticeCentreRoutes(
  app: App,
  { services, listeners }: { services: Services; listeners: readonly AcknowledgeListener[] },
): Promise<void> {
  app.get(
    "/api/notices/centre",
    { schema: { querystring: contract.centreQuery, response: { 200: contract.centreView } } },
    async (request) =>
      read(services, request, requireStaff(request), (work) => listCentre(work, request.query)),
  );
  app.post(
    "/api/notices/:id/acknowledge",
    { schema: { params: z.object({ id: uuid }), response: { 200: empty } } },
    async (request) =>
      write(services, request, requireStaff(request), async (work) => {
        await acknowledge(work, request.params.id, listeners);
        return { ok: true as const };
      }),
  );
  app.get(
    "/api/notices/quiet",
    { schema: { response: { 200: contract.quietView } } },
    async (request) => read(services, request, requireStaff(request), readQuiet),
  );
  app.put(
    "/api/notices/quiet",
    { schema: { body: contract.quietBody, response: { 200: contract.quietView } } },
    async (request) =>
      write(services, request, requireStaff(request), (work) => setQuiet(work, request.body)),
  );
  app.get(
    "/api/notices/messages",
    { schema: { response: { 200: contract.messageList } } },
    async (request) =>
      read(services, request, requireStaff(request), (work) => listMessages(services, work)),
  );
  app.get(
    "/api/policies/notices",
    { schema: { response: { 200: contract.noticePolicyList } } },
    async (request) => read(services, request, requireStaff(request), listNoticePolicies),
  );
  app.post(
    "/api/policies/notices",
    {
      schema: { body: contract.noticePolicyBody, response: { 200: contract.noticePolicyList } },
    },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        enterNoticePolicy(work, request.body),
      ),
  );
}
