import { useText } from "../../i18n/i18n.ts";
import { TextField } from "./field.tsx";

type Words = { zh: string; en: string; bo: string | null };
const languages = ["zh", "en", "bo"] as const;
const langOf = { zh: "zh-CN", en: "en", bo: "bo" } as const;

/** The same words in three languages; the Tibetan ones may still be to be written. */
export function WordsFields({
  label,
  value,
  maxLength,
  className,
  onChange,
}: {
  label: string;
  value: Words;
  maxLength: number;
  /** How the three stand beside or below each other. */
  className: string;
  onChange: (value: Words) => void;
}) {
  const t = useText();
  return (
    <fieldset className={className}>
      <legend className="visually-hidden">{label}</legend>
      {languages.map((one) => (
        <TextField
          key={one}
          label={`${label} (${t(`workbench.in.${one}`)})`}
          lang={langOf[one]}
          required={one !== "bo"}
          maxLength={maxLength}
          value={value[one] ?? ""}
          onChange={(event) =>
            onChange({
              ...value,
              [one]: one === "bo" ? event.target.value || null : event.target.value,
            })
          }
        />
      ))}
    </fieldset>
  );
}
