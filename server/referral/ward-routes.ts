import { z } from "zod";
import { type App, read, requireStaff, type Services, write } from "../http/context.ts";
import { uuid } from "../http/contract.ts";
import * as contract from "./ward-contract.ts";
import { listSuggestions, postpone } from "./ward-service.ts";

export async function wardRoutes(app: App, services: Services): Promise<void> {
  app.get(
    "/api/ward/down-suggestions",
    { schema: { response: { 200: contract.wardSuggestions } } },
    async (request) =>
      read(services, request, requireStaff(request), (work) => listSuggestions(services, work)),
  );
  app.post(
    "/api/ward/stays/:id/postpone",
    {
      schema: {
        params: z.object({ id: uuid }),
        body: contract.postponeBody,
        response: { 200: contract.postponeAnswer },
      },
    },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        postpone(work, request.params.id, request.body),
      ),
  );
}
