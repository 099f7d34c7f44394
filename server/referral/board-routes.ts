import { type App, read, requireStaff, type Services, write } from "../http/context.ts";
import * as contract from "./board-contract.ts";
import { listBehind } from "./board-list-service.ts";
import { readBoard } from "./board-service.ts";
import { enterClocks, listClocks } from "./policy-service.ts";

/** The loop board, and the clocks of the own house. */
export async function referralBoardRoutes(
  app: App,
  options: { services: Services },
): Promise<void> {
  const { services } = options;
  app.get(
    "/api/referral-board",
    { schema: { querystring: contract.boardQuery, response: { 200: contract.board } } },
    async (request) =>
      read(services, request, requireStaff(request), (work) => readBoard(work, request.query.days)),
  );
  app.get(
    "/api/referral-board/list",
    { schema: { querystring: contract.loopListQuery, response: { 200: contract.loopList } } },
    async (request) =>
      read(services, request, requireStaff(request), (work) => listBehind(work, request.query)),
  );
  app.get(
    "/api/referral-policy",
    { schema: { response: { 200: contract.clockList } } },
    async (request) => read(services, request, requireStaff(request), listClocks),
  );
  app.post(
    "/api/referral-policy",
    { schema: { body: contract.clockBody, response: { 200: contract.clockList } } },
    async (request) =>
      write(services, request, requireStaff(request), (work) => enterClocks(work, request.body)),
  );
}
