import { z } from "zod";
import { type App, read, requireStaff, type Services, write } from "../http/context.ts";
import { uuid } from "../http/contract.ts";
import type { MediaService } from "../media/service.ts";
import * as contract from "./contract.ts";
import {
  actOnPlan,
  changePlan,
  draftSession,
  findSpeakersByName,
  listSessions,
  planChoices,
  readSession,
} from "./plan-service.ts";
import { enterTeachingRoom } from "./room-service.ts";
import { readSeriesAttendance } from "./series-attendance.ts";
import { addSeries, changeSeries, listSeries } from "./series-service.ts";

const byId = z.object({ id: uuid });
const view = { 200: contract.sessionView };

/** Planning of teaching broadcasts, and the way into their rooms. */
export async function teachingRoutes(
  app: App,
  { services, media }: { services: Services; media: MediaService },
): Promise<void> {
  app.get(
    "/api/teaching/sessions",
    { schema: { querystring: contract.listQuery, response: { 200: contract.sessionList } } },
    async (request) =>
      read(services, request, requireStaff(request), (work) =>
        listSessions(work, request.query.past === "true"),
      ),
  );
  app.post(
    "/api/teaching/sessions",
    { schema: { body: contract.planFields, response: view } },
    async (request) =>
      write(services, request, requireStaff(request), (work) => draftSession(work, request.body)),
  );
  app.get(
    "/api/teaching/sessions/:id",
    { schema: { params: byId, response: view } },
    async (request) =>
      read(services, request, requireStaff(request), (work) =>
        readSession(work, request.params.id),
      ),
  );
  app.put(
    "/api/teaching/sessions/:id",
    { schema: { params: byId, body: contract.changePlanBody, response: view } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        changePlan(work, request.params.id, request.body),
      ),
  );
  app.post(
    "/api/teaching/sessions/:id/actions",
    { schema: { params: byId, body: contract.planActionBody, response: view } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        actOnPlan(work, request.params.id, request.body),
      ),
  );
  app.post(
    "/api/teaching/sessions/:id/room",
    { schema: { params: byId, response: { 200: contract.roomAnswer } } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        enterTeachingRoom(media, work, request.params.id),
      ),
  );

  app.get(
    "/api/teaching/choices",
    { schema: { response: { 200: contract.choices } } },
    async (request) => read(services, request, requireStaff(request), planChoices),
  );
  app.get(
    "/api/teaching/people",
    { schema: { querystring: contract.peopleQuery, response: { 200: contract.peopleFound } } },
    async (request) =>
      read(services, request, requireStaff(request), (work) =>
        findSpeakersByName(work, request.query.q),
      ),
  );
  const series = { 200: contract.seriesView };
  app.get(
    "/api/teaching/series",
    { schema: { response: { 200: contract.seriesList } } },
    async (request) => read(services, request, requireStaff(request), listSeries),
  );
  app.post(
    "/api/teaching/series",
    { schema: { body: contract.seriesBody, response: series } },
    async (request) =>
      write(services, request, requireStaff(request), (work) => addSeries(work, request.body)),
  );
  app.get(
    "/api/teaching/series/:id/attendance",
    { schema: { params: byId, response: { 200: contract.seriesAttendance } } },
    async (request) =>
      read(services, request, requireStaff(request), (work) =>
        readSeriesAttendance(work, request.params.id),
      ),
  );
  app.put(
    "/api/teaching/series/:id",
    { schema: { params: byId, body: contract.changeSeriesBody, response: series } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        changeSeries(work, request.params.id, request.body),
      ),
  );
}
