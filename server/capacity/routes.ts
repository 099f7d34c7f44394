import { z } from "zod";
import {
  type App,
  assertPermission,
  read,
  requireStaff,
  type Services,
  write,
} from "../http/context.ts";
import { empty, uuid } from "../http/contract.ts";
import { addAbsence, cancelAbsence, coverAbsence, listAbsences } from "./absence-service.ts";
import { readAlliance } from "./alliance-service.ts";
import { listAway } from "./away-service.ts";
import {
  actOnBed,
  addUnit,
  admitDirectly,
  changeUnit,
  confirmCounts,
  expectDischarge,
  readBeds,
} from "./bed-service.ts";
import * as contract from "./contract.ts";
import { admitHold, discharge, extendHold, holdBed, releaseHold } from "./hold-service.ts";
import { addPolicy, listPolicies } from "./policy-service.ts";
import {
  listSwitches,
  orderSwitch,
  previewSwitch,
  resolveTransfer,
  signDisinfection,
  stepSwitch,
} from "./switch-service.ts";

const byId = z.object({ id: uuid });
const done = { 200: empty };
const ok = { ok: true } as const;
const made = { 200: contract.made };
const switches = { 200: contract.switchList };
const absences = { 200: contract.absenceList };

/** Beds of the own wards, capacity of the alliance, who is away, and the switch between peace and emergency. */
export async function capacityRoutes(app: App, services: Services): Promise<void> {
  app.get(
    "/api/capacity/alliance",
    { schema: { response: { 200: contract.allianceView } } },
    async (request) => read(services, request, requireStaff(request), readAlliance),
  );
  app.get(
    "/api/capacity/beds",
    { schema: { response: { 200: contract.bedsView } } },
    async (request) => read(services, request, requireStaff(request), readBeds),
  );
  app.post(
    "/api/capacity/units",
    { schema: { body: contract.newUnitBody, response: made } },
    async (request) =>
      write(services, request, requireStaff(request), (work) => addUnit(work, request.body)),
  );
  app.put(
    "/api/capacity/units/:id",
    { schema: { params: byId, body: contract.unitBody, response: done } },
    async (request) =>
      write(services, request, requireStaff(request), async (work) => {
        await changeUnit(work, request.params.id, request.body);
        return ok;
      }),
  );
  app.post(
    "/api/capacity/units/:id/confirmed",
    { schema: { params: byId, response: done } },
    async (request) =>
      write(services, request, requireStaff(request), async (work) => {
        await confirmCounts(work, request.params.id);
        return ok;
      }),
  );
  app.post(
    "/api/capacity/beds/:id/admissions",
    { schema: { params: byId, body: contract.admitBody, response: made } },
    async (request) =>
      write(services, request, requireStaff(request), async (work) => ({
        id: (await admitDirectly(work, request.params.id, request.body)).id,
      })),
  );
  app.post(
    "/api/capacity/beds/:id/actions",
    { schema: { params: byId, body: contract.bedActionBody, response: done } },
    async (request) =>
      write(services, request, requireStaff(request), async (work) => {
        await actOnBed(work, request.params.id, request.body);
        return ok;
      }),
  );
  app.post(
    "/api/capacity/stays/:id/discharge",
    { schema: { params: byId, body: contract.dischargeBody, response: done } },
    async (request) =>
      write(services, request, requireStaff(request), async (work) => {
        assertPermission(work.actor, "capacity.manage");
        const { at } = request.body;
        await discharge(work, { stayId: request.params.id, at: at ? new Date(at) : undefined });
        return ok;
      }),
  );
  app.put(
    "/api/capacity/stays/:id/expected",
    { schema: { params: byId, body: contract.expectedBody, response: done } },
    async (request) =>
      write(services, request, requireStaff(request), async (work) => {
        await expectDischarge(work, request.params.id, request.body);
        return ok;
      }),
  );

  app.post(
    "/api/capacity/holds",
    { schema: { body: contract.wardHoldBody, response: made } },
    async (request) =>
      write(services, request, requireStaff(request), async (work) => {
        assertPermission(work.actor, "capacity.manage");
        const { kind, hours, ...body } = request.body;
        const hold = await holdBed(work, {
          ...body,
          kind: kind ?? undefined,
          hours: hours ?? undefined,
          institutionId: work.actor.institutionId,
          purpose: "ward",
        });
        return { id: hold.id };
      }),
  );
  app.post(
    "/api/capacity/holds/:id/extend",
    { schema: { params: byId, body: contract.extendBody, response: done } },
    async (request) =>
      write(services, request, requireStaff(request), async (work) => {
        assertPermission(work.actor, "capacity.manage");
        const { until, reason } = request.body;
        await extendHold(work, { holdId: request.params.id, until: new Date(until), reason });
        return ok;
      }),
  );
  app.post(
    "/api/capacity/holds/:id/release",
    { schema: { params: byId, body: contract.releaseBody, response: done } },
    async (request) =>
      write(services, request, requireStaff(request), async (work) => {
        assertPermission(work.actor, "capacity.manage");
        await releaseHold(work, { holdId: request.params.id, reason: request.body.reason });
        return ok;
      }),
  );
  app.post(
    "/api/capacity/holds/:id/admission",
    { schema: { params: byId, body: contract.takeHoldBody, response: made } },
    async (request) =>
      write(services, request, requireStaff(request), async (work) => {
        assertPermission(work.actor, "capacity.manage");
        const { bedId, expectedDischargeOn } = request.body;
        const stay = await admitHold(work, {
          holdId: request.params.id,
          bedId: bedId ?? undefined,
          expectedDischargeOn: expectedDischargeOn ?? undefined,
        });
        return { id: stay.id };
      }),
  );

  app.get(
    "/api/capacity/away",
    { schema: { querystring: contract.awayQuery, response: { 200: contract.awayList } } },
    async (request) =>
      read(services, request, requireStaff(request), (work) =>
        listAway(work, request.query.departments.split(",")),
      ),
  );
  app.get("/api/capacity/absences", { schema: { response: absences } }, async (request) =>
    read(services, request, requireStaff(request), listAbsences),
  );
  app.post(
    "/api/capacity/absences",
    { schema: { body: contract.absenceBody, response: absences } },
    async (request) =>
      write(services, request, requireStaff(request), (work) => addAbsence(work, request.body)),
  );
  app.put(
    "/api/capacity/absences/:id/cover",
    { schema: { params: byId, body: contract.coverBody, response: absences } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        coverAbsence(work, request.params.id, request.body),
      ),
  );
  app.post(
    "/api/capacity/absences/:id/cancel",
    { schema: { params: byId, response: absences } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        cancelAbsence(work, request.params.id),
      ),
  );

  app.get(
    "/api/capacity/switches",
    { schema: { querystring: contract.switchQuery, response: switches } },
    async (request) =>
      read(services, request, requireStaff(request), (work) =>
        listSwitches(work, request.query.take),
      ),
  );
  app.get(
    "/api/capacity/units/:id/switch-preview",
    { schema: { params: byId, response: { 200: contract.switchPreview } } },
    async (request) =>
      read(services, request, requireStaff(request), (work) =>
        previewSwitch(work, request.params.id),
      ),
  );
  app.post(
    "/api/capacity/switches",
    { schema: { body: contract.switchOrderBody, response: switches } },
    async (request) =>
      write(services, request, requireStaff(request), (work) => orderSwitch(work, request.body)),
  );
  app.post(
    "/api/capacity/switches/:id/steps",
    { schema: { params: byId, body: contract.switchStepBody, response: switches } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        stepSwitch(work, request.params.id, request.body),
      ),
  );
  app.post(
    "/api/capacity/transfers/:id/resolve",
    { schema: { params: byId, body: contract.resolveBody, response: switches } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        resolveTransfer(work, request.params.id, request.body),
      ),
  );
  app.post(
    "/api/capacity/switches/:id/disinfections",
    { schema: { params: byId, body: contract.disinfectBody, response: switches } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        signDisinfection(work, request.params.id, request.body),
      ),
  );

  app.get(
    "/api/capacity/policies",
    { schema: { response: { 200: contract.policyList } } },
    async (request) => read(services, request, requireStaff(request), listPolicies),
  );
  app.post(
    "/api/capacity/policies",
    { schema: { body: contract.policyBody, response: { 200: contract.policyList } } },
    async (request) =>
      write(services, request, requireStaff(request), (work) => addPolicy(work, request.body)),
  );
}
