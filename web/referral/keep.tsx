import { useState } from "react";
import { Button } from "../design/components/button.tsx";
import { CheckField } from "../design/components/field.tsx";
import { Status } from "../design/components/status.tsx";
import { useText } from "../i18n/i18n.ts";
import type { Fields } from "./form.tsx";
import { useTargets } from "./queries.ts";
import { Times } from "./segments.tsx";

/** What is kept for the patient until the other house has answered: a bed, or a number of its clinic. */
export type Kept = { bed: boolean; segment: { id: string; words: string } | null };
export const nothingKept: Kept = { bed: false, segment: null };

/** Hold a bed or a number of the department that was chosen, where it has one. */
export function Keep({ content, keep, setKeep }: Fields) {
  const t = useText();
  const [open, setOpen] = useState(false);
  const targets = useTargets("up");
  const target = targets.data?.targets.find(
    (one) =>
      one.institution.id === content.toInstitutionId &&
      one.department.id === content.toDepartmentId,
  );
  if (!target) return null;
  return (
    <div className="keep">
      {target.freeBeds ? (
        <CheckField
          label={t("referral.keep.bed", { count: target.freeBeds })}
          hint={t("referral.keep.hint")}
          checked={keep.bed}
          onChange={(event) => setKeep({ ...keep, bed: event.target.checked })}
        />
      ) : null}
      {keep.segment ? (
        <p className="row">
          <Status tone="good">{t("referral.keep.chosen", { time: keep.segment.words })}</Status>
          <Button look="quiet" size="small" onClick={() => setKeep({ ...keep, segment: null })}>
            {t("common.remove")}
          </Button>
        </p>
      ) : open ? (
        <Times
          departmentId={target.department.id}
          busy={false}
          onChoose={(id, words) => {
            setKeep({ ...keep, segment: { id, words } });
            setOpen(false);
          }}
        />
      ) : (
        <Button look="quiet" size="small" className="align-start" onClick={() => setOpen(true)}>
          {t("referral.keep.number")}
        </Button>
      )}
    </div>
  );
}
