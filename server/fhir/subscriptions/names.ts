/** Names of the Subscriptions R5 Backport guide, version 1.1.0, for R4: hl7.org/fhir/uv/subscriptions-backport. */
const guide = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition";

export const profiles = {
  subscription: `${guide}/backport-subscription`,
  notification: `${guide}/backport-subscription-notification-r4`,
  status: `${guide}/backport-subscription-status-r4`,
} as const;
export const extensions = {
  filterCriteria: `${guide}/backport-filter-criteria`,
  payloadContent: `${guide}/backport-payload-content`,
  heartbeatPeriod: `${guide}/backport-heartbeat-period`,
  timeout: `${guide}/backport-timeout`,
  maxCount: `${guide}/backport-max-count`,
  /** At CapabilityStatement.rest.resource: which topics there are. */
  topicCanonical: `${guide}/capabilitystatement-subscriptiontopic-canonical`,
} as const;
export const operations = {
  status:
    "http://hl7.org/fhir/uv/subscriptions-backport/OperationDefinition/backport-subscription-status",
  events:
    "http://hl7.org/fhir/uv/subscriptions-backport/OperationDefinition/backport-subscription-events",
} as const;

/** Kind of a notification (code system subscription-notification-type). */
export type NotificationType =
  | "handshake"
  | "heartbeat"
  | "event-notification"
  | "query-status"
  | "query-event";
export const contents = ["empty", "id-only", "full-resource"] as const;
export type Content = (typeof contents)[number];
export const statuses = ["requested", "active", "error", "off"] as const;
export type SubscriptionStatus = (typeof statuses)[number];
