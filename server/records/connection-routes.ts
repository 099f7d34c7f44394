import { type App, read, requireStaff, type Services, write } from "../http/context.ts";
import { empty } from "../http/contract.ts";
import * as contract from "./connection-contract.ts";
import { publicKeys } from "./connection-key.ts";
import {
  draftOutside,
  keepTest,
  listOutside,
  makeKey,
  pauseOutside,
  prepareSaved,
  prepareTest,
  removeOutside,
  saveOutside,
  traceTest,
} from "./connection-service.ts";
import { type Found, tryConnection } from "./connection-test.ts";
import { listFaults } from "./source-faults.ts";

/** A stranger's port scanner this is not. */
const seldom = { rateLimit: { max: 30, timeWindow: "1 minute" } };

/** Outside FHIR servers: tried, connected, changed, paused, removed; and what goes wrong with them. */
export async function connectionRoutes(app: App, services: Services): Promise<void> {
  app.post(
    "/api/connections/test",
    {
      config: seldom,
      schema: { body: contract.connectionBody, response: { 200: contract.connectionResult } },
    },
    // Changes nothing, so it is asked again rather than remembered: the secret is kept nowhere.
    async (request) => {
      const actor = requireStaff(request);
      const tried = await read(services, request, actor, (work) =>
        prepareTest(services, work, request.body),
      );
      const found = await tryConnection(tried);
      await read(services, request, actor, (work) => traceTest(work, tried.base, found));
      return shown(found);
    },
  );

  app.get(
    "/api/connections",
    { schema: { response: { 200: contract.outsideList } } },
    async (request) =>
      read(services, request, requireStaff(request), (work) => listOutside(services, work)),
  );

  app.post(
    "/api/connections",
    {
      config: seldom,
      schema: { body: contract.outsideBody, response: { 200: contract.outsideAnswer } },
    },
    async (request) => {
      const actor = requireStaff(request);
      const draft = await read(services, request, actor, (work) =>
        draftOutside(services, work, null, request.body),
      );
      const found = await tryConnection(draft.tried);
      return write(services, request, actor, (work) =>
        saveOutside(services, work, draft, found, null),
      );
    },
  );

  app.put(
    "/api/connections/:id",
    {
      config: seldom,
      schema: {
        params: contract.outsideParams,
        body: contract.outsideChange,
        response: { 200: contract.outsideAnswer },
      },
    },
    async (request) => {
      const actor = requireStaff(request);
      const { version, ...body } = request.body;
      const draft = await read(services, request, actor, (work) =>
        draftOutside(services, work, request.params.id, body),
      );
      const found = await tryConnection(draft.tried);
      return write(services, request, actor, (work) =>
        saveOutside(services, work, draft, found, version),
      );
    },
  );

  app.post(
    "/api/connections/:id/test",
    {
      config: seldom,
      schema: { params: contract.outsideParams, response: { 200: contract.outsideAnswer } },
    },
    async (request) => {
      const actor = requireStaff(request);
      const { id } = request.params;
      const tried = await read(services, request, actor, (work) =>
        prepareSaved(services, work, id),
      );
      const found = await tryConnection(tried);
      return write(services, request, actor, (work) => keepTest(work, id, found));
    },
  );

  app.post(
    "/api/connections/:id/paused",
    {
      schema: {
        params: contract.outsideParams,
        body: contract.outsidePause,
        response: { 200: contract.outsideAnswer },
      },
    },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        pauseOutside(work, request.params.id, request.body),
      ),
  );

  app.post(
    "/api/connections/:id/remove",
    {
      schema: {
        params: contract.outsideParams,
        body: contract.outsideRemoval,
        response: { 200: empty },
      },
    },
    async (request) =>
      write(services, request, requireStaff(request), async (work) => {
        await removeOutside(work, request.params.id, request.body.version);
        return { ok: true as const };
      }),
  );

  app.post(
    "/api/connections/key",
    { schema: { response: { 200: contract.keyAnswer } } },
    async (request) =>
      write(services, request, requireStaff(request), (work) => makeKey(services, work)),
  );

  /** For partners, who register it: the public half alone. */
  app.get("/stores/:code/jwks.json", { schema: { hide: true } }, async (request, reply) => {
    const { code } = request.params as { code: string };
    const keys = await publicKeys(services, code);
    return reply
      .header("access-control-allow-origin", "*")
      .header("cache-control", "public, max-age=300")
      .send(keys);
  });

  app.get(
    "/api/connections/faults",
    { schema: { response: { 200: contract.faultList } } },
    async (request) => read(services, request, requireStaff(request), listFaults),
  );
}

const shown = ({ typeNames: _names, ...found }: Found) => found;
