/** What one can subscribe to. */
import type { Basic, Extension } from "@medplum/fhirtypes";

export type Topic = {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  /** Null: every type that a store keeps, Subscription aside. */
  readonly types: readonly string[] | null;
};

/** Topics have the same canonical address at every installation, as our code systems do (fhir-mappings/systems.ts). */
const home = "https://yilian.example.org/fhir/SubscriptionTopic";
export const topicUrl = (id: string): string => `${home}/${id}`;

export const topics: readonly Topic[] = [
  {
    id: "resource-change",
    title: "Any resource is created, changed or deleted",
    description:
      "A criterion that names a type (Observation?patient=Patient/1) limits the subscription to the types named.",
    types: null,
  },
  {
    id: "result-change",
    title: "A result is there, or was corrected",
    description: "Observations and diagnostic reports that are created, changed or deleted.",
    types: ["Observation", "DiagnosticReport"],
  },
  {
    id: "referral-change",
    title: "A referral is made or moves on",
    description: "Requests for a service and the tasks that carry them out.",
    types: ["ServiceRequest", "Task"],
  },
  {
    id: "appointment-change",
    title: "An appointment is made, moved or cancelled",
    description: "Appointments and the answers to them.",
    types: ["Appointment", "AppointmentResponse"],
  },
];

/** Parameters that a criterion may have, of every topic. */
export const filterParameters = ["patient", "_id", "status"] as const;
export type FilterParameter = (typeof filterParameters)[number];

/** @param canonical with or without a version behind a bar */
export function topicOf(canonical: string): Topic | null {
  const [url] = canonical.split("|", 1);
  return topics.find((one) => topicUrl(one.id) === url) ?? null;
}

const r5 = "http://hl7.org/fhir/5.0/StructureDefinition/extension-SubscriptionTopic";

/** SubscriptionTopic is of R5: R4 carries it as Basic with R5's elements as extensions. */
export function topicResource({ id, title, description, types }: Topic): Basic {
  const triggers = (types ?? ["Resource"]).map(
    (type): Extension => ({
      url: `${r5}.resourceTrigger`,
      extension: [
        { url: "resource", valueUri: `http://hl7.org/fhir/StructureDefinition/${type}` },
        ...["create", "update", "delete"].map((code) => ({
          url: "supportedInteraction",
          valueCode: code,
        })),
      ],
    }),
  );
  return {
    resourceType: "Basic",
    id,
    extension: [
      { url: `${r5}.url`, valueUri: topicUrl(id) },
      { url: `${r5}.version`, valueString: "1" },
      { url: `${r5}.title`, valueString: title },
      { url: `${r5}.status`, valueCode: "active" },
      { url: `${r5}.description`, valueMarkdown: description },
      ...triggers,
      ...filterParameters.map(
        (name): Extension => ({
          url: `${r5}.canFilterBy`,
          extension: [{ url: "filterParameter", valueString: name }],
        }),
      ),
    ],
    code: { coding: [{ system: "http://hl7.org/fhir/fhir-types", code: "SubscriptionTopic" }] },
  };
}
