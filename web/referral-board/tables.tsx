import type { ReactNode } from "react";
import type { Board } from "../../server/referral/board-contract.ts";
import { useText } from "../i18n/i18n.ts";
import { useNameOf } from "../i18n/name-of.ts";
import { answers, clocks, type House, openOf, overdueOf, spanWords, sum } from "./numbers.ts";

function Scroll({ by, children }: { by: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls is reached by keyboard
    <section className="loops-scroll" aria-labelledby={by} tabIndex={0}>
      {children}
    </section>
  );
}

function HouseName({ house, own }: { house: House; own: boolean }) {
  const t = useText();
  const nameOf = useNameOf();
  return (
    <th scope="row">
      {nameOf(house.institution)}
      {own ? <span className="loops-own"> {t("loops.ownHouse")}</span> : null}
    </th>
  );
}

/** What is open now, by house and clock; the last row is the sum of those above. */
export function OpenTable({ board }: { board: Board }) {
  const t = useText();
  const rows = board.houses
    .filter((one) => openOf(one) > 0)
    .toSorted((left, right) => overdueOf(right) - overdueOf(left) || openOf(right) - openOf(left));
  const shown = clocks.filter((clock) => rows.some((one) => one.open[clock]));
  const quiet = board.houses.length - rows.length;
  return (
    <section className="loops-card">
      <h2 id="loops-open">{t("loops.openTitle")}</h2>
      <p className="muted small">{t("loops.openHow")}</p>
      {rows.length === 0 ? (
        <p>{t("loops.allClosed")}</p>
      ) : (
        <Scroll by="loops-open">
          <table>
            <thead>
              <tr>
                <th scope="col">{t("loops.house")}</th>
                {shown.map((clock) => (
                  <th key={clock} scope="col">
                    {t(`loops.clock.${clock}`)}
                  </th>
                ))}
                <th scope="col">{t("loops.total")}</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((one) => (
                <tr key={one.id}>
                  <HouseName house={one} own={one.id === board.ownInstitutionId} />
                  {shown.map((clock) => (
                    <td key={clock} data-clock={one.open[clock] ? clock : undefined}>
                      {one.open[clock] ?? t("loops.nothing")}
                    </td>
                  ))}
                  <td className="strong">{openOf(one)}</td>
                </tr>
              ))}
            </tbody>
            <tfoot>
              <tr>
                <th scope="row">{t("loops.total")}</th>
                {shown.map((clock) => (
                  <td key={clock}>{sum(rows, (one) => one.open[clock] ?? 0)}</td>
                ))}
                <td className="strong">{sum(rows, openOf)}</td>
              </tr>
            </tfoot>
          </table>
        </Scroll>
      )}
      {quiet > 0 && rows.length > 0 ? (
        <p className="muted small">{t("loops.quiet", { count: quiet })}</p>
      ) : null}
    </section>
  );
}

/** How the houses answered what came in the period. */
export function AnswerTable({ board }: { board: Board }) {
  const t = useText();
  const rows = board.houses
    .filter((one) => one.received + one.followUps > 0)
    .toSorted((left, right) => right.received - left.received);
  const missed = (one: { followUps: number; missedFollowUps: number }) =>
    one.followUps > 0
      ? t("loops.missedOf", { missed: one.missedFollowUps, all: one.followUps })
      : t("loops.nothing");
  return (
    <section className="loops-card">
      <h2 id="loops-answers">{t("loops.periodTitle", { days: board.days })}</h2>
      <p className="muted small">{t("loops.periodHow")}</p>
      {rows.length === 0 ? (
        <p>{t("loops.noReferrals")}</p>
      ) : (
        <Scroll by="loops-answers">
          <table>
            <thead>
              <tr>
                <th scope="col">{t("loops.house")}</th>
                {answers.map((answer) => (
                  <th key={answer} scope="col">
                    {t(`loops.answer.${answer}`)}
                  </th>
                ))}
                <th scope="col">{t("loops.answer.toAccepted")}</th>
                <th scope="col">{t("loops.answer.toSeen")}</th>
                <th scope="col">{t("loops.answer.missed")}</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((one) => (
                <tr key={one.id}>
                  <HouseName house={one} own={one.id === board.ownInstitutionId} />
                  {answers.map((answer) => (
                    <td
                      key={answer}
                      data-clock={answer === "late" && one.late ? "desk" : undefined}
                    >
                      {one[answer] || t("loops.nothing")}
                    </td>
                  ))}
                  <td>{spanWords(t, one.minutesToAccepted)}</td>
                  <td>{spanWords(t, one.minutesToSeen)}</td>
                  <td>{missed(one)}</td>
                </tr>
              ))}
            </tbody>
            <tfoot>
              <tr>
                <th scope="row">{t("loops.total")}</th>
                {answers.map((answer) => (
                  <td key={answer}>{sum(rows, (one) => one[answer])}</td>
                ))}
                <td>{spanWords(t, board.minutesToAccepted)}</td>
                <td>{spanWords(t, board.minutesToSeen)}</td>
                <td>
                  {missed({
                    followUps: sum(rows, (one) => one.followUps),
                    missedFollowUps: sum(rows, (one) => one.missedFollowUps),
                  })}
                </td>
              </tr>
            </tfoot>
          </table>
        </Scroll>
      )}
    </section>
  );
}
