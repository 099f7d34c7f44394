import { Button } from "../../design/components/button.tsx";
import { left, right } from "../../design/icons.ts";
import { useText } from "../../i18n/i18n.ts";
import { dayTime, dayWords } from "../../i18n/time.ts";
import type { Day } from "./queries.ts";
import { noonOf } from "./words.tsx";

const perWeek = 7;

/** Days as a strip of one week, each with its state in words; never an empty calendar to hunt through. */
export function WeekStrip({
  days,
  chosen,
  onChoose,
  firstShown,
  onTurn,
}: {
  days: readonly Day[];
  chosen: string | null;
  onChoose: (day: string) => void;
  /** Index of the first day shown. */
  firstShown: number;
  onTurn: (firstShown: number) => void;
}) {
  const t = useText();
  const shown = days.slice(firstShown, firstShown + perWeek);
  return (
    <section className="week" aria-label={t("patient.booking.days")}>
      <ol className="week-days">
        {shown.map((day) => {
          const [month, date] = day.day.slice(5).split("-").map(Number);
          const weekday = ((new Date(`${day.day}T00:00:00Z`).getUTCDay() + 6) % 7) + 1;
          return (
            <li key={day.day}>
              <button
                type="button"
                className={`day day-${day.state}`}
                aria-pressed={day.day === chosen}
                disabled={day.state === "none"}
                onClick={() => onChoose(day.day)}
              >
                <span className="visually-hidden">
                  {dayWords(noonOf(day.day), 0)}, {stateWords(day, t, true)}
                </span>
                <span className="day-name" aria-hidden="true">
                  {t(`common.weekday.${weekday as 1 | 2 | 3 | 4 | 5 | 6 | 7}`)}
                </span>
                <span className="day-number" aria-hidden="true">
                  {date === 1 ? `${month}/${date}` : String(date)}
                </span>
                <span className="day-state" aria-hidden="true">
                  {stateWords(day, t, false)}
                </span>
              </button>
            </li>
          );
        })}
      </ol>
      <div className="row spread week-turn">
        {firstShown > 0 ? (
          <Button look="quiet" icon={left} onClick={() => onTurn(firstShown - perWeek)}>
            {t("patient.booking.weekBefore")}
          </Button>
        ) : (
          <span />
        )}
        {firstShown + perWeek < days.length ? (
          <Button
            look="quiet"
            icon={right}
            className="icon-after"
            onClick={() => onTurn(firstShown + perWeek)}
          >
            {t("patient.booking.weekAfter")}
          </Button>
        ) : null}
      </div>
    </section>
  );
}

/** The week in which a day stands. */
export function weekOf(days: readonly Day[], day: string | null): number {
  const index = days.findIndex((one) => one.day === day);
  return index < 0 ? 0 : index - (index % perWeek);
}

function stateWords(day: Day, t: ReturnType<typeof useText>, whole: boolean): string {
  switch (day.state) {
    case "free":
      return t("patient.booking.left", { count: day.left });
    case "not-released":
      return whole && day.releaseAt
        ? t("patient.booking.releaseAt", { time: dayTime(day.releaseAt) })
        : t("patient.booking.day.not-released");
    case "none":
      return whole ? t("patient.booking.day.none") : "—";
    default:
      return t(`patient.booking.day.${day.state}`);
  }
}
