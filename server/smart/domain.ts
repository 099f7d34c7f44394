/**
 * SMART App Launch 2 scopes: `<context>/<type or *>.<letters of cruds>`, and version 1's `.read`, `.write` and
 * `.*`. Source: hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html. Pure.
 */
export const clientKinds = ["system", "public-app", "confidential-app"] as const;
export type ClientKind = (typeof clientKinds)[number];

export const interactions = ["c", "r", "u", "d", "s"] as const;
export type Interaction = (typeof interactions)[number];

/** `system`: without a person; `user`: what the person may; `patient`: one patient's records. */
export const scopeContexts = ["system", "user", "patient"] as const;
export type ScopeContext = (typeof scopeContexts)[number];

export type Scope = {
  readonly context: ScopeContext;
  readonly type: string;
  readonly letters: string;
};

/** What an app may ask beside types: a patient to be chosen, and how long it may ask again. */
export const launchScopes = ["launch/patient", "online_access", "offline_access"] as const;
export type LaunchScope = (typeof launchScopes)[number];

const version1: Readonly<Record<string, string>> = { read: "rs", write: "cud", "*": "cruds" };
const pattern =
  /^(system|user|patient)\/(\*|[A-Z][A-Za-z]{1,40})\.(read|write|\*|(?=[cruds])c?r?u?d?s?)$/;

/** One scope, or null for what is not offered, narrowing by search parameters among it. */
export function parseScope(text: string): Scope | null {
  const [, context, type, access] = pattern.exec(text) ?? [];
  if (!context || !type || !access) return null;
  return { context: context as ScopeContext, type, letters: version1[access] ?? access };
}

export const textOf = ({ context, type, letters }: Scope): string =>
  `${context}/${type}.${letters}`;

/** The scopes of a text separated by blanks that are understood. */
export const parseScopes = (text: string): Scope[] =>
  text.split(/\s+/).flatMap((one) => parseScope(one) ?? []);

export const parseLaunchScopes = (text: string): LaunchScope[] =>
  launchScopes.filter((one) => text.split(/\s+/).includes(one));

/** What is both asked for and allowed in the same context; empty when nothing is. */
export function granted(asked: readonly Scope[], allowed: readonly Scope[]): Scope[] {
  const letters = new Map<string, Scope & { known: Set<string> }>();
  for (const left of asked)
    for (const right of allowed) {
      if (left.context !== right.context) continue;
      const type = left.type === "*" ? right.type : left.type;
      if (right.type !== "*" && right.type !== type) continue;
      const both = [...left.letters].filter((letter) => right.letters.includes(letter));
      if (both.length === 0) continue;
      const name = `${left.context}/${type}`;
      const entry = letters.get(name) ?? { ...left, type, known: new Set() };
      for (const letter of both) entry.known.add(letter);
      letters.set(name, entry);
    }
  return [...letters.values()].map(({ context, type, known }) => ({
    context,
    type,
    letters: interactions.filter((letter) => known.has(letter)).join(""),
  }));
}

/** The same scopes without writing; those that only write are gone. */
export const readingOnly = (scopes: readonly Scope[]): Scope[] =>
  scopes.flatMap((one) => {
    const letters = one.letters.replace(/[cud]/g, "");
    return letters === "" ? [] : [{ ...one, letters }];
  });

/** Whether an interaction with a type of resource is within the scopes. */
export function permits(
  scopes: readonly string[],
  type: string,
  interaction: Interaction,
): boolean {
  return scopes.some((text) => {
    const scope = parseScope(text);
    return (
      scope !== null &&
      (scope.type === "*" || scope.type === type) &&
      scope.letters.includes(interaction)
    );
  });
}

/** Types that may be read (or searched) at all; null: every type. */
export function readableTypes(scopes: readonly string[]): readonly string[] | null {
  return typesOf(scopes.flatMap((text) => parseScope(text) ?? []));
}

function typesOf(scopes: readonly Scope[]): readonly string[] | null {
  const reading = scopes.filter(({ letters }) => /[rs]/.test(letters));
  return reading.some(({ type }) => type === "*") ? null : reading.map(({ type }) => type);
}

/** Types and people that a caller's view ends at; null in either: all of them (`fhir.within`). */
export type Limit = {
  readonly types: readonly string[] | null;
  readonly people: readonly string[] | null;
};

/**
 * What an app sees of a store: by `patient/` scopes the one patient, by `user/` scopes the people whom the
 * person himself may see.
 * @param subjects ids of the one patient
 * @param people ids of those whom the person may see; null: whom permission and consent let
 * @returns null when no person limits it: then the types alone do
 */
export function limitsOf(
  scopes: readonly string[],
  subjects: readonly string[],
  people: readonly string[] | null,
): Limit[] | null {
  const parsed = scopes.flatMap((text) => parseScope(text) ?? []);
  const of = (context: ScopeContext, those: readonly string[] | null): Limit[] => {
    const types = typesOf(parsed.filter((one) => one.context === context));
    return types !== null && types.length === 0 ? [] : [{ types, people: those }];
  };
  const limits = [...of("user", people), ...of("patient", subjects)];
  return limits.every((one) => one.people === null) && limits.length > 0 ? null : limits;
}

/** What a person is told an app sees: kinds of records as a record page names them. */
export const recordGroups = {
  person: ["Patient", "RelatedPerson", "Person", "Coverage", "Account"],
  warnings: ["AllergyIntolerance", "Flag", "DetectedIssue"],
  problems: ["Condition", "Procedure", "ClinicalImpression", "FamilyMemberHistory", "AdverseEvent"],
  medicines: [
    "Medication",
    "MedicationRequest",
    "MedicationDispense",
    "MedicationAdministration",
    "MedicationStatement",
    "Immunization",
  ],
  results: ["Observation", "DiagnosticReport", "Specimen", "ImagingStudy", "Media"],
  visits: [
    "Encounter",
    "EpisodeOfCare",
    "Appointment",
    "ServiceRequest",
    "CarePlan",
    "CareTeam",
    "Goal",
    "Task",
    "Communication",
  ],
  documents: [
    "DocumentReference",
    "Composition",
    "Binary",
    "QuestionnaireResponse",
    "Questionnaire",
    "List",
  ],
  directory: [
    "Practitioner",
    "PractitionerRole",
    "Organization",
    "Location",
    "HealthcareService",
    "Schedule",
    "Slot",
    "Device",
  ],
  traces: ["AuditEvent", "Provenance", "Consent"],
} as const satisfies Record<string, readonly string[]>;
export const groupNames = [
  "all",
  ...(Object.keys(recordGroups) as RecordGroup[]),
  "other",
] as const;
type RecordGroup = keyof typeof recordGroups;
export type GroupName = (typeof groupNames)[number];
export type ScopeGroup = {
  readonly group: GroupName;
  readonly context: ScopeContext;
  readonly reads: boolean;
  readonly writes: boolean;
};

/** Scopes as kinds of records, each once per context, in the order of a record page. */
export function groupsOf(scopes: readonly Scope[]): ScopeGroup[] {
  const found = new Map<string, ScopeGroup>();
  for (const { context, type, letters } of scopes) {
    const group: GroupName =
      type === "*"
        ? "all"
        : ((Object.keys(recordGroups) as RecordGroup[]).find((name) =>
            (recordGroups[name] as readonly string[]).includes(type),
          ) ?? "other");
    const before = found.get(`${context}/${group}`);
    found.set(`${context}/${group}`, {
      group,
      context,
      reads: (before?.reads ?? false) || /[rs]/.test(letters),
      writes: (before?.writes ?? false) || /[cud]/.test(letters),
    });
  }
  return [...found.values()].sort(
    (a, b) =>
      scopeContexts.indexOf(b.context) - scopeContexts.indexOf(a.context) ||
      groupNames.indexOf(a.group) - groupNames.indexOf(b.group),
  );
}
