import { useState } from "react";
import type {
  Preview,
  PublishedView,
  Range,
  ScheduleDetail,
} from "../../../server/booking/schedule-contract.ts";
import { api } from "../../api/client.ts";
import { useWrite } from "../../api/write.ts";
import { Button } from "../../design/components/button.tsx";
import { Card } from "../../design/components/card.tsx";
import { SelectField, TextField } from "../../design/components/field.tsx";
import { Notice } from "../../design/components/notice.tsx";
import { ProblemNotice } from "../../design/components/problem.tsx";
import { Skeleton } from "../../design/components/skeleton.tsx";
import { Status, type Tone } from "../../design/components/status.tsx";
import { useLanguage, useText } from "../../i18n/i18n.ts";
import { clockTime, dateTime } from "../../i18n/time.ts";
import { usePreview, useSchedulesChanged } from "./queries.ts";
import { inWords, weekdayOf, weekdayWord } from "./words.ts";

type Day = Preview["days"][number];
const tones: Record<Day["state"], Tone> = {
  new: "info",
  open: "good",
  closed: "warn",
  clash: "warn",
  none: "quiet",
};

/** What publishing would open, day by day, and the button that does exactly this. */
export function PreviewCard({ detail, daysAhead }: { detail: ScheduleDetail; daysAhead: number }) {
  const t = useText();
  const [range, setRange] = useState<Range>({ from: detail.today, days: daysAhead });
  const preview = usePreview(detail.schedule.id, range);
  const changed = useSchedulesChanged();
  const publish = useWrite(
    (body: Range, key) =>
      api.post<PublishedView>(`/api/schedules/${detail.schedule.id}/publish`, body, key),
    { onDone: () => changed() },
  );
  const choices = [...new Set([7, 14, daysAhead, 28, 42, 62])].sort((a, b) => a - b);
  const seats = preview.data?.seats;
  const all = seats ? seats.public + seats.priority + seats.hotline : 0;
  return (
    <Card title={t("schedules.preview.title")}>
      <p className="muted">{t("schedules.preview.how", { days: daysAhead })}</p>
      <div className="field-row">
        <TextField
          label={t("schedules.preview.from")}
          type="date"
          min={detail.today}
          value={range.from}
          onChange={(event) => setRange({ ...range, from: event.target.value })}
        />
        <SelectField
          label={t("schedules.preview.days")}
          value={range.days}
          onChange={(event) => setRange({ ...range, days: Number(event.target.value) })}
        >
          {choices.map((days) => (
            <option key={days} value={days}>
              {t("schedules.days", { days })}
            </option>
          ))}
        </SelectField>
      </div>
      {preview.isPending ? <Skeleton lines={4} /> : null}
      <ProblemNotice error={preview.error} retry={() => void preview.refetch()} />
      {preview.data && seats ? (
        <>
          <div className="schedules-sum">
            <p>
              <span className="schedules-number figure">{all}</span>{" "}
              {t("schedules.preview.seats", { segments: preview.data.segments })}
            </p>
            <p className="muted small">{t("schedules.preview.pools", seats)}</p>
          </div>
          <Days days={preview.data.days} />
          <ProblemNotice error={publish.error} />
          {publish.data ? (
            <Notice
              tone={publish.data.clashes.length > 0 ? "warn" : "good"}
              title={t("schedules.publish.done", {
                segments: publish.data.segments,
                seats: publish.data.seats,
              })}
            >
              {t("schedules.publish.kept", {
                kept: publish.data.kept,
                clashes: publish.data.clashes.length,
              })}
            </Notice>
          ) : null}
          {all > 0 && detail.schedule.active ? (
            <Button
              look="primary"
              className="align-start"
              busy={publish.isPending}
              onClick={() => publish.mutate(range)}
            >
              {t("schedules.publish.action", { seats: all })}
            </Button>
          ) : (
            <p className="muted">
              {t(detail.schedule.active ? "schedules.publish.nothing" : "schedules.publish.off")}
            </p>
          )}
        </>
      ) : null}
    </Card>
  );
}

function Days({ days }: { days: readonly Day[] }) {
  const t = useText();
  const shown = days.filter((day) => day.state !== "none");
  const empty = days.length - shown.length;
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls is reached by keyboard */}
      <section className="schedules-days" aria-label={t("schedules.preview.title")} tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t("schedules.preview.day")}</th>
              <th scope="col">{t("schedules.preview.state")}</th>
              <th scope="col">{t("schedules.preview.times")}</th>
              <th scope="col" className="figure">
                {t("schedules.preview.newSeats")}
              </th>
              <th scope="col">{t("schedules.preview.release")}</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((day) => (
              <Row key={day.day} day={day} />
            ))}
          </tbody>
        </table>
      </section>
      {empty > 0 ? (
        <p className="muted small">{t("schedules.preview.none", { days: empty })}</p>
      ) : null}
    </>
  );
}

function Row({ day }: { day: Day }) {
  const t = useText();
  const language = useLanguage();
  const { seats } = day;
  const all = seats.public + seats.priority + seats.hotline;
  const open = day.segments.reduce(
    (sum, one) => sum + (one.state === "open" ? one.capacity : 0),
    0,
  );
  return (
    <tr>
      <th scope="row" className="figure">
        {day.day.slice(5)} <span className="muted">{weekdayWord(weekdayOf(day.day), t)}</span>
      </th>
      <td>
        <Status tone={tones[day.state]}>{t(`schedules.day.${day.state}`)}</Status>
        {day.reason ? <p className="small">{inWords(day.reason, language)}</p> : null}
      </td>
      <td className="small figure">
        {stretches(day.segments).map(({ from, to, count }) => (
          <p key={from}>
            {clockTime(from)}–{clockTime(to)}{" "}
            <span className="muted">{t("schedules.preview.segments", { count })}</span>
          </p>
        ))}
        {joined(day.clashes).map((clash) => (
          <p key={clash.startsAt} className="warn-text">
            {t(`schedules.clash.${clash.why}`, {
              from: clockTime(clash.startsAt),
              to: clockTime(clash.endsAt),
              name: clash.other ? inWords(clash.other.name, language) : "",
              place: clash.other
                ? `${inWords(clash.other.institution, language)} ${clash.other.place}`
                : "",
            })}
          </p>
        ))}
      </td>
      <td className="figure">
        {all > 0 ? (
          <>
            <span className="strong">{all}</span>
            {seats.priority + seats.hotline > 0 ? (
              <p className="small muted">{t("schedules.preview.split", seats)}</p>
            ) : null}
          </>
        ) : open > 0 ? (
          <span className="muted">{t("schedules.preview.openSeats", { seats: open })}</span>
        ) : (
          "–"
        )}
      </td>
      <td className="small figure schedules-release">
        {day.releaseAt ? (
          <p>{t("schedules.release.public", { at: dateTime(day.releaseAt) })}</p>
        ) : null}
        {day.priorityFrom ? (
          <p className="muted">
            {t("schedules.release.priority", { at: dateTime(day.priorityFrom) })}
          </p>
        ) : null}
        {day.returnAt ? (
          <p className="muted">{t("schedules.release.return", { at: dateTime(day.returnAt) })}</p>
        ) : null}
      </td>
    </tr>
  );
}

/** Clashes one after the other with the same clinic as one. */
function joined(clashes: Day["clashes"]): Day["clashes"] {
  const found: Day["clashes"] = [];
  for (const one of clashes) {
    const last = found.at(-1);
    const same = last?.why === one.why && last.other?.place === one.other?.place;
    if (last && same && last.endsAt === one.startsAt) last.endsAt = one.endsAt;
    else found.push({ ...one });
  }
  return found;
}

/** Segments one after the other as one stretch of time. */
function stretches(segments: Day["segments"]) {
  const found: { from: string; to: string; count: number }[] = [];
  for (const one of segments) {
    const last = found.at(-1);
    if (last && last.to === one.startsAt) {
      last.to = one.endsAt;
      last.count += 1;
    } else found.push({ from: one.startsAt, to: one.endsAt, count: 1 });
  }
  return found;
}
