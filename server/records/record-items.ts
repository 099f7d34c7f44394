/** FHIR resources as items of the record's page. Pure. */
import { createHash } from "node:crypto";
import type {
  AllergyIntolerance,
  Appointment,
  CodeableConcept,
  Composition,
  Condition,
  DiagnosticReport,
  DocumentReference,
  Encounter,
  Immunization,
  MedicationRequest,
  MedicationStatement,
  Observation,
  Procedure,
  Resource,
} from "@medplum/fhirtypes";
import type { ItemSource, RecordItem, RecordSection } from "./record-contract.ts";
import { componentResults, resultOf } from "./record-results.ts";

export type ItemContext = {
  /** Code of the institution that answered. */
  readonly source: string;
  /** Where it lies, and where a value without a place of its own was measured. */
  readonly altitudeMetres: number | null;
  /** `YYYY-MM-DD` or less. */
  readonly birthDate: string | null;
};
type Draft = Omit<RecordItem, "key" | "sources" | "kind"> & {
  /** What makes it the same thing elsewhere when it has no business identifier; null: nothing does. */
  readonly content: string | null;
};

/** Items of a resource; none for what is no part of a record's page, or was entered in error. */
export function itemsOf(resource: Resource, context: ItemContext): RecordItem[] {
  const drafts = draftsOf(resource, context);
  const reference = `${resource.resourceType}/${resource.id ?? ""}`;
  const identifier = identifierOf(resource);
  return drafts.map(({ content, ...draft }, n) => {
    const source: ItemSource = { code: context.source, reference, date: draft.date };
    const same =
      identifier !== null
        ? `id:${identifier}:${n}`
        : content !== null
          ? `as:${content}`
          : `at:${context.source}:${reference}:${n}`;
    return {
      ...draft,
      kind: resource.resourceType,
      key: createHash("sha256")
        .update(`${resource.resourceType}|${same}`)
        .digest("base64url")
        .slice(0, 22),
      sources: [source],
    };
  });
}

function draftsOf(resource: Resource, context: ItemContext): Draft[] {
  if ((resource as { status?: string }).status === "entered-in-error") return [];
  switch (resource.resourceType) {
    case "AllergyIntolerance":
      return allergy(resource);
    case "Flag":
      return [
        plain("warnings", wordsOf(resource.code), resource.period?.start, {
          isHigh: resource.status === "active",
          isPast: resource.status === "inactive",
        }),
      ];
    case "Condition":
      return condition(resource);
    case "MedicationRequest":
    case "MedicationStatement":
      return [medicine(resource)];
    case "Immunization":
      return [immunization(resource)];
    case "Observation":
      return observation(resource, context);
    case "DiagnosticReport":
      return [report(resource)];
    case "Encounter":
      return [visit(resource)];
    case "Appointment":
      return appointment(resource);
    case "Procedure":
      return [procedure(resource)];
    case "DocumentReference":
      return [document(resource)];
    case "Composition":
      return [
        plain("documents", resource.title ?? wordsOf(resource.type), resource.date, {
          detail: sectionsOf(resource),
        }),
      ];
    default:
      return [];
  }
}

function plain(
  section: RecordSection,
  title: string,
  date: string | undefined,
  more: Partial<Draft> = {},
): Draft {
  return {
    section,
    title,
    date: date ?? null,
    detail: null,
    isPast: false,
    isHigh: false,
    result: null,
    receiver: null,
    content: null,
    ...more,
  };
}

/** The words of a concept as its source wrote them; a code alone is better than nothing. */
export function wordsOf(concept: CodeableConcept | undefined): string {
  return (
    concept?.text ??
    concept?.coding?.find((one) => one.display)?.display ??
    concept?.coding?.[0]?.code ??
    "—"
  );
}
const nameOf = (concept: CodeableConcept | undefined) => {
  const coding = concept?.coding?.find((one) => one.system && one.code);
  return coding ? `${coding.system}|${coding.code}` : wordsOf(concept).trim().toLowerCase();
};
const dayOf = (date: string | undefined) => (date ?? "").slice(0, 10);
const codeOf = (concept: CodeableConcept | undefined) => concept?.coding?.[0]?.code;
const joined = (parts: readonly (string | undefined)[]) =>
  parts.filter((part) => part !== undefined && part !== "").join(" · ") || null;

function identifierOf(resource: Resource): string | null {
  // A Composition has one.
  const [first] = [(resource as { identifier?: unknown }).identifier ?? []].flat() as {
    system?: unknown;
    value?: unknown;
  }[];
  return typeof first?.system === "string" && typeof first?.value === "string"
    ? `${first.system}|${first.value}`
    : null;
}

function allergy(one: AllergyIntolerance): Draft[] {
  if (codeOf(one.verificationStatus) === "entered-in-error") return [];
  const reactions = one.reaction?.flatMap((reaction) => reaction.manifestation.map(wordsOf)) ?? [];
  const refuted = codeOf(one.verificationStatus) === "refuted";
  const status = codeOf(one.clinicalStatus);
  return [
    plain("warnings", wordsOf(one.code), one.recordedDate ?? one.onsetDateTime, {
      detail: joined(reactions),
      isHigh: !refuted && one.criticality !== "low",
      isPast: refuted || status === "inactive" || status === "resolved",
      content: `${nameOf(one.code)}|${[...reactions].sort().join("|").toLowerCase()}`,
    }),
  ];
}

function condition(one: Condition): Draft[] {
  const verified = codeOf(one.verificationStatus);
  if (verified === "entered-in-error" || verified === "refuted") return [];
  const status = codeOf(one.clinicalStatus);
  const date = one.onsetDateTime ?? one.onsetPeriod?.start ?? one.recordedDate;
  return [
    plain("problems", wordsOf(one.code), date, {
      detail: one.code?.coding?.[0]?.code ?? null,
      isPast: status === "resolved" || status === "inactive" || status === "remission",
      content: `${nameOf(one.code)}|${dayOf(date)}`,
    }),
  ];
}

function medicine(one: MedicationRequest | MedicationStatement): Draft {
  const isRequest = one.resourceType === "MedicationRequest";
  const date = isRequest
    ? one.authoredOn
    : (one.effectiveDateTime ?? one.effectivePeriod?.start ?? one.dateAsserted);
  const dosage = isRequest ? one.dosageInstruction : one.dosage;
  return plain(
    "medicines",
    one.medicationCodeableConcept
      ? wordsOf(one.medicationCodeableConcept)
      : (one.medicationReference?.display ?? "—"),
    date,
    {
      detail: joined(dosage?.map((line) => line.text) ?? []),
      isPast: one.status !== "active" && one.status !== "intended" && one.status !== "draft",
      content: one.medicationCodeableConcept
        ? `${nameOf(one.medicationCodeableConcept)}|${dayOf(date)}`
        : null,
    },
  );
}

function immunization(one: Immunization): Draft {
  return plain("medicines", wordsOf(one.vaccineCode), one.occurrenceDateTime, {
    isPast: true,
    detail: one.lotNumber ?? null,
    content: `${nameOf(one.vaccineCode)}|${dayOf(one.occurrenceDateTime)}`,
  });
}

function observation(one: Observation, context: ItemContext): Draft[] {
  if (one.status === "cancelled") return [];
  const date =
    one.effectiveDateTime ?? one.effectivePeriod?.start ?? one.effectiveInstant ?? one.issued;
  const parts = componentResults(one, { ...context, date });
  const results =
    parts.length > 0
      ? parts
      : [
          {
            title: wordsOf(one.code),
            result: resultOf(one, nameOf(one.code), { ...context, date }),
          },
        ];
  return results.map(({ title, result }) =>
    plain("results", title, date, {
      result,
      isHigh: result.flag === "critical",
      content: `${result.series}|${date ?? ""}|${result.value ?? result.text ?? ""}`,
    }),
  );
}

function report(one: DiagnosticReport): Draft {
  return plain("documents", wordsOf(one.code), one.effectiveDateTime ?? one.issued, {
    detail: one.conclusion ?? null,
  });
}

function visit(one: Encounter): Draft {
  return plain(
    "visits",
    joined(one.reasonCode?.map(wordsOf) ?? []) ??
      (one.type?.[0] ? wordsOf(one.type[0]) : (one.class.display ?? "—")),
    one.period?.start,
    {
      detail: joined([
        one.serviceType ? wordsOf(one.serviceType) : undefined,
        ...(one.participant?.map((each) => each.individual?.display) ?? []),
      ]),
      isPast: one.status === "finished" || one.status === "cancelled",
    },
  );
}

/** What is still to come; what came about is told by its visit. */
function appointment(one: Appointment): Draft[] {
  if (one.status !== "booked" && one.status !== "pending") return [];
  return [
    plain(
      "visits",
      joined([...(one.serviceType ?? []), ...(one.specialty ?? [])].map(wordsOf)) ?? "—",
      one.start,
      { detail: joined(one.participant.map((each) => each.actor?.display)) },
    ),
  ];
}

function procedure(one: Procedure): Draft {
  return plain("visits", wordsOf(one.code), one.performedDateTime ?? one.performedPeriod?.start, {
    isPast: one.status === "completed",
  });
}

const textMax = 2000;
const entities: Readonly<Record<string, string>> = {
  lt: "<",
  gt: ">",
  quot: '"',
  "#39": "'",
  amp: "&",
};

/** The sections of a document as one text, without its marks. */
function sectionsOf({ section = [] }: Composition): string | null {
  const texts = section.flatMap((one) => {
    const text = (one.text?.div ?? "")
      .replace(/<[^>]*>/g, " ")
      .replace(/&(lt|gt|quot|#39|amp);/g, (_whole, name: string) => entities[name] ?? "")
      .replace(/\s+/g, " ")
      .trim();
    return text === "" ? [] : [one.title ? `${one.title}：${text}` : text];
  });
  return texts.join("\n").slice(0, textMax) || null;
}

function document(one: DocumentReference): Draft {
  const [content] = one.content;
  const text =
    content?.attachment.contentType?.startsWith("text/plain") && content.attachment.data
      ? Buffer.from(content.attachment.data, "base64").toString("utf8").slice(0, textMax)
      : null;
  return plain(
    "documents",
    one.description ?? content?.attachment.title ?? wordsOf(one.type),
    one.date,
    {
      detail: text,
      isPast: one.status === "superseded",
    },
  );
}
