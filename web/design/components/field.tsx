import { type ComponentProps, type ReactNode, useId } from "react";
import { warning } from "../icons.ts";
import { useFault } from "./field-fault.ts";
import { Icon } from "./icon.tsx";
import "./field.css";

type Frame = {
  label: ReactNode;
  hint?: ReactNode;
  /** What is wrong and what to do. */
  error?: ReactNode;
  optional?: ReactNode;
  /** Where a value that was filled in comes from. */
  source?: ReactNode;
};

function describedBy(id: string, { hint, error, source }: Frame): string | undefined {
  const ids = [hint && `${id}-hint`, source && `${id}-source`, error && `${id}-error`].filter(
    Boolean,
  );
  return ids.length > 0 ? ids.join(" ") : undefined;
}

function FieldFrame({ id, frame, children }: { id: string; frame: Frame; children: ReactNode }) {
  return (
    <div className="field" data-invalid={frame.error ? "" : undefined}>
      <label className="field-label" htmlFor={id}>
        {frame.label}
        {frame.optional ? <span className="field-optional">{frame.optional}</span> : null}
      </label>
      {frame.hint ? (
        <p className="field-hint" id={`${id}-hint`}>
          {frame.hint}
        </p>
      ) : null}
      {children}
      {frame.source ? (
        <p className="field-source" id={`${id}-source`}>
          {frame.source}
        </p>
      ) : null}
      <FieldError id={id} error={frame.error} />
    </div>
  );
}

function FieldError({ id, error }: { id: string; error: ReactNode }) {
  if (!error) return null;
  return (
    <p className="field-error" id={`${id}-error`}>
      <Icon path={warning} size="small" />
      <span>{error}</span>
    </p>
  );
}

/** One line of text with its label, hint and error. */
export function TextField({
  label,
  hint,
  error,
  optional,
  source,
  ...input
}: Frame & ComponentProps<"input">) {
  const made = useId();
  const id = input.id ?? made;
  const fault = useFault(error, input);
  const frame = { label, hint, error: fault.error, optional, source };
  return (
    <FieldFrame id={id} frame={frame}>
      <input
        {...input}
        {...fault.handlers}
        id={id}
        className={`field-input ${input.className ?? ""}`}
        aria-invalid={fault.error ? true : undefined}
        aria-describedby={describedBy(id, frame)}
      />
    </FieldFrame>
  );
}

/** Several lines; grows with its text. */
export function TextArea({
  label,
  hint,
  error,
  optional,
  source,
  ...area
}: Frame & ComponentProps<"textarea">) {
  const made = useId();
  const id = area.id ?? made;
  const fault = useFault(error, area);
  const frame = { label, hint, error: fault.error, optional, source };
  return (
    <FieldFrame id={id} frame={frame}>
      <textarea
        rows={3}
        {...area}
        {...fault.handlers}
        id={id}
        className={`field-input field-area ${area.className ?? ""}`}
        aria-invalid={fault.error ? true : undefined}
        aria-describedby={describedBy(id, frame)}
      />
    </FieldFrame>
  );
}

/** The browser's own list. */
export function SelectField({
  label,
  hint,
  error,
  optional,
  source,
  ...select
}: Frame & ComponentProps<"select">) {
  const made = useId();
  const id = select.id ?? made;
  const fault = useFault(error, select);
  const frame = { label, hint, error: fault.error, optional, source };
  return (
    <FieldFrame id={id} frame={frame}>
      <select
        {...select}
        {...fault.handlers}
        id={id}
        className={`field-input ${select.className ?? ""}`}
        aria-invalid={fault.error ? true : undefined}
        aria-describedby={describedBy(id, frame)}
      />
    </FieldFrame>
  );
}

/** One thing that is so or not. */
export function CheckField({
  label,
  hint,
  ...input
}: { label: ReactNode; hint?: ReactNode } & ComponentProps<"input">) {
  const made = useId();
  const id = input.id ?? made;
  const fault = useFault(undefined, input);
  return (
    <div className="check-field">
      <input
        {...input}
        {...fault.handlers}
        id={id}
        type="checkbox"
        aria-invalid={fault.error ? true : undefined}
        aria-describedby={describedBy(id, { label, hint, error: fault.error })}
      />
      <div>
        <label htmlFor={id}>{label}</label>
        {hint ? (
          <p className="field-hint" id={`${id}-hint`}>
            {hint}
          </p>
        ) : null}
        <FieldError id={id} error={fault.error} />
      </div>
    </div>
  );
}
