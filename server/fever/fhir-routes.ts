import { z } from "zod";
import { toFhirQuestionnaireResponse } from "../../fhir-mappings/questionnaire.ts";
import { trace } from "../audit/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { pairsOf } from "../fhir/service.ts";
import { type App, read, requireActor, type Services } from "../http/context.ts";
import { systemActor } from "../identity/service.ts";
import type { FeverRegion, QuestionId } from "./domain.ts";
import { publishedQuestionnaires } from "./published.ts";
import { searchQuestionnaires } from "./questionnaire-search.ts";
import * as repository from "./repository.ts";

const mediaType = "application/fhir+json; charset=utf-8";
const byId = z.object({ id: z.uuid() });

/**
 * The questionnaire is no secret: anybody reads it, and every version that was ever asked. Answers are read
 * by the patient and by the fever staff who see him. Errors are the FHIR API's own.
 */
export async function feverFhirRoutes(app: App, services: Services): Promise<void> {
  const published = () =>
    services.db.withActor(systemActor("fhir"), (tx) =>
      publishedQuestionnaires(tx, services.clock()),
    );
  // Who carries a token or reads records has searched the record store by now: server/fhir/rest/store-first.ts.
  app.get("/Questionnaire", { schema: { hide: true } }, async (request, reply) => {
    const pairs = pairsOf(request.url);
    const { found, onlyCount } = searchQuestionnaires(await published(), pairs);
    const query = new URLSearchParams(pairs.map(([name, value]) => [name, value])).toString();
    const address = `${services.publicUrl}/fhir/Questionnaire`;
    return reply
      .type(mediaType)
      .serializer(JSON.stringify)
      .send({
        resourceType: "Bundle",
        type: "searchset",
        total: found.length,
        link: [{ relation: "self", url: query ? `${address}?${query}` : address }],
        // R4 forbids an empty list.
        ...(onlyCount || found.length === 0
          ? {}
          : {
              entry: found.map((resource) => ({
                fullUrl: `${address}/${resource.id}`,
                resource,
                search: { mode: "match" },
              })),
            }),
      });
  });
  app.get(
    "/Questionnaire/:id",
    { schema: { hide: true, params: byId } },
    async (request, reply) => {
      const found = (await published()).find((one) => one.id === request.params.id);
      if (!found) throw new DomainError("request.not-found");
      return reply.type(mediaType).serializer(JSON.stringify).send(found);
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
