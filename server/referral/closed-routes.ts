import { z } from "zod";
import { type App, read, requireStaff, type Services, write } from "../http/context.ts";
import { uuid } from "../http/contract.ts";
import * as contract from "./closed-contract.ts";
import { closeDepartment, listClosed } from "./closed-service.ts";

export async function closedDepartmentRoutes(app: App, services: Services): Promise<void> {
  app.get(
    "/api/referrals/closed-departments",
    { schema: { response: { 200: contract.closedList } } },
    async (request) => read(services, request, requireStaff(request), (work) => listClosed(work)),
  );
  app.post(
    "/api/departments/:id/close",
    {
      schema: {
        params: z.object({ id: uuid }),
        body: contract.closeDepartmentBody,
        response: { 200: contract.closeDepartmentAnswer },
      },
    },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        closeDepartment(work, request.params.id, request.body.reason),
      ),
  );
}
