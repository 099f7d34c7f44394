/** Any row that the maps may meet, for property tests. People are invented. */
import fc from "fast-check";
import {
  type AllergyFacts,
  allergyCategories,
  allergyCertainties,
  allergyCourses,
  allergyKinds,
  allergyRisks,
  reactionSeverities,
} from "../../fhir-mappings/allergy-intolerance.ts";
import type { AppointmentFacts } from "../../fhir-mappings/appointment.ts";
import {
  type AppointmentResponseFacts,
  responseAnswers,
} from "../../fhir-mappings/appointment-response.ts";
import type { BinaryFacts } from "../../fhir-mappings/binary.ts";
import {
  type BookedAppointmentFacts,
  bookedStatus,
} from "../../fhir-mappings/booked-appointment.ts";
import type { CommunicationFacts } from "../../fhir-mappings/communication.ts";
import type { CompositionFacts } from "../../fhir-mappings/composition.ts";
import {
  type ConditionFacts,
  certainties,
  courses,
  diagnosisPlaces,
  pastCourses,
} from "../../fhir-mappings/condition.ts";
import type { ConsentFacts } from "../../fhir-mappings/consent.ts";
import type { DocumentReferenceFacts } from "../../fhir-mappings/document-reference.ts";
import type { CodedWords, MappedDiagnosis } from "../../fhir-mappings/elements.ts";
import type { EncounterFacts } from "../../fhir-mappings/encounter.ts";
import type { HealthcareServiceFacts } from "../../fhir-mappings/healthcare-service.ts";
import { type ImmunizationFacts, vaccinationStates } from "../../fhir-mappings/immunization.ts";
import type { LocationFacts } from "../../fhir-mappings/location.ts";
import {
  dispenseStates,
  type MedicationDispenseFacts,
} from "../../fhir-mappings/medication-dispense.ts";
import {
  type MedicationRequestFacts,
  prescriptionIntents,
  prescriptionStates,
} from "../../fhir-mappings/medication-request.ts";
import type { OrganizationFacts } from "../../fhir-mappings/organization.ts";
import type { OrganizationAffiliationFacts } from "../../fhir-mappings/organization-affiliation.ts";
import type { PatientFacts } from "../../fhir-mappings/patient.ts";
import type { PersonResultFacts } from "../../fhir-mappings/person-result.ts";
import type { PractitionerFacts } from "../../fhir-mappings/practitioner.ts";
import type { PractitionerRoleFacts } from "../../fhir-mappings/practitioner-role.ts";
import type { ProvenanceFacts } from "../../fhir-mappings/provenance.ts";
import type { ScheduleFacts } from "../../fhir-mappings/schedule.ts";
import type { ServiceRequestFacts } from "../../fhir-mappings/service-request.ts";
import { type SlotFacts, slotStatuses } from "../../fhir-mappings/slot.ts";
import type { TaskFacts } from "../../fhir-mappings/task.ts";
import { type VisitFacts, visitStatuses } from "../../fhir-mappings/visit.ts";
import type { VitalSignsFacts } from "../../fhir-mappings/vital-signs.ts";
import { appointmentStates, serviceKinds } from "../../server/booking/domain.ts";
import {
  type ConsentKind,
  type ConsentMethod,
  consentKinds,
  consentMethods,
  consultStates,
  consultUrgencies,
  participantRoles,
} from "../../server/consult/domain.ts";
import {
  allianceKinds,
  institutionKinds,
  institutionLevels,
} from "../../server/directory/domain.ts";
import { contactRelations, patientSexes } from "../../server/patients/domain.ts";
import { personResultKinds } from "../../server/sampling/domain.ts";

const uuid = fc.uuid();
const orNull = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: null });
const pieces = fc.constantFrom(
  "过敏性紫癜",
  "扎西",
  "བཀྲ་ཤིས",
  "a",
  "<b>&\"'",
  "88%",
  "，",
  "&amp;",
  "O₂",
  "×10⁹/L",
);
const inner = fc.constantFrom(" ", "\n", "");
/** Text as the forms keep it: not empty, no blanks outside, anything inside. */
const text = fc.array(fc.tuple(pieces, inner), { minLength: 1, maxLength: 8 }).map((list) =>
  list
    .map(([piece, gap]) => piece + gap)
    .join("")
    .trim(),
);
const word = pieces;
const instant = fc
  .date({
    min: new Date("2020-01-01T00:00:00Z"),
    max: new Date("2035-01-01T00:00:00Z"),
    noInvalidDate: true,
  })
  .map((date) => new Date(date.getTime()));
const day = instant.map((date) => date.toISOString().slice(0, 10));
const digits = fc
  .integer({ min: 0, max: 99_999_999 })
  .map((number) => String(number).padStart(8, "0"));

export const diagnoses: fc.Arbitrary<MappedDiagnosis[]> = fc.array(
  fc.record({
    code: fc.constantFrom(
      "D69.0",
      "I10",
      "D69.000x001",
      "A17.0+",
      "G01*",
      "I10.x00x002",
      "M06.991",
      null,
    ),
    text: word,
  }),
  { maxLength: 4 },
);
const progress = {
  state: fc.constantFrom(...consultStates),
  signedAt: orNull(instant),
  startedAt: orNull(instant),
};
const participants = fc.uniqueArray(
  fc.record({ personId: uuid, role: fc.constantFrom(...participantRoles), lead: fc.boolean() }),
  { maxLength: 5, selector: (one) => one.personId },
);

export const patients: fc.Arbitrary<PatientFacts> = fc
  .record({
    id: uuid,
    fullName: orNull(word),
    fullNameBo: orNull(word),
    sex: fc.constantFrom(...patientSexes),
    birthDate: orNull(day),
    birthDateEstimated: fc.boolean(),
    ethnicGroup: orNull(word),
    language: fc.constantFrom("zh-CN", "bo", "en"),
    address: orNull(word),
    residentId: fc.constantFrom("11010519491231002X", null),
    unknownPerson: fc.boolean(),
    unknownNote: orNull(text),
    managingInstitutionId: uuid,
    contacts: fc.array(
      fc.record({
        relation: fc.constantFrom(...contactRelations),
        name: orNull(word),
        phone: digits,
      }),
      { maxLength: 4 },
    ),
  })
  // Own phones are read back before those of relatives.
  .map((patient) => ({
    ...patient,
    contacts: patient.contacts.toSorted(
      (left, right) => Number(right.relation === "self") - Number(left.relation === "self"),
    ),
  }));

export const practitioners: fc.Arbitrary<PractitionerFacts> = fc.record({
  personId: uuid,
  name: word,
  nameBo: orNull(word),
  nameEn: orNull(word),
  title: word,
  titleEn: orNull(word),
  licenceNumber: orNull(digits),
  practisingSince: orNull(day),
});

export const practitionerRoles: fc.Arbitrary<PractitionerRoleFacts> = fc.record({
  personId: uuid,
  institutionId: uuid,
  departmentId: uuid,
  departmentName: word,
  specialtyCode: fc.constantFrom("03.06", "07", "04.01"),
  roles: fc.uniqueArray(
    fc.constantFrom("attending-doctor", "specialist", "consult-desk", "nurse"),
    { maxLength: 3 },
  ),
  posted: fc.boolean(),
});

export const organizations: fc.Arbitrary<OrganizationFacts> = fc.record({
  id: uuid,
  slug: fc.constantFrom("sakya-chc", "xuhui-central"),
  creditCode: fc.constantFrom("91330100799655058B", null),
  kind: fc.constantFrom(...institutionKinds),
  level: fc.constantFrom(...institutionLevels),
  names: fc.array(fc.record({ language: fc.constantFrom("zh-CN", "bo", "en"), name: word }), {
    minLength: 1,
    maxLength: 4,
  }),
  phone: orNull(digits),
  address: orNull(word),
  altitudeMetres: fc.integer({ min: -200, max: 6000 }),
});

const note = orNull(text);
export const serviceRequests: fc.Arbitrary<ServiceRequestFacts> = fc.record({
  ...progress,
  consultId: uuid,
  number: digits.map((number) => `HZ${number}`),
  urgency: fc.constantFrom(...consultUrgencies),
  patientId: uuid,
  requesterId: uuid,
  invitedInstitutionId: orNull(uuid),
  provisionalDiagnoses: diagnoses,
  authoredAt: instant,
  scheduledStart: orNull(instant),
  scheduledEnd: fc.constant(null),
  question: note,
  reason: note,
  purpose: note,
  complaint: note,
  presentHistory: note,
  pastHistory: note,
  examination: note,
  investigations: note,
  treatmentSoFar: note,
  wantedSpecialty: orNull(word),
  wantedTitle: orNull(word),
  wantedTime: orNull(word),
});

export const tasks: fc.Arbitrary<TaskFacts> = fc
  .record({
    ...progress,
    consultId: uuid,
    urgency: fc.constantFrom(...consultUrgencies),
    patientId: uuid,
    requesterId: uuid,
    invitedInstitutionId: orNull(uuid),
    authoredAt: instant,
    updatedAt: fc.constant(new Date("2036-01-01T00:00:00.000Z")),
    endedAt: orNull(instant),
    respondBy: orNull(instant),
    reason: note,
    opinionDocumentId: orNull(uuid),
  })
  .map((task) => ({ ...task, endedAt: task.startedAt ? task.endedAt : null }));

export const appointments: fc.Arbitrary<AppointmentFacts> = fc.record({
  ...progress,
  number: digits.map((number) => `HZ${number}`),
  consultId: uuid,
  patientId: uuid,
  participants,
  scheduledStart: instant,
  scheduledEnd: fc.constant(new Date("2036-01-01T00:00:00.000Z")),
});

export const encounters: fc.Arbitrary<EncounterFacts> = fc.record({
  ...progress,
  startedAt: instant,
  number: digits.map((number) => `HZ${number}`),
  consultId: uuid,
  patientId: uuid,
  invitingInstitutionId: uuid,
  endedAt: fc.constantFrom(null, new Date("2036-01-01T00:00:00.000Z")),
  scheduledStart: orNull(instant),
  participants,
});

export const consents: fc.Arbitrary<ConsentFacts> = fc.record({
  id: uuid,
  consultId: uuid,
  patientId: uuid,
  kind: fc.constantFrom<ConsentKind>(...consentKinds),
  given: fc.boolean(),
  method: fc.constantFrom<ConsentMethod>(...consentMethods),
  language: fc.constantFrom("zh-CN", "bo"),
  textVersion: fc.constant("2026-11"),
  signerName: word,
  signerRelation: fc.constantFrom("self", "mother", "母亲"),
  witnessName: orNull(word),
  reason: note,
  relativeName: orNull(word),
  recordedBy: uuid,
  recordedAt: instant,
  withdrawnAt: fc.constantFrom(null, new Date("2036-01-01T00:00:00.000Z")),
});

const section = fc.oneof(text, fc.constant(""));
export const compositions: fc.Arbitrary<CompositionFacts> = fc
  .record({
    documentId: uuid,
    consultId: uuid,
    patientId: uuid,
    invitingInstitutionId: uuid,
    doctors: fc.array(fc.record({ personId: uuid, name: word }), { minLength: 1, maxLength: 3 }),
    signedAt: instant,
    issuedAt: instant,
    diagnoses,
    met: fc.boolean(),
    question: section,
    findingsReviewed: section,
    missingData: section,
    diagnosticOpinion: text,
    testsAdvised: section,
    plan: text,
    transferConditions: section,
    plainWords: section,
  })
  .map((facts) => ({ ...facts, signedBy: facts.doctors[0]?.personId ?? "" }));

export const provenances: fc.Arbitrary<ProvenanceFacts> = fc.record({
  documentId: uuid,
  signedBy: uuid,
  institutionId: uuid,
  signedAt: instant,
  jws: fc.constantFrom("eyJhbGciOiJFUzI1NiJ9.e30.c2ln", "a.b.c"),
  contentHash: fc.constant("ab".repeat(32)),
});

export const locations: fc.Arbitrary<LocationFacts> = fc
  .record({
    id: uuid,
    slug: fc.constantFrom("xuhui-central", "sakya-chc"),
    name: word,
    phone: orNull(digits),
    address: orNull(text),
    province: orNull(fc.constantFrom("SH", "XZ")),
    position: orNull(
      fc.record({
        latitude: fc.constantFrom(31.2153, -28.9),
        longitude: fc.constantFrom(121.4573, 0),
      }),
    ),
  })
  // A province is read from the address.
  .map((facts) => (facts.address === null ? { ...facts, province: null } : facts));

export const schedules: fc.Arbitrary<ScheduleFacts> = fc.record({
  id: uuid,
  institutionId: uuid,
  kind: fc.constantFrom(...serviceKinds),
  name: word,
  departmentName: word,
  specialtyCode: fc.constantFrom("03.06", "16.01"),
  doctor: orNull(fc.record({ id: uuid, name: word })),
  place: text,
});

/** Whole seconds: more is not written. */
const second = instant.map((date) => new Date(Math.floor(date.getTime() / 1000) * 1000));
export const slots: fc.Arbitrary<SlotFacts> = fc.record({
  segmentId: uuid,
  scheduleId: uuid,
  status: fc.constantFrom(...slotStatuses),
  start: second,
  end: second,
  offsetMinutes: fc.constantFrom(480, 0, -210, 825),
  capacity: fc.integer({ min: 1, max: 500 }),
  bookingLink: orNull(fc.constant("https://yilian.example.org/book/1?segment=2")),
  bookingPhone: orNull(digits),
});

const doctor = orNull(fc.record({ id: uuid, name: word }));
const specialtyCode = fc.constantFrom("03.06", "15", "13.02");

export const bookedAppointments: fc.Arbitrary<BookedAppointmentFacts> = fc
  .record({
    id: uuid,
    state: fc.constantFrom(...appointmentStates),
    patientId: uuid,
    institutionId: uuid,
    segmentId: orNull(uuid),
    kind: fc.constantFrom(...serviceKinds),
    name: word,
    departmentName: word,
    specialtyCode,
    doctor,
    start: instant,
    end: fc.constant(new Date("2036-01-01T00:00:00.000Z")),
    endReason: orNull(text),
  })
  // Only what did not come about has a reason.
  .map((one) => ({
    ...one,
    endReason: ["cancelled", "noshow"].includes(bookedStatus[one.state]) ? one.endReason : null,
  }));

export const visits: fc.Arbitrary<VisitFacts> = fc.record({
  id: uuid,
  status: fc.constantFrom(...visitStatuses),
  patientId: uuid,
  institutionId: uuid,
  appointmentId: orNull(uuid),
  kind: fc.constantFrom(...serviceKinds),
  name: word,
  reason: orNull(text),
  doctor,
  start: instant,
  end: fc.constantFrom(null, new Date("2036-01-01T00:00:00.000Z")),
});

export const appointmentResponses: fc.Arbitrary<AppointmentResponseFacts> = fc.record({
  id: uuid,
  appointmentId: uuid,
  by: fc.record({ type: fc.constantFrom("Patient" as const, "Practitioner" as const), id: uuid }),
  answer: fc.constantFrom(...responseAnswers),
  comment: orNull(text),
});

export const healthcareServices: fc.Arbitrary<HealthcareServiceFacts> = fc.record({
  id: uuid,
  institutionId: uuid,
  name: word,
  specialtyCode,
  phone: fc.constantFrom(null, "021-54030000"),
});

export const personResults: fc.Arbitrary<PersonResultFacts> = fc.record({
  id: uuid,
  patientId: uuid,
  result: fc.constantFrom(...personResultKinds),
  pooledCount: fc.integer({ min: 1, max: 20 }),
  tubeCode: orNull(digits),
  method: word,
  sampledAt: instant,
  testedAt: instant,
  releasedAt: instant,
  laboratoryId: uuid,
});

export const communications: fc.Arbitrary<CommunicationFacts> = fc.record({
  id: uuid,
  consultId: uuid,
  patientId: uuid,
  byPersonId: uuid,
  text,
  at: instant,
});

export const organizationAffiliations: fc.Arbitrary<OrganizationAffiliationFacts> = fc.record({
  allianceId: uuid,
  allianceName: word,
  kind: fc.constantFrom(...allianceKinds),
  leadId: orNull(uuid),
  memberId: uuid,
});

export const documentReferences: fc.Arbitrary<DocumentReferenceFacts> = fc.record({
  id: uuid,
  consultId: uuid,
  patientId: uuid,
  name: text,
  mediaType: fc.constantFrom("image/png", "application/pdf"),
  sizeBytes: fc.integer({ min: 1, max: 30_000_000 }),
  sha256: fc.constantFrom(null, "ab".repeat(32)),
  completedAt: instant,
});

/** As exact as somebody knows it. */
const partialDate = fc.oneof(
  instant.map((one) => one.toISOString()),
  day,
  day.map((one) => one.slice(0, 7)),
  day.map((one) => one.slice(0, 4)),
);
const codedWords: fc.Arbitrary<CodedWords> = fc.oneof(
  fc.record({ system: fc.constant(null), code: fc.constant(null), text }),
  fc.record({
    system: fc.constantFrom("http://snomed.info/sct", "http://hl7.org/fhir/sid/icd-10", "urn:x"),
    code: fc.constantFrom("D69.0", "294505008", "x-1"),
    text: word,
  }),
);
const named = {
  id: uuid,
  name: orNull(fc.record({ system: fc.constant("urn:his"), value: digits })),
  patientId: uuid,
};

export const conditions: fc.Arbitrary<ConditionFacts> = fc
  .record({
    ...named,
    place: orNull(fc.constantFrom(...diagnosisPlaces)),
    course: fc.constantFrom(...courses),
    certainty: orNull(fc.constantFrom(...certainties)),
    diagnosis: codedWords,
    onset: orNull(partialDate),
    ended: fc.constant("2036"),
    recordedAt: orNull(partialDate),
    encounterId: orNull(uuid),
    asserterId: orNull(uuid),
  })
  // con-4 and con-5: an end is of what is over, and what was a mistake has no course.
  .map((one) => ({
    ...one,
    course: one.certainty === "entered-in-error" ? null : one.course,
    ended:
      one.certainty !== "entered-in-error" && pastCourses.includes(one.course) ? one.ended : null,
  }));

export const allergies: fc.Arbitrary<AllergyFacts> = fc
  .record({
    ...named,
    substance: codedWords,
    kind: orNull(fc.constantFrom(...allergyKinds)),
    categories: fc.uniqueArray(fc.constantFrom(...allergyCategories)),
    risk: orNull(fc.constantFrom(...allergyRisks)),
    course: fc.constantFrom(...allergyCourses),
    certainty: orNull(fc.constantFrom(...allergyCertainties)),
    onset: orNull(partialDate),
    recordedAt: orNull(partialDate),
    reactions: fc.array(
      fc.record({
        manifestations: fc.array(codedWords, { minLength: 1, maxLength: 3 }),
        severity: orNull(fc.constantFrom(...reactionSeverities)),
      }),
      { maxLength: 3 },
    ),
  })
  .map((one) => ({ ...one, course: one.certainty === "entered-in-error" ? null : one.course }));

const amount = orNull(
  fc.record({ value: fc.integer({ min: 1, max: 500 }), unit: orNull(fc.constantFrom("片", "盒")) }),
);
const supplyDays = orNull(fc.integer({ min: 1, max: 84 }));
const dosage = fc.array(text, { maxLength: 3 });
export const medicationRequests: fc.Arbitrary<MedicationRequestFacts> = fc.record({
  ...named,
  state: fc.constantFrom(...prescriptionStates),
  intent: fc.constantFrom(...prescriptionIntents),
  medicine: codedWords,
  authoredAt: orNull(partialDate),
  prescriberId: orNull(uuid),
  encounterId: orNull(uuid),
  dosage,
  quantity: amount,
  supplyDays,
});

export const medicationDispenses: fc.Arbitrary<MedicationDispenseFacts> = fc.record({
  ...named,
  state: fc.constantFrom(...dispenseStates),
  medicine: codedWords,
  prescriptionId: orNull(uuid),
  quantity: amount,
  supplyDays,
  preparedAt: orNull(instant.map((one) => one.toISOString())),
  handedOverAt: fc.constantFrom(null, "2036-01-01T00:00:00.000Z"),
  dosage,
});

export const immunizations: fc.Arbitrary<ImmunizationFacts> = fc.record({
  ...named,
  state: fc.constantFrom(...vaccinationStates),
  vaccine: codedWords,
  when: fc.oneof(
    partialDate.map((at) => ({ at })),
    text.map((words) => ({ words })),
  ),
  lotNumber: orNull(digits),
  dose: orNull(fc.integer({ min: 1, max: 5 })),
  reason: orNull(codedWords),
});

export const binaries: fc.Arbitrary<BinaryFacts> = fc.record({
  id: uuid,
  mediaType: fc.constantFrom("application/pdf", "image/png", "text/plain; charset=utf-8"),
  patientId: orNull(uuid),
  bytes: orNull(fc.uint8Array({ minLength: 1, maxLength: 40 }).map((one) => Buffer.from(one))),
});

const measured = (min: number, max: number) => orNull(fc.integer({ min, max }));
export const vitalSigns: fc.Arbitrary<VitalSignsFacts> = fc
  .record({
    consultId: uuid,
    patientId: uuid,
    performerId: uuid,
    measuredAt: orNull(instant),
    statedAt: instant,
    altitudeMetres: measured(-200, 6000),
    temperatureCelsius: orNull(fc.integer({ min: 250, max: 450 }).map((one) => one / 10)),
    systolicMmHg: measured(30, 320),
    diastolicMmHg: measured(10, 220),
    pulsePerMinute: fc.integer({ min: 0, max: 350 }),
    breathsPerMinute: measured(0, 120),
    spo2Percent: measured(20, 100),
    onOxygen: orNull(fc.boolean()),
    weightKg: measured(1, 400),
    heightCm: measured(20, 250),
  })
  .map((one) => ({ ...one, onOxygen: one.spo2Percent === null ? null : one.onOxygen }));
