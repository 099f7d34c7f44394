import { z } from "zod";
import { type App, read, requireStaff, type Services, write } from "../http/context.ts";
import { uuid } from "../http/contract.ts";
import { endClient, listClients, registerClient } from "./client-service.ts";
import * as contract from "./contract.ts";
import { OAuthError } from "./oauth-error.ts";
import { exchangeAssertion, tokenUrlOf } from "./token-service.ts";

const bodyMax = 16_384;

/** Systems without a person: who they are, how they sign in, and the token endpoint (SMART backend services). */
export async function smartRoutes(app: App, services: Services): Promise<void> {
  const configuration = {
    token_endpoint: tokenUrlOf(services),
    grant_types_supported: ["client_credentials"],
    token_endpoint_auth_methods_supported: ["private_key_jwt"],
    token_endpoint_auth_signing_alg_values_supported: contract.assertionAlgorithms,
    scopes_supported: ["system/*.cruds", "system/*.rs"],
    capabilities: ["client-confidential-asymmetric", "permission-v1", "permission-v2"],
  };
  for (const url of [
    "/fhir/.well-known/smart-configuration",
    "/stores/:code/fhir/.well-known/smart-configuration",
  ])
    app.get(url, { schema: { hide: true } }, async (_request, reply) => {
      void reply
        .header("access-control-allow-origin", "*")
        .header("cache-control", "public, max-age=300");
      return configuration;
    });

  app.get(
    "/api/smart/clients",
    { schema: { response: { 200: contract.smartClients } } },
    async (request) =>
      read(services, request, requireStaff(request), (work) => listClients(services, work)),
  );
  app.post(
    "/api/smart/clients",
    { schema: { body: contract.registerBody, response: { 200: contract.registered } } },
    async (request) =>
      write(services, request, requireStaff(request), (work) => registerClient(work, request.body)),
  );
  app.post(
    "/api/smart/clients/:id/end",
    {
      schema: {
        params: z.object({ id: uuid }),
        body: z.object({}).strict().nullish(),
        response: { 200: contract.registered },
      },
    },
    async (request) =>
      write(services, request, requireStaff(request), (work) => endClient(work, request.params.id)),
  );

  await app.register(async (scope) => {
    scope.addContentTypeParser(
      "application/x-www-form-urlencoded",
      { parseAs: "string", bodyLimit: bodyMax },
      (_request, text, done) => done(null, Object.fromEntries(new URLSearchParams(String(text)))),
    );
    scope.post(
      "/auth/token",
      {
        schema: { hide: true },
        config: { rateLimit: { max: 120, timeWindow: "1 minute" } },
      },
      async (request, reply) => {
        void reply.header("cache-control", "no-store").header("pragma", "no-cache");
        try {
          const body = contract.tokenBody.safeParse(request.body ?? {});
          if (!body.success)
            throw new OAuthError("invalid_request", "the body is no token request");
          return await exchangeAssertion(services, body.data, request.traceOrigin);
        } catch (error) {
          if (!(error instanceof OAuthError)) throw error;
          return reply
            .status(error.code === "invalid_client" ? 401 : 400)
            .send({ error: error.code, error_description: error.message });
        }
      },
    );
  });
}
