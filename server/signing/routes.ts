import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { type App, read, requireStaff, type Services, write } from "../http/context.ts";
import * as contract from "./contract.ts";
import { listKeys, registerKey, revokeKey } from "./service.ts";

export type SigningRouteOptions = {
  services: Services;
  /** PreHandler: refuses with `auth.stale` unless the person proved who they are within five minutes. */
  requireRecentAuth: (request: FastifyRequest) => Promise<void>;
};

/** The signing keys of the signed-in doctor. */
export async function signingRoutes(app: App, options: SigningRouteOptions): Promise<void> {
  const { services, requireRecentAuth } = options;

  app.get(
    "/api/signing-keys",
    { schema: { response: { 200: contract.signingKeyList } } },
    async (request) => ({
      keys: await read(services, request, requireStaff(request), listKeys),
    }),
  );

  app.post(
    "/api/signing-keys",
    {
      preHandler: async (request) => {
        requireStaff(request);
        await requireRecentAuth(request);
      },
      schema: { body: contract.registerKeyBody, response: { 200: contract.signingKeyView } },
    },
    async (request) =>
      write(services, request, requireStaff(request), (work) => registerKey(work, request.body)),
  );

  app.post(
    "/api/signing-keys/:kid/revoke",
    {
      schema: {
        params: z.object({ kid: contract.kid }),
        body: contract.revokeKeyBody,
        response: { 200: contract.signingKeyView },
      },
    },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        revokeKey(work, request.params.kid, request.body.reason),
      ),
  );
}
