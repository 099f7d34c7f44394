import { TextArea } from "../design/components/field.tsx";
import { useText } from "../i18n/i18n.ts";
import type { Fields } from "./form.tsx";

type TextName =
  | "reason"
  | "presentHistory"
  | "pastHistory"
  | "examination"
  | "results"
  | "treatmentSoFar"
  | "allergies"
  | "plan"
  | "rehabilitationAdvice";

/** A text of the form with where it comes from. */
export function Area({
  content,
  set,
  errorOf,
  sourceOf,
  name,
  needed = false,
  hint,
}: Fields & { name: TextName; needed?: boolean; hint?: string }) {
  const t = useText();
  return (
    <TextArea
      id={`referral-${name}`}
      label={t(`referral.field.${name}`)}
      hint={hint}
      rows={2}
      optional={needed ? undefined : t("common.optional")}
      source={sourceOf(name)}
      error={errorOf(name)}
      value={content[name] ?? ""}
      onChange={(event) => set({ [name]: event.target.value })}
    />
  );
}
