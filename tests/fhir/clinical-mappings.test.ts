/** Maps of what a record is made of: diagnoses, allergies, medicines, vaccines, measurements, files. */
import type { Resource } from "@medplum/fhirtypes";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromFhirAllergy, toFhirAllergy } from "../../fhir-mappings/allergy-intolerance.ts";
import { fromFhirBinary, toFhirBinary } from "../../fhir-mappings/binary.ts";
import { fromFhirCondition, toFhirCondition } from "../../fhir-mappings/condition.ts";
import { codedDiagnosis } from "../../fhir-mappings/elements.ts";
import { fromFhirImmunization, toFhirImmunization } from "../../fhir-mappings/immunization.ts";
import { FhirMappingError, readOrNull } from "../../fhir-mappings/mapping-error.ts";
import {
  fromFhirMedicationDispense,
  toFhirMedicationDispense,
} from "../../fhir-mappings/medication-dispense.ts";
import {
  fromFhirMedicationRequest,
  toFhirMedicationRequest,
} from "../../fhir-mappings/medication-request.ts";
import { fromFhirVitalSigns, toFhirVitalSigns } from "../../fhir-mappings/vital-signs.ts";
import { validateResource } from "../../server/fhir/service.ts";
import * as any from "./arbitraries.ts";

const wire = <Type>(resource: Type): Type => JSON.parse(JSON.stringify(resource)) as Type;
/** What the stores' own validation says; best practices (dom-6: a narrative) are no fault. */
const faultsOf = (resource: Resource): string[] =>
  validateResource(resource as never).flatMap((one) =>
    one.severity === "error" ? [`${one.expression} ${one.diagnostics}`] : [],
  );

function roundTrip<Facts, Type extends Resource>(
  name: string,
  facts: fc.Arbitrary<Facts>,
  to: (facts: Facts) => Type,
  from: (resource: Resource) => Facts,
) {
  it(`${name}: any row is valid R4 and comes back as it was`, () => {
    fc.assert(
      fc.property(facts, (one) => {
        const resource = wire(to(one));
        expect(faultsOf(resource)).toEqual([]);
        expect(from(resource)).toEqual(one);
      }),
      { numRuns: 100 },
    );
  });
}

describe("round trips", () => {
  roundTrip("Condition", any.conditions, toFhirCondition, fromFhirCondition);
  roundTrip("AllergyIntolerance", any.allergies, toFhirAllergy, fromFhirAllergy);
  roundTrip(
    "MedicationRequest",
    any.medicationRequests,
    toFhirMedicationRequest,
    fromFhirMedicationRequest,
  );
  roundTrip(
    "MedicationDispense",
    any.medicationDispenses,
    toFhirMedicationDispense,
    fromFhirMedicationDispense,
  );
  roundTrip("Immunization", any.immunizations, toFhirImmunization, fromFhirImmunization);
  roundTrip("Binary", any.binaries, toFhirBinary, fromFhirBinary);

  it("Observation of vital signs: each is valid R4 under its profile, and all come back as one", () => {
    fc.assert(
      fc.property(any.vitalSigns, (facts) => {
        const resources = toFhirVitalSigns(facts).map(wire);
        // Vital signs are held to their profile only where they say so.
        for (const one of resources)
          expect(
            faultsOf({
              ...one,
              meta: { profile: ["http://hl7.org/fhir/StructureDefinition/vitalsigns"] },
            }),
          ).toEqual([]);
        expect(fromFhirVitalSigns(resources)).toEqual(facts);
      }),
      { numRuns: 100 },
    );
    expect(fromFhirVitalSigns([])).toBeNull();
  });
});

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
const coded = (code: string, system = "http://terminology.hl7.org/CodeSystem/x") => ({
  coding: [{ system, code }],
});
const as = (resource: object) => resource as unknown as Resource;

describe("a clinical code that nobody knows is rejected, never replaced", () => {
  const condition = () => toFhirCondition({ ...sample(any.conditions), certainty: null });
  const allergy = () =>
    toFhirAllergy({ ...sample(any.allergies), certainty: "confirmed", course: "active" });
  const oxygen = () =>
    toFhirVitalSigns({ ...sample(any.vitalSigns), spo2Percent: 88 }).find(
      (one) => one.code.text === "血氧饱和度",
    )!;
  it.each<[string, () => unknown]>([
    [
      "unknown-code Condition.clinicalStatus",
      () => fromFhirCondition({ ...condition(), clinicalStatus: coded("active") }),
    ],
    [
      "unknown-code Condition.clinicalStatus",
      () => fromFhirCondition({ ...condition(), clinicalStatus: { text: "active" } }),
    ],
    [
      "unknown-code Condition.verificationStatus",
      () =>
        fromFhirCondition({
          ...condition(),
          verificationStatus: coded(
            "sure",
            "http://terminology.hl7.org/CodeSystem/condition-ver-status",
          ),
        }),
    ],
    ["missing Condition.code", () => fromFhirCondition(as({ ...condition(), code: undefined }))],
    ["wrong-shape resourceType", () => fromFhirCondition(allergy())],
    [
      "unknown-code AllergyIntolerance.clinicalStatus",
      () => fromFhirAllergy({ ...allergy(), clinicalStatus: coded("quiet") }),
    ],
    [
      "unknown-code AllergyIntolerance.criticality",
      () => fromFhirAllergy(as({ ...allergy(), criticality: "CRITL" })),
    ],
    [
      "unknown-code AllergyIntolerance.category",
      () => fromFhirAllergy(as({ ...allergy(), category: ["weather"] })),
    ],
    [
      "unknown-code MedicationRequest.status",
      () =>
        fromFhirMedicationRequest(
          as({ ...toFhirMedicationRequest(sample(any.medicationRequests)), status: "ok" }),
        ),
    ],
    [
      "unknown-code MedicationRequest.intent",
      () =>
        fromFhirMedicationRequest(
          as({ ...toFhirMedicationRequest(sample(any.medicationRequests)), intent: "wish" }),
        ),
    ],
    [
      "unknown-code MedicationDispense.status",
      () =>
        fromFhirMedicationDispense(
          as({ ...toFhirMedicationDispense(sample(any.medicationDispenses)), status: "active" }),
        ),
    ],
    [
      "unknown-code Immunization.status",
      () =>
        fromFhirImmunization(
          as({ ...toFhirImmunization(sample(any.immunizations)), status: "done" }),
        ),
    ],
    [
      "wrong-shape Binary.data",
      () => fromFhirBinary({ ...toFhirBinary(sample(any.binaries)), data: "%%%" }),
    ],
    [
      "unknown-code Observation.value",
      () =>
        fromFhirVitalSigns([
          {
            ...oxygen(),
            valueQuantity: { value: 0.88, system: "http://unitsofmeasure.org", code: "1" },
          },
        ]),
    ],
    [
      "unknown-code Observation.code",
      () => fromFhirVitalSigns([{ ...oxygen(), code: coded("718-7", "http://loinc.org") }]),
    ],
    [
      "contradiction Observation",
      () =>
        fromFhirVitalSigns([
          oxygen(),
          { ...oxygen(), subject: { reference: "Patient/somebody-else" } },
        ]),
    ],
    ["unknown-code code", () => codedDiagnosis({ code: "过敏", text: "x" })],
    [
      "contradiction Condition.clinicalStatus",
      () =>
        toFhirCondition({
          ...sample(any.conditions),
          course: "active",
          certainty: "entered-in-error",
        }),
    ],
    [
      "contradiction Condition.abatement",
      () =>
        toFhirCondition({
          ...sample(any.conditions),
          course: "active",
          certainty: null,
          ended: "2026",
        }),
    ],
    [
      "contradiction AllergyIntolerance.clinicalStatus",
      () => toFhirAllergy({ ...sample(any.allergies), certainty: "confirmed", course: null }),
    ],
    [
      "missing Immunization.patient",
      () => toFhirImmunization({ ...sample(any.immunizations), patientId: null }),
    ],
  ])("%s", (problem, work) => {
    expect(problemOf(work)).toBe(problem);
  });

  it("is no reason to fall over: who reads others' data is told that it cannot be read", () => {
    const unread = { ...allergy(), clinicalStatus: coded("quiet") };
    expect(readOrNull(() => fromFhirAllergy(unread))).toBeNull();
    expect(() =>
      readOrNull(() => {
        throw new TypeError("ours");
      }),
    ).toThrow(TypeError);
  });
});

describe("what others send", () => {
  it("is read with more than we write", () => {
    expect(
      fromFhirMedicationRequest(
        as({
          resourceType: "MedicationRequest",
          id: "m",
          status: "active",
          intent: "order",
          contained: [{ resourceType: "Medication", id: "in", code: { text: "阿司匹林肠溶片" } }],
          medicationReference: { reference: "#in" },
          subject: { reference: "https://elsewhere/fhir/Patient/1" },
          requester: { reference: "urn:uuid:0", display: "Dr. Who" },
          dosageInstruction: [{ text: "100 mg qd" }, { timing: {} }],
          dispenseRequest: { expectedSupplyDuration: { value: 2, unit: "wk" } },
        }),
      ),
    ).toMatchObject({
      state: "in-use",
      medicine: { text: "阿司匹林肠溶片" },
      patientId: null,
      prescriberId: null,
      dosage: ["100 mg qd"],
      supplyDays: 14,
    });
    expect(
      fromFhirCondition(
        as({
          resourceType: "Condition",
          category: [coded("75326-9", "http://loinc.org")],
          clinicalStatus: { coding: [{ code: "remission" }] },
          code: { coding: [{ system: "http://snomed.info/sct", code: "38341003" }] },
          onsetPeriod: { start: "2019" },
          subject: { display: "?" },
        }),
      ),
    ).toMatchObject({
      course: "in-remission",
      place: null,
      diagnosis: { system: "http://snomed.info/sct", code: "38341003", text: "38341003" },
      onset: "2019",
    });
  });
});
