import { type App, read, requireStaff, type Services } from "../http/context.ts";
import * as contract from "./connection-contract.ts";
import { testConnection } from "./connection-test.ts";

/** Outside FHIR servers, before they are relied on. */
export async function connectionRoutes(app: App, services: Services): Promise<void> {
  app.post(
    "/api/connections/test",
    {
      // A stranger's port scanner this is not.
      config: { rateLimit: { max: 30, timeWindow: "1 minute" } },
      schema: { body: contract.connectionBody, response: { 200: contract.connectionResult } },
    },
    // Changes nothing, so it is asked again rather than remembered: the secret is kept nowhere.
    async (request) =>
      read(services, request, requireStaff(request), (work) => testConnection(work, request.body)),
  );
}
