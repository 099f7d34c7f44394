/** FHIR resources as items of the record's page. Pure. */
import { createHash } from "node:crypto";
import type {
  Appointment,
  Attachment,
  Composition,
  DiagnosticReport,
  DocumentReference,
  Encounter,
  Observation,
  Procedure,
  Resource,
} from "@medplum/fhirtypes";
import {
  allergyItems,
  conditionItems,
  dispenseItems,
  prescriptionItems,
  statementItems,
  vaccineItems,
} from "./clinical-items.ts";
import { type Draft, joined, nameOf, plain, titleOf } from "./item-draft.ts";
import type { ItemSource, RecordItem } from "./record-contract.ts";
import { componentResults, resultOf } from "./record-results.ts";

export type ItemContext = {
  /** Code of the institution that answered. */
  readonly source: string;
  /** Where it lies, and where a value without a place of its own was measured. */
  readonly altitudeMetres: number | null;
  /** `YYYY-MM-DD` or less. */
  readonly birthDate: string | null;
  /** Address of the store where whoever reads the page reads its files too, e.g. `/stores/sakya-chc/fhir`. */
  readonly filesAt?: string | undefined;
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
      return allergyItems(resource);
    case "Flag":
      return [
        plain("warnings", titleOf(resource.code), resource.period?.start, {
          isHigh: resource.status === "active",
          isPast: resource.status === "inactive",
        }),
      ];
    case "Condition":
      return conditionItems(resource);
    case "MedicationRequest":
      return prescriptionItems(resource);
    case "MedicationDispense":
      return dispenseItems(resource);
    case "MedicationStatement":
      return statementItems(resource);
    case "Immunization":
      return vaccineItems(resource);
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
      return [document(resource, context)];
    case "Composition":
      return [
        plain("documents", resource.title ?? titleOf(resource.type), resource.date, {
          detail: sectionsOf(resource),
        }),
      ];
    default:
      return [];
  }
}

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

function observation(one: Observation, context: ItemContext): Draft[] {
  if (one.status === "cancelled") return [];
  const date =
    one.effectiveDateTime ??
    one.effectivePeriod?.start ??
    // Nobody wrote when; by then it had been measured.
    one.effectivePeriod?.end ??
    one.effectiveInstant ??
    one.issued;
  const parts = componentResults(one, { ...context, date });
  const results =
    parts.length > 0
      ? parts
      : [
          {
            title: titleOf(one.code),
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
  return plain("documents", titleOf(one.code), one.effectiveDateTime ?? one.issued, {
    detail: one.conclusion ?? null,
  });
}

function visit(one: Encounter): Draft {
  return plain(
    "visits",
    joined(one.reasonCode?.map(titleOf) ?? []) ??
      (one.type?.[0] ? titleOf(one.type[0]) : (one.class.display ?? "—")),
    one.period?.start,
    {
      detail: joined([
        one.serviceType ? titleOf(one.serviceType) : undefined,
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
      joined([...(one.serviceType ?? []), ...(one.specialty ?? [])].map(titleOf)) ?? "—",
      one.start,
      { detail: joined(one.participant.map((each) => each.actor?.display)) },
    ),
  ];
}

function procedure(one: Procedure): Draft {
  return plain("visits", titleOf(one.code), one.performedDateTime ?? one.performedPeriod?.start, {
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

function document(one: DocumentReference, { filesAt }: ItemContext): Draft {
  const [content] = one.content;
  const text =
    content?.attachment.contentType?.startsWith("text/plain") && content.attachment.data
      ? Buffer.from(content.attachment.data, "base64").toString("utf8").slice(0, textMax)
      : null;
  return plain(
    "documents",
    one.description ?? content?.attachment.title ?? titleOf(one.type),
    one.date,
    {
      detail: text,
      file: filesAt === undefined ? null : fileOf(content?.attachment, filesAt),
      isPast: one.status === "superseded",
    },
  );
}

/** A file of the same store: bytes that lie elsewhere are not fetched by a page. */
function fileOf(attachment: Attachment | undefined, at: string): Draft["file"] {
  const id = /^Binary\/([A-Za-z0-9\-.]{1,64})$/.exec(attachment?.url ?? "")?.[1];
  return id === undefined ? null : { path: `${at}/Binary/${id}`, name: attachment?.title ?? id };
}
