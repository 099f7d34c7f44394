import { type ComponentProps, type ReactNode, useId } from "react";
import { warning } from "../icons.ts";
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
      {frame.error ? (
        <p className="field-error" id={`${id}-error`}>
          <Icon path={warning} size="small" />
          <span>{frame.error}</span>
        </p>
      ) : null}
    </div>
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
  const frame = { label, hint, error, optional, source };
  return (
    <FieldFrame id={id} frame={frame}>
      <input
        {...input}
        id={id}
        className={`field-input ${input.className ?? ""}`}
        aria-invalid={error ? true : undefined}
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
  const frame = { label, hint, error, optional, source };
  return (
    <FieldFrame id={id} frame={frame}>
      <textarea
        rows={3}
        {...area}
        id={id}
        className={`field-input field-area ${area.className ?? ""}`}
        aria-invalid={error ? true : undefined}
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
  const frame = { label, hint, error, optional, source };
  return (
    <FieldFrame id={id} frame={frame}>
      <select
        {...select}
        id={id}
        className={`field-input ${select.className ?? ""}`}
        aria-invalid={error ? true : undefined}
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
  return (
    <div className="check-field">
      <input
        {...input}
        id={id}
        type="checkbox"
        aria-describedby={hint ? `${id}-hint` : undefined}
      />
      <div>
        <label htmlFor={id}>{label}</label>
        {hint ? (
          <p className="field-hint" id={`${id}-hint`}>
            {hint}
          </p>
        ) : null}
      </div>
    </div>
  );
}
