/** Bundles that a receiver gets. Pure; stored texts are put together without parsing them. */
import { type NotificationType, profiles, type SubscriptionStatus } from "./names.ts";
import { topicUrl } from "./topics.ts";

export type NotifiedEvent = {
  readonly number: number;
  readonly at: Date;
  /** What happened; null: it may not be said any more. */
  readonly focus: {
    readonly type: string;
    readonly id: string;
    readonly version: number;
    readonly method: string;
    /** Null: not to be sent, or it was deleted. */
    readonly text: string | null;
  } | null;
};
export type NotificationInput = {
  readonly id: string;
  readonly statusId: string;
  readonly base: string;
  readonly subscription: string;
  readonly topic: string;
  readonly status: SubscriptionStatus;
  readonly type: NotificationType;
  /** How many events there were since the subscription's start. */
  readonly events: number;
  readonly notified: readonly NotifiedEvent[];
  readonly at: Date;
  readonly fault: string | null;
  /** Whether references are named: not with payload content `empty`. */
  readonly namesFocus: boolean;
};

/** SubscriptionStatus as R4 has it: Parameters of the profile backport-subscription-status-r4. */
export function statusResource(input: Omit<NotificationInput, "id" | "at">): object {
  const { base, subscription, topic, status, type, events, notified, fault, namesFocus } = input;
  return {
    resourceType: "Parameters",
    id: input.statusId,
    meta: { profile: [profiles.status] },
    parameter: [
      {
        name: "subscription",
        valueReference: { reference: `${base}/Subscription/${subscription}` },
      },
      { name: "topic", valueCanonical: topicUrl(topic) },
      { name: "status", valueCode: status },
      { name: "type", valueCode: type },
      // 64 bits do not fit R4's integers.
      { name: "events-since-subscription-start", valueString: String(events) },
      ...notified.map(({ number, at, focus }) => ({
        name: "notification-event",
        part: [
          { name: "event-number", valueString: String(number) },
          { name: "timestamp", valueInstant: at.toISOString() },
          ...(focus && namesFocus
            ? [
                {
                  name: "focus",
                  valueReference: { reference: `${base}/${focus.type}/${focus.id}` },
                },
              ]
            : []),
        ],
      })),
      ...(fault === null ? [] : [{ name: "error", valueCodeableConcept: { text: fault } }]),
    ],
  };
}

/** @returns JSON text of the Bundle */
export function notificationText(input: NotificationInput): string {
  const { base, subscription, at, namesFocus, notified } = input;
  const head = JSON.stringify({
    resourceType: "Bundle",
    id: input.id,
    meta: { lastUpdated: at.toISOString(), profile: [profiles.notification] },
    type: "history",
    timestamp: at.toISOString(),
  });
  const first = JSON.stringify({
    fullUrl: `urn:uuid:${input.statusId}`,
    resource: statusResource(input),
    request: { method: "GET", url: `${base}/Subscription/${subscription}/$status` },
    response: { status: "200" },
  });
  const others = namesFocus
    ? notified.flatMap(({ at: when, focus }) => (focus ? [entryText(base, when, focus)] : []))
    : [];
  return `${head.slice(0, -1)},"entry":[${[first, ...others].join(",")}]}`;
}

function entryText(base: string, at: Date, focus: NonNullable<NotifiedEvent["focus"]>): string {
  const url = `${focus.type}/${focus.id}`;
  const isDeleted = focus.method === "DELETE";
  const rest = JSON.stringify({
    request: { method: focus.method, url: focus.method === "POST" ? focus.type : url },
    response: {
      status: isDeleted ? "204" : focus.version === 1 ? "201" : "200",
      etag: `W/"${focus.version}"`,
      lastModified: at.toISOString(),
    },
  });
  const resource = focus.text === null ? "" : `"resource":${focus.text},`;
  return `{"fullUrl":${JSON.stringify(`${base}/${url}`)},${resource}${rest.slice(1)}`;
}
