/** Faults put into the samples, each with the place where it must be reported. */
import type { Sample } from "./validation-samples.ts";

export type Fault = {
  readonly kind: string;
  /** Name of the sample. */
  readonly of: string;
  readonly at: string;
  /** Changes the sample. */
  // biome-ignore lint/suspicious/noExplicitAny: tests reach into samples of any shape
  readonly make: (it: any) => void;
};

const div = (inner: string) => `<div xmlns="http://www.w3.org/1999/xhtml">${inner}</div>`;

/** Sets one member of the sample by a path such as `name.0.use`. */
const set = (path: string, value: unknown) => (it: Sample) => {
  const names = path.split(".");
  const last = names.pop()!;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  let at: any = it;
  for (const name of names) at = at[name];
  if (value === undefined) delete at[last];
  else at[last] = value;
};

const fault = (kind: string, of: string, at: string, make: Fault["make"]): Fault => ({
  kind,
  of,
  at,
  make,
});

/** A wrong value of one primitive element. */
const wrong = (
  of: string,
  path: string,
  at: string,
  values: Readonly<Record<string, unknown>>,
): Fault[] => Object.entries(values).map(([kind, value]) => fault(kind, of, at, set(path, value)));

export const faults: readonly Fault[] = [
  ...wrong("patient", "birthDate", "Patient.birthDate", {
    "date: no leap year": "1983-02-29",
    "date: 31 April": "1983-04-31",
    "date: month 13": "1983-13-01",
    "date: one digit": "1983-2-1",
    "date: slashes": "1983/02/01",
    "date: German": "01.02.1983",
    "date: with a time": "1983-02-01T00:00:00Z",
    "date: year 0000": "0000-01-01",
    "date: two-digit year": "83-01-01",
    "date: blanks around": " 1983-02-01 ",
  }),
  ...wrong("observation", "effectiveDateTime", "Observation.effective", {
    "dateTime: no zone": "2026-11-22T08:00:00",
    "dateTime: no seconds": "2026-11-22T08:00Z",
    "dateTime: hour 24": "2026-11-22T24:00:00Z",
    "dateTime: minute 60": "2026-11-22T08:60:00Z",
    "dateTime: blank for T": "2026-11-22 08:00:00Z",
    "dateTime: zone of 15 hours": "2026-11-22T08:00:00+15:00",
    "dateTime: 30 February": "2026-02-30T08:00:00Z",
  }),
  ...wrong("observation", "issued", "Observation.issued", {
    "instant: only a day": "2026-11-22",
    "instant: no zone": "2026-11-22T08:00:00",
    "instant: zone without colon": "2026-11-22T08:00:00+0800",
  }),
  ...wrong("patient", "id", "Patient.id", {
    "id: underscore": "a_b",
    "id: blank": "a b",
    "id: 65 characters": "a".repeat(65),
    "id: slash": "a/b",
    "id: Chinese": "扎西",
  }),
  ...wrong("patient", "gender", "Patient.gender", {
    "code: not in the value set": "M",
    "code: wrong case": "Male",
    "code: blank at its end": "male ",
  }),
  ...wrong("patient", "telecom.0.rank", "Patient.telecom[0].rank", {
    "positiveInt: zero": 0,
    "positiveInt: fraction": 1.5,
    "positiveInt: negative": -1,
    "positiveInt: above 32 bits": 2 ** 31,
  }),
  fault(
    "unsignedInt: negative",
    "prescription",
    "MedicationRequest.dispenseRequest.numberOfRepeatsAllowed",
    set("dispenseRequest.numberOfRepeatsAllowed", -1),
  ),
  fault("integer: fraction", "patient", "Patient.multipleBirth", set("multipleBirthInteger", 1.5)),
  fault(
    "string: control character",
    "patient",
    "Patient.contact[0].name.text",
    set("contact.0.name.text", "a\u0007b"),
  ),
  fault(
    "uri: blank",
    "patient",
    "Patient.identifier[0].system",
    set("identifier.0.system", "urn:a b"),
  ),
  fault(
    "uri: invalid UUID",
    "document",
    "DocumentReference.masterIdentifier.system",
    set("masterIdentifier.system", "urn:uuid:123"),
  ),
  fault(
    "uri: invalid OID",
    "patient",
    "Patient.identifier[0].system",
    set("identifier.0.system", "urn:oid:2.016.1"),
  ),
  fault(
    "uri: oid: in place of urn:oid:",
    "patient",
    "Patient.identifier[0].system",
    set("identifier.0.system", "oid:2.16.156"),
  ),
  fault(
    "identifier: relative system",
    "patient",
    "Patient.identifier[0].system",
    set("identifier.0.system", "idcard"),
  ),
  fault(
    "identifier: value is no address as its system says",
    "document",
    "DocumentReference.masterIdentifier.value",
    set("masterIdentifier.value", "4711"),
  ),
  fault(
    "base64: wrong length",
    "report",
    "DiagnosticReport.presentedForm[0].data",
    set("presentedForm.0.data", "JVBERi0xLjQ"),
  ),
  fault(
    "base64: wrong characters",
    "report",
    "DiagnosticReport.presentedForm[0].data",
    set("presentedForm.0.data", "JVBE*i0x"),
  ),
  fault(
    "media type without a slash",
    "report",
    "DiagnosticReport.presentedForm[0].contentType",
    set("presentedForm.0.contentType", "pdf"),
  ),
  fault("language that is none", "patient", "Patient.language", set("language", "zh_CN")),
  fault("currency that is none", "claim", "Claim.total.currency", set("total.currency", "RMB")),
  fault(
    "canonical: relative",
    "answers",
    "QuestionnaireResponse.questionnaire",
    set("questionnaire", "fever"),
  ),
  fault(
    "time of day: hour 25",
    "answers",
    "QuestionnaireResponse.item[0].item[0].answer[0].value",
    set("item.0.item.0.answer.0", { valueTime: "25:00:00" }),
  ),
  fault(
    "decimal as text",
    "patient",
    "Patient.extension[2].value",
    set("extension.2.valueDecimal", "4280.5"),
  ),
  fault("two values of a choice", "patient", "Patient.deceased", set("deceasedDateTime", "2026")),
  fault(
    "two values of a required choice",
    "prescription",
    "MedicationRequest.medication",
    set("medicationReference", { reference: "Medication/1" }),
  ),
  fault(
    "a choice's extensions beside another value",
    "patient",
    "Patient.deceased",
    set("_deceasedDateTime", { id: "x" }),
  ),
  fault(
    "a type that the choice does not have",
    "observation",
    "Observation",
    set("valueDecimal", 5),
  ),
  fault("a choice without its type", "saturation", "Observation", (it) => {
    it.value = it.valueQuantity;
    delete it.valueQuantity;
  }),
  fault("more than the maximum", "patient", "Patient.gender", set("gender", ["male", "female"])),
  fault(
    "extensions beside what is no primitive",
    "patient",
    "Patient",
    set("_contact", [{ id: "x" }]),
  ),
  fault("extensions of a list that is not aligned", "patient", "Patient.name[0].given", (it) => {
    it.name[0].given = ["Tashi"];
  }),
  fault(
    "a value beside a primitive",
    "patient",
    "Patient.birthDate",
    set("_birthDate", { value: "1984" }),
  ),
  fault(
    "a required value set: a code of another system",
    "condition",
    "Condition.clinicalStatus",
    set(
      "clinicalStatus.coding.0.system",
      "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical",
    ),
  ),
  fault(
    "a required value set: only text",
    "condition",
    "Condition.verificationStatus",
    set("verificationStatus", { text: "sure" }),
  ),
  fault(
    "an unknown code of HL7's",
    "observation",
    "Observation.category[0].coding[0].code",
    set("category.0.coding.0.code", "vitals"),
  ),
  fault(
    "an unknown code of an example binding",
    "encounter",
    "Encounter.class.code",
    set("class.code", "XYZ"),
  ),
  fault(
    "a relative code system",
    "observation",
    "Observation.code.coding[0].system",
    set("code.coding.0.system", "loinc"),
  ),
  fault(
    "a value set for a code system",
    "observation",
    "Observation.code.coding[0].system",
    set("code.coding.0.system", "http://hl7.org/fhir/ValueSet/observation-codes"),
  ),
  fault("a status of another resource", "encounter", "Encounter.status", set("status", "final")),
  fault(
    "a unit of time that is none",
    "prescription",
    "MedicationRequest.dosageInstruction[0].timing.repeat.periodUnit",
    set("dosageInstruction.0.timing.repeat.periodUnit", "days"),
  ),
  fault(
    "a comparator that is none",
    "saturation",
    "Observation.value.comparator",
    set("valueQuantity.comparator", "=<"),
  ),
  fault(
    "reference: wrong target",
    "observation",
    "Observation.subject.reference",
    set("subject.reference", "Practitioner/1"),
  ),
  fault(
    "reference: wrong target by its type",
    "observation",
    "Observation.subject.type",
    set("subject", { type: "Practitioner", display: "x" }),
  ),
  fault(
    "reference: wrong target at an address",
    "patient",
    "Patient.managingOrganization.reference",
    set("managingOrganization.reference", "https://fhir.example/base/Location/1"),
  ),
  fault(
    "reference: wrong target contained",
    "observation",
    "Observation.device.reference",
    set("contained.0", { resourceType: "Patient", id: "cuff" }),
  ),
  fault(
    "reference: wrong target in the Bundle",
    "transaction",
    "Bundle.entry[1].resource.subject.reference",
    set("entry.0.resource", { resourceType: "Medication" }),
  ),
  fault(
    "reference: another type than it says",
    "patient",
    "Patient.generalPractitioner[0]",
    set("generalPractitioner.0.type", "Organization"),
  ),
  fault(
    "reference: a type that is none",
    "patient",
    "Patient.generalPractitioner[0].type",
    set("generalPractitioner.0.type", "Doctor"),
  ),
  fault(
    "reference: no such resource type",
    "observation",
    "Observation.subject.reference",
    set("subject.reference", "Person1/1"),
  ),
  fault(
    "reference: lower case",
    "observation",
    "Observation.subject.reference",
    set("subject.reference", "patient/1"),
  ),
  fault(
    "reference: only an id",
    "observation",
    "Observation.subject.reference",
    set("subject.reference", "tashi"),
  ),
  fault(
    "reference: an id too long",
    "observation",
    "Observation.subject.reference",
    set("subject.reference", `Patient/${"1".repeat(65)}`),
  ),
  fault(
    "reference: too many parts",
    "observation",
    "Observation.subject.reference",
    set("subject.reference", "Patient/1/2"),
  ),
  fault(
    "reference: up the folders",
    "observation",
    "Observation.subject.reference",
    set("subject.reference", "Patient/../../etc"),
  ),
  fault(
    "reference: a search outside of a transaction",
    "observation",
    "Observation.subject.reference",
    set("subject.reference", "Patient?identifier=1"),
  ),
  fault(
    "reference: nothing contained has the id",
    "observation",
    "Observation.device.reference",
    set("device.reference", "#other"),
  ),
  fault(
    "contained: nothing refers to it",
    "observation",
    "Observation.contained[0]",
    set("device", undefined),
  ),
  fault(
    "contained: no id",
    "observation",
    "Observation.contained[0].id",
    set("contained.0.id", undefined),
  ),
  fault("contained: an id twice", "observation", "Observation.contained[1].id", (it) => {
    it.contained.push(it.contained[0]);
  }),
  fault(
    "contained: contains another",
    "observation",
    "Observation.contained[0].contained",
    set("contained.0.contained", [{ resourceType: "Patient", id: "p" }]),
  ),
  fault(
    "contained: a version",
    "observation",
    "Observation.contained[0].meta",
    set("contained.0.meta", { versionId: "1" }),
  ),
  fault(
    "contained: a date of change",
    "observation",
    "Observation.contained[0].meta",
    set("contained.0.meta", { lastUpdated: "2026-11-22T08:00:00Z" }),
  ),
  fault(
    "contained: a security label",
    "observation",
    "Observation.contained[0].meta",
    set("contained.0.meta", { security: [{ code: "R" }] }),
  ),
  fault(
    "contained: a fault within",
    "observation",
    "Observation.contained[0].status",
    set("contained.0.status", "on"),
  ),
  fault(
    "contained: no resource type",
    "observation",
    "Observation.contained[0].resourceType",
    set("contained.0.resourceType", undefined),
  ),
  fault(
    "extension: no url",
    "patient",
    "Patient.extension[2].url",
    set("extension.2.url", undefined),
  ),
  fault(
    "extension: a relative url",
    "patient",
    "Patient.extension[2].url",
    set("extension.2.url", "altitude"),
  ),
  fault(
    "extension: neither value nor parts",
    "patient",
    "Patient.extension[2]",
    set("extension.2.valueDecimal", undefined),
  ),
  fault(
    "extension: value and parts",
    "patient",
    "Patient.extension[1]",
    set("extension.1.valueString", "x"),
  ),
  fault(
    "extension: two values",
    "patient",
    "Patient.extension[2].value",
    set("extension.2.valueString", "x"),
  ),
  fault(
    "extension: a type of value that there is none of",
    "patient",
    "Patient.extension[2]",
    set("extension.2", { url: "https://x.example/a", valueNarrative: { status: "empty" } }),
  ),
  fault(
    "extension of R4: wrong type of value",
    "patient",
    "Patient.extension[0]",
    set("extension.0", {
      url: "http://hl7.org/fhir/StructureDefinition/patient-birthPlace",
      valueString: "Sakya",
    }),
  ),
  fault(
    "extension of R4: wrong place",
    "observation",
    "Observation.extension[0].url",
    set("extension", [
      {
        url: "http://hl7.org/fhir/StructureDefinition/patient-birthPlace",
        valueAddress: { city: "Sakya" },
      },
    ]),
  ),
  fault(
    "extension of R4: an undefined part",
    "patient",
    "Patient.extension[1]",
    set("extension.1.extension.0.url", "nation"),
  ),
  fault(
    "modifierExtension on a data type",
    "patient",
    "Patient.name[0]",
    set("name.0.modifierExtension", [{ url: "https://x.example/a", valueString: "x" }]),
  ),
  fault(
    "extension in place of modifierExtension",
    "patient",
    "Patient.modifierExtension[0].url",
    set("modifierExtension", [
      {
        url: "http://hl7.org/fhir/StructureDefinition/patient-birthPlace",
        valueAddress: { city: "Sakya" },
      },
    ]),
  ),
  ...Object.entries({
    "a script": div("<script>alert(1)</script>"),
    "an event": div('<p onclick="x()">a</p>'),
    "a form": div("<form>a</form>"),
    "an iframe": div('<iframe src="https://x.example/"/>'),
    "an object": div("<object>x</object>"),
    "a style element": div("<style>p {}</style>x"),
    "an svg": div("<svg>x</svg>"),
    "an active link": div('<a href="javascript:x()">a</a>'),
    "an active link, written in entities": div('<a href="&#106;avascript:x()">a</a>'),
    "an active image": div('<img src="data:text/html,x"/>'),
    "foreign style": div('<p style="background:url(https://x.example/a)">a</p>'),
    "an element that is not closed": div("<p>a"),
    "elements that overlap": div("<b><i>a</b></i>"),
    "an attribute without quotes": div("<p class=a>a</p>"),
    "an attribute twice": div('<p class="a" class="b">a</p>'),
    "a bare ampersand": div("a & b"),
    "an unknown entity": div("a &foo; b"),
    "a bare <": div("a < b"),
    "no namespace": "<div>a</div>",
    "another namespace": '<div xmlns="http://www.w3.org/2000/svg">a</div>',
    "no div": '<p xmlns="http://www.w3.org/1999/xhtml">a</p>',
    "only text": "Tashi",
    "two divs": div("a") + div("b"),
    "no content": div(""),
    "only blanks": div("<p> </p>"),
    "a document type": `<!DOCTYPE div [<!ENTITY a "b">]>${div("a")}`,
    "a processing instruction": `<?xml version="1.0"?>${div("a")}`,
    "upper-case elements": div("<P>a</P>"),
    "head and body": "<html><body>a</body></html>",
  }).map(([kind, value]) =>
    fault(`narrative: ${kind}`, "patient", "Patient.text.div", set("text.div", value)),
  ),
  fault("narrative: no status", "patient", "Patient.text.status", set("text.status", undefined)),
  fault("narrative: no div", "patient", "Patient.text.div", set("text.div", undefined)),
  fault("pat-1", "patient", "Patient.contact[0]", set("contact.0.name", undefined)),
  fault("cpt-2", "patient", "Patient.telecom[0]", set("telecom.0.system", undefined)),
  fault(
    "per-1: later by the minute",
    "encounter",
    "Encounter.period",
    set("period.end", "2026-11-22T07:59:00+08:00"),
  ),
  fault(
    "per-1: later across zones",
    "encounter",
    "Encounter.period",
    set("period.end", "2026-11-22T08:10:00+09:00"),
  ),
  fault(
    "per-1: later by the year",
    "patient",
    "Patient.identifier[0].period",
    set("identifier.0.period.end", "2019-12-31"),
  ),
  fault(
    "obs-3",
    "saturation",
    "Observation.referenceRange[0]",
    set("referenceRange.0", { appliesTo: [{ text: "x" }] }),
  ),
  fault("obs-6", "saturation", "Observation", set("dataAbsentReason", { text: "x" })),
  fault("obs-7", "observation", "Observation", (it) => {
    it.valueString = "x";
    it.component[0].code = it.code;
  }),
  fault("qty-3", "saturation", "Observation.value", set("valueQuantity.system", undefined)),
  fault(
    "sqty-1",
    "saturation",
    "Observation.referenceRange[0].low",
    set("referenceRange.0.low.comparator", "<"),
  ),
  fault("rng-2", "saturation", "Observation.value", (it) => {
    delete it.valueQuantity;
    it.valueRange = { low: { value: 2 }, high: { value: 1 } };
  }),
  fault("rat-1", "saturation", "Observation.value", (it) => {
    delete it.valueQuantity;
    it.valueRatio = { numerator: { value: 2 } };
  }),
  fault("age-1: not above zero", "condition", "Condition.onset", set("onsetAge.value", 0)),
  fault(
    "age-1: not in UCUM",
    "condition",
    "Condition.onset",
    set("onsetAge.system", "http://snomed.info/sct"),
  ),
  fault(
    "drt-1",
    "prescription",
    "MedicationRequest.dispenseRequest.expectedSupplyDuration",
    set("dispenseRequest.expectedSupplyDuration.value", undefined),
  ),
  fault(
    "att-1",
    "report",
    "DiagnosticReport.presentedForm[0]",
    set("presentedForm.0.contentType", undefined),
  ),
  fault("con-4", "condition", "Condition", set("clinicalStatus.coding.0.code", "active")),
  fault(
    "con-5",
    "condition",
    "Condition",
    set("verificationStatus.coding.0.code", "entered-in-error"),
  ),
  fault("con-1", "condition", "Condition.stage[0]", set("stage.0", { type: { text: "x" } })),
  fault("ait-1", "allergy", "AllergyIntolerance", set("clinicalStatus", undefined)),
  fault(
    "ait-2",
    "allergy",
    "AllergyIntolerance",
    set("verificationStatus", {
      coding: [
        {
          system: "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification",
          code: "entered-in-error",
        },
      ],
    }),
  ),
  fault(
    "tim-1",
    "prescription",
    "MedicationRequest.dosageInstruction[0].timing.repeat",
    set("dosageInstruction.0.timing.repeat.duration", 1),
  ),
  fault(
    "tim-2",
    "prescription",
    "MedicationRequest.dosageInstruction[0].timing.repeat",
    set("dosageInstruction.0.timing.repeat.periodUnit", undefined),
  ),
  fault(
    "tim-9",
    "prescription",
    "MedicationRequest.dosageInstruction[0].timing.repeat",
    set("dosageInstruction.0.timing.repeat.offset", 10),
  ),
  fault("app-2", "appointment", "Appointment", set("end", undefined)),
  fault("app-3", "appointment", "Appointment", (it) => {
    delete it.start;
    delete it.end;
  }),
  fault("app-4", "appointment", "Appointment", set("cancelationReason", { text: "x" })),
  fault(
    "app-1",
    "appointment",
    "Appointment.participant[0]",
    set("participant.0.actor", undefined),
  ),
  fault("org-1", "organization", "Organization", set("name", undefined)),
  fault("org-2", "organization", "Organization.address[0]", set("address.0.use", "home")),
  fault("org-3", "organization", "Organization.telecom[0]", set("telecom.0.use", "home")),
  fault("que-1", "questionnaire", "Questionnaire.item[0]", set("item.0.item", undefined)),
  fault("que-2", "questionnaire", "Questionnaire", set("item.0.item.1.linkId", "1")),
  fault(
    "que-4",
    "questionnaire",
    "Questionnaire.item[0].item[1]",
    set("item.0.item.1.answerValueSet", "https://x.example/v"),
  ),
  fault(
    "que-7",
    "questionnaire",
    "Questionnaire.item[0].item[1].enableWhen[0]",
    set("item.0.item.1.enableWhen.0", { question: "1.1", operator: "exists", answerString: "x" }),
  ),
  fault(
    "que-13",
    "questionnaire",
    "Questionnaire.item[0].item[0]",
    set("item.0.item.0.initial", [{ valueBoolean: true }, { valueBoolean: false }]),
  ),
  fault(
    "qrs-1",
    "answers",
    "QuestionnaireResponse.item[0]",
    set("item.0.answer", [{ valueBoolean: true }]),
  ),
  fault("cmp-1", "composition", "Composition.section[0]", set("section.0.text", undefined)),
  fault(
    "inv-1: value and resource",
    "parameters",
    "Parameters.parameter[1]",
    set("parameter.1.valueString", "x"),
  ),
  fault(
    "inv-1: nothing",
    "parameters",
    "Parameters.parameter[0]",
    set("parameter.0", { name: "count" }),
  ),
  fault(
    "parameter without a name",
    "parameters",
    "Parameters.parameter[0].name",
    set("parameter.0.name", undefined),
  ),
  fault(
    "a fault in a parameter's resource",
    "parameters",
    "Parameters.parameter[1].resource.active",
    set("parameter.1.resource.active", "yes"),
  ),
  fault(
    "vsd-1, by FHIRPath",
    "codes",
    "ValueSet.compose.include[0]",
    set("compose.include.0", { version: "1" }),
  ),
  fault(
    "vsd-2, by FHIRPath",
    "codes",
    "ValueSet.compose.include[0]",
    set("compose.include.0", { valueSet: ["https://x.example/v"], concept: [{ code: "x" }] }),
  ),
  fault(
    "vsd-3, by FHIRPath",
    "codes",
    "ValueSet.compose.include[0]",
    set("compose.include.0.filter", [{ property: "a", op: "=", value: "b" }]),
  ),
  fault("bdl-1", "transaction", "Bundle.total", set("total", 2)),
  fault("bdl-2", "transaction", "Bundle.entry[0].search", set("entry.0.search", { mode: "match" })),
  fault(
    "bdl-3: no request",
    "transaction",
    "Bundle.entry[0].request",
    set("entry.0.request", undefined),
  ),
  fault(
    "bdl-3: a request where none belongs",
    "found",
    "Bundle.entry[0].request",
    set("entry.0.request", { method: "GET", url: "x" }),
  ),
  fault(
    "bdl-4",
    "transaction",
    "Bundle.entry[0].response",
    set("entry.0.response", { status: "200" }),
  ),
  fault(
    "bdl-5",
    "found",
    "Bundle.entry[0]",
    set("entry.0", { link: [{ relation: "self", url: "https://x.example" }] }),
  ),
  fault("bdl-7", "transaction", "Bundle.entry[1].fullUrl", (it) => {
    it.entry[1].fullUrl = it.entry[0].fullUrl;
  }),
  fault(
    "bdl-8",
    "found",
    "Bundle.entry[0].fullUrl",
    set("entry.0.fullUrl", "https://fhir.example/base/Patient/tashi/_history/1"),
  ),
  fault("bdl-9", "summary", "Bundle.identifier", set("identifier", undefined)),
  fault("bdl-10", "summary", "Bundle.timestamp", set("timestamp", undefined)),
  fault("bdl-11", "summary", "Bundle.entry", (it) => {
    it.entry.reverse();
  }),
  fault("bdl-12", "summary", "Bundle.entry", set("type", "message")),
  fault(
    "Bundle: address and id differ",
    "found",
    "Bundle.entry[0].fullUrl",
    set("entry.0.fullUrl", "https://fhir.example/base/Patient/other"),
  ),
  fault(
    "Bundle: relative address",
    "found",
    "Bundle.entry[0].fullUrl",
    set("entry.0.fullUrl", "Patient/tashi"),
  ),
  fault(
    "Bundle: POST without a resource",
    "transaction",
    "Bundle.entry[1].resource",
    set("entry.1.resource", undefined),
  ),
  fault(
    "Bundle: a fault in an entry",
    "transaction",
    "Bundle.entry[1].resource.status",
    set("entry.1.resource.status", "done"),
  ),
  fault("Bundle: a type that is none", "transaction", "Bundle.type", set("type", "list")),
  fault(
    "Bundle: a method that is none",
    "transaction",
    "Bundle.entry[0].request.method",
    set("entry.0.request.method", "post"),
  ),
  fault(
    "resource type of an entry is none",
    "transaction",
    "Bundle.entry[0].resource.resourceType",
    set("entry.0.resource.resourceType", "Pat"),
  ),
  fault("unknown element", "patient", "Patient", set("surname", "x")),
  fault("element of DSTU2", "patient", "Patient", set("fhir_comments", ["x"])),
  fault("element of R5", "encounter", "Encounter", set("actualPeriod", { start: "2026" })),
  fault("element one level too high", "patient", "Patient", set("family", "x")),
  fault(
    "resourceType within an element",
    "patient",
    "Patient.name[0]",
    set("name.0.resourceType", "HumanName"),
  ),
  fault(
    "Bundle: nobody has the UUID",
    "transaction",
    "Bundle.entry[1].resource.subject.reference",
    set("entry.1.resource.subject.reference", "urn:uuid:6a4c2f0e-3b1d-4d5c-9a77-0f5d5c1b2a99"),
  ),
  fault(
    "Bundle: another type than the request names",
    "transaction",
    "Bundle.entry[0].request.url",
    set("entry.0.request.url", "Practitioner"),
  ),
  fault(
    "Bundle: another id than the request names",
    "transaction",
    "Bundle.entry[0].request.url",
    set("entry.0.request", { method: "PUT", url: "Patient/other" }),
  ),
  fault(
    "document: what it speaks of is not in it",
    "summary",
    "Bundle.entry[0].resource",
    set("entry.0.resource.subject", { reference: "Patient/tashi" }),
  ),
  fault(
    "reference: invalid UUID",
    "condition",
    "Condition.subject.reference",
    set("subject.reference", "urn:uuid:123"),
  ),
  fault(
    "LOINC: wrong check digit",
    "observation",
    "Observation.code.coding[0].code",
    set("code.coding.0.code", "85354-8"),
  ),
  fault(
    "LOINC: no code",
    "observation",
    "Observation.code.coding[0].code",
    set("code.coding.0.code", "blood-pressure"),
  ),
  fault("language: no such region", "patient", "Patient.language", set("language", "zh-QQ")),
  fault("language: a word", "patient", "Patient.language", set("language", "chinese")),
  fault("language: no such language", "patient", "Patient.language", set("language", "xx")),
  fault(
    "attachment: another size",
    "report",
    "DiagnosticReport.presentedForm[0].size",
    set("presentedForm.0.size", 3),
  ),
  fault("samples: letters", "saturation", "Observation.value.data", (it) => {
    delete it.valueQuantity;
    it.valueSampledData = { origin: { value: 0 }, period: 1, dimensions: 1, data: "1 2 x" };
  }),
  fault(
    "value set: a code that its system does not have",
    "codes",
    "ValueSet.compose.include[0].concept[0].code",
    set("compose.include.0", {
      system: "http://hl7.org/fhir/administrative-gender",
      concept: [{ code: "m" }],
    }),
  ),
  fault("code system: a code twice", "terms", "CodeSystem.concept", set("concept.1.code", "a")),
  fault(
    "expression that cannot be read",
    "parameter",
    "SearchParameter.expression",
    set("expression", "Patient.name.where("),
  ),
  fault(
    "answers: a question that is not asked",
    "answered",
    "QuestionnaireResponse.item[0].linkId",
    set("item.0.linkId", "9"),
  ),
  fault(
    "answers: another type",
    "answered",
    "QuestionnaireResponse.item[0].answer[0].value",
    set("item.0.answer.0", { valueString: "yes" }),
  ),
  fault(
    "answers: twice",
    "answered",
    "QuestionnaireResponse.item[0].answer",
    set("item.0.answer.1", { valueBoolean: false }),
  ),
  fault(
    "answers: a required one is missing",
    "answered",
    "QuestionnaireResponse.item",
    set("item.0", { linkId: "2", answer: [{ valueString: "a" }] }),
  ),
  fault(
    "answers: not among the options",
    "answered",
    "QuestionnaireResponse.item[1].answer[0].value",
    set("item.1.answer.0.valueString", "c"),
  ),
  fault("element id: twice", "patient", "Patient.telecom[0].id", (it) => {
    it.name[0].id = "a";
    it.telecom[0].id = "a";
  }),
  fault("element id: a blank", "patient", "Patient.name[0].id", set("name.0.id", "a b")),
  fault("a definition's relative address", "codes", "ValueSet.url", set("url", "ValueSet/x")),
  fault(
    "duration: no unit of time",
    "prescription",
    "MedicationRequest.dispenseRequest.expectedSupplyDuration.code",
    set("dispenseRequest.expectedSupplyDuration.code", "mg"),
  ),
  fault("vital sign: no category", "vital", "Observation.category", set("category", undefined)),
  fault(
    "vital sign: no time",
    "vital",
    "Observation.effective",
    set("effectiveDateTime", undefined),
  ),
  fault("vital sign: no value", "vital", "Observation.value", set("valueQuantity", undefined)),
  fault("vital sign: another unit", "vital", "Observation.value", set("valueQuantity.code", "kg")),
  fault(
    "vital sign: another code",
    "vital",
    "Observation.code",
    set("code.coding.0.code", "718-7"),
  ),
  fault("blood pressure: only one part", "vital", "Observation.component", (it) => {
    it.meta.profile = ["http://hl7.org/fhir/StructureDefinition/bp"];
    it.code.coding[0].code = "85354-9";
    delete it.valueQuantity;
    it.component = [
      {
        code: { coding: [{ system: "http://loinc.org", code: "8480-6" }] },
        valueQuantity: { value: 1, system: "http://unitsofmeasure.org", code: "mm[Hg]" },
      },
    ];
  }),
  fault(
    "eld-2",
    "profile",
    "StructureDefinition.differential.element[1]",
    set("differential.element.1.min", 2),
  ),
  fault(
    "eld-3",
    "profile",
    "StructureDefinition.differential.element[1].max",
    set("differential.element.1.max", "many"),
  ),
  fault("eld-14", "profile", "StructureDefinition.differential.element[1]", (it) => {
    const { constraint } = it.differential.element[1];
    constraint.push(constraint[0]);
  }),
  fault("eld-8", "profile", "StructureDefinition.differential.element[1]", (it) => {
    Object.assign(it.differential.element[1], { fixedCode: "male", patternCode: "male" });
  }),
  fault(
    "eld-16",
    "profile",
    "StructureDefinition.differential.element[1]",
    set("differential.element.1.sliceName", "a b"),
  ),
  fault(
    "eld-18",
    "profile",
    "StructureDefinition.differential.element[1]",
    set("differential.element.1.isModifier", true),
  ),
  fault(
    "eld-22",
    "profile",
    "StructureDefinition.differential.element[1]",
    set("differential.element.1.sliceIsConstraining", true),
  ),
  fault(
    "eld-12",
    "profile",
    "StructureDefinition.differential.element[1].binding",
    set("differential.element.1.binding.valueSet", "ftp://x"),
  ),
  fault(
    "eld-5",
    "profile",
    "StructureDefinition.differential.element[1]",
    set("differential.element.1.contentReference", "#Patient.name"),
  ),
  fault(
    "a constraint that cannot be read",
    "profile",
    "StructureDefinition.differential.element[1].constraint[0].expression",
    set("differential.element.1.constraint.0.expression", "a.where("),
  ),
  fault("sdf-4, by FHIRPath", "profile", "StructureDefinition", set("baseDefinition", undefined)),
  fault("sdf-6, by FHIRPath", "profile", "StructureDefinition", set("differential", undefined)),
  fault(
    "sdf-17, by FHIRPath",
    "profile",
    "StructureDefinition",
    set("differential.element.1.id", "Patient"),
  ),
  fault(
    "sdf-20, by FHIRPath",
    "profile",
    "StructureDefinition.differential",
    set("differential.element.0.slicing", { rules: "open", description: "x" }),
  ),
  fault(
    "cmd-1",
    "translation",
    "ConceptMap.group[0].element[0].target[0]",
    set("group.0.element.0.target.0.comment", undefined),
  ),
  fault(
    "cmd-2",
    "translation",
    "ConceptMap.group[0].unmapped",
    set("group.0.unmapped.code", undefined),
  ),
  fault(
    "cmd-3",
    "translation",
    "ConceptMap.group[0].unmapped",
    set("group.0.unmapped", { mode: "other-map" }),
  ),
  fault(
    "string: half of a surrogate pair",
    "patient",
    "Patient.contact[0].name.text",
    set("contact.0.name.text", "a\ud800"),
  ),
  fault(
    "uri: half of a surrogate pair",
    "patient",
    "Patient.identifier[0].system",
    set("identifier.0.system", "urn:a\ud800"),
  ),
  fault(
    "narrative: half of a surrogate pair",
    "patient",
    "Patient.text.div",
    set("text.div", div("a\udc00")),
  ),
  fault("narrative: NUL", "patient", "Patient.text.div", set("text.div", div("a\u0000b"))),
];
