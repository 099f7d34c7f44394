import type { ReferralContentBody } from "../../server/referral/contract.ts";
import { uuid } from "../api/client.ts";

/** A short code of a row that the page adds. */
export const rowCode = (): string => uuid().slice(0, 8);

const cleaned = (text: string | null): string | null => (text?.trim() ? text.trim() : null);

/** What goes to the server: empty text is nothing, and a row that was begun and left empty does not go. */
export function tidied(content: ReferralContentBody): ReferralContentBody {
  const plain = Object.fromEntries(
    Object.entries(content).map(([name, value]) => [
      name,
      typeof value === "string" && value.trim() === "" ? null : value,
    ]),
  ) as ReferralContentBody;
  return {
    ...plain,
    ...(content.medicines && {
      medicines: content.medicines
        .filter((one) => one.text.trim() !== "")
        .map((one) => ({ ...one, text: one.text.trim(), dose: cleaned(one.dose) })),
    }),
    ...(content.returnTriggers && {
      returnTriggers: content.returnTriggers.filter((one) =>
        one.kind === "words"
          ? one.text.trim() !== ""
          : one.atLeast !== undefined || one.atMost !== undefined,
      ),
    }),
    ...(content.pendingResults && {
      pendingResults: content.pendingResults.filter((one) => one.what.trim() !== ""),
    }),
  };
}

/** Where a field that is missing stands on the page. */
export function anchorOf(name: string): string {
  if (name === "toInstitutionId" || name === "toDepartmentId") return "referral-target";
  if (name === "vitals") return "request-vitals";
  return `referral-${name.split(".")[0]}`;
}

export function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined) return true;
  if (typeof value === "string") return value.trim() === "";
  if (Array.isArray(value)) return value.length === 0;
  if (typeof value !== "object") return false;
  const { altitudeMetres: _place, ...rest } = value as Record<string, unknown>;
  return Object.values(rest).every((part) => part === null || part === undefined || part === "");
}

/** Whether two values say the same, whatever the order of their names. */
export function sameContent(left: unknown, right: unknown): boolean {
  if (isEmpty(left) || isEmpty(right)) return false;
  return ordered(left) === ordered(right);
}

function ordered(value: unknown): string {
  return JSON.stringify(value, (_name, part: unknown) =>
    part !== null && typeof part === "object" && !Array.isArray(part)
      ? Object.fromEntries(
          Object.entries(part)
            .filter(([, one]) => one !== null)
            .sort(([a], [b]) => a.localeCompare(b)),
        )
      : part,
  );
}
