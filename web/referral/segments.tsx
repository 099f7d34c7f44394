import { useState } from "react";
import { useDirectory } from "../consult/queries.ts";
import { Button } from "../design/components/button.tsx";
import { SelectField } from "../design/components/field.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { useDays, useSegments } from "../hotline/queries.ts";
import { useLanguage, useText } from "../i18n/i18n.ts";
import { clockTime, dayTime, dayWords } from "../i18n/time.ts";
import { inWords, noonOf } from "./words.ts";

/** Free times of our own clinics: department, day, time; a press takes the number. */
export function Segments({
  ownInstitutionId,
  departmentId: wanted,
  busy,
  onChoose,
}: {
  ownInstitutionId: string;
  departmentId: string | null;
  busy: boolean;
  onChoose: (segmentId: string) => void;
}) {
  const t = useText();
  const own = useDirectory().data?.institutions.find((one) => one.id === ownInstitutionId);
  const [chosen, setChosen] = useState<string | null>(null);
  const departmentId = chosen ?? wanted ?? own?.departments[0]?.id ?? null;
  return (
    <>
      <SelectField
        label={t("referral.accept.department")}
        value={departmentId ?? ""}
        onChange={(event) => setChosen(event.target.value)}
      >
        {(own?.departments ?? []).map((one) => (
          <option key={one.id} value={one.id}>
            {one.name}
          </option>
        ))}
      </SelectField>
      {departmentId ? (
        <Times key={departmentId} departmentId={departmentId} busy={busy} onChoose={onChoose} />
      ) : null}
    </>
  );
}

/** Free times of one department by day. */
export function Times({
  departmentId,
  busy,
  onChoose,
}: {
  departmentId: string;
  busy: boolean;
  /** With the time in words. */
  onChoose: (segmentId: string, words: string) => void;
}) {
  const t = useText();
  const language = useLanguage();
  const days = useDays(departmentId, "clinic");
  const free = (days.data?.days ?? []).filter((one) => one.state === "free");
  const [picked, setPicked] = useState<string | null>(null);
  const day = picked ?? free[0]?.day ?? null;
  const segments = useSegments(departmentId, "clinic", day);
  const times = (segments.data?.schedules ?? []).flatMap((schedule) =>
    schedule.segments
      .filter((segment) => segment.state === "free")
      .map((segment) => ({ schedule, segment })),
  );
  return (
    <>
      {days.isPending ? <Skeleton lines={2} /> : null}
      <ProblemNotice error={days.error ?? segments.error} retry={() => void days.refetch()} />
      {days.data && free.length === 0 ? <p>{t("referral.book.none")}</p> : null}
      {free.length > 0 ? (
        <SelectField
          label={t("referral.book.day")}
          value={day ?? ""}
          onChange={(event) => setPicked(event.target.value)}
        >
          {free.map((one) => (
            <option key={one.day} value={one.day}>
              {dayWords(noonOf(one.day))} · {t("referral.book.left", { count: one.left })}
            </option>
          ))}
        </SelectField>
      ) : null}
      <ul className="segment-list">
        {times.map(({ schedule, segment }) => (
          <li key={segment.id}>
            <Button busy={busy} onClick={() => onChoose(segment.id, dayTime(segment.startsAt))}>
              <span className="figure">
                {clockTime(segment.startsAt)}–{clockTime(segment.endsAt)}
              </span>{" "}
              {schedule.doctor?.name ?? inWords(schedule.name, language)}
            </Button>
          </li>
        ))}
      </ul>
    </>
  );
}
