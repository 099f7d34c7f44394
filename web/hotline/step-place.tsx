import type { ServiceKind } from "../../server/booking/domain.ts";
import { Card } from "../design/components/card.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { useLanguage, useText } from "../i18n/i18n.ts";
import { dayTime } from "../i18n/time.ts";
import { Choices, useKey } from "./choices.tsx";
import { usePlaces } from "./queries.ts";
import { inWords } from "./words.ts";

/** Where: this house first, then by the nearest free seat. */
export function StepPlace({
  kind,
  ownInstitutionId,
  onPlace,
  onBack,
  busy,
}: {
  kind: ServiceKind;
  ownInstitutionId: string;
  onPlace: (institutionId: string, departmentId: string) => void;
  onBack: () => void;
  busy: boolean;
}) {
  const t = useText();
  const language = useLanguage();
  const places = usePlaces(kind);
  useKey("b", onBack);
  const options = (places.data?.places ?? [])
    .flatMap((place) => place.departments.map((department) => ({ place, department })))
    .sort(
      (left, right) =>
        Number(right.place.id === ownInstitutionId) - Number(left.place.id === ownInstitutionId) ||
        (left.department.nextFree ?? "9").localeCompare(right.department.nextFree ?? "9"),
    );
  return (
    <Card
      strong
      title={t("hotline.place.title", { kind: t(`hotline.kind.${kind}`) })}
      aside={<BackHint />}
    >
      {places.isPending ? <Skeleton lines={5} /> : null}
      <ProblemNotice error={places.error} retry={() => void places.refetch()} />
      {places.data && options.length === 0 ? <p>{t("hotline.place.none")}</p> : null}
      <Choices
        label={t("hotline.place.title", { kind: t(`hotline.kind.${kind}`) })}
        busy={busy}
        options={options.map(({ place, department }) => ({
          id: `${place.id}/${department.id}`,
          label: `${inWords(place.name, language)} · ${inWords(department.name, language)}`,
          hint: department.nextFree
            ? t("hotline.place.nextFree", { time: dayTime(department.nextFree) })
            : t("hotline.place.full"),
        }))}
        onChoose={(id) => {
          const [institutionId, departmentId] = id.split("/");
          onPlace(institutionId!, departmentId!);
        }}
      />
    </Card>
  );
}

export function BackHint() {
  const t = useText();
  return (
    <span className="muted small">
      {t("hotline.back")} <kbd>B</kbd>
    </span>
  );
}
