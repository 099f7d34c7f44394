import { type DOMAttributes, type ReactNode, useState } from "react";
import { type Translate, useText } from "../../i18n/i18n.ts";

export type Control = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;
type Handlers<Element extends Control> = Pick<DOMAttributes<Element>, "onInvalid" | "onInput">;

/** What is wrong with a field, said by what the browser found. */
function sentenceOf(control: Control, t: Translate): string {
  const { validity } = control;
  const limit = (name: "minlength" | "maxlength" | "min" | "max") =>
    control.getAttribute(name) ?? "";
  if (validity.valueMissing) {
    if (control instanceof HTMLSelectElement) return t("common.fault.choose");
    return t(
      control.type === "checkbox" || control.type === "radio"
        ? "common.fault.tick"
        : "common.fault.missing",
    );
  }
  if (validity.tooShort) return t("common.fault.short", { least: limit("minlength") });
  if (validity.tooLong) return t("common.fault.long", { most: limit("maxlength") });
  if (validity.rangeUnderflow) return t("common.fault.under", { least: limit("min") });
  if (validity.rangeOverflow) return t("common.fault.over", { most: limit("max") });
  return t("common.fault.other");
}

/**
 * The browser looks whether a form is filled in, and says so in its own language; here it is said in the page's,
 * beside the field, and the first such field takes the focus. It goes away as soon as the field is right.
 */
export function useFault<Element extends Control>(error: ReactNode, given: Handlers<Element>) {
  const t = useText();
  const [fault, setFault] = useState<string | null>(null);
  const handlers: Handlers<Element> = {
    onInvalid: (event) => {
      given.onInvalid?.(event);
      const control = event.currentTarget;
      event.preventDefault();
      setFault(sentenceOf(control, t));
      const all = [...(control.form?.elements ?? [])];
      const first = all.find((one) => one.matches(":invalid") && !one.matches("fieldset"));
      if (first === control) control.focus();
    },
    onInput: (event) => {
      given.onInput?.(event);
      if (fault !== null && event.currentTarget.validity.valid) setFault(null);
    },
  };
  return { error: error || fault || undefined, handlers };
}
