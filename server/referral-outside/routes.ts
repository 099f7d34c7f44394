import { z } from "zod";
import { type App, read, requireStaff, type Services, write } from "../http/context.ts";
import { uuid } from "../http/contract.ts";
import * as contract from "./contract.ts";
import { listHouses, nameHouse, readLine, registerHouseSystem } from "./house-service.ts";

const byId = z.object({ id: uuid });

/** Houses outside: whose server a connection is, its own system, and the line of a referral. */
export async function outsideHouseRoutes(app: App, services: Services): Promise<void> {
  const houses = { 200: contract.houseList };
  app.get("/api/connections/houses", { schema: { response: houses } }, async (request) =>
    read(services, request, requireStaff(request), (work) => listHouses(services, work)),
  );
  app.put(
    "/api/connections/:id/house",
    { schema: { params: byId, body: contract.houseBody, response: houses } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        nameHouse(services, work, request.params.id, request.body),
      ),
  );
  app.post(
    "/api/connections/:id/system",
    { schema: { params: byId, body: contract.systemBody, response: houses } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        registerHouseSystem(services, work, request.params.id, request.body),
      ),
  );
  app.get(
    "/api/referrals/:id/outside",
    { schema: { params: byId, response: { 200: contract.lineView } } },
    async (request) =>
      read(services, request, requireStaff(request), (work) => readLine(work, request.params.id)),
  );
}
