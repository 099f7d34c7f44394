import type { Bundle, OperationOutcome, Resource } from "@medplum/fhirtypes";
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { toFhirLabReport } from "../../fhir-mappings/lab-report.ts";
import type { DomainError } from "../errors/domain-error.ts";
import { errorRegistry } from "../errors/registry.ts";
import { bodyLimit } from "../fhir/service.ts";
import { type App, read, requireStaff, type Services, write } from "../http/context.ts";
import { refusalOf } from "../http/problem-plugin.ts";
import { asResource, type BundleEntry, diagnosticReport, reportBundle } from "./fhir-contract.ts";
import { findReport, readReport, type TakenReport, takeReport } from "./report-service.ts";

const mediaType = "application/fhir+json; charset=utf-8";
type Outcome = (refusal: DomainError, request: FastifyRequest) => OperationOutcome;

/**
 * Reports of a laboratory system: one DiagnosticReport, or a Bundle of them with their specimens and
 * observations. A transaction is taken whole or not at all; in a batch each report has an answer of its own.
 */
export async function labFhirRoutes(
  app: App,
  options: { services: Services; outcome: Outcome },
): Promise<void> {
  const { services, outcome } = options;
  const located = ({ facts, created }: TakenReport) => ({
    status: created ? "201 Created" : "200 OK",
    ...(facts.id ? { location: `DiagnosticReport/${facts.id}` } : {}),
  });
  app.post(
    "/DiagnosticReport",
    { bodyLimit, schema: { hide: true, body: diagnosticReport } },
    async (request, reply) => {
      const facts = readReport(asResource(request.body));
      const taken = await write(services, request, requireStaff(request), async (work) => {
        const { facts: made, created } = await takeReport(work, facts);
        return { resource: toFhirLabReport(made), id: made.id, created };
      });
      if (taken.id) void reply.header("location", `/fhir/DiagnosticReport/${taken.id}`);
      return reply
        .status(taken.created ? 201 : 200)
        .type(mediaType)
        .serializer(JSON.stringify)
        .send(taken.resource);
    },
  );
  app.get(
    "/DiagnosticReport/:id",
    { schema: { hide: true, params: z.object({ id: z.uuid() }) } },
    async (request, reply) => {
      const facts = await read(services, request, requireStaff(request), (work) =>
        findReport(work, request.params.id),
      );
      return reply.type(mediaType).serializer(JSON.stringify).send(toFhirLabReport(facts));
    },
  );
  app.post(
    "/",
    { bodyLimit, schema: { hide: true, body: reportBundle } },
    async (request, reply) => {
      const actor = requireStaff(request);
      const { type, entry } = request.body;
      const beside = new Map(
        entry.flatMap((one) => (one.fullUrl ? [[one.fullUrl, asResource(one.resource)]] : [])) as [
          string,
          Resource,
        ][],
      );
      const take = (resource: unknown) => {
        const facts = readReport(asResource(resource), beside);
        return (work: Parameters<typeof takeReport>[0]) => takeReport(work, facts);
      };
      const reports = entry.filter((one) => one.resource.resourceType === "DiagnosticReport");
      const answers: BundleEntry[] = [];
      if (type === "batch")
        for (const one of reports) {
          try {
            const taken = await services.db.withActor(actor, (tx) =>
              take(one.resource)({
                tx,
                actor,
                origin: request.traceOrigin,
                now: services.clock(),
              }),
            );
            answers.push({ response: located(taken) });
          } catch (error) {
            const refusal = refusalOf(error);
            const { status } = errorRegistry[refusal.code];
            if (status >= 500) throw error;
            answers.push({
              response: { status: String(status), outcome: outcome(refusal, request) },
            });
          }
        }
      else {
        const steps = reports.map((one) => take(one.resource));
        const taken = await write(services, request, actor, async (work) => {
          const done: TakenReport[] = [];
          for (const step of steps) done.push(await step(work));
          return done.map(located);
        });
        answers.push(...taken.map((response) => ({ response })));
      }
      const answer: Bundle = {
        resourceType: "Bundle",
        type: type === "batch" ? "batch-response" : "transaction-response",
        entry: answers,
      };
      return reply.type(mediaType).serializer(JSON.stringify).send(answer);
    },
  );
}
