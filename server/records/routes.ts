import type { CapabilityStatement } from "@medplum/fhirtypes";
import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { capabilityStatement } from "../../fhir-mappings/capability.ts";
import { DomainError } from "../errors/domain-error.ts";
import { errorRegistry } from "../errors/registry.ts";
import { feverFhirRoutes } from "../fever/service.ts";
import {
  fromStore,
  isFileRead,
  outcomeOf,
  type RecordFiles,
  sharedParameters,
  storeFirst,
  storeInstantiates,
  storeOperations,
  storePatchFormats,
  storeResources,
  storeRoutes,
  takeFhirBodies,
} from "../fhir/service.ts";
import { type App, read, requireStaff, type Services } from "../http/context.ts";
import { languageOf, refusalOf } from "../http/problem-plugin.ts";
import { labFhirRoutes } from "../lab/service.ts";
import { restSecurity } from "../smart/service.ts";
import { type ReadResource, readResource, type ServedType, servedTypes } from "./service.ts";

/** What a house's system says of a referral is taken before the store is asked. */
type ReferralHook = (
  request: FastifyRequest,
  reply: FastifyReply,
) => Promise<FastifyReply | undefined>;
const mediaType = "application/fhir+json; charset=utf-8";
/** When the set of served interactions last changed. */
const servedSince = new Date("2026-11-22T00:00:00Z");
const accepted = /(^|[\s,])(application\/(fhir\+)?json|\*\/\*|application\/\*|text\/html)/;

/** FHIR R4, JSON: what is stated in `/fhir/metadata` and nothing else. Errors are OperationOutcomes. */
export async function fhirRoutes(
  app: App,
  services: Services,
  { files, referrals }: { files: RecordFiles; referrals: ReferralHook },
): Promise<void> {
  app.setErrorHandler((error, request, reply) => {
    const refusal = refusalOf(error);
    const { status } = errorRegistry[refusal.code];
    if (status >= 500 && status !== 503) request.log.error({ err: error }, "request failed");
    return reply
      .status(status)
      .type(mediaType)
      .serializer(JSON.stringify)
      .send(outcomeOf(refusal, languageOf(request), request.id));
  });
  app.setNotFoundHandler(() => {
    throw new DomainError("request.not-found");
  });
  app.addHook("onRequest", async (request) => {
    const { accept } = request.headers;
    if (accept && !accepted.test(accept) && !isFileRead(request))
      throw new DomainError("fhir.not-acceptable");
  });

  app.get("/metadata", { schema: { hide: true } }, async (_request, reply) =>
    reply
      .type(mediaType)
      .serializer(JSON.stringify)
      .send(
        withStore(
          capabilityStatement({
            url: `${services.publicUrl}/fhir`,
            date: servedSince,
            version: "0.1.0",
            types: [...servedTypes, "Questionnaire", "QuestionnaireResponse"],
            taken: ["DiagnosticReport"],
          }),
          services.publicUrl,
        ),
      ),
  );

  // A laboratory's system and the fever desk have addresses of their own here; what they do not take or
  // have is the record store's.
  takeFhirBodies(app);
  app.addHook("preValidation", referrals);
  app.addHook("preValidation", storeFirst(services));
  await feverFhirRoutes(app, services);
  await labFhirRoutes(app, {
    services,
    outcome: (refusal, request) => outcomeOf(refusal, languageOf(request), request.id),
  });

  await app.register((scope) =>
    storeRoutes(scope as App, {
      services,
      of: "caller",
      files,
      mapped: async (request, reply, type, id) => {
        const known = servedTypes.find((one) => one === type);
        if (!known || !isMappedId(known, id) || request.headers.authorization) return false;
        const actor = requireStaff(request);
        if (actor.permissions.has("record.read")) {
          const projectedToo = !openedById.includes(known);
          if (await fromStore(services, request, reply, known, id, projectedToo)) return true;
        }
        const found = await read(services, request, actor, (work) =>
          readResource(services, work, known, id),
        ).catch((error: unknown) => {
          // What the alliance's tables do not have, the institution's own records may.
          if (error instanceof DomainError && error.code === "request.not-found") return null;
          throw error;
        });
        if (found) {
          void sendMapped(reply, found);
          return true;
        }
        if (actor.permissions.has("record.read")) return false;
        throw new DomainError("request.not-found");
      },
    }),
  );
}

/**
 * What the projection leaves less than whole in a store, and is read by id from our tables: patients without their sealed numbers, and at the invited house requests
 * without the file. Everything else is read where it is searched.
 */
const openedById: readonly ServedType[] = ["Patient", "ServiceRequest"];

const projectedWords =
  "What the alliance's own services do for the institution is in its store a moment later, with meta.source urn:yilian:alliance: Organization, OrganizationAffiliation, Location, HealthcareService, Practitioner, PractitionerRole, Patient, Schedule, Slot (four weeks ahead), Appointment, AppointmentResponse, ServiceRequest, Task, Encounter, Communication, DocumentReference and Binary (a projected Binary is kept without its data, which a read by id adds), Consent, Composition, Provenance, Condition (provisional ones of requests, those of opinions, of referrals and of fever visits), of referrals EpisodeOfCare, CarePlan, Flag and MedicationRequest, Observation (vital signs of requests), of released tests DiagnosticReport, Observation and Specimen, of fever visits QuestionnaireResponse, and the Questionnaires that are asked. It is read and searched like everything else and changed only by those services: a write through FHIR is refused with 409 and says where.";

const taskWords =
  "PATCH (JSON Patch, If-Match) of a referral's Task by a system of the house that is asked, or of the one that referred, is a step of the referral: status, businessStatus and statusReason, and output that is added. A transaction with Task (requested), ServiceRequest and Patient refers somebody to a house here. See docs/fhir.md.";

/** What the record store does with every type, beside what is mapped from the alliance's tables. */
function withStore(statement: CapabilityStatement, publicUrl: string): CapabilityStatement {
  const [rest] = statement.rest ?? [];
  return {
    ...statement,
    instantiates: storeInstantiates,
    patchFormat: storePatchFormats,
    rest: [
      {
        ...rest!,
        documentation: projectedWords,
        security: restSecurity(publicUrl),
        resource: storeResources().map((one) =>
          one.type === "Task" ? { ...one, documentation: taskWords } : one,
        ),
        interaction: [
          { code: "transaction" },
          { code: "batch" },
          { code: "search-system" },
          { code: "history-system" },
        ],
        searchParam: sharedParameters(),
        operation: [...(rest?.operation ?? []), ...storeOperations],
      },
    ],
  };
}

const isMappedId = (type: ServedType, id: string) =>
  type === "PractitionerRole" ? /^[A-Za-z0-9\-.]{1,80}$/.test(id) : z.uuid().safeParse(id).success;

function sendMapped(reply: FastifyReply, found: ReadResource): FastifyReply {
  const meta = found.version
    ? { versionId: String(found.version), lastUpdated: found.updatedAt!.toISOString() }
    : undefined;
  if (meta)
    void reply
      .header("etag", `W/"${meta.versionId}"`)
      .header("last-modified", found.updatedAt!.toUTCString());
  const resource = meta
    ? { ...found.resource, meta: { ...found.resource.meta, ...meta } }
    : found.resource;
  return reply.type(mediaType).serializer(JSON.stringify).send(resource);
}
