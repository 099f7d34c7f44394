import { z } from "zod";
import { type App, read, requireStaff, type Services, write } from "../http/context.ts";
import { uuid } from "../http/contract.ts";
import { authorizeRoutes } from "./authorize-routes.ts";
import { tokenUrlOf } from "./client-auth.ts";
import { endClient, listClients, registerClient } from "./client-service.ts";
import * as contract from "./contract.ts";
import { forgetEnded } from "./ended.ts";
import type { RecordPeople } from "./people-port.ts";
import { tokenRoutes } from "./token-routes.ts";

export type SmartRoutesOptions = { services: Services; people: RecordPeople };

/** Who uses the FHIR API beside our own pages: systems without a person, and apps of people. */
export async function smartRoutes(app: App, options: SmartRoutesOptions): Promise<void> {
  const { services } = options;
  const configuration = {
    authorization_endpoint: `${services.publicUrl}/auth/authorize`,
    token_endpoint: tokenUrlOf(services),
    revocation_endpoint: `${services.publicUrl}/auth/revoke`,
    introspection_endpoint: `${services.publicUrl}/auth/introspect`,
    response_types_supported: ["code"],
    grant_types_supported: ["authorization_code", "client_credentials", "refresh_token"],
    code_challenge_methods_supported: ["S256"],
    token_endpoint_auth_methods_supported: ["none", "private_key_jwt"],
    token_endpoint_auth_signing_alg_values_supported: contract.assertionAlgorithms,
    scopes_supported: [
      "patient/*.rs",
      "user/*.cruds",
      "system/*.cruds",
      "launch/patient",
      "online_access",
      "offline_access",
    ],
    capabilities: [
      "launch-standalone",
      "client-public",
      "client-confidential-asymmetric",
      "context-standalone-patient",
      "context-banner",
      "permission-offline",
      "permission-online",
      "permission-patient",
      "permission-user",
      "permission-v1",
      "permission-v2",
    ],
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
    async (request) => {
      const answer = await write(services, request, requireStaff(request), (work) =>
        endClient(work, request.params.id),
      );
      forgetEnded(services);
      return answer;
    },
  );
  await app.register((scope) => authorizeRoutes(scope as App, options));
  await app.register((scope) => tokenRoutes(scope as App, options));
}
