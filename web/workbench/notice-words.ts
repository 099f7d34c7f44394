import { i18n, type MessageId } from "../i18n/i18n.ts";

type Told = { kind: string; entityType: string; entityId: string; detail: unknown };

/** Where a notice leads; a report that is late elsewhere is not the reader's to open. */
export function placeOf({ kind, entityType, entityId }: Told): string | null {
  if (entityType === "digest") return "/notices";
  if (entityType === "consult") return `/mine/${entityId}`;
  if (entityType === "referral") return `/referrals/${entityId}`;
  if (entityType === "prescription") return `/prescriptions/${entityId}`;
  if (entityType === "follow-up") return `/follow-ups/${entityId}`;
  if (entityType === "fever-visit")
    return kind === "fever-transfer-announced" ? "/fever" : `/fever/${entityId}`;
  if (entityType === "bed-hold") return "/capacity";
  if (entityType === "recall") return "/recalls";
  if (entityType === "sampling-site") return "/sites";
  if (entityType === "triage-assessment") return "/hotline/tasks";
  if (entityType === "sms-message") return "/notices";
  if (entityType === "teaching-case") return `/teaching/cases/${entityId}`;
  if (entityType === "teaching-session") return `/teaching/${entityId}`;
  if (entityType === "critical-value") return `/reporting/value/${entityId}`;
  if (entityType !== "infectious-report") return null;
  return kind.endsWith("-elsewhere") ? "/reporting" : `/reporting/case/${entityId}`;
}

/** The words of a notice, made here from its kind and values. */
export function noticeWords({ kind, detail }: Pick<Told, "kind" | "detail">): string {
  const id = `workbench.notice.${kind}`;
  const words = i18n._(id, (detail ?? {}) as Record<string, unknown>);
  return words === id ? i18n._("workbench.notice.other" satisfies MessageId) : words;
}

/** Kinds whose words hold what somebody looks for. */
export function kindsOfWords(typed: string): string[] {
  const wanted = typed.trim().toLowerCase();
  const prefix = "workbench.notice.";
  return Object.keys(i18n.messages)
    .filter((id) => id.startsWith(prefix) && i18n._(id).toLowerCase().includes(wanted))
    .map((id) => id.slice(prefix.length));
}
