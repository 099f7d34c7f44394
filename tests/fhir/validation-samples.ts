/** Valid resources written for the validator's tests: small, but with what faults can be put into. */

export type Sample = { resourceType: string; [name: string]: unknown };

const XHTML = 'xmlns="http://www.w3.org/1999/xhtml"';
const LOINC = "http://loinc.org";
const UCUM = "http://unitsofmeasure.org";
const UUID = "urn:uuid:6a4c2f0e-3b1d-4d5c-9a77-0f5d5c1b2a01";
const UUID_OTHER = "urn:uuid:6a4c2f0e-3b1d-4d5c-9a77-0f5d5c1b2a02";

const concept = (system: string, code: string) => ({ coding: [{ system, code }] });
const hl7 = (name: string) => `http://terminology.hl7.org/CodeSystem/${name}`;

/** A fresh copy each time: tests change them. */
export const samples: Readonly<Record<string, () => Sample>> = {
  patient: () => ({
    resourceType: "Patient",
    id: "tashi",
    meta: { versionId: "1", lastUpdated: "2026-11-22T08:00:00.123+08:00" },
    language: "zh-CN",
    text: {
      status: "generated",
      div: `<div ${XHTML}><p class="x">Tashi &amp; <b>family</b> &#169; &nbsp;</p><br/></div>`,
    },
    extension: [
      {
        url: "http://hl7.org/fhir/StructureDefinition/patient-birthPlace",
        valueAddress: { city: "Sakya" },
      },
      {
        url: "http://hl7.org/fhir/StructureDefinition/patient-nationality",
        extension: [{ url: "code", valueCodeableConcept: { text: "China" } }],
      },
      { url: "https://yilian.example/fhir/altitude", valueDecimal: 4280.5 },
    ],
    identifier: [
      {
        use: "official",
        system: "urn:oid:2.16.156.10011.1.3",
        value: "x",
        period: { start: "2020" },
      },
    ],
    active: true,
    name: [
      {
        use: "official",
        given: ["Tashi", null],
        _given: [
          null,
          {
            id: "second",
            extension: [{ url: "https://yilian.example/fhir/withheld", valueBoolean: true }],
          },
        ],
      },
    ],
    telecom: [{ system: "phone", value: "000", rank: 1 }],
    gender: "male",
    birthDate: "1984-02-29",
    _birthDate: {
      extension: [
        {
          url: "http://hl7.org/fhir/StructureDefinition/patient-birthTime",
          valueDateTime: "1984-02-29T06:30:00+08:00",
        },
      ],
    },
    deceasedBoolean: false,
    multipleBirthInteger: 2,
    contact: [{ relationship: [{ text: "wife" }], name: { text: "Lhamo" }, gender: "female" }],
    communication: [{ language: concept("urn:ietf:bcp:47", "bo"), preferred: true }],
    generalPractitioner: [{ reference: "Practitioner/deji", type: "Practitioner" }],
    managingOrganization: { reference: "https://fhir.example/base/Organization/sakya" },
  }),
  observation: () => ({
    resourceType: "Observation",
    id: "pressure",
    contained: [{ resourceType: "Device", id: "cuff", status: "active" }],
    status: "final",
    category: [concept(hl7("observation-category"), "vital-signs")],
    code: concept(LOINC, "85354-9"),
    subject: { reference: "Patient/tashi" },
    effectiveDateTime: "2026-11-22T08:00:00+08:00",
    issued: "2026-11-22T08:00:01Z",
    device: { reference: "#cuff" },
    component: [
      {
        code: concept(LOINC, "8480-6"),
        valueQuantity: { value: 121, unit: "mmHg", system: UCUM, code: "mm[Hg]" },
        referenceRange: [{ low: { value: 90, system: UCUM, code: "mm[Hg]" } }],
      },
    ],
  }),
  saturation: () => ({
    resourceType: "Observation",
    status: "preliminary",
    code: { text: "SpO2" },
    effectivePeriod: { start: "2026-11-22", end: "2026-11-22T10:00:00Z" },
    valueQuantity: { value: 88.5, comparator: "<", unit: "%", system: UCUM, code: "%" },
    referenceRange: [{ low: { value: 90 }, high: { value: 100 }, text: "at 4,000 m lower" }],
  }),
  condition: () => ({
    resourceType: "Condition",
    clinicalStatus: concept(hl7("condition-clinical"), "resolved"),
    verificationStatus: concept(hl7("condition-ver-status"), "confirmed"),
    code: { text: "Mountain sickness" },
    subject: { reference: UUID },
    onsetAge: { value: 41, system: UCUM, code: "a" },
    abatementDateTime: "2026-10",
    stage: [{ summary: { text: "mild" } }],
    note: [{ authorString: "Deji", text: "Oxygen helped." }],
  }),
  allergy: () => ({
    resourceType: "AllergyIntolerance",
    clinicalStatus: concept(hl7("allergyintolerance-clinical"), "active"),
    type: "allergy",
    category: ["medication"],
    criticality: "high",
    patient: { reference: "Patient/tashi" },
    reaction: [{ manifestation: [{ text: "rash" }], severity: "mild" }],
  }),
  prescription: () => ({
    resourceType: "MedicationRequest",
    status: "active",
    intent: "order",
    medicationCodeableConcept: { text: "Acetazolamide" },
    subject: { reference: "Patient/tashi" },
    dosageInstruction: [
      {
        timing: {
          repeat: { frequency: 2, period: 1, periodUnit: "d", boundsPeriod: { start: "2026" } },
        },
        doseAndRate: [{ doseQuantity: { value: 125, system: UCUM, code: "mg" } }],
      },
    ],
    dispenseRequest: {
      numberOfRepeatsAllowed: 0,
      expectedSupplyDuration: { value: 5, unit: "d", system: UCUM, code: "d" },
    },
  }),
  encounter: () => ({
    resourceType: "Encounter",
    status: "finished",
    class: { system: hl7("v3-ActCode"), code: "AMB" },
    subject: { reference: "Patient/tashi" },
    participant: [{ individual: { reference: "PractitionerRole/deji-sakya" } }],
    period: { start: "2026-11-22T08:00:00+08:00", end: "2026-11-22T08:20:00+08:00" },
  }),
  organization: () => ({
    resourceType: "Organization",
    name: "Sakya County Hospital",
    telecom: [{ system: "phone", value: "000", use: "work" }],
    address: [{ use: "work", city: "Sakya" }],
  }),
  report: () => ({
    resourceType: "DiagnosticReport",
    contained: [
      {
        resourceType: "Observation",
        id: "o1",
        status: "final",
        code: { text: "Hb" },
        valueString: "high",
      },
    ],
    status: "final",
    code: { text: "Blood count" },
    result: [{ reference: "#o1" }],
    presentedForm: [{ contentType: "application/pdf", data: "JVBERi0xLjQK", language: "zh" }],
  }),
  document: () => ({
    resourceType: "DocumentReference",
    status: "current",
    masterIdentifier: { system: "urn:ietf:rfc:3986", value: UUID },
    content: [
      { attachment: { contentType: "text/plain; charset=utf-8", url: "Binary/b1", size: 12 } },
    ],
  }),
  appointment: () => ({
    resourceType: "Appointment",
    status: "booked",
    start: "2026-11-23T09:00:00+08:00",
    end: "2026-11-23T09:20:00+08:00",
    minutesDuration: 20,
    participant: [{ actor: { reference: "Patient/tashi" }, status: "accepted" }],
  }),
  questionnaire: () => ({
    resourceType: "Questionnaire",
    url: "https://yilian.example/fhir/Questionnaire/fever",
    version: "2",
    name: "Fever",
    status: "active",
    date: "2026-11",
    item: [
      {
        linkId: "1",
        type: "group",
        text: "Fever",
        item: [
          { linkId: "1.1", type: "boolean", text: "Fever now?" },
          {
            linkId: "1.2",
            type: "choice",
            enableWhen: [{ question: "1.1", operator: "=", answerBoolean: true }],
            answerOption: [{ valueString: "yes" }],
          },
        ],
      },
    ],
  }),
  answers: () => ({
    resourceType: "QuestionnaireResponse",
    questionnaire: "https://yilian.example/fhir/Questionnaire/fever|2",
    status: "completed",
    authored: "2026-11-22T08:00:00Z",
    item: [{ linkId: "1", item: [{ linkId: "1.1", answer: [{ valueBoolean: true }] }] }],
  }),
  composition: () => ({
    resourceType: "Composition",
    status: "final",
    type: { text: "Opinion" },
    date: "2026-11-22",
    author: [{ reference: "Practitioner/deji" }],
    title: "Opinion",
    section: [{ title: "Advice", text: { status: "generated", div: `<div ${XHTML}>Rest.</div>` } }],
  }),
  transaction: () => ({
    resourceType: "Bundle",
    type: "transaction",
    entry: [
      {
        fullUrl: UUID,
        resource: { resourceType: "Patient", name: [{ text: "Tashi" }] },
        request: { method: "POST", url: "Patient" },
      },
      {
        fullUrl: UUID_OTHER,
        resource: {
          resourceType: "Observation",
          status: "final",
          code: { text: "SpO2" },
          subject: { reference: UUID },
        },
        request: { method: "POST", url: "Observation" },
      },
    ],
  }),
  summary: () => ({
    resourceType: "Bundle",
    identifier: { system: "urn:ietf:rfc:3986", value: UUID },
    type: "document",
    timestamp: "2026-11-22T08:00:00Z",
    entry: [
      {
        fullUrl: UUID,
        resource: {
          resourceType: "Composition",
          status: "final",
          type: { text: "Summary" },
          date: "2026-11-22",
          author: [{ reference: UUID_OTHER }],
          title: "Summary",
        },
      },
      { fullUrl: UUID_OTHER, resource: { resourceType: "Practitioner", id: "deji" } },
    ],
  }),
  found: () => ({
    resourceType: "Bundle",
    type: "searchset",
    total: 1,
    link: [{ relation: "self", url: "https://fhir.example/base/Patient?name=tashi" }],
    entry: [
      {
        fullUrl: "https://fhir.example/base/Patient/tashi",
        resource: { resourceType: "Patient", id: "tashi" },
        search: { mode: "match", score: 1 },
      },
    ],
  }),
  parameters: () => ({
    resourceType: "Parameters",
    parameter: [
      { name: "count", valueUnsignedInt: 1 },
      { name: "resource", resource: { resourceType: "Patient", active: true } },
      { name: "nested", part: [{ name: "at", valueInstant: "2026-11-22T08:00:00Z" }] },
    ],
  }),
  codes: () => ({
    resourceType: "ValueSet",
    url: "https://yilian.example/fhir/ValueSet/x",
    status: "draft",
    compose: { include: [{ system: LOINC, concept: [{ code: "8480-6" }] }] },
  }),
  claim: () => ({
    resourceType: "Claim",
    status: "active",
    type: concept(hl7("claim-type"), "institutional"),
    use: "claim",
    patient: { reference: "Patient/tashi" },
    created: "2026-11-22",
    provider: { reference: "Organization/sakya" },
    priority: { text: "normal" },
    insurance: [{ sequence: 1, focal: true, coverage: { display: "NHSA" } }],
    total: { value: 12.5, currency: "CNY" },
  }),
  terms: () => ({
    resourceType: "CodeSystem",
    status: "draft",
    content: "complete",
    count: 2,
    concept: [{ code: "a" }, { code: "b" }],
  }),
  parameter: () => ({
    resourceType: "SearchParameter",
    url: "https://yilian.example/fhir/SearchParameter/altitude",
    name: "Altitude",
    status: "draft",
    description: "Altitude of the home",
    code: "altitude",
    base: ["Patient"],
    type: "number",
    expression: "Patient.extension.where(url = 'https://yilian.example/fhir/altitude').value",
  }),
  answered: () => ({
    resourceType: "QuestionnaireResponse",
    contained: [
      {
        resourceType: "Questionnaire",
        id: "q",
        status: "active",
        item: [
          { linkId: "1", type: "boolean", required: true },
          {
            linkId: "2",
            type: "choice",
            answerOption: [{ valueString: "a" }, { valueString: "b" }],
          },
        ],
      },
    ],
    questionnaire: "#q",
    status: "completed",
    item: [
      { linkId: "1", answer: [{ valueBoolean: true }] },
      { linkId: "2", answer: [{ valueString: "a" }] },
    ],
  }),
  vital: () => ({
    resourceType: "Observation",
    meta: { profile: ["http://hl7.org/fhir/StructureDefinition/heartrate"] },
    status: "final",
    category: [concept(hl7("observation-category"), "vital-signs")],
    code: concept(LOINC, "8867-4"),
    subject: { reference: "Patient/tashi" },
    effectiveDateTime: "2026-11-22",
    valueQuantity: { value: 88, unit: "beats/min", system: UCUM, code: "/min" },
  }),
  profile: () => ({
    resourceType: "StructureDefinition",
    url: "https://yilian.example/fhir/StructureDefinition/high",
    name: "High",
    status: "draft",
    kind: "resource",
    abstract: false,
    type: "Patient",
    baseDefinition: "http://hl7.org/fhir/StructureDefinition/Patient",
    derivation: "constraint",
    differential: {
      element: [
        { id: "Patient", path: "Patient" },
        {
          id: "Patient.gender",
          path: "Patient.gender",
          min: 1,
          max: "1",
          constraint: [{ key: "h-1", severity: "error", human: "x", expression: "exists()" }],
          binding: { strength: "required", valueSet: "https://yilian.example/fhir/ValueSet/x" },
        },
      ],
    },
  }),
  translation: () => ({
    resourceType: "ConceptMap",
    status: "draft",
    group: [
      {
        element: [{ code: "a", target: [{ code: "b", equivalence: "narrower", comment: "x" }] }],
        unmapped: { mode: "fixed", code: "z" },
      },
    ],
  }),
};
