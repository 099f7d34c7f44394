import type { Resource } from "@medplum/fhirtypes";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromFhirAppointment, toFhirAppointment } from "../../fhir-mappings/appointment.ts";
import {
  fromFhirAppointmentResponse,
  toFhirAppointmentResponse,
} from "../../fhir-mappings/appointment-response.ts";
import {
  fromFhirBookedAppointment,
  toFhirBookedAppointment,
} from "../../fhir-mappings/booked-appointment.ts";
import { capabilityStatement } from "../../fhir-mappings/capability.ts";
import { fromFhirCommunication, toFhirCommunication } from "../../fhir-mappings/communication.ts";
import {
  compositionFacts,
  fromFhirComposition,
  toFhirComposition,
} from "../../fhir-mappings/composition.ts";
import { fromFhirConsent, toFhirConsent } from "../../fhir-mappings/consent.ts";
import {
  appointmentStatus,
  codedState,
  encounterStatus,
  serviceRequestStatus,
  taskStatus,
} from "../../fhir-mappings/consult-codes.ts";
import {
  fromFhirDocumentReference,
  toFhirDocumentReference,
} from "../../fhir-mappings/document-reference.ts";
import { mappedTypes } from "../../fhir-mappings/elements.ts";
import { fromFhirEncounter, toFhirEncounter } from "../../fhir-mappings/encounter.ts";
import {
  fromFhirHealthcareService,
  toFhirHealthcareService,
} from "../../fhir-mappings/healthcare-service.ts";
import { fromFhirLocation, toFhirLocation } from "../../fhir-mappings/location.ts";
import { FhirMappingError } from "../../fhir-mappings/mapping-error.ts";
import { narrativeOf, textOfNarrative } from "../../fhir-mappings/narrative.ts";
import { fromFhirOrganization, toFhirOrganization } from "../../fhir-mappings/organization.ts";
import {
  fromFhirOrganizationAffiliation,
  toFhirOrganizationAffiliation,
} from "../../fhir-mappings/organization-affiliation.ts";
import { fromFhirPatient, toFhirPatient } from "../../fhir-mappings/patient.ts";
import { fromFhirPersonResult, toFhirPersonResult } from "../../fhir-mappings/person-result.ts";
import { fromFhirPractitioner, toFhirPractitioner } from "../../fhir-mappings/practitioner.ts";
import {
  fromFhirPractitionerRole,
  partsOfPractitionerRoleId,
  practitionerRoleId,
  toFhirPractitionerRole,
} from "../../fhir-mappings/practitioner-role.ts";
import { fromFhirProvenance, toFhirProvenance } from "../../fhir-mappings/provenance.ts";
import { fromFhirSchedule, toFhirSchedule } from "../../fhir-mappings/schedule.ts";
import {
  fromFhirServiceRequest,
  toFhirServiceRequest,
} from "../../fhir-mappings/service-request.ts";
import { fromFhirSlot, localTime, toFhirSlot } from "../../fhir-mappings/slot.ts";
import { fromFhirTask, toFhirTask } from "../../fhir-mappings/task.ts";
import {
  fromFhirVideoVisit,
  toFhirVideoVisit,
  type VideoVisitFacts,
  videoVisitStatuses,
} from "../../fhir-mappings/video-visit.ts";
import { fromFhirVisit, toFhirVisit } from "../../fhir-mappings/visit.ts";
import { appointmentStates } from "../../server/booking/domain.ts";
import { consultStates } from "../../server/consult/domain.ts";
import { opinionFixture } from "../domain/opinion-fixture.ts";
import * as any from "./arbitraries.ts";
import { problemsOf } from "./definitions.ts";

/** As a server would answer: only what survives JSON counts. */
const wire = <Type extends Resource>(resource: Type): Type =>
  JSON.parse(JSON.stringify(resource)) as Type;

/** Every row gives a valid resource, and comes back as it was. */
function roundTrip<Facts, Type extends Resource, Read>(
  name: string,
  facts: fc.Arbitrary<Facts>,
  to: (facts: Facts) => Type | undefined,
  from: (resource: Resource) => Read,
  expected: (facts: Facts) => unknown = (same) => same,
) {
  it(`${name}: any row is valid R4 and comes back as it was`, () => {
    fc.assert(
      fc.property(facts, (one) => {
        const resource = to(one);
        if (resource === undefined) throw new Error("nothing mapped");
        expect(problemsOf(wire(resource))).toEqual([]);
        expect(from(wire(resource))).toEqual(expected(one));
      }),
      { numRuns: 60 },
    );
  });
}

const without = <Shape extends object, Key extends keyof Shape>(shape: Shape, ...keys: Key[]) =>
  Object.fromEntries(Object.entries(shape).filter(([key]) => !keys.includes(key as Key)));

describe("round trips", () => {
  roundTrip("Patient", any.patients, toFhirPatient, fromFhirPatient);
  roundTrip("Practitioner", any.practitioners, toFhirPractitioner, fromFhirPractitioner);
  roundTrip(
    "PractitionerRole",
    any.practitionerRoles,
    toFhirPractitionerRole,
    fromFhirPractitionerRole,
  );
  roundTrip("Organization", any.organizations, toFhirOrganization, fromFhirOrganization);
  roundTrip("Location", any.locations, toFhirLocation, fromFhirLocation);
  roundTrip("Schedule", any.schedules, toFhirSchedule, fromFhirSchedule);
  roundTrip("Slot", any.slots, toFhirSlot, fromFhirSlot);
  roundTrip("Task", any.tasks, toFhirTask, (resource) => fromFhirTask(resource, consultStates));
  roundTrip("Consent", any.consents, toFhirConsent, fromFhirConsent);
  roundTrip("Composition", any.compositions, toFhirComposition, fromFhirComposition);
  roundTrip("Provenance", any.provenances, toFhirProvenance, fromFhirProvenance);
  roundTrip(
    "ServiceRequest",
    any.serviceRequests,
    toFhirServiceRequest,
    fromFhirServiceRequest,
    (facts) => ({
      ...without(facts, "state", "signedAt", "startedAt"),
      status: serviceRequestStatus[codedState(facts)],
    }),
  );
  roundTrip("Appointment", any.appointments, toFhirAppointment, fromFhirAppointment, (facts) => ({
    ...without(facts, "state", "signedAt", "startedAt", "scheduledStart", "scheduledEnd"),
    start: facts.scheduledStart,
    end: facts.scheduledEnd,
    status: appointmentStatus[codedState(facts)],
  }));
  roundTrip("Encounter", any.encounters, toFhirEncounter, fromFhirEncounter, (facts) => ({
    ...without(facts, "state", "signedAt", "scheduledStart"),
    scheduled: facts.scheduledStart !== null,
    status: encounterStatus[codedState(facts)],
  }));
  roundTrip(
    "Appointment of a clinic",
    any.bookedAppointments,
    toFhirBookedAppointment,
    (resource) => fromFhirBookedAppointment(resource, appointmentStates),
  );
  roundTrip(
    "AppointmentResponse",
    any.appointmentResponses,
    toFhirAppointmentResponse,
    fromFhirAppointmentResponse,
  );
  roundTrip("Communication", any.communications, toFhirCommunication, fromFhirCommunication);
  roundTrip(
    "OrganizationAffiliation",
    any.organizationAffiliations,
    toFhirOrganizationAffiliation,
    fromFhirOrganizationAffiliation,
  );
  roundTrip(
    "DocumentReference",
    any.documentReferences,
    toFhirDocumentReference,
    fromFhirDocumentReference,
  );
  roundTrip("Encounter of a visit", any.visits, toFhirVisit, fromFhirVisit);
  it("a person's result: its three resources are valid R4 and come back as one", () => {
    fc.assert(
      fc.property(any.personResults, (facts) => {
        const { report, observation, specimen } = toFhirPersonResult(facts);
        const parts = {
          report: wire(report),
          observation: wire(observation),
          specimen: wire(specimen),
        };
        for (const part of Object.values(parts)) expect(problemsOf(part)).toEqual([]);
        expect(fromFhirPersonResult(parts)).toEqual(facts);
        expect(() =>
          fromFhirPersonResult({ ...parts, specimen: { ...parts.specimen, id: "another" } }),
        ).toThrow(FhirMappingError);
      }),
      { numRuns: 40 },
    );
  });
  roundTrip(
    "HealthcareService",
    any.healthcareServices,
    toFhirHealthcareService,
    fromFhirHealthcareService,
  );
});

describe("states", () => {
  it("has a code for every state in every table, and no other", () => {
    for (const table of [serviceRequestStatus, taskStatus, appointmentStatus, encounterStatus]) {
      expect(Object.keys(table).sort()).toEqual([...consultStates].sort());
    }
  });

  it.each([
    ["submitted", "active", "requested", "proposed", "planned"],
    ["declined", "revoked", "rejected", "cancelled", "cancelled"],
    ["scheduled", "active", "accepted", "booked", "planned"],
    ["in-session", "active", "in-progress", "arrived", "in-progress"],
    ["interrupted", "active", "on-hold", "arrived", "in-progress"],
    ["specialist-absent", "active", "accepted", "noshow", "planned"],
    ["signed", "completed", "completed", "fulfilled", "finished"],
    ["cancelled", "revoked", "cancelled", "cancelled", "cancelled"],
  ] as const)("%s is %s, %s, %s, %s", (state, request, task, appointment, encounter) => {
    expect([
      serviceRequestStatus[state],
      taskStatus[state],
      appointmentStatus[state],
      encounterStatus[state],
    ]).toEqual([request, task, appointment, encounter]);
  });

  it("does not call an archived refusal completed", () => {
    const [task] = fc.sample(any.tasks, 1);
    const archived = { ...task!, state: "archived" as const, signedAt: null };
    expect(toFhirTask(archived).status).toBe("rejected");
    expect(toFhirTask({ ...archived, signedAt: new Date() }).status).toBe("completed");
  });

  it("has no Appointment without a time and no Encounter without a meeting", () => {
    const [appointment] = fc.sample(any.appointments, 1);
    const [encounter] = fc.sample(any.encounters, 1);
    expect(toFhirAppointment({ ...appointment!, scheduledStart: null })).toBeUndefined();
    expect(toFhirEncounter({ ...encounter!, startedAt: null })).toBeUndefined();
  });
});

/** What fails, and why. */
const problemOf = (work: () => unknown): string => {
  try {
    work();
    return "accepted";
  } catch (error) {
    if (error instanceof FhirMappingError) return `${error.problem} ${error.path}`;
    throw error;
  }
};
const sample = <Facts>(facts: fc.Arbitrary<Facts>): Facts =>
  fc.sample(facts, { numRuns: 1, seed: 7 })[0]!;

describe("what we do not know is rejected", () => {
  const task = () => toFhirTask(sample(any.tasks));
  const patient = () => toFhirPatient(sample(any.patients));
  const request = () =>
    toFhirServiceRequest({
      ...sample(any.serviceRequests),
      provisionalDiagnoses: [{ code: "D69.0", text: "紫癜" }],
    });
  const reading = (resource: Resource) => fromFhirTask(resource, consultStates);
  const coded = (system: string, code: string) => ({ coding: [{ system, code }] });

  it.each<[string, string, () => unknown]>([
    ["another resource type", "wrong-shape resourceType", () => reading(patient())],
    [
      "no state",
      "missing Task.businessStatus",
      () => reading({ ...task(), businessStatus: undefined } as unknown as Resource),
    ],
    [
      "a state of another system",
      "missing Task.businessStatus",
      () => reading({ ...task(), businessStatus: coded("urn:x", "signed") }),
    ],
    [
      "a state that we do not have",
      "unknown-code Task.businessStatus",
      () =>
        reading({
          ...task(),
          businessStatus: coded(task().businessStatus!.coding![0]!.system!, "paused"),
        }),
    ],
    [
      "a status against the state",
      "contradiction Task.status",
      () => reading({ ...task(), status: "failed" }),
    ],
    [
      "a priority of others",
      "unknown-code Task.priority",
      () => reading({ ...task(), priority: "asap" }),
    ],
    [
      "a foreign reference",
      "wrong-shape Task.for",
      () => reading({ ...task(), for: { reference: "https://elsewhere/Patient/1" } }),
    ],
    [
      "an unknown gender",
      "unknown-code Patient.gender",
      () => fromFhirPatient({ ...patient(), gender: "x" } as unknown as Resource),
    ],
    [
      "no gender",
      "missing Patient.gender",
      () => fromFhirPatient({ ...patient(), gender: undefined } as unknown as Resource),
    ],
    [
      "a diagnosis of another system",
      "unknown-code ServiceRequest.reasonCode",
      () =>
        fromFhirServiceRequest({
          ...request(),
          reasonCode: [coded("http://snomed.info/sct", "21148002")],
        }),
    ],
    [
      "a diagnosis code that is none",
      "unknown-code ServiceRequest.reasonCode",
      () =>
        fromFhirServiceRequest({
          ...request(),
          reasonCode: [{ ...coded("http://hl7.org/fhir/sid/icd-10", "XYZ"), text: "x" }],
        }),
    ],
    [
      "a row's code that is none",
      "unknown-code code",
      () =>
        toFhirServiceRequest({
          ...sample(any.serviceRequests),
          provisionalDiagnoses: [{ code: "过敏", text: "x" }],
        }),
    ],
    [
      "another service",
      "unknown-code ServiceRequest.code",
      () =>
        fromFhirServiceRequest({
          ...request(),
          code: coded(request().code!.coding![0]!.system!, "x-ray"),
        }),
    ],
    [
      "a consent whose status and provision disagree",
      "contradiction Consent.status",
      () =>
        fromFhirConsent({
          ...toFhirConsent({ ...sample(any.consents), given: true, withdrawnAt: null }),
          status: "rejected",
        }),
    ],
    [
      "a draft document",
      "unknown-code Composition.status",
      () =>
        fromFhirComposition({
          ...toFhirComposition(sample(any.compositions)),
          status: "preliminary",
        }),
    ],
    [
      "a narrative with foreign markup",
      "wrong-shape x",
      () =>
        textOfNarrative(
          {
            status: "additional",
            div: '<div xmlns="http://www.w3.org/1999/xhtml"><p><s>no</s></p></div>',
          },
          "x",
        ),
    ],
    [
      "a signature of another kind",
      "unknown-code Provenance.signature",
      () => fromFhirProvenance({ ...toFhirProvenance(sample(any.provenances)), signature: [] }),
    ],
    [
      "a slot of a status that nobody can book or has",
      "unknown-code Slot.status",
      () => fromFhirSlot({ ...toFhirSlot(sample(any.slots)), status: "entered-in-error" }),
    ],
    [
      "a slot without a zone",
      "wrong-shape Slot.start",
      () => fromFhirSlot({ ...toFhirSlot(sample(any.slots)), start: "2026-11-23T08:00:00Z" }),
    ],
    [
      "a schedule of another kind of service",
      "missing Schedule.serviceType",
      () =>
        fromFhirSchedule({
          ...toFhirSchedule(sample(any.schedules)),
          serviceType: [coded("http://terminology.hl7.org/CodeSystem/service-type", "57")],
        }),
    ],
    [
      "an institution without a name",
      "missing Organization.name",
      () => toFhirOrganization({ ...sample(any.organizations), names: [] }),
    ],
  ])("%s", (_name, problem, work) => {
    expect(problemOf(work)).toBe(problem);
  });
});

describe("pieces", () => {
  it.each([
    [480, "2026-11-23T08:30:00+08:00"],
    [0, "2026-11-23T00:30:00+00:00"],
    [-210, "2026-11-22T21:00:00-03:30"],
  ])("writes a time %i minutes from UTC as it is read there", (offset, text) => {
    expect(localTime(new Date("2026-11-23T00:30:00Z"), offset)).toBe(text);
  });

  it("writes any text as narrative and reads it back, as text only", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const narrative = narrativeOf(text);
        expect(textOfNarrative(narrative, "x")).toBe(text);
        expect(narrative.div?.match(/<(?!\/?div|\/?p>|br\/>)/)).toBeNull();
      }),
    );
  });

  it("makes an id of at most 64 characters from person and department", () => {
    fc.assert(
      fc.property(fc.uuid(), fc.uuid(), (personId, departmentId) => {
        const id = practitionerRoleId(personId, departmentId);
        expect(id).toMatch(/^[A-Za-z0-9\-.]{1,64}$/);
        expect(partsOfPractitionerRoleId(id)).toEqual({ personId, departmentId });
      }),
    );
    expect(partsOfPractitionerRoleId("x")).toBeUndefined();
  });

  it("names ICD-10 as HL7 does, and national extensions under the national table", () => {
    const concepts = toFhirServiceRequest({
      ...sample(any.serviceRequests),
      provisionalDiagnoses: [
        { code: "D69.0", text: "过敏性紫癜" },
        { code: "D69.000x001", text: "过敏性紫癜" },
      ],
    }).reasonCode;
    expect(concepts?.map((one) => one.coding?.[0]?.system)).toEqual([
      "http://hl7.org/fhir/sid/icd-10",
      "urn:oid:2.16.156.10011.2.3.3.11",
    ]);
  });

  it("reads a signed document into a Composition without losing a word", () => {
    const document = opinionFixture();
    const facts = compositionFacts({
      document,
      patientId: "99999999-9999-4999-8999-999999999999",
      signedAt: new Date("2026-11-22T03:30:00.000Z"),
    });
    const composition = wire(toFhirComposition(facts));
    expect(problemsOf(composition)).toEqual([]);
    const read = fromFhirComposition(composition);
    expect(read.plan).toBe(document.plan);
    expect(read.diagnoses).toEqual(document.diagnoses);
    expect(read.signedBy).toBe(document.doctors[0]?.personId);
  });
});

describe("/fhir/metadata", () => {
  const statement = capabilityStatement({
    url: "https://yilian.example.org/fhir",
    date: new Date("2026-11-22T00:00:00.000Z"),
    version: "0.1.0",
  });

  it("is valid and states read of the mapped types, and nothing else", () => {
    expect(problemsOf(wire(statement))).toEqual([]);
    const resources = statement.rest?.[0]?.resource ?? [];
    expect(resources.map((one) => one.type)).toEqual([...mappedTypes]);
    expect(
      new Set(resources.flatMap((one) => one.interaction?.map(({ code }) => code) ?? [])),
    ).toEqual(new Set(["read"]));
    expect(statement.rest?.[0]?.interaction).toBeUndefined();
    expect(statement.fhirVersion).toBe("4.0.1");
  });

  it("states fewer when fewer are served", () => {
    const some = capabilityStatement({
      url: "https://x/fhir",
      date: new Date(0),
      version: "1",
      types: ["Task"],
    });
    expect(some.rest?.[0]?.resource?.map((one) => one.type)).toEqual(["Task"]);
  });

  it("would be caught if a map wrote nonsense: the validator is awake", () => {
    expect(
      problemsOf({ ...wire(statement), fhirVersion: undefined } as unknown as Resource),
    ).not.toEqual([]);
    const task = { ...toFhirTask(sample(any.tasks)), colour: "red" } as unknown as Resource;
    expect(problemsOf(wire(task))).not.toEqual([]);
  });
});

describe("a video visit", () => {
  const facts: VideoVisitFacts = {
    id: "5b0d2a4e-6a37-4a5b-9d0e-0f0f0f0f0f01",
    number: "SF2026031000001",
    status: "finished",
    patientId: "5b0d2a4e-6a37-4a5b-9d0e-0f0f0f0f0f02",
    institutionId: "5b0d2a4e-6a37-4a5b-9d0e-0f0f0f0f0f03",
    doctorId: "5b0d2a4e-6a37-4a5b-9d0e-0f0f0f0f0f04",
    reason: { code: "I10", text: "高血压" },
    start: new Date("2026-03-10T01:00:00Z"),
    end: new Date("2026-03-10T01:09:00Z"),
  };
  it("is a virtual Encounter that comes back as it went, coded or in words, over or going on", () => {
    for (const status of videoVisitStatuses)
      for (const reason of [facts.reason, { code: null, text: "痛风" }])
        for (const end of [facts.end, null]) {
          const given = { ...facts, status, reason, end };
          const resource = toFhirVideoVisit(given);
          expect(problemsOf(wire(resource))).toEqual([]);
          expect(fromFhirVideoVisit(wire(resource))).toEqual(given);
        }
    const other = { ...toFhirVideoVisit(facts), class: { code: "AMB" } };
    expect(() => fromFhirVideoVisit(other)).toThrow();
  });
});
