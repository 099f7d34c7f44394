import { z } from "zod";
import {
  type App,
  read,
  requirePatient,
  requireStaff,
  type Services,
  write,
} from "../http/context.ts";
import { uuid } from "../http/contract.ts";
import { readSurgeBoard } from "./board-service.ts";
import * as contract from "./contract.ts";
import { joinSurge, listOpenSurges, readMyPlaces } from "./my-service.ts";
import {
  closeSurge,
  listSurges,
  openSurge,
  planSizing,
  prepareSurge,
  staffSurge,
  takeTable,
} from "./surge-service.ts";
import { chooseTable, leaveTable, listTables } from "./table-service.ts";

const byId = z.object({ id: uuid });
const view = { 200: contract.surgeView };

/** One-night mass testing: the form, the board, tables for samplers, places for everybody who waits. */
export async function surgeRoutes(app: App, services: Services): Promise<void> {
  app.get("/api/surges", { schema: { response: { 200: contract.surgeList } } }, async (request) =>
    read(services, request, requireStaff(request), listSurges),
  );
  app.get(
    "/api/surges/sizing",
    { schema: { querystring: contract.sizingQuery, response: { 200: contract.sizingAnswer } } },
    async (request) => planSizing(requireStaff(request), request.query),
  );
  app.post(
    "/api/surges",
    { schema: { body: contract.surgeBody, response: view } },
    async (request) =>
      write(services, request, requireStaff(request), (work) => prepareSurge(work, request.body)),
  );
  app.get(
    "/api/surges/:id/board",
    { schema: { params: byId, response: { 200: contract.surgeBoard } } },
    async (request) =>
      read(services, request, requireStaff(request), (work) =>
        readSurgeBoard(work, request.params.id),
      ),
  );
  app.post("/api/surges/:id/open", { schema: { params: byId, response: view } }, async (request) =>
    write(services, request, requireStaff(request), (work) => openSurge(work, request.params.id)),
  );
  app.post("/api/surges/:id/close", { schema: { params: byId, response: view } }, async (request) =>
    write(services, request, requireStaff(request), (work) => closeSurge(work, request.params.id)),
  );
  app.post(
    "/api/surges/:id/staff",
    {
      schema: {
        params: byId,
        body: contract.staffBody,
        response: { 200: contract.staffAnswer },
      },
    },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        staffSurge(work, request.params.id, request.body),
      ),
  );
  app.post(
    "/api/surges/:id/table",
    { schema: { params: byId, response: { 200: contract.myTable } } },
    async (request) =>
      write(services, request, requireStaff(request), (work) => takeTable(work, request.params.id)),
  );
  const tables = { 200: contract.tableList };
  app.get("/api/surges/tables", { schema: { response: tables } }, async (request) =>
    read(services, request, requireStaff(request), listTables),
  );
  app.post(
    "/api/surges/tables/:id",
    { schema: { params: byId, response: tables } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        chooseTable(work, request.params.id),
      ),
  );
  app.post(
    "/api/surges/leave-table",
    { schema: { body: contract.leaveBody, response: tables } },
    async (request) =>
      write(services, request, requireStaff(request), (work) => leaveTable(work, request.body)),
  );
  app.get(
    "/api/my/surges",
    { schema: { response: { 200: contract.openSurges } } },
    async (request) => read(services, request, requirePatient(request), listOpenSurges),
  );
  app.get(
    "/api/my/surge",
    { schema: { response: { 200: contract.mySurgePlaces } } },
    async (request) => read(services, request, requirePatient(request), readMyPlaces),
  );
  app.post(
    "/api/my/surge",
    { schema: { body: contract.joinBody, response: { 200: contract.joinAnswer } } },
    async (request) =>
      write(services, request, requirePatient(request), (work) => joinSurge(work, request.body)),
  );
}
