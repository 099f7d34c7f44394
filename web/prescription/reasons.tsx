import type { PrescriptionView } from "../../server/prescription/contract.ts";
import { TextField } from "../design/components/field.tsx";
import { Status } from "../design/components/status.tsx";
import { useLanguage, useText } from "../i18n/i18n.ts";
import { SourceOf } from "./parts.tsx";
import { gradeTone, sentenceOf } from "./words.ts";

/** What speaks against a line, each with its grade and source; a reason where the grade asks for one. */
export function Reasons({
  warnings,
  overruled,
  onReason,
}: {
  warnings: PrescriptionView["warnings"];
  overruled: Readonly<Record<string, string>>;
  onReason: (key: string, reason: string) => void;
}) {
  const t = useText();
  const language = useLanguage();
  return warnings.length === 0 ? null : (
    <ul className="rx-warnings">
      {warnings.map((one) => (
        <li key={one.key}>
          <Status tone={gradeTone[one.grade]}>{t(`prescription.grade.${one.grade}`)}</Status>{" "}
          <span>{sentenceOf(one.words, language)}</span> <SourceOf source={one.source} />
          {one.grade === "reason" ? (
            <TextField
              label={t("prescription.reason")}
              defaultValue={overruled[one.key] ?? ""}
              onBlur={(event) => onReason(one.key, event.target.value)}
            />
          ) : null}
        </li>
      ))}
    </ul>
  );
}
