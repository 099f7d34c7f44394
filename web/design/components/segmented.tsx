import { type ReactNode, useId } from "react";
import "./segmented.css";

/** A few choices side by side; native radio buttons, so arrow keys and forms work by themselves. */
export function Segmented<Value extends string>({
  label,
  hideLabel,
  hint,
  value,
  options,
  onChange,
  disabled,
}: {
  label: ReactNode;
  hideLabel?: boolean;
  hint?: ReactNode;
  value: Value | null;
  options: readonly { value: Value; label: ReactNode; lang?: string }[];
  onChange: (value: Value) => void;
  disabled?: boolean;
}) {
  const name = useId();
  return (
    <fieldset
      className="segmented-field"
      disabled={disabled}
      aria-describedby={hint ? `${name}-hint` : undefined}
    >
      <legend className={hideLabel ? "visually-hidden" : "field-label"}>{label}</legend>
      {hint ? (
        <p className="field-hint" id={`${name}-hint`}>
          {hint}
        </p>
      ) : null}
      <div className="segmented">
        {options.map((option) => (
          <label key={option.value} className="segment" lang={option.lang}>
            <input
              type="radio"
              name={name}
              value={option.value}
              checked={option.value === value}
              onChange={() => onChange(option.value)}
            />
            <span>{option.label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
