/** Resources of the size and shape that Synthea writes, in the mix of its transactions. */

const UUID = "urn:uuid:6a4c2f0e-3b1d-4d5c-9a77-0f5d5c1b2a0";
const CORE = "http://hl7.org/fhir/us/core/StructureDefinition";
const TYPES = "http://terminology.hl7.org/CodeSystem";
const SNOMED = "http://snomed.info/sct";
const LOINC = "http://loinc.org";
const UCUM = "http://unitsofmeasure.org";

const concept = (system: string, code: string, display: string) => ({
  coding: [{ system, code, display }],
  text: display,
});
const named = (system: string, type: string, value: string) => ({
  type: concept(`${TYPES}/v2-0203`, type, type),
  system,
  value,
});

const patient = {
  resourceType: "Patient",
  id: "6a4c2f0e-3b1d-4d5c-9a77-0f5d5c1b2a01",
  text: {
    status: "generated",
    div: `<div xmlns="http://www.w3.org/1999/xhtml">Written by <a href="https://generator.example/">a generator</a>. Version v2.4.0 Seed: 8 Population seed: 11</div>`,
  },
  extension: [
    ...["race", "ethnicity"].map((name) => ({
      url: `${CORE}/us-core-${name}`,
      extension: [
        {
          url: "ombCategory",
          valueCoding: { system: "urn:oid:2.16.840.1.113883.6.238", code: "2106-3", display: "x" },
        },
        { url: "text", valueString: "x" },
      ],
    })),
    {
      url: "http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName",
      valueString: "Lhamo Dolma",
    },
    { url: `${CORE}/us-core-birthsex`, valueCode: "M" },
    {
      url: "http://hl7.org/fhir/StructureDefinition/patient-birthPlace",
      valueAddress: { city: "Sakya", state: "Tibet", country: "CN" },
    },
    { url: "http://generator.example/disability-adjusted-life-years", valueDecimal: 0.0159 },
    { url: "http://generator.example/quality-adjusted-life-years", valueDecimal: 41.98 },
  ],
  identifier: [
    { system: "https://generator.example/", value: "7dc94cc0-8c2e-4835-9994-cecbe894bcbf" },
    named("http://hospital.example/", "MR", "7dc94cc0-8c2e-4835-9994-cecbe894bcbf"),
    named("http://hl7.org/fhir/sid/us-ssn", "SS", "999-99-9999"),
    named("urn:oid:2.16.840.1.113883.4.3.25", "DL", "S99999999"),
    named("http://standardhealthrecord.example/passport", "PPN", "X99999999X"),
  ],
  name: [{ use: "official", family: "Dorje", given: ["Tashi"], prefix: ["Mr."] }],
  telecom: [{ system: "phone", value: "000-000-0000", use: "home" }],
  gender: "male",
  birthDate: "1978-03-22",
  address: [
    {
      extension: [
        {
          url: "http://hl7.org/fhir/StructureDefinition/geolocation",
          extension: [
            { url: "latitude", valueDecimal: 28.905 },
            { url: "longitude", valueDecimal: 88.018 },
          ],
        },
      ],
      line: ["1 Monastery Road"],
      city: "Sakya",
      state: "Tibet",
      postalCode: "857800",
      country: "CN",
    },
  ],
  maritalStatus: concept(`${TYPES}/v3-MaritalStatus`, "M", "M"),
  multipleBirthBoolean: false,
  communication: [{ language: concept("urn:ietf:bcp:47", "bo", "Tibetan") }],
};

const observation = (code: string, value: number, unit: string) => ({
  resourceType: "Observation",
  id: "6a4c2f0e-3b1d-4d5c-9a77-0f5d5c1b2a05",
  status: "final",
  category: [
    { coding: [{ system: `${TYPES}/observation-category`, code: "vital-signs", display: "x" }] },
  ],
  code: concept(LOINC, code, "Body Height"),
  subject: { reference: `${UUID}1` },
  encounter: { reference: `${UUID}2` },
  effectiveDateTime: "2010-10-11T05:12:07-04:00",
  issued: "2010-10-11T05:12:07.213-04:00",
  valueQuantity: { value, unit, system: UCUM, code: unit },
});

const encounter = {
  resourceType: "Encounter",
  id: "6a4c2f0e-3b1d-4d5c-9a77-0f5d5c1b2a02",
  status: "finished",
  class: { system: `${TYPES}/v3-ActCode`, code: "AMB" },
  type: [concept(SNOMED, "162673000", "General examination")],
  subject: { reference: `${UUID}1`, display: "Mr. Tashi" },
  participant: [{ individual: { reference: `${UUID}3`, display: "Dr. Deji" } }],
  period: { start: "2010-10-11T05:12:07-04:00", end: "2010-10-11T05:27:07-04:00" },
  serviceProvider: { reference: `${UUID}4`, display: "Sakya" },
};

const claim = {
  resourceType: "Claim",
  id: "6a4c2f0e-3b1d-4d5c-9a77-0f5d5c1b2a06",
  status: "active",
  type: { coding: [{ system: `${TYPES}/claim-type`, code: "institutional" }] },
  use: "claim",
  patient: { reference: `${UUID}1`, display: "Tashi" },
  billablePeriod: { start: "2010-10-11T05:12:07-04:00", end: "2010-10-11T05:27:07-04:00" },
  created: "2010-10-11T05:27:07-04:00",
  provider: { reference: `${UUID}4`, display: "Sakya" },
  priority: { coding: [{ system: `${TYPES}/processpriority`, code: "normal" }] },
  insurance: [{ sequence: 1, focal: true, coverage: { display: "NHSA" } }],
  item: [1, 2, 3].map((sequence) => ({
    sequence,
    productOrService: concept(SNOMED, "162673000", "General examination"),
    encounter: sequence === 1 ? [{ reference: `${UUID}2` }] : undefined,
    net: { value: 129.16, currency: "CNY" },
  })),
  total: { value: 129.16, currency: "CNY" },
};

const condition = {
  resourceType: "Condition",
  id: "6a4c2f0e-3b1d-4d5c-9a77-0f5d5c1b2a07",
  clinicalStatus: { coding: [{ system: `${TYPES}/condition-clinical`, code: "resolved" }] },
  verificationStatus: { coding: [{ system: `${TYPES}/condition-ver-status`, code: "confirmed" }] },
  code: concept(SNOMED, "444814009", "Viral sinusitis"),
  subject: { reference: `${UUID}1` },
  encounter: { reference: `${UUID}2` },
  onsetDateTime: "2010-10-11T05:12:07-04:00",
  abatementDateTime: "2010-10-25T05:12:07-04:00",
  recordedDate: "2010-10-11T05:12:07-04:00",
};

/** JSON texts: a Patient, and the mix of a transaction, half of it Observations. */
export function typicalResources(): { patient: string; mix: string[] } {
  const observations = [170.1, 71.2, 24.6, 98, 61].map((value) =>
    observation("8302-2", value, "cm"),
  );
  const mix = [patient, encounter, claim, claim, condition, ...observations, encounter];
  return { patient: JSON.stringify(patient), mix: mix.map((one) => JSON.stringify(one)) };
}
