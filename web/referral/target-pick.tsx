import { useId, useState } from "react";
import { Button } from "../design/components/button.tsx";
import { TextField } from "../design/components/field.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import type { Language } from "../i18n/areas.ts";
import { useLanguage, useText } from "../i18n/i18n.ts";
import { useNameOf } from "../i18n/name-of.ts";
import { AwayLine, useAway } from "./away.tsx";
import type { Fields } from "./form.tsx";
import { nothingKept } from "./keep.tsx";
import { type Pathway, type Target, usePathways, useTargets } from "./queries.ts";
import { distanceWords, inWords } from "./words.ts";

const shownFirst = 5;
/** Fever clinics are for who has a fever: nobody is sent there by being first on a list. */
const feverClinic = "16.01";

/** Where to: a short list with why each is on it; all others by a word of their names. */
export function TargetPick({ referral, content, set, setKeep, errorOf }: Fields) {
  const t = useText();
  const targets = useTargets(referral.direction);
  const pathways = usePathways(referral.direction);
  const way = pathways.data?.pathways.find((one) => one.id === content.pathwayId);
  const error = errorOf("toInstitutionId") ?? errorOf("toDepartmentId");
  return (
    <div className="field" id="referral-target" tabIndex={-1} data-invalid={error ? "" : undefined}>
      {error ? <p className="field-error">{error}</p> : null}
      <ProblemNotice error={targets.error} retry={() => void targets.refetch()} />
      {targets.isPending ? <Skeleton lines={4} /> : null}
      {targets.data ? (
        <TargetList
          label={t("referral.target.label")}
          targets={bySpecialty(targets.data.targets, way)}
          chosen={{
            institutionId: content.toInstitutionId ?? null,
            departmentId: content.toDepartmentId ?? null,
          }}
          onChoose={(one) => {
            set({ toInstitutionId: one.institution.id, toDepartmentId: one.department.id });
            // What was to be held was held there.
            setKeep(nothingKept);
          }}
        />
      ) : null}
    </div>
  );
}

/** The houses that the way names first; departments of its specialties before others, fever clinics last; within that the server's order stands. */
export function bySpecialty(targets: readonly Target[], way: Pathway | undefined): Target[] {
  const wanted = way?.specialtyCodes ?? [];
  const receivers = way?.receivers ?? [];
  const rank = (one: Target) => {
    // The houses that the way names, in its order.
    const place = receivers.findIndex(
      (each) =>
        each.institutionId === one.institution.id &&
        (each.departmentId === null || each.departmentId === one.department.id),
    );
    if (place >= 0) return place - receivers.length;
    if (wanted.some((code) => one.specialtyCode.startsWith(code))) return 0;
    return one.specialtyCode.startsWith(feverClinic) ? 2 : 1;
  };
  return targets.toSorted((left, right) => rank(left) - rank(right));
}

/** One of some departments, each with why it is there. */
export function TargetList({
  label,
  targets,
  chosen,
  onChoose,
}: {
  label: string;
  targets: readonly Target[];
  chosen: { institutionId: string | null; departmentId: string | null };
  onChoose: (target: Target) => void;
}) {
  const t = useText();
  const named = useNameOf();
  const language = useLanguage();
  const name = useId();
  const [all, setAll] = useState(false);
  const [typed, setTyped] = useState("");
  const isChosen = (one: Target) =>
    one.institution.id === chosen.institutionId &&
    (chosen.departmentId === null || one.department.id === chosen.departmentId);
  const words = (one: Target) => `${named(one.institution)} ${named(one.department)}`;
  const found = typed.trim() ? targets.filter((one) => words(one).includes(typed.trim())) : targets;
  const away = useAway(targets.map((one) => one.department.id));
  const shown = all
    ? found
    : [...found.slice(0, shownFirst), ...found.slice(shownFirst).filter(isChosen)];
  return (
    <fieldset className="target-list">
      <legend className="field-label">{label}</legend>
      {targets.length === 0 ? <p className="muted">{t("referral.target.none")}</p> : null}
      {all ? (
        <TextField
          label={t("referral.target.search")}
          type="search"
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
      ) : null}
      {shown.map((one) => (
        <label key={one.institution.id + one.department.id} className="target">
          <input type="radio" name={name} checked={isChosen(one)} onChange={() => onChoose(one)} />
          <span>
            <span className="strong">
              {named(one.institution)} · {named(one.department)}
            </span>
            <span className="target-why small">{why(one, t, language)}</span>
            <AwayLine away={away.filter((each) => each.departmentId === one.department.id)} />
          </span>
        </label>
      ))}
      {!all && found.length > shown.length ? (
        <Button look="quiet" size="small" className="align-start" onClick={() => setAll(true)}>
          {t("referral.target.more", { count: found.length - shown.length })}
        </Button>
      ) : null}
    </fieldset>
  );
}

function why(one: Target, t: ReturnType<typeof useText>, language: Language): string {
  return [
    one.alliances.map((of) => inWords(of, language)).join(t("common.listSeparator")),
    one.distanceMetres === null ? null : distanceWords(one.distanceMetres),
    one.freeBeds === null ? null : t("referral.target.beds", { count: one.freeBeds }),
    t("referral.target.open", { count: one.openReferrals }),
    one.medianMinutes === null
      ? null
      : t("referral.target.median", { minutes: Math.round(one.medianMinutes) }),
  ]
    .filter(Boolean)
    .join(" · ");
}
