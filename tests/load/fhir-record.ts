/** One generated patient's record, by number: always the same for the same number. */
type Resource = { resourceType: string; id: string; [name: string]: unknown };

const loinc = "http://loinc.org";
const snomed = "http://snomed.info/sct";
const ucum = "http://unitsofmeasure.org";
const ENCOUNTERS = 30;
const OBSERVATIONS = 160;
const CONDITIONS = 15;
const PROCEDURES = 30;
const MEDICATIONS = 20;
const IMMUNIZATIONS = 12;
const REPORTS = 30;
export const PRACTITIONERS = 200;
export const ORGANIZATIONS = 50;
const DAY_MS = 86_400_000;
const BASE = Date.parse("2016-01-01T00:00:00Z");

/** Code, words, unit, lowest and highest value; common ones first, as in life. */
export const observationKinds = [
  ["8302-2", "Body Height", "cm", 150, 190],
  ["29463-7", "Body Weight", "kg", 45, 110],
  ["39156-5", "Body Mass Index", "kg/m2", 18, 40],
  ["85354-9", "Blood Pressure", "mm[Hg]", 90, 180],
  ["8867-4", "Heart rate", "/min", 50, 120],
  ["9279-1", "Respiratory rate", "/min", 10, 24],
  ["72514-3", "Pain severity", "{score}", 0, 10],
  ["2339-0", "Glucose", "mg/dL", 60, 250],
  ["6299-2", "Urea Nitrogen", "mg/dL", 5, 40],
  ["38483-4", "Creatinine", "mg/dL", 0.4, 4],
  ["2947-0", "Sodium", "mmol/L", 130, 150],
  ["6298-4", "Potassium", "mmol/L", 3, 6],
  ["718-7", "Hemoglobin", "g/dL", 8, 18],
  ["4548-4", "Hemoglobin A1c", "%", 4, 12],
  ["2093-3", "Total Cholesterol", "mg/dL", 120, 300],
  ["59408-5", "Oxygen saturation", "%", 80, 100],
  ["94531-1", "SARS-CoV-2 RNA panel", "{score}", 0, 1],
  ["33914-3", "eGFR", "mL/min", 10, 120],
] as const;

const FAMILIES = "扎西 次仁 旦增 王 李 张 刘 陈 杨 赵 黄 周 吴 徐 孙 马 朱 胡 郭 何".split(" ");
const GIVEN = "卓玛 平措 德吉 拉姆 建国 秀英 桂芳 志强 丽华 明 伟 芳 娜 敏 静 强 磊 洋 勇 艳".split(
  " ",
);

/** Mulberry32: small, fast, the same everywhere. */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const coded = (system: string, code: string, display: string) => ({
  coding: [{ system, code, display }],
  text: display,
});
const category = (code: string) => [
  coded("http://terminology.hl7.org/CodeSystem/observation-category", code, code),
];

/** Who and where: the same for all patients. */
export function sharedResources(): Resource[] {
  const organizations = Array.from({ length: ORGANIZATIONS }, (_, n) => ({
    resourceType: "Organization",
    id: `org-${n}`,
    active: true,
    name: `第${n}人民医院`,
    identifier: [{ system: "urn:org", value: `ORG-${n}` }],
  }));
  const practitioners = Array.from({ length: PRACTITIONERS }, (_, n) => ({
    resourceType: "Practitioner",
    id: `doc-${n}`,
    active: true,
    identifier: [{ system: "urn:doc", value: `DOC-${n}` }],
    name: [
      { family: FAMILIES[n % FAMILIES.length], given: [`${GIVEN[(n * 7) % GIVEN.length]}${n}`] },
    ],
  }));
  return [...organizations, ...practitioners];
}

export function patientRecord(number: number): Resource[] {
  const next = random(number + 1);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(next() * from.length)] as T;
  const patient = `Patient/pat-${number}`;
  const day = () =>
    new Date(
      BASE + Math.floor(next() * 3800) * DAY_MS + Math.floor(next() * 86_400) * 1000,
    ).toISOString();
  const subject = { reference: patient };
  const encounter = () => ({
    reference: `Encounter/enc-${number}-${Math.floor(next() * ENCOUNTERS)}`,
  });
  const doctor = () => ({ reference: `Practitioner/doc-${Math.floor(next() * PRACTITIONERS)}` });
  const many = (count: number, make: (n: number) => Resource) =>
    Array.from({ length: count }, (_, n) => make(n));
  const family = pick(FAMILIES);
  const given = pick(GIVEN);
  return [
    {
      resourceType: "Patient",
      id: `pat-${number}`,
      active: true,
      identifier: [
        {
          system: "urn:mrn",
          value: `MRN-${number}`,
          type: coded(
            "http://terminology.hl7.org/CodeSystem/v2-0203",
            "MR",
            "Medical record number",
          ),
        },
        { system: "urn:id-card", value: `5402${String(number).padStart(14, "0")}` },
      ],
      name: [{ use: "official", family, given: [given], text: family + given }],
      gender: next() < 0.5 ? "female" : "male",
      birthDate: new Date(Date.parse("1940-01-01") + Math.floor(next() * 25_000) * DAY_MS)
        .toISOString()
        .slice(0, 10),
      address: [{ city: "日喀则", state: "西藏自治区", country: "CN", line: [`${number}号`] }],
      telecom: [{ system: "phone", value: `139${String(number).padStart(8, "0")}` }],
      managingOrganization: { reference: `Organization/org-${Math.floor(next() * ORGANIZATIONS)}` },
    },
    ...many(ENCOUNTERS, (n) => {
      const start = day();
      return {
        resourceType: "Encounter",
        id: `enc-${number}-${n}`,
        status: "finished",
        class: {
          system: "http://terminology.hl7.org/CodeSystem/v3-ActCode",
          code: pick(["AMB", "AMB", "AMB", "EMER", "IMP"]),
        },
        type: [
          coded(snomed, pick(["162673000", "185345009", "390906007", "50849002"]), "Encounter"),
        ],
        subject,
        participant: [{ individual: doctor() }],
        period: { start, end: new Date(Date.parse(start) + 1_800_000).toISOString() },
        serviceProvider: { reference: `Organization/org-${Math.floor(next() * ORGANIZATIONS)}` },
      };
    }),
    ...many(OBSERVATIONS, (n) => {
      const [code, words, unit, low, high] =
        observationKinds[Math.floor(next() ** 1.5 * observationKinds.length)] ??
        observationKinds[0];
      const value = Math.round((low + next() * (high - low)) * 100) / 100;
      const quantity = { value, unit, system: ucum, code: unit };
      return {
        resourceType: "Observation",
        id: `obs-${number}-${n}`,
        status: "final",
        category: category(n % 3 === 0 ? "laboratory" : "vital-signs"),
        code: coded(loinc, code, words),
        subject,
        encounter: encounter(),
        effectiveDateTime: day(),
        issued: day(),
        ...(code === "85354-9"
          ? {
              component: [
                { code: coded(loinc, "8480-6", "Systolic"), valueQuantity: quantity },
                {
                  code: coded(loinc, "8462-4", "Diastolic"),
                  valueQuantity: { ...quantity, value: value - 40 },
                },
              ],
            }
          : { valueQuantity: quantity }),
      };
    }),
    ...many(CONDITIONS, (n) => ({
      resourceType: "Condition",
      id: `con-${number}-${n}`,
      clinicalStatus: coded(
        "http://terminology.hl7.org/CodeSystem/condition-clinical",
        pick(["active", "resolved"]),
        "status",
      ),
      verificationStatus: coded(
        "http://terminology.hl7.org/CodeSystem/condition-ver-status",
        "confirmed",
        "confirmed",
      ),
      code: coded(snomed, String(44_054_000 + Math.floor(next() ** 2 * 300)), "Condition"),
      subject,
      encounter: encounter(),
      onsetDateTime: day(),
      recordedDate: day(),
    })),
    ...many(PROCEDURES, (n) => {
      const start = day();
      return {
        resourceType: "Procedure",
        id: `pro-${number}-${n}`,
        status: "completed",
        code: coded(snomed, String(430_193_000 + Math.floor(next() ** 2 * 200)), "Procedure"),
        subject,
        encounter: encounter(),
        performedPeriod: { start, end: start },
      };
    }),
    ...many(MEDICATIONS, (n) => ({
      resourceType: "MedicationRequest",
      id: `med-${number}-${n}`,
      status: pick(["active", "completed", "stopped"]),
      intent: "order",
      medicationCodeableConcept: coded(
        "http://www.nlm.nih.gov/research/umls/rxnorm",
        String(860_000 + Math.floor(next() ** 2 * 250)),
        "Medicine",
      ),
      subject,
      encounter: encounter(),
      authoredOn: day(),
      requester: doctor(),
    })),
    ...many(IMMUNIZATIONS, (n) => ({
      resourceType: "Immunization",
      id: `imm-${number}-${n}`,
      status: "completed",
      vaccineCode: coded(
        "http://hl7.org/fhir/sid/cvx",
        String(100 + Math.floor(next() * 40)),
        "Vaccine",
      ),
      patient: subject,
      encounter: encounter(),
      occurrenceDateTime: day(),
    })),
    ...many(REPORTS, (n) => ({
      resourceType: "DiagnosticReport",
      id: `rep-${number}-${n}`,
      status: "final",
      category: [coded("http://terminology.hl7.org/CodeSystem/v2-0074", "LAB", "Laboratory")],
      code: coded(loinc, pick(["51990-0", "57698-3", "58410-2", "24323-8"]), "Panel"),
      subject,
      encounter: encounter(),
      effectiveDateTime: day(),
      issued: day(),
      result: [1, 2, 3].map(() => ({
        reference: `Observation/obs-${number}-${Math.floor(next() * OBSERVATIONS)}`,
      })),
    })),
    {
      resourceType: "AllergyIntolerance",
      id: `all-${number}-0`,
      clinicalStatus: coded(
        "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical",
        "active",
        "Active",
      ),
      code: coded(snomed, pick(["419474003", "91936005", "300913006"]), "Allergy"),
      patient: subject,
      recordedDate: day(),
    },
  ];
}
