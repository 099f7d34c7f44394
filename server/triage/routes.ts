import { z } from "zod";
import { DomainError } from "../errors/domain-error.ts";
import {
  type App,
  read,
  requireActor,
  requirePatient,
  requireStaff,
  type Services,
  write,
} from "../http/context.ts";
import { uuid } from "../http/contract.ts";
import type { PatientActor, StaffActor } from "../identity/domain.ts";
import {
  answerCheck,
  assess,
  listMine,
  listOfPatient,
  overrule,
  readAssessment,
  readQuestionnaire,
} from "./assessment-service.ts";
import * as contract from "./contract.ts";
import {
  changeSet,
  countOverruled,
  draftSet,
  listSets,
  publishSet,
  readSet,
  testSet,
} from "./rule-set-service.ts";

const byId = z.object({ id: uuid });
const assessment = { 200: contract.assessmentView };
const ruleSet = { 200: contract.ruleSetView };

/** Patients for themselves and theirs, staff for whoever is at hand. @throws DomainError `permission.denied` */
function asker(request: Parameters<typeof requireActor>[0]): PatientActor | StaffActor {
  const actor = requireActor(request);
  if (actor.kind !== "patient" && actor.kind !== "staff")
    throw new DomainError("permission.denied");
  return actor;
}

/** Triage: the questions, assessments, overrules, and the rules behind them. */
export async function triageRoutes(app: App, services: Services): Promise<void> {
  app.get(
    "/api/triage/questionnaire",
    {
      schema: {
        querystring: contract.questionnaireQuery,
        response: { 200: contract.questionnaire },
      },
    },
    async (request) =>
      read(services, request, asker(request), (work) =>
        readQuestionnaire(work, request.query.patientId),
      ),
  );
  app.post(
    "/api/triage/assessments",
    { schema: { body: contract.assessmentBody, response: assessment } },
    async (request) =>
      write(services, request, asker(request), (work) => assess(work, request.body)),
  );
  app.get(
    "/api/triage/assessments",
    {
      schema: { querystring: contract.patientQuery, response: { 200: contract.assessmentList } },
    },
    async (request) =>
      read(services, request, requireStaff(request), (work) =>
        listOfPatient(work, request.query.patientId),
      ),
  );
  app.get(
    "/api/triage/assessments/:id",
    { schema: { params: byId, response: assessment } },
    async (request) =>
      read(services, request, asker(request), (work) => readAssessment(work, request.params.id)),
  );
  app.post(
    "/api/triage/assessments/:id/overrule",
    { schema: { params: byId, body: contract.overruleBody, response: assessment } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        overrule(work, request.params.id, request.body),
      ),
  );
  app.get(
    "/api/my/triage",
    { schema: { response: { 200: contract.assessmentList } } },
    async (request) => read(services, request, requirePatient(request), listMine),
  );
  app.post(
    "/api/my/triage/:id/check",
    { schema: { params: byId, body: contract.checkBody, response: assessment } },
    async (request) =>
      write(services, request, requirePatient(request), (work) =>
        answerCheck(work, request.params.id, request.body),
      ),
  );

  app.get(
    "/api/triage/rules",
    { schema: { response: { 200: contract.ruleSetList } } },
    async (request) => read(services, request, requireStaff(request), listSets),
  );
  app.post(
    "/api/triage/rules",
    { schema: { body: contract.ruleSetBody, response: ruleSet } },
    async (request) =>
      write(services, request, requireStaff(request), (work) => draftSet(work, request.body)),
  );
  app.post(
    "/api/triage/rules/test",
    { schema: { body: contract.testBody, response: { 200: contract.testAnswer } } },
    async (request) =>
      read(services, request, requireStaff(request), (work) => testSet(work, request.body)),
  );
  app.get(
    "/api/triage/rules/overruled",
    {
      schema: { querystring: contract.overruledQuery, response: { 200: contract.overruledList } },
    },
    async (request) =>
      read(services, request, requireStaff(request), (work) =>
        countOverruled(work, request.query.days),
      ),
  );
  app.get(
    "/api/triage/rules/:id",
    { schema: { params: byId, response: ruleSet } },
    async (request) =>
      read(services, request, requireStaff(request), (work) => readSet(work, request.params.id)),
  );
  app.put(
    "/api/triage/rules/:id",
    { schema: { params: byId, body: contract.ruleSetChange, response: ruleSet } },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        changeSet(work, request.params.id, request.body),
      ),
  );
  app.post(
    "/api/triage/rules/:id/publish",
    {
      schema: { params: byId, body: z.object({}).strict().nullish(), response: ruleSet },
    },
    async (request) =>
      write(services, request, requireStaff(request), (work) =>
        publishSet(work, request.params.id),
      ),
  );
}
