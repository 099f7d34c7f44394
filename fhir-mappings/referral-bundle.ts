/**
 * A referral as it goes to, or comes from, a server outside: one transaction of Task, ServiceRequest, the patient and
 * what is needed to decide. Each entry is created on the condition that it is not there under its number.
 */
import type {
  Bundle,
  BundleEntry,
  Identifier,
  Patient,
  Reference,
  Resource,
  ServiceRequest,
  Task,
} from "@medplum/fhirtypes";
import type { Medicine, PendingResult, ReturnTrigger } from "../server/referral/domain.ts";
import { fromFhirCarePlan } from "./care-plan.ts";
import {
  type CarriedResult,
  carriedResults,
  isVitalSign,
  namesOfResults,
} from "./carried-result.ts";
import { codeIn, concept, need } from "./elements.ts";
import { fromFhirReturnFlag } from "./flag.ts";
import { FhirMappingError } from "./mapping-error.ts";
import {
  fromFhirTravelConsent,
  type TravelConsent,
  toFhirTravelConsent,
} from "./referral-consent.ts";
import { fromFhirReferralRequest, type ReferralRequestRead } from "./referral-request.ts";
import { codeSystems, identifierSystems } from "./systems.ts";
import { fromFhirVitalSigns, type VitalSignsFacts } from "./vital-signs.ts";

/** Names of things of one installation: two of them may give out the same number. */
export interface OwnNames {
  /** System of referral numbers of this installation. */
  readonly numbers: string;
  /** System of everything else that it sends. */
  readonly things: string;
}
export interface SentReferral {
  readonly resources: readonly Resource[];
  /** What was found by laboratories and goes along: reports, their values and specimens, about the same patient. */
  readonly results: readonly Resource[];
  readonly names: OwnNames;
  /** The number, with the attempt behind it when it is sent again. */
  readonly number: string;
  /** Where our own Task is read and answered. */
  readonly taskAddress: string;
  readonly owner: { readonly identifier: Identifier; readonly display: string };
  readonly requester: { readonly identifier: Identifier; readonly display: string };
  readonly department: { readonly slug: string; readonly display: string } | null;
  readonly consent: TravelConsent | null;
  /** Referrals that it goes on from, by every name that a house may know them by, nearest first. */
  readonly replaces: readonly Identifier[];
  /** The way up that this way down ends, by the number under which they sent it. */
  readonly endsWayUp: Identifier | null;
  /** `urn:uuid:…`, always the same for the same thing. */
  readonly urnOf: (type: string, id: string) => string;
}

const absolute = "urn:ietf:rfc:3986";
export const departmentSystem = `${identifierSystems.institutionSlug}-department`;
/** What a house outside needs to decide; nothing that is only our own affair. */
const sentTypes: readonly string[] = [
  "Task",
  "ServiceRequest",
  "Patient",
  "Practitioner",
  "Condition",
  "Observation",
  "CarePlan",
  "Flag",
  "DiagnosticReport",
  "Composition",
];

export function toReferralBundle(sent: SentReferral): Bundle {
  const shown = [
    ...sent.resources.filter((one) => sentTypes.includes(one.resourceType)),
    ...sent.results,
  ];
  const urns = new Map(
    shown.map((one) => {
      const { resourceType: type, id = "" } = one;
      return [`${type}/${id}`, sent.urnOf(type, id)] as const;
    }),
  );
  const patient = shown.find((one): one is Patient => one.resourceType === "Patient");
  const entries = shown.map((one) => entryOf(sent, urns, one));
  if (sent.consent && patient)
    entries.push({
      fullUrl: sent.urnOf("Consent", sent.number),
      resource: toFhirTravelConsent(sent.consent, {
        identifier: { system: sent.names.things, value: `Consent/${sent.number}` },
        patient: urns.get(`Patient/${patient.id}`) ?? "",
        organization: [{ type: "Organization", ...sent.requester }],
      }),
      request: condition("Consent", { system: sent.names.things, value: `Consent/${sent.number}` }),
    });
  return { resourceType: "Bundle", type: "transaction", entry: entries };
}

const condition = (type: string, { system, value }: Identifier): BundleEntry["request"] => ({
  method: "POST",
  url: type,
  ifNoneExist: `identifier=${encodeURIComponent(`${system}|${value}`)}`,
});

function entryOf(
  sent: SentReferral,
  urns: ReadonlyMap<string, string>,
  resource: Resource,
): BundleEntry {
  const { resourceType: type, id = "" } = resource;
  const isLoop = type === "Task" || type === "ServiceRequest";
  const own: Identifier = isLoop
    ? { system: sent.names.numbers, value: sent.number }
    : { system: sent.names.things, value: `${type}/${id}` };
  const copy = pointed(sent, urns, JSON.parse(JSON.stringify(resource))) as Resource & {
    identifier?: Identifier[];
  };
  delete copy.id;
  delete copy.meta;
  const known = (Array.isArray(copy.identifier) ? copy.identifier : []).filter(
    // Our own number means another referral there.
    (one) => one.system !== identifierSystems.referralNumber,
  );
  copy.identifier = [
    own,
    ...(type === "Task" ? [{ system: absolute, value: sent.taskAddress }] : []),
    ...known,
  ];
  if (copy.resourceType === "Task") {
    copy.owner = { type: "Organization", ...sent.owner };
    copy.requester = { type: "Organization", ...sent.requester };
    delete copy.partOf;
  }
  if (copy.resourceType === "ServiceRequest") {
    delete copy.basedOn;
    delete copy.replaces;
    const found = namesOfResults(sent.results).flatMap((name) => {
      const reference = urns.get(name);
      return reference ? { reference } : [];
    });
    if (found.length > 0) copy.supportingInfo = [...(copy.supportingInfo ?? []), ...found];
    if (sent.replaces.length > 0)
      copy.replaces = sent.replaces.map((identifier) => ({ type: "ServiceRequest", identifier }));
    if (sent.endsWayUp) copy.basedOn = [{ type: "ServiceRequest", identifier: sent.endsWayUp }];
    copy.performer = [
      { type: "Organization", ...sent.owner },
      ...(sent.department
        ? [
            {
              type: "HealthcareService",
              identifier: { system: departmentSystem, value: sent.department.slug },
              display: sent.department.display,
            },
          ]
        : []),
    ] as ServiceRequest["performer"];
  }
  return {
    fullUrl: urns.get(`${type}/${id}`),
    resource: copy,
    request: condition(type, own),
  };
}

/** References to what goes along; of what stays at home it is said what it is, and not where. */
function pointed(sent: SentReferral, urns: ReadonlyMap<string, string>, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((one) => pointed(sent, urns, one));
  if (typeof value !== "object" || value === null) return value;
  const found = value as Record<string, unknown>;
  if (typeof found.reference === "string" && !found.reference.startsWith("#")) {
    const urn = urns.get(found.reference);
    const { reference, ...rest } = found;
    if (urn) return { ...rest, reference: urn };
    return {
      ...rest,
      type: reference.split("/")[0],
      identifier: { system: sent.names.things, value: reference },
    };
  }
  return Object.fromEntries(
    Object.entries(found).map(([key, part]) => [key, pointed(sent, urns, part)]),
  );
}

export interface ReplacedNumber {
  readonly system: string | null;
  readonly value: string;
}
export interface ReadReferral {
  readonly number: { readonly system: string; readonly value: string };
  /** Where their own Task is; null: they gave no address. */
  readonly taskAddress: string | null;
  readonly owner: Reference;
  /** Numbers of referrals that this one goes on from; without a system it is whoever's. */
  readonly replaces: readonly ReplacedNumber[];
  /** Number of the way up that it ends. */
  readonly endsWayUp: string | null;
  readonly request: ReferralRequestRead;
  readonly department: { readonly slug: string | null; readonly name: string | null } | null;
  readonly requesterName: string | null;
  readonly patient: Patient;
  readonly consent: TravelConsent | null;
  readonly vitals: VitalSignsFacts | null;
  readonly results: readonly CarriedResult[];
  readonly plan: {
    readonly plan: string | null;
    readonly reviewOn: string | null;
    readonly medicines: readonly Medicine[];
    readonly pendingResults: readonly Omit<PendingResult, "ownerPhone">[];
  } | null;
  readonly returnTriggers: readonly ReturnTrigger[];
}

/** Whether a Bundle refers somebody: a Task to fulfil, and the referral itself. */
export function isReferralBundle(body: unknown): body is Bundle {
  const bundle = body as Bundle | null;
  if (bundle?.resourceType !== "Bundle" || bundle.type !== "transaction") return false;
  const resources = Array.isArray(bundle.entry) ? bundle.entry.map((one) => one?.resource) : [];
  return (
    resources.some((one) => one?.resourceType === "Task") &&
    resources.some(
      (one) =>
        one?.resourceType === "ServiceRequest" &&
        codeIn(one.category, codeSystems.referralDirection) !== undefined,
    )
  );
}

/** @throws FhirMappingError at the path of what is missing, unknown or contradicts itself */
export function fromReferralBundle(bundle: Bundle): ReadReferral {
  const local = localised(bundle);
  const only = <Type extends Resource["resourceType"]>(type: Type) => {
    const found = local.filter(
      (one): one is Extract<Resource, { resourceType: Type }> => one.resourceType === type,
    );
    if (found.length > 1) throw new FhirMappingError(`Bundle.entry(${type})`, "contradiction");
    return found[0];
  };
  const all = <Type extends Resource["resourceType"]>(type: Type) =>
    local.filter(
      (one): one is Extract<Resource, { resourceType: Type }> => one.resourceType === type,
    );
  const task = need(only("Task"), "Bundle.entry(Task)");
  const asked = need(only("ServiceRequest"), "Bundle.entry(ServiceRequest)");
  const patient = need(only("Patient"), "Bundle.entry(Patient)");
  if (task.status !== "requested") throw new FhirMappingError("Task.status", "wrong-shape");
  const number = need(
    task.identifier?.find(
      (one) => one.system && one.value && one.system !== absolute && isSameNumber(asked, one),
    ),
    "Task.identifier",
  );
  const requester = local.find(
    (one) =>
      one.resourceType === "Practitioner" &&
      asked.requester?.reference === `Practitioner/${one.id}`,
  );
  const request = fromFhirReferralRequest(completed(asked, patient, task, number.value ?? ""));
  const plan = only("CarePlan");
  const consent = only("Consent");
  const service = asked.performer?.find((one) => one.type === "HealthcareService");
  const signs = all("Observation").filter(isVitalSign);
  return {
    number: { system: number.system ?? "", value: number.value ?? "" },
    taskAddress: task.identifier?.find((one) => one.system === absolute)?.value ?? null,
    owner: need(task.owner, "Task.owner"),
    replaces: [...(asked.replaces ?? []), ...(task.partOf ?? [])].flatMap(({ identifier }) =>
      identifier?.value ? { system: identifier.system ?? null, value: identifier.value } : [],
    ),
    endsWayUp: asked.basedOn?.find((one) => one.identifier?.value)?.identifier?.value ?? null,
    request,
    department: service
      ? {
          slug:
            service.identifier?.system === departmentSystem
              ? (service.identifier.value ?? null)
              : null,
          name: service.display ?? null,
        }
      : null,
    requesterName:
      (requester?.resourceType === "Practitioner" ? requester.name?.[0]?.text : undefined) ??
      asked.requester?.display ??
      null,
    patient,
    consent: consent ? fromFhirTravelConsent(consent, namesOfPatient, patient) : null,
    results: carriedResults(local, patient),
    vitals: signs.length > 0 ? fromFhirVitalSigns(signs.map(withoutContext)) : null,
    plan: plan ? planOf(plan) : null,
    returnTriggers: all("Flag").map((one) => fromFhirReturnFlag(withAuthor(one)).trigger),
  };
}

const isSameNumber = (request: ServiceRequest, number: Identifier): boolean =>
  request.identifier?.some((one) => one.system === number.system && one.value === number.value) ??
  false;

/** `urn:uuid` and absolute addresses of entries as `Type/id`, as our maps read them. */
function localised(bundle: Bundle): Resource[] {
  const entries = bundle.entry ?? [];
  const idOfEntry = (entry: BundleEntry, n: number) =>
    (entry.fullUrl?.split(/[/:]/).at(-1) ?? `e${n}`).slice(0, 64);
  const known = new Map(
    entries.flatMap((entry, n) =>
      entry.fullUrl && entry.resource
        ? [[entry.fullUrl, `${entry.resource.resourceType}/${idOfEntry(entry, n)}`] as const]
        : [],
    ),
  );
  return entries.flatMap((entry, n) => {
    if (!entry.resource) return [];
    const copy = renamed(known, JSON.parse(JSON.stringify(entry.resource))) as Resource;
    return [{ ...copy, id: idOfEntry(entry, n) } as Resource];
  });
}
function renamed(known: ReadonlyMap<string, string>, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((one) => renamed(known, one));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, part]): [string, unknown] => [
      key,
      key === "reference" && typeof part === "string"
        ? (known.get(part) ?? part)
        : renamed(known, part),
    ]),
  );
}

const someone = "00000000-0000-0000-0000-000000000000";

/** What our own map needs and another system has no reason to write. */
function completed(
  request: ServiceRequest,
  patient: Patient,
  task: Task,
  number: string,
): ServiceRequest {
  const { replaces: _before, basedOn: _on, ...rest } = request;
  return {
    ...rest,
    identifier: [{ system: identifierSystems.referralNumber, value: number }],
    requisition: { value: request.requisition?.value ?? number },
    code: concept(codeSystems.service, "referral"),
    subject: { reference: `Patient/${patient.id}` },
    requester: { reference: `Practitioner/${someone}` },
    performer: [{ reference: `Organization/${someone}` }],
    priority: request.priority ?? task.priority ?? "routine",
    authoredOn: request.authoredOn ?? task.authoredOn,
    supportingInfo: [],
  };
}

/** Signs of one referral: who measured them stays at home. */
const withoutContext = (one: Resource): Resource =>
  ({ ...one, performer: [{ reference: `Practitioner/${someone}` }] }) as Resource;
const withAuthor = (one: Resource): Resource =>
  ({ ...one, author: { reference: `Organization/${someone}` } }) as Resource;

function planOf(resource: Resource): ReadReferral["plan"] {
  const read = fromFhirCarePlan({
    ...resource,
    identifier: [{ system: identifierSystems.referralNumber, value: "-" }],
    author: { reference: `Practitioner/${someone}` },
    addresses: [],
    contributor: [],
  } as Resource);
  return {
    plan: read.plan,
    reviewOn: read.reviewOn,
    medicines: read.medicines,
    pendingResults: read.pendingResults,
  };
}

/** The patient's names, as our own maps or as everybody writes them. */
export function namesOfPatient(patient: Patient): string | null {
  const [first] = patient.name ?? [];
  return (
    first?.text ?? ([first?.family, ...(first?.given ?? [])].filter(Boolean).join(" ") || null)
  );
}
