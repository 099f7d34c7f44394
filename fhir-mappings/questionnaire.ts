/**
 * Questionnaire and QuestionnaireResponse: the pre-triage questions of a region as one published version
 * asks them, and what somebody answered. Red flags come first: everything behind them is enabled only
 * when they were denied.
 */
import type {
  Extension,
  Questionnaire,
  QuestionnaireItem,
  QuestionnaireItemEnableWhen,
  QuestionnaireResponse,
  QuestionnaireResponseItem,
  Resource,
} from "@medplum/fhirtypes";
import type { FeverRegion, QuestionId } from "../server/fever/domain.ts";
import {
  compact,
  dateOf,
  expectType,
  extensionOf,
  idOf,
  knownCode,
  need,
  refer,
} from "./elements.ts";
import { FhirMappingError } from "./mapping-error.ts";
import { codeSystems, extensionUrls, questionnaireUrl } from "./systems.ts";

type Words = { readonly zh: string; readonly en: string; readonly bo: string };
export interface QuestionFacts {
  readonly id: QuestionId;
  readonly kind: "choice" | "condition" | "temperature";
  readonly section: "red-flag" | "person" | "fever" | "exposure";
  readonly text: Words;
  readonly options: readonly { readonly value: string; readonly text: Words }[];
}
export interface QuestionnaireFacts {
  readonly id: string;
  readonly region: FeverRegion;
  readonly version: number;
  readonly status: "draft" | "active" | "retired";
  /** Calendar day from which it counts. */
  readonly validFrom: string;
  readonly questions: readonly QuestionFacts[];
}

const sections: Record<QuestionFacts["section"], true> = {
  "red-flag": true,
  person: true,
  fever: true,
  exposure: true,
};
const regions: Record<FeverRegion, string> = { "CN-31": "上海市", "CN-54": "西藏自治区" };
const ids: Record<QuestionId, true> = {
  "red-breath": true,
  "red-mind": true,
  "red-bleeding": true,
  infant: true,
  condition: true,
  temperature: true,
  "feels-hot": true,
  "risk-area": true,
  "contact-case": true,
  "contact-feverish": true,
  cluster: true,
  marmot: true,
};
const translation = "http://hl7.org/fhir/StructureDefinition/translation";
const knownIds = Object.keys(ids) as QuestionId[];
const knownRegions = Object.keys(regions) as FeverRegion[];

export function toFhirQuestionnaire(facts: QuestionnaireFacts): Questionnaire {
  const flags = facts.questions.filter((one) => one.section === "red-flag").map((one) => one.id);
  return compact<Questionnaire>({
    resourceType: "Questionnaire",
    id: facts.id,
    url: questionnaireUrl(facts.region),
    version: String(facts.version),
    name: "PreTriage",
    title: "就诊前筛查",
    status: facts.status,
    subjectType: ["Patient"],
    date: facts.validFrom,
    effectivePeriod: { start: facts.validFrom },
    jurisdiction: [
      {
        coding: [
          { system: codeSystems.region, code: facts.region, display: regions[facts.region] },
        ],
      },
    ],
    item: facts.questions.map((one) => itemOf(one, flags)),
  });
}

function itemOf(one: QuestionFacts, flags: readonly QuestionId[]): QuestionnaireItem {
  const before = flags.slice(0, one.section === "red-flag" ? flags.indexOf(one.id) : undefined);
  const enableWhen: QuestionnaireItemEnableWhen[] = before.map((question) => ({
    question,
    operator: "=",
    answerCoding: { system: codeSystems.feverAnswer, code: "no" },
  }));
  if (one.id === "feels-hot")
    enableWhen.push({ question: "temperature", operator: "exists", answerBoolean: false });
  return compact<QuestionnaireItem>({
    linkId: one.id,
    code: [{ system: codeSystems.feverSection, code: one.section }],
    text: one.text.zh,
    ...({ _text: { extension: translationsOf(one.text) } } as object),
    type: one.kind === "temperature" ? "decimal" : "choice",
    // A temperature may be unknown: an item without an answer says so.
    required: one.kind !== "temperature",
    enableWhen,
    enableBehavior: enableWhen.length > 1 ? "all" : undefined,
    answerOption: one.options.map(({ value, text }) => ({
      valueCoding: {
        system: codeSystems.feverAnswer,
        code: value,
        display: text.zh,
        ...({ _display: { extension: translationsOf(text) } } as object),
      },
    })),
  });
}

const translationsOf = (words: Words): Extension[] =>
  (["en", "bo"] as const).map((lang) => ({
    url: translation,
    extension: [
      { url: "lang", valueCode: lang },
      { url: "content", valueString: words[lang] },
    ],
  }));

function wordsOf(zh: string | undefined, shadow: unknown, path: string): Words {
  const list = (shadow as { extension?: Extension[] } | undefined)?.extension ?? [];
  const of = (lang: string) =>
    need(
      list
        .find((one) => extensionOf(one, "lang")?.valueCode === lang)
        ?.extension?.find((one) => one.url === "content")?.valueString,
      path,
    );
  return { zh: need(zh, path), en: of("en"), bo: of("bo") };
}

/** @throws FhirMappingError for another resource, unknown questions, regions or sections, missing words */
export function fromFhirQuestionnaire(resource: Resource): QuestionnaireFacts {
  expectType(resource, "Questionnaire");
  const status = knownCode(
    resource.status,
    ["draft", "active", "retired"] as const,
    "Questionnaire.status",
  );
  const region = knownCode(
    resource.jurisdiction?.[0]?.coding?.[0]?.code,
    knownRegions,
    "Questionnaire.jurisdiction",
  );
  const version = Number(need(resource.version, "Questionnaire.version"));
  if (!Number.isInteger(version))
    throw new FhirMappingError("Questionnaire.version", "wrong-shape");
  return {
    id: need(resource.id, "Questionnaire.id"),
    region,
    version,
    status,
    validFrom: need(resource.date, "Questionnaire.date"),
    questions: (resource.item ?? []).map((item) => {
      const path = `Questionnaire.item(${item.linkId ?? ""})`;
      const id = knownCode(item.linkId, knownIds, path);
      return {
        id,
        kind: item.type === "decimal" ? "temperature" : id === "condition" ? "condition" : "choice",
        section: knownCode(
          item.code?.[0]?.code,
          Object.keys(sections) as QuestionFacts["section"][],
          path,
        ),
        text: wordsOf(item.text, (item as { _text?: unknown })._text, path),
        options: (item.answerOption ?? []).map(({ valueCoding }) => ({
          value: need(valueCoding?.code, path),
          text: wordsOf(
            valueCoding?.display,
            (valueCoding as { _display?: unknown } | undefined)?._display,
            path,
          ),
        })),
      };
    }),
  };
}

export interface QuestionnaireResponseFacts {
  readonly id: string;
  readonly region: FeverRegion;
  /** Version of the questionnaire that was asked. */
  readonly version: number;
  readonly patientId: string;
  readonly answeredAt: Date;
  /** Who asked at the desk; null: answered by the patient's own side. */
  readonly askedBy: string | null;
  readonly answers: readonly { readonly question: QuestionId; readonly value: string }[];
}

export function toFhirQuestionnaireResponse(
  facts: QuestionnaireResponseFacts,
): QuestionnaireResponse {
  return compact<QuestionnaireResponse>({
    resourceType: "QuestionnaireResponse",
    id: facts.id,
    questionnaire: `${questionnaireUrl(facts.region)}|${facts.version}`,
    status: "completed",
    subject: refer("Patient", facts.patientId),
    authored: facts.answeredAt.toISOString(),
    author: facts.askedBy ? refer("Practitioner", facts.askedBy) : undefined,
    item: facts.answers.map(({ question, value }) => answerOf(question, value)),
  });
}

function answerOf(question: QuestionId, value: string): QuestionnaireResponseItem {
  if (question !== "temperature")
    return {
      linkId: question,
      answer: [{ valueCoding: { system: codeSystems.feverAnswer, code: value } }],
    };
  return value === "unknown"
    ? {
        linkId: question,
        extension: [{ url: extensionUrls.dataAbsentReason, valueCode: "unknown" }],
      }
    : { linkId: question, answer: [{ valueDecimal: Number(value) }] };
}

/** @throws FhirMappingError for another resource, another questionnaire, unknown questions or answers of another form */
export function fromFhirQuestionnaireResponse(resource: Resource): QuestionnaireResponseFacts {
  expectType(resource, "QuestionnaireResponse");
  const path = "QuestionnaireResponse.questionnaire";
  const [url, version] = need(resource.questionnaire, path).split("|");
  const region = knownRegions.find((one) => questionnaireUrl(one) === url);
  if (!region || !version) throw new FhirMappingError(path, "unknown-code");
  return {
    id: need(resource.id, "QuestionnaireResponse.id"),
    region,
    version: Number(version),
    patientId: idOf(resource.subject, "Patient", "QuestionnaireResponse.subject"),
    answeredAt: dateOf(resource.authored, "QuestionnaireResponse.authored"),
    askedBy: resource.author
      ? idOf(resource.author, "Practitioner", "QuestionnaireResponse.author")
      : null,
    answers: (resource.item ?? []).map((item) => {
      const where = `QuestionnaireResponse.item(${item.linkId ?? ""})`;
      const question = knownCode(item.linkId, knownIds, where);
      const [answer] = item.answer ?? [];
      if (question !== "temperature")
        return { question, value: need(answer?.valueCoding?.code, where) };
      if (extensionOf(item, extensionUrls.dataAbsentReason)?.valueCode === "unknown")
        return { question, value: "unknown" };
      return { question, value: need(answer?.valueDecimal, where).toFixed(1) };
    }),
  };
}
