import { type ComponentProps, useState } from "react";
import { TextField } from "../design/components/field.tsx";

/** A number that counts once the field is left; an empty field is no number, and never a nought. */
export function NumberField({
  value,
  onValue,
  ...field
}: Omit<ComponentProps<typeof TextField>, "value"> & {
  value: number | null;
  onValue: (value: number | null) => unknown;
}) {
  const [text, setText] = useState(value === null ? "" : String(value));
  return (
    <TextField
      {...field}
      type="number"
      value={text}
      onChange={(event) => setText(event.target.value)}
      onBlur={(event) => {
        // Said beside the field, in the page's language; nothing wrong is sent.
        if (!event.target.checkValidity()) return;
        const typed = text.trim() === "" ? null : Number(text);
        if (typed !== value) onValue(typed);
      }}
    />
  );
}
