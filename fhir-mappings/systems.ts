/**
 * Named URLs of every identifier, code system and extension that the maps use.
 * Sources: HL7 FHIR R4 (4.0.1) terminologies; OIDs of the national health
 * document specification WS/T 500 (2.16.156.10011); our own under one base.
 *
 * `example.org` is reserved (RFC 2606), so that our names collide with nobody's:
 * an operator with a domain changes `OWN` once, before the first export.
 */
const OWN = "https://yilian.example.org/fhir";
const SMART = "http://fhir-registry.smarthealthit.org/StructureDefinition";
const V3 = "http://terminology.hl7.org/CodeSystem";

export const identifierSystems = {
  /** 居民身份证号, WS/T 500. */
  residentId: "urn:oid:2.16.156.10011.1.3",
  /** The alliance's own number of a person: what a member's record is matched by beside the ID card. */
  alliancePatient: "urn:yilian:patient",
  /** 统一社会信用代码, GB 32100. */
  creditCode: `${OWN}/identifier/unified-social-credit-code`,
  alliance: `${OWN}/identifier/alliance`,
  institutionSlug: `${OWN}/identifier/institution`,
  /** 医师执业证书编码. */
  licence: `${OWN}/identifier/practice-licence`,
  consultNumber: `${OWN}/identifier/consult-number`,
  opinionDocument: `${OWN}/identifier/opinion-document`,
  /** 转诊单号, on the request and on its progress. */
  referralNumber: `${OWN}/identifier/referral-number`,
  /** 住院号, as the house writes it where the patient lies. */
  admissionNumber: `${OWN}/identifier/admission-number`,
  /** One way from the first complaint to the last follow-up. */
  episodeNumber: `${OWN}/identifier/episode-number`,
  /** One return trigger, whichever of both houses tells it. */
  returnTrigger: `${OWN}/identifier/return-trigger`,
  /** One diagnosis of a consult or a visit, whichever of the houses tells it. */
  diagnosis: `${OWN}/identifier/diagnosis`,
  /** One measurement of a consult's request. */
  vitalSign: `${OWN}/identifier/vital-sign`,
  bedUnit: `${OWN}/identifier/bed-unit`,
  bed: `${OWN}/identifier/bed`,
  /** 处方编号 with the place of the medicine on it. */
  prescriptionNumber: `${OWN}/identifier/prescription-number`,
  visitNumber: `${OWN}/identifier/visit-number`,
  /** The code on a tube of swabs. */
  tube: `${OWN}/identifier/sampling-tube`,
} as const;

export const codeSystems = {
  /** WHO ICD-10, as named in FHIR R4 "Using ICD". */
  icd10: "http://hl7.org/fhir/sid/icd-10",
  /** ICD-10 诊断编码表 with national extensions, WS/T 500. */
  icd10China: "urn:oid:2.16.156.10011.2.3.3.11",
  language: "urn:ietf:bcp:47",
  loinc: "http://loinc.org",
  /** WHO's anatomical, therapeutic and chemical classification, as named in FHIR R4. */
  atc: "http://www.whocc.no/atc",
  /** Unified Code for Units of Measure. */
  ucum: "http://unitsofmeasure.org",
  actCode: `${V3}/v3-ActCode`,
  /** HL7 v2 table 0116, whether a bed is occupied, unoccupied, cleaned, closed. */
  bedStatus: `${V3}/v2-0116`,
  locationPhysicalType: `${V3}/location-physical-type`,
  bedUnitKind: `${OWN}/CodeSystem/bed-unit-kind`,
  documentCompletion: `${V3}/v3-DocumentCompletion`,
  consentScope: `${V3}/consentscope`,
  provenanceAgent: `${V3}/provenance-participant-type`,
  taskCode: "http://hl7.org/fhir/CodeSystem/task-code",
  /** ASTM E1762 signature types, bound by FHIR Signature.type. */
  signatureType: "urn:iso-astm:E1762-95:2013",
  snomed: "http://snomed.info/sct",
  observationCategory: "http://terminology.hl7.org/CodeSystem/observation-category",
  conditionClinical: "http://terminology.hl7.org/CodeSystem/condition-clinical",
  conditionCertainty: "http://terminology.hl7.org/CodeSystem/condition-ver-status",
  conditionCategory: "http://terminology.hl7.org/CodeSystem/condition-category",
  allergyClinical: "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical",
  allergyCertainty: "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification",
  dataAbsent: "http://terminology.hl7.org/CodeSystem/data-absent-reason",
  diagnosticService: "http://terminology.hl7.org/CodeSystem/v2-0074",
  /** What of a measurement has no LOINC code: whether it was taken under oxygen. */
  vitalSign: `${OWN}/CodeSystem/vital-sign`,
  /** Findings of a pooled tube that have no SNOMED CT code. */
  labResult: `${OWN}/CodeSystem/lab-result`,
  consultState: `${OWN}/CodeSystem/consult-state`,
  /**
   * HL7 Bidirectional Services eReferral (BSeR) 2.0, whose codes are those of IHE 360X; read at
   * build.fhir.org/ig/HL7/bser in November 2026.
   */
  referralProgress: "http://hl7.org/fhir/us/bser/CodeSystem/TaskBusinessStatusCS",
  /** Our own state of a referral, finer than BSeR's. */
  referralState: `${OWN}/CodeSystem/referral-state`,
  /** 上转 up, 下转 down. */
  referralDirection: `${OWN}/CodeSystem/referral-direction`,
  /** What of a pathway was met (转诊指征). */
  referralCriterion: `${OWN}/CodeSystem/referral-criterion`,
  /** What a plan for the time after coming home consists of. */
  planActivity: `${OWN}/CodeSystem/plan-activity`,
  followUpKind: `${OWN}/CodeSystem/follow-up-kind`,
  /** When a patient is to be brought back. */
  returnTrigger: `${OWN}/CodeSystem/return-trigger`,
  flagCategory: "http://terminology.hl7.org/CodeSystem/flag-category",
  service: `${OWN}/CodeSystem/service`,
  serviceKind: `${OWN}/CodeSystem/service-kind`,
  participantRole: `${OWN}/CodeSystem/participant-role`,
  consentKind: `${OWN}/CodeSystem/consent-kind`,
  consentText: `${OWN}/CodeSystem/consent-text`,
  opinionSection: `${OWN}/CodeSystem/opinion-section`,
  allianceKind: `${OWN}/CodeSystem/alliance-kind`,
  institutionKind: `${OWN}/CodeSystem/institution-kind`,
  institutionLevel: `${OWN}/CodeSystem/institution-level`,
  contactRelation: `${OWN}/CodeSystem/contact-relation`,
  role: `${OWN}/CodeSystem/role`,
  /** 医疗机构诊疗科目名录. */
  specialty: `${OWN}/CodeSystem/specialty`,
  /** Provinces by GB/T 2260. */
  region: `${OWN}/CodeSystem/region`,
  feverAnswer: `${OWN}/CodeSystem/fever-answer`,
  feverSection: `${OWN}/CodeSystem/fever-section`,
} as const;

export const extensionUrls = {
  /** HL7: why a value is missing. */
  dataAbsentReason: "http://hl7.org/fhir/StructureDefinition/data-absent-reason",
  /** SMART Scheduling Links, under the registry's own names. */
  bookingLink: `${SMART}/booking-deep-link`,
  bookingPhone: `${SMART}/booking-phone`,
  slotCapacity: `${SMART}/slot-capacity`,
  nameLanguage: `${OWN}/StructureDefinition/name-language`,
  titleEn: `${OWN}/StructureDefinition/title-en`,
  contactName: `${OWN}/StructureDefinition/contact-name`,
  birthDateEstimated: `${OWN}/StructureDefinition/birth-date-estimated`,
  ethnicGroup: `${OWN}/StructureDefinition/ethnic-group`,
  unknownPersonNote: `${OWN}/StructureDefinition/unknown-person-note`,
  organizationName: `${OWN}/StructureDefinition/organization-name`,
  altitudeMetres: `${OWN}/StructureDefinition/altitude-metres`,
  /** Our own state of a booked appointment; its status is the nearest of R4's. */
  appointmentState: `${OWN}/StructureDefinition/appointment-state`,
  posted: `${OWN}/StructureDefinition/posted`,
  department: `${OWN}/StructureDefinition/department`,
  noteKind: `${OWN}/StructureDefinition/note-kind`,
  lead: `${OWN}/StructureDefinition/lead`,
  consult: `${OWN}/StructureDefinition/consult`,
  /** Persons whose swabs are in one tube. */
  pooledCount: `${OWN}/StructureDefinition/pooled-count`,
  /** Where whoever refers is rung back. */
  callBack: `${OWN}/StructureDefinition/call-back`,
  /** What an episode began with, in words, and why it was closed. */
  complaint: `${OWN}/StructureDefinition/complaint`,
  closeReason: `${OWN}/StructureDefinition/close-reason`,
  reviewOn: `${OWN}/StructureDefinition/review-on`,
  /** Whether the community's shelf has a medicine, and what takes its place. */
  onShelf: `${OWN}/StructureDefinition/on-shelf`,
  substitute: `${OWN}/StructureDefinition/substitute`,
  /** A trigger's limits: from here up, from here down. */
  triggerAtLeast: `${OWN}/StructureDefinition/trigger-at-least`,
  triggerAtMost: `${OWN}/StructureDefinition/trigger-at-most`,
  consentMethod: `${OWN}/StructureDefinition/consent-method`,
  consentLanguage: `${OWN}/StructureDefinition/consent-language`,
  consentRelation: `${OWN}/StructureDefinition/consent-signer-relation`,
  consentWitness: `${OWN}/StructureDefinition/consent-witness`,
  consentReason: `${OWN}/StructureDefinition/consent-reason`,
  consentRelative: `${OWN}/StructureDefinition/consent-relative`,
  recordedBy: `${OWN}/StructureDefinition/recorded-by`,
  issuedAt: `${OWN}/StructureDefinition/issued-at`,
  contentHash: `${OWN}/StructureDefinition/content-hash`,
} as const;

/** Canonical address of a region's pre-triage questionnaire; its version follows behind `|`. */
export const questionnaireUrl = (region: string): string =>
  `${OWN}/Questionnaire/pre-triage-${region}`;
