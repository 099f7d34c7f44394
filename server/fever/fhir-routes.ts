import { z } from "zod";
import {
  toFhirQuestionnaire,
  toFhirQuestionnaireResponse,
} from "../../fhir-mappings/questionnaire.ts";
import { questionnaireUrl } from "../../fhir-mappings/systems.ts";
import { trace } from "../audit/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { type App, read, requireActor, type Services } from "../http/context.ts";
import { systemActor } from "../identity/service.ts";
import { type FeverRegion, feverRegions, type QuestionId } from "./domain.ts";
import { questionnaireOf } from "./policy-service.ts";
import type { PolicyRow } from "./repository.ts";
import * as repository from "./repository.ts";

const mediaType = "application/fhir+json; charset=utf-8";
const byId = z.object({ id: z.uuid() });

/**
 * The questionnaire is no secret: anybody reads it, and every version that was ever asked. Answers are read
 * by the patient and by the fever staff who see him. Errors are the FHIR API's own.
 */
export async function feverFhirRoutes(app: App, services: Services): Promise<void> {
  const allVersions = () =>
    services.db.withActor(systemActor("fhir"), (tx) => repository.findPolicies(tx));
  app.get(
    "/Questionnaire",
    {
      schema: {
        hide: true,
        querystring: z.object({
          url: z.string().max(300).optional(),
          version: z.string().max(10).optional(),
          status: z.enum(["draft", "active", "retired"]).optional(),
          jurisdiction: z.enum(feverRegions).optional(),
        }),
      },
    },
    async (request, reply) => {
      const { url, version, status, jurisdiction } = request.query;
      const rows = await allVersions();
      const found = rows
        .filter((row) => row.state === "published")
        .map((row) => factsOf(row, rows, services.clock()))
        .filter(
          (one) =>
            (!url || questionnaireUrl(one.region) === url) &&
            (!version || String(one.version) === version) &&
            (!status || one.status === status) &&
            (!jurisdiction || one.region === jurisdiction),
        );
      return reply
        .type(mediaType)
        .serializer(JSON.stringify)
        .send({
          resourceType: "Bundle",
          type: "searchset",
          total: found.length,
          entry: found.map((one) => ({
            fullUrl: `${services.publicUrl}/fhir/Questionnaire/${one.id}`,
            resource: toFhirQuestionnaire(one),
          })),
        });
    },
  );
  app.get(
    "/Questionnaire/:id",
    { schema: { hide: true, params: byId } },
    async (request, reply) => {
      const rows = await allVersions();
      const row = rows.find((one) => one.id === request.params.id && one.state === "published");
      if (!row) throw new DomainError("request.not-found");
      return reply
        .type(mediaType)
        .serializer(JSON.stringify)
        .send(toFhirQuestionnaire(factsOf(row, rows, services.clock())));
    },
  );
  app.get(
    "/QuestionnaireResponse/:id",
    { schema: { hide: true, params: byId } },
    async (request, reply) => {
      const resource = await read(services, request, requireActor(request), async (work) => {
        const row = await repository.findScreening(work.tx, request.params.id);
        const policy = row ? await repository.findPolicy(work.tx, row.policyId) : null;
        if (!row || !policy) throw new DomainError("request.not-found");
        const answers = await repository.findAnswers(work.tx, row.id);
        await trace(work.tx, work.actor, work.origin, {
          action: "fhir.read",
          entityType: "QuestionnaireResponse",
          entityId: row.id,
          patientId: row.patientId,
          purpose: "treatment",
        });
        const order = policy.content.questions.map((one) => one.id);
        return toFhirQuestionnaireResponse({
          id: row.id,
          region: policy.region as FeverRegion,
          version: policy.version,
          patientId: row.patientId,
          answeredAt: row.answeredAt,
          askedBy: row.askedBy,
          answers: order.flatMap((question) => {
            const answer = answers.find((one) => one.question === question);
            return answer ? [{ question: question as QuestionId, value: answer.value }] : [];
          }),
        });
      });
      return reply.type(mediaType).serializer(JSON.stringify).send(resource);
    },
  );
}

/** Active is the version that counts today; earlier ones are retired, later ones are active from their day on. */
function factsOf(row: PolicyRow, rows: readonly PolicyRow[], now: Date) {
  const day = now.toISOString().slice(0, 10);
  const replaced = rows.some(
    (one) =>
      one.region === row.region &&
      one.state === "published" &&
      one.validFrom <= day &&
      (one.validFrom > row.validFrom ||
        (one.validFrom === row.validFrom && one.version > row.version)),
  );
  return {
    id: row.id,
    region: row.region as FeverRegion,
    version: row.version,
    status: replaced ? ("retired" as const) : ("active" as const),
    validFrom: row.validFrom,
    questions: questionnaireOf(row, null).questions,
  };
}
