import type { ReactNode } from "react";
import type { Board } from "../../server/referral/board-contract.ts";
import { useText } from "../i18n/i18n.ts";
import { useNameOf } from "../i18n/name-of.ts";
import { dayTime } from "../i18n/time.ts";
import { NumberLink } from "./number-link.tsx";
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
                      <NumberLink
                        what={clock}
                        count={one.open[clock] ?? 0}
                        days={board.days}
                        house={one}
                      />
                    </td>
                  ))}
                  <td className="strong">
                    <NumberLink what="open" count={openOf(one)} days={board.days} house={one} />
                  </td>
                </tr>
              ))}
            </tbody>
            <tfoot>
              <tr>
                <th scope="row">{t("loops.total")}</th>
                {shown.map((clock) => (
                  <td key={clock}>
                    <NumberLink
                      what={clock}
                      count={sum(rows, (one) => one.open[clock] ?? 0)}
                      days={board.days}
                    />
                  </td>
                ))}
                <td className="strong">
                  <NumberLink what="open" count={sum(rows, openOf)} days={board.days} />
                </td>
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

/** Which house does not answer: the one with most past their time stands first. */
export function AnsweringTable({ board }: { board: Board }) {
  const t = useText();
  const nameOf = useNameOf();
  const rows = board.answering.toSorted(
    (left, right) =>
      right.overdue - left.overdue ||
      right.asked - right.inTime - (left.asked - left.inTime) ||
      left.institution.name.localeCompare(right.institution.name),
  );
  if (rows.length === 0) return null;
  return (
    <section className="loops-card">
      <h2 id="loops-answering">{t("loops.answering.title", { days: board.days })}</h2>
      <p className="muted small">{t("loops.answering.how")}</p>
      <Scroll by="loops-answering">
        <table>
          <thead>
            <tr>
              <th scope="col">{t("loops.house")}</th>
              <th scope="col">{t("loops.answering.overdue")}</th>
              <th scope="col">{t("loops.answering.oldest")}</th>
              <th scope="col">{t("loops.answering.asked")}</th>
              <th scope="col">{t("loops.answering.inTime")}</th>
              <th scope="col">{t("loops.answering.median")}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((one) => (
              <tr key={one.id}>
                <th scope="row">{nameOf(one.institution)}</th>
                <td data-clock={one.overdue ? "desk" : undefined}>
                  <NumberLink what="overdue" count={one.overdue} days={board.days} house={one} />
                </td>
                <td>{one.oldestOpenAt ? dayTime(one.oldestOpenAt) : t("loops.nothing")}</td>
                <td>
                  <NumberLink what="received" count={one.asked} days={board.days} house={one} />
                </td>
                <td>
                  {one.asked > 0
                    ? t("loops.missedOf", { missed: one.inTime, all: one.asked })
                    : t("loops.nothing")}
                </td>
                <td>{spanWords(t, one.medianMinutes)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </section>
  );
}

/** How the houses answered what came in the period. */
export function AnswerTable({ board }: { board: Board }) {
  const t = useText();
  const rows = board.houses
    .filter((one) => one.received + one.followUps > 0)
    .toSorted((left, right) => right.received - left.received);
  const missed = (
    one: { followUps: number; missedFollowUps: number },
    house?: (typeof rows)[number],
  ) => {
    if (one.followUps === 0) return t("loops.nothing");
    if (one.missedFollowUps === 0) return t("loops.missedOf", { missed: 0, all: one.followUps });
    const ofAll = t("loops.missedOf", { missed: "", all: one.followUps });
    return (
      <>
        <NumberLink
          what="missed"
          count={one.missedFollowUps}
          days={board.days}
          {...(house ? { house } : {})}
        />
        {ofAll}
      </>
    );
  };
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
                      <NumberLink what={answer} count={one[answer]} days={board.days} house={one} />
                    </td>
                  ))}
                  <td>{spanWords(t, one.minutesToAccepted)}</td>
                  <td>{spanWords(t, one.minutesToSeen)}</td>
                  <td>{missed(one, one)}</td>
                </tr>
              ))}
            </tbody>
            <tfoot>
              <tr>
                <th scope="row">{t("loops.total")}</th>
                {answers.map((answer) => (
                  <td key={answer}>
                    <NumberLink
                      what={answer}
                      count={sum(rows, (one) => one[answer])}
                      days={board.days}
                    />
                  </td>
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
