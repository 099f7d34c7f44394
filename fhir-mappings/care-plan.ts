/**
 * CarePlan: what is to be done after coming home (下转): follow-ups with how they went, medicines with what the
 * community's shelf has, results that are still waited for, and the day of review.
 */
import type {
  CarePlan,
  CarePlanActivity,
  CarePlanActivityDetail,
  Resource,
} from "@medplum/fhirtypes";
import type {
  FollowUpKind,
  FollowUpState,
  Medicine,
  PendingResult,
} from "../server/referral/domain.ts";
import type { ReferralState } from "../server/referral/states.ts";
import {
  codeIn,
  compact,
  concept,
  dateOf,
  dateOrNull,
  expectType,
  extensionOf,
  extensions,
  idOf,
  idOrNull,
  instantOf,
  keyOf,
  knownCode,
  need,
  refer,
} from "./elements.ts";
import { FhirMappingError } from "./mapping-error.ts";
import { carePlanStatus } from "./referral-codes.ts";
import { codeSystems, extensionUrls, identifierSystems } from "./systems.ts";

export interface PlannedFollowUp {
  readonly id: string;
  readonly kind: FollowUpKind;
  readonly purpose: string;
  /** A day of the house that makes it. */
  readonly dueOn: string;
  readonly state: FollowUpState;
  readonly institutionId: string;
  readonly ownerId: string | null;
  readonly findings: string | null;
  readonly doneAt: Date | null;
  /** Codes of the return triggers that what was found has reached. */
  readonly triggered: readonly string[];
}

export interface CarePlanContent {
  readonly referralId: string;
  readonly number: string;
  readonly patientId: string;
  readonly authorId: string;
  readonly authoredAt: Date;
  /** When the patient left the ward. */
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
  readonly plan: string | null;
  readonly reviewOn: string | null;
  readonly conditionIds: readonly string[];
  readonly followUps: readonly PlannedFollowUp[];
  readonly medicines: readonly Medicine[];
  /** Who runs after each; their telephones stay with us. */
  readonly pendingResults: readonly Omit<PendingResult, "ownerPhone">[];
}
export interface CarePlanFacts extends CarePlanContent {
  readonly state: ReferralState;
}
export interface CarePlanRead extends CarePlanContent {
  readonly status: (typeof carePlanStatus)[keyof typeof carePlanStatus];
}

const followUpStatus = {
  planned: "scheduled",
  done: "completed",
  // It may still be made: who comes late is seen.
  missed: "not-started",
  cancelled: "cancelled",
} as const satisfies Record<FollowUpState, CarePlanActivityDetail["status"]>;
const followUpWords = {
  visit: "复诊",
  phone: "电话随访",
  home: "入户随访",
  test: "检查",
} as const satisfies Record<FollowUpKind, string>;
const activityWords = {
  "follow-up": "随访",
  medicine: "用药",
  "pending-result": "待回结果",
} as const;
type ActivityKind = keyof typeof activityWords;

const activityCode = (kind: ActivityKind) =>
  concept(codeSystems.planActivity, kind, activityWords[kind]);

export function toFhirCarePlan(facts: CarePlanFacts): CarePlan {
  const status = carePlanStatus[facts.state];
  return compact<CarePlan>({
    resourceType: "CarePlan",
    id: facts.referralId,
    ...extensions([
      extensionUrls.reviewOn,
      facts.reviewOn === null ? null : { valueDate: facts.reviewOn },
    ]),
    identifier: [{ system: identifierSystems.referralNumber, value: facts.number }],
    status,
    intent: "plan",
    title: "下转后计划",
    description: facts.plan,
    subject: refer("Patient", facts.patientId),
    period:
      facts.startedAt || facts.endedAt
        ? compact<NonNullable<CarePlan["period"]>>({
            start: instantOf(facts.startedAt),
            end: instantOf(facts.endedAt),
          })
        : null,
    created: instantOf(facts.authoredAt),
    author: refer("Practitioner", facts.authorId),
    addresses: facts.conditionIds.map((id) => refer("Condition", id)),
    activity: [
      ...facts.followUps.map(followUpActivity),
      ...facts.medicines.map((one) => medicineActivity(one, status === "active")),
      ...facts.pendingResults.map(resultActivity),
    ],
  });
}

function followUpActivity(one: PlannedFollowUp): CarePlanActivity {
  return compact<CarePlanActivity>({
    id: one.id,
    outcomeCodeableConcept: one.triggered.map((code) => concept(codeSystems.returnTrigger, code)),
    progress: one.findings
      ? [
          compact<NonNullable<CarePlanActivity["progress"]>[number]>({
            text: one.findings,
            time: instantOf(one.doneAt),
          }),
        ]
      : [],
    detail: compact<CarePlanActivityDetail>({
      kind: "Task",
      code: {
        coding: [
          ...(activityCode("follow-up").coding ?? []),
          { system: codeSystems.followUpKind, code: one.kind, display: followUpWords[one.kind] },
        ],
        text: followUpWords[one.kind],
      },
      status: followUpStatus[one.state],
      scheduledPeriod: { start: one.dueOn, end: one.dueOn },
      performer: [
        refer("Organization", one.institutionId),
        ...(one.ownerId ? [refer("Practitioner", one.ownerId)] : []),
      ],
      description: one.purpose,
    }),
  });
}

function medicineActivity(one: Medicine, taken: boolean): CarePlanActivity {
  return {
    detail: compact<CarePlanActivityDetail>({
      ...extensions(
        [extensionUrls.onShelf, one.available === null ? null : { valueBoolean: one.available }],
        [extensionUrls.substitute, one.substitute ? { valueString: one.substitute } : null],
      ),
      kind: "MedicationRequest",
      code: activityCode("medicine"),
      status: taken ? "in-progress" : "not-started",
      productCodeableConcept: { text: one.text },
      scheduledPeriod: one.until ? { end: one.until } : null,
      description: one.dose,
    }),
  };
}

function resultActivity(one: Omit<PendingResult, "ownerPhone">): CarePlanActivity {
  return {
    detail: compact<CarePlanActivityDetail>({
      kind: "ServiceRequest",
      code: activityCode("pending-result"),
      status: one.arrived ? "completed" : "in-progress",
      scheduledPeriod: one.expectedOn ? { end: one.expectedOn } : null,
      performer: one.ownerName ? [{ display: one.ownerName }] : [],
      description: one.what,
    }),
  };
}

/** @throws FhirMappingError for another resource, unknown statuses and kinds of activities */
export function fromFhirCarePlan(resource: Resource): CarePlanRead {
  expectType(resource, "CarePlan");
  const followUps: PlannedFollowUp[] = [];
  const medicines: Medicine[] = [];
  const pendingResults: Omit<PendingResult, "ownerPhone">[] = [];
  for (const activity of resource.activity ?? []) {
    const detail = need(activity.detail, "CarePlan.activity.detail");
    const kind = knownCode(
      codeIn(detail.code ? [detail.code] : [], codeSystems.planActivity),
      Object.keys(activityWords) as ActivityKind[],
      "CarePlan.activity.detail.code",
    );
    if (kind === "follow-up") followUps.push(followUpOf(activity, detail));
    else if (kind === "medicine")
      medicines.push({
        text: need(detail.productCodeableConcept?.text, "CarePlan.activity.detail.product"),
        dose: detail.description ?? null,
        until: detail.scheduledPeriod?.end ?? null,
        available: extensionOf(detail, extensionUrls.onShelf)?.valueBoolean ?? null,
        substitute: extensionOf(detail, extensionUrls.substitute)?.valueString ?? null,
      });
    else
      pendingResults.push({
        what: need(detail.description, "CarePlan.activity.detail.description"),
        ownerName: detail.performer?.[0]?.display ?? "",
        expectedOn: detail.scheduledPeriod?.end ?? null,
        arrived: arrivedOf(detail.status),
      });
  }
  return {
    referralId: need(resource.id, "CarePlan.id"),
    number: need(
      resource.identifier?.find((one) => one.system === identifierSystems.referralNumber)?.value,
      "CarePlan.identifier",
    ),
    status: knownCode(resource.status, Object.values(carePlanStatus), "CarePlan.status"),
    patientId: idOf(resource.subject, "Patient", "CarePlan.subject"),
    authorId: idOf(resource.author, "Practitioner", "CarePlan.author"),
    authoredAt: dateOf(resource.created, "CarePlan.created"),
    startedAt: dateOrNull(resource.period?.start, "CarePlan.period.start"),
    endedAt: dateOrNull(resource.period?.end, "CarePlan.period.end"),
    plan: resource.description ?? null,
    reviewOn: extensionOf(resource, extensionUrls.reviewOn)?.valueDate ?? null,
    conditionIds: (resource.addresses ?? []).map((one) =>
      idOf(one, "Condition", "CarePlan.addresses"),
    ),
    followUps,
    medicines,
    pendingResults,
  };
}

function arrivedOf(status: CarePlanActivityDetail["status"]): boolean {
  if (status !== "completed" && status !== "in-progress")
    throw new FhirMappingError("CarePlan.activity.detail.status", "unknown-code");
  return status === "completed";
}

function followUpOf(activity: CarePlanActivity, detail: CarePlanActivityDetail): PlannedFollowUp {
  const [progress] = activity.progress ?? [];
  const performer = (type: "Organization" | "Practitioner") =>
    detail.performer?.find((one) => one.reference?.startsWith(`${type}/`));
  return {
    id: need(activity.id, "CarePlan.activity.id"),
    kind: knownCode(
      codeIn(detail.code ? [detail.code] : [], codeSystems.followUpKind),
      Object.keys(followUpWords) as FollowUpKind[],
      "CarePlan.activity.detail.code",
    ),
    purpose: detail.description ?? "",
    dueOn: need(detail.scheduledPeriod?.start, "CarePlan.activity.detail.scheduled"),
    state: keyOf(followUpStatus, detail.status, "CarePlan.activity.detail.status"),
    institutionId: idOf(
      performer("Organization"),
      "Organization",
      "CarePlan.activity.detail.performer",
    ),
    ownerId: idOrNull(
      performer("Practitioner"),
      "Practitioner",
      "CarePlan.activity.detail.performer",
    ),
    findings: progress?.text ?? null,
    doneAt: dateOrNull(progress?.time, "CarePlan.activity.progress.time"),
    triggered: (activity.outcomeCodeableConcept ?? []).map((one) =>
      need(codeIn([one], codeSystems.returnTrigger), "CarePlan.activity.outcome"),
    ),
  };
}
