import { z } from "zod";
import {
  type App,
  read,
  requirePatient,
  requireStaff,
  type Services,
  write,
} from "../http/context.ts";
import { empty, uuid } from "../http/contract.ts";
import * as contract from "./contract.ts";
import {
  collect,
  countBatch,
  dispense,
  listDesk,
  listStock,
  moveDelivery,
  openByCode,
  takeBack,
} from "./dispense-service.ts";
import {
  cancelPrescription,
  correctPrescription,
  listEncounters,
  listOwn,
  readPrescription,
  saveDraft,
  searchMedicines,
  startPrescription,
} from "./draft-service.ts";
import { listMine } from "./my-service.ts";
import { approvePrescription, listQueue, returnPrescription, talkAbout } from "./review-service.ts";
import { prepareDocument, signPrescription } from "./sign-service.ts";

const byId = z.object({ id: uuid });
const list = { 200: contract.prescriptionList };
const view = { 200: contract.prescriptionView };
/** Codes are eight digits: nobody tries them all. */
const codeLimit = { rateLimit: { max: 30, timeWindow: "1 minute" } };

/** Prescriptions: the doctor's drafts, the pharmacist's review, the pharmacy's desk, the patient's own. */
export async function prescriptionRoutes(app: App, services: Services): Promise<void> {
  app.get(
    "/api/prescriptions/encounters",
    { schema: { response: { 200: contract.encounterList } } },
    async (request) => read(services, request, requireStaff(request), listEncounters),
  );
  app.get("/api/prescriptions", { schema: { response: list } }, async (request) =>
    read(services, request, requireStaff(request), listOwn),
  );
  app.get("/api/prescriptions/queue", { schema: { response: list } }, async (request) =>
    read(services, request, requireStaff(request), listQueue),
  );
  app.get("/api/prescriptions/desk", { schema: { response: list } }, async (request) =>
    read(services, request, requireStaff(request), listDesk),
  );
  app.get(
    "/api/prescriptions/medicines",
    { schema: { querystring: contract.searchQuery, response: { 200: contract.medicineList } } },
    async (request) =>
      read(services, request, requireStaff(request), (work) =>
        searchMedicines(work, request.query),
      ),
  );
  app.post(
    "/api/prescriptions",
    { schema: { body: contract.startBody, response: view } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        startPrescription(services, work, request.body),
      ),
  );
  app.post(
    "/api/prescriptions/open",
    { config: codeLimit, schema: { body: contract.codeBody, response: view } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        openByCode(services, work, request.body),
      ),
  );
  app.get("/api/prescriptions/:id", { schema: { params: byId, response: view } }, async (request) =>
    read(services, request, requireStaff(request), (work) =>
      readPrescription(services, work, request.params.id),
    ),
  );
  app.put(
    "/api/prescriptions/:id",
    { schema: { params: byId, body: contract.draftBody, response: view } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        saveDraft(services, work, request.params.id, request.body),
      ),
  );
  app.post(
    "/api/prescriptions/:id/document",
    {
      schema: {
        params: byId,
        body: contract.versionBody,
        response: { 200: contract.documentAnswer },
      },
    },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        prepareDocument(services, work, request.params.id, request.body),
      ),
  );
  app.post(
    "/api/prescriptions/:id/sign",
    { schema: { params: byId, body: contract.signBody, response: view } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        signPrescription(services, work, request.params.id, request.body),
      ),
  );
  app.post(
    "/api/prescriptions/:id/approve",
    { schema: { params: byId, body: contract.versionBody, response: view } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        approvePrescription(services, work, request.params.id, request.body),
      ),
  );
  app.post(
    "/api/prescriptions/:id/return",
    { schema: { params: byId, body: contract.returnBody, response: view } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        returnPrescription(services, work, request.params.id, request.body),
      ),
  );
  app.post(
    "/api/prescriptions/:id/correct",
    { schema: { params: byId, body: contract.versionBody, response: view } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        correctPrescription(services, work, request.params.id, request.body),
      ),
  );
  app.post(
    "/api/prescriptions/:id/cancel",
    { schema: { params: byId, body: contract.cancelBody, response: view } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        cancelPrescription(services, work, request.params.id, request.body),
      ),
  );
  app.post(
    "/api/prescriptions/:id/talk",
    { schema: { params: byId, body: contract.talkBody, response: view } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        talkAbout(services, work, request.params.id, request.body),
      ),
  );
  app.post(
    "/api/prescriptions/:id/dispense",
    { schema: { params: byId, body: contract.dispenseBody, response: view } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        dispense(services, work, request.params.id, request.body),
      ),
  );
  app.post(
    "/api/prescriptions/:id/collect",
    { config: codeLimit, schema: { params: byId, body: contract.collectBody, response: view } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        collect(services, work, request.params.id, request.body),
      ),
  );
  app.post(
    "/api/prescriptions/:id/delivery",
    { schema: { params: byId, body: contract.deliveryBody, response: view } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        moveDelivery(services, work, request.params.id, request.body),
      ),
  );
  app.post(
    "/api/prescriptions/:id/take-back",
    { schema: { params: byId, body: contract.takeBackBody, response: view } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        takeBack(services, work, request.params.id, request.body),
      ),
  );
  app.get(
    "/api/pharmacy/stock",
    { schema: { response: { 200: contract.stockView } } },
    async (request) => read(services, request, requireStaff(request), listStock),
  );
  app.post(
    "/api/pharmacy/stock",
    { schema: { body: contract.batchBody, response: { 200: empty } } },
    async (request) =>
      write(services, request, requireStaff(request), async (work) => {
        await countBatch(work, request.body);
        return { ok: true as const };
      }),
  );
  app.get(
    "/api/my/prescriptions/:id",
    { schema: { params: byId, response: { 200: contract.myPrescriptions } } },
    async (request) =>
      read(services, request, requirePatient(request), (work) =>
        listMine(services, work, request.params.id),
      ),
  );
}
