import { z } from "zod";
import { type App, read, requireStaff, type Services, write } from "../http/context.ts";
import { empty, uuid } from "../http/contract.ts";
import { drainNode, readBoard, setRegion } from "./board-service.ts";
import { boardQuery, mediaBoard, regionBody } from "./contract.ts";

const ok = { ok: true } as const;

/** The media board: nodes, workers, links, lines of all houses, alarms; and emptying a node. */
export async function mediaBoardRoutes(app: App, services: Services): Promise<void> {
  app.get(
    "/api/media/board",
    { schema: { querystring: boardQuery, response: { 200: mediaBoard } } },
    async (request) =>
      read(services, request, requireStaff(request), (work) => readBoard(work, request.query.days)),
  );
  app.post(
    "/api/media/nodes/:id/drain",
    { schema: { params: z.object({ id: z.string().min(1).max(100) }), response: { 200: empty } } },
    async (request) =>
      write(services, request, requireStaff(request), async (work) => {
        await drainNode(work, request.params.id);
        return ok;
      }),
  );
  app.put(
    "/api/media/regions/:institutionId",
    {
      schema: {
        params: z.object({ institutionId: uuid }),
        body: regionBody,
        response: { 200: empty },
      },
    },
    async (request) =>
      write(services, request, requireStaff(request), async (work) => {
        await setRegion(work, request.params.institutionId, request.body.region);
        return ok;
      }),
  );
}
