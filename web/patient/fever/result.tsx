import { type ReactNode, useEffect } from "react";
import { Link, useLocation } from "wouter";
import type { SaidView } from "../../../server/fever/contract.ts";
import { keepPage } from "../../api/keep-page.ts";
import type { PatientView } from "../../api/session.ts";
import { Button, buttonClass } from "../../design/components/button.tsx";
import { remaining, useNow } from "../../design/components/countdown.tsx";
import { Icon } from "../../design/components/icon.tsx";
import { Notice } from "../../design/components/notice.tsx";
import { ProblemNotice } from "../../design/components/problem.tsx";
import { Skeleton } from "../../design/components/skeleton.tsx";
import { calendar, clock, left, phone, warning } from "../../design/icons.ts";
import { usePreferences } from "../../design/preferences.ts";
import { type MessageId, useLanguage, useText } from "../../i18n/i18n.ts";
import { dayTime } from "../../i18n/time.ts";
import { timesOf } from "../booking/check-answers.tsx";
import { relationTo } from "../booking/choices.ts";
import { StepHead } from "../booking/step-head.tsx";
import { Name, nameIn, timeRange, useDayWords } from "../booking/words.tsx";
import { useConfirm, useHold } from "../booking/writes.ts";
import { useMyAppointments } from "../my-appointments.ts";
import { ReadAloud } from "../read-aloud.tsx";
import { EntrySteps } from "./entry.tsx";
import { type ScreeningAnswer, useResult } from "./queries.ts";

/** Where to go, why, and the next press. */
export function Result({ id, session }: { id: string; session: PatientView | null }) {
  const t = useText();
  const result = useResult(id);
  const [, go] = useLocation();
  const gone = result.data === null;
  useEffect(() => {
    if (gone) go("/fever", { replace: true });
  }, [gone, go]);
  useEffect(() => {
    if (result.data) void keepPage();
  }, [result.data]);
  if (!result.data)
    return (
      <main id="main" className="phone-page">
        <h1>{t("patient.fever.title")}</h1>
        <Skeleton lines={5} />
      </main>
    );
  const { screening } = result.data;
  if (screening.venue === "emergency" && screening.call120)
    return <CallNow reasons={screening.reasons} said={screening.words} />;
  if (screening.venue === "emergency") return <Urgent answer={result.data} />;
  if (screening.venue === "ordinary") return <Ordinary answer={result.data} />;
  return screening.stayPut ? (
    <Stay answer={result.data} />
  ) : (
    <Clinic answer={result.data} session={session} />
  );
}

/** 120 first and large; nothing else is asked. */
export function CallNow({
  reasons,
  said,
  onBack,
}: {
  reasons: readonly string[];
  said: SaidView;
  onBack?: () => void;
}) {
  const t = useText();
  const language = useLanguage();
  return (
    <main id="main" className="phone-page fever-now">
      <section className="fever-alarm" role="alert">
        <h1>
          <Icon path={warning} size="large" /> {nameIn(said.title, language)}
        </h1>
        <p>{reasonsIn(reasons, t)}</p>
        <a href="tel:120" className={buttonClass("danger", { wide: true, size: "large" })}>
          <Icon path={phone} />
          <span>{t("patient.fever.call120")}</span>
        </a>
        <What said={said} />
      </section>
      {onBack ? (
        <Button look="quiet" icon={left} onClick={onBack}>
          {t("patient.fever.back")}
        </Button>
      ) : (
        <Again />
      )}
    </main>
  );
}

/** What to do: a sentence a line. */
function What({ said, quiet = false }: { said: SaidView; quiet?: boolean }): ReactNode {
  const language = useLanguage();
  return nameIn(said.how, language)
    .split("\n")
    .map((line) => (
      <p key={line} className={quiet ? "muted" : undefined}>
        {line}
      </p>
    ));
}

function reasonsIn(reasons: readonly string[], t: ReturnType<typeof useText>): string {
  return reasons
    .map((one) => t(`fever.reason.${one}` as MessageId))
    .join(t("common.listSeparator"));
}

function Again() {
  const t = useText();
  return (
    <div className="row">
      <Link href="/fever?stay" className={buttonClass("quiet")}>
        {t("patient.fever.again")}
      </Link>
      <Link href="/" className={buttonClass("quiet")}>
        {t("patient.fever.toHome")}
      </Link>
    </div>
  );
}

function Head({ title, reasons }: { title: string; reasons: readonly string[] }) {
  const t = useText();
  return (
    <StepHead title={title} back={{ href: "/", label: t("patient.fever.toHome") }}>
      <p>{t("patient.fever.clinic.why", { reasons: reasonsIn(reasons, t) })}</p>
    </StepHead>
  );
}

/** An emergency department that is reached by oneself: infants and people under chemotherapy. */
function Urgent({ answer }: { answer: ScreeningAnswer }) {
  const t = useText();
  const { words, reasons } = answer.screening;
  return (
    <main id="main" className="phone-page">
      <Head title={nameIn(words.title, useLanguage())} reasons={reasons} />
      <Notice tone="bad" live={false}>
        <What said={words} />
      </Notice>
      <a href="tel:120" className={buttonClass("danger", { wide: true, size: "large" })}>
        <Icon path={phone} />
        <span>{t("patient.fever.call120")}</span>
      </a>
      <Again />
    </main>
  );
}

function Stay({ answer }: { answer: ScreeningAnswer }) {
  const t = useText();
  const { words } = answer.screening;
  return (
    <main id="main" className="phone-page">
      <Head title={nameIn(words.title, useLanguage())} reasons={answer.screening.reasons} />
      <Notice tone="warn" live={false}>
        <What said={words} />
      </Notice>
      <Phones answer={answer} primary />
      <a href="tel:120" className={buttonClass("danger", { wide: true })}>
        <Icon path={phone} />
        <span>{t("patient.fever.call120")}</span>
      </a>
      <Code answer={answer} />
      <Again />
    </main>
  );
}

function Ordinary({ answer }: { answer: ScreeningAnswer }) {
  const t = useText();
  const { route, words } = answer.screening;
  return (
    <main id="main" className="phone-page">
      <StepHead
        title={nameIn(words.title, useLanguage())}
        back={{ href: "/", label: t("patient.fever.toHome") }}
      >
        <What said={words} />
      </StepHead>
      {route ? (
        <Notice tone="info" live={false}>
          {t(`patient.fever.route.${route}`)}
        </Notice>
      ) : null}
      <Link href="/book" className={buttonClass("primary", { wide: true, size: "large" })}>
        <Icon path={calendar} />
        <span>{t("patient.fever.ordinary.book")}</span>
      </Link>
      <Again />
    </main>
  );
}

function Clinic({ answer, session }: { answer: ScreeningAnswer; session: PatientView | null }) {
  const t = useText();
  const language = useLanguage();
  const { elder } = usePreferences();
  const [, go] = useLocation();
  const dayWords = useDayWords();
  const mine = useMyAppointments();
  const now = useNow();
  const { screening, sites } = answer;
  const held = mine.data?.appointments.find(({ id }) => id === answer.appointment?.id);
  const own = mine.data?.appointments.find(
    (one) =>
      one.kind === "fever-clinic" &&
      one.patient.id === screening.patient.id &&
      ["booked", "checked-in", "waiting"].includes(one.state),
  );
  const shown = held ?? answer.appointment;
  const until = shown?.heldUntil ? Date.parse(shown.heldUntil) : 0;
  const lapsed = shown !== null && (until <= now || (mine.data !== undefined && !held && !own));
  const confirm = useConfirm(({ id }) => go(`/appointments/${id}?done=booked`, { replace: true }));
  const again = useHold((appointment) => go(`/book/check/${appointment.id}`));
  const site =
    sites.find(({ institutionId }) => institutionId === shown?.institution.id) ?? sites[0];
  const time = shown
    ? `${dayWords(shown.startsAt)} ${timeRange(shown.startsAt, shown.endsAt)}`
    : "";
  const aloud = [
    nameIn(screening.words.title, language),
    t("patient.fever.clinic.why", { reasons: reasonsIn(screening.reasons, t) }),
    time,
    site ? nameIn(site.name, language) : "",
    site ? nameIn(site.entrance, language) : "",
    ...(site?.entry.map((one) => nameIn(one.title, language)) ?? []),
  ].join(". ");
  return (
    <main id="main" className="phone-page">
      <Head title={nameIn(screening.words.title, language)} reasons={screening.reasons} />
      {elder ? <ReadAloud text={aloud} /> : null}
      {screening.route ? (
        <Notice tone="warn" live={false}>
          {t(`patient.fever.route.${screening.route}`)}
        </Notice>
      ) : null}
      {own ? (
        <section className="fever-held">
          <h2>{t("patient.fever.clinic.have")}</h2>
          <p className="fever-time figure">
            {`${dayWords(own.startsAt)} ${timeRange(own.startsAt, own.endsAt)}`}
          </p>
          <Link
            href={`/appointments/${own.id}`}
            className={buttonClass("primary", { wide: true, size: "large" })}
          >
            {t("patient.fever.clinic.openPass")}
          </Link>
        </section>
      ) : shown ? (
        <section className="fever-held">
          <h2>{t("patient.fever.clinic.held")}</h2>
          <p className="fever-time figure">{time}</p>
          <p>
            <Name of={shown.institution.name} /> · <Name of={shown.department.name} />
          </p>
          {lapsed ? (
            <>
              <p>{t("patient.fever.clinic.lapsed")}</p>
              <Button
                look="primary"
                size="large"
                wide
                busy={again.isPending}
                onClick={() =>
                  again.mutate({
                    segmentId: shown.segmentId,
                    patientId: screening.patient.id,
                    relation: relationTo(session, screening.patient.id),
                  })
                }
              >
                {t("patient.fever.clinic.again")}
              </Button>
            </>
          ) : (
            <>
              <p className="held">
                <Icon path={clock} />
                <span>
                  {t("patient.booking.heldFor")}{" "}
                  <strong className="figure" role="timer">
                    {remaining(until - now)}
                  </strong>
                </span>
              </p>
              <Button
                look="primary"
                size="large"
                wide
                busy={confirm.isPending}
                onClick={() => confirm.mutate(shown.id)}
              >
                {t("patient.fever.clinic.confirm")}
              </Button>
            </>
          )}
          <ProblemNotice error={confirm.error ?? again.error} />
          <Link href={timesOf(shown)} className={buttonClass("soft", { wide: true })}>
            {t("patient.fever.clinic.other")}
          </Link>
          <What said={screening.words} quiet />
        </section>
      ) : (
        <Notice tone="info" live={false}>
          {t("patient.fever.clinic.noSeat")}
        </Notice>
      )}
      {site ? <EntrySteps site={site} /> : null}
      <Code answer={answer} />
      {screening.blockedUntil ? (
        <p className="muted small">
          {t("patient.fever.clinic.block", { time: dayTime(screening.blockedUntil) })}
        </p>
      ) : null}
      {answer.affected.length > 0 ? (
        <section>
          <p className="small">{t("patient.fever.clinic.affected")}</p>
          <ul className="list">
            {answer.affected.map((one) => (
              <li key={one.id}>
                <Link href={`/appointments/${one.id}`} className="list-row">
                  <Icon path={calendar} />
                  <span className="grow">
                    <Name of={one.department} /> · {dayTime(one.startsAt)}
                  </span>
                </Link>
              </li>
            ))}
          </ul>
        </section>
      ) : null}
      <Phones answer={answer} />
      <Again />
    </main>
  );
}

function Code({ answer }: { answer: ScreeningAnswer }) {
  const t = useText();
  return (
    <section className="fever-code">
      <h2>{t("patient.fever.code")}</h2>
      <p className="figure">{answer.screening.code.replace(/(.{3})(?=.)/u, "$1 ")}</p>
    </section>
  );
}

function Phones({ answer, primary }: { answer: ScreeningAnswer; primary?: boolean }) {
  const t = useText();
  const language = useLanguage();
  return (
    <div className="stack stack-2">
      {answer.sites
        .filter((one) => one.phone)
        .map((one) => (
          <a
            key={one.institutionId}
            href={`tel:${one.phone}`}
            className={buttonClass(primary ? "primary" : "plain", { wide: true })}
          >
            <Icon path={phone} />
            <span>
              {t("patient.fever.callSite", {
                name: nameIn(one.name, language),
                phone: one.phone ?? "",
              })}
            </span>
          </a>
        ))}
    </div>
  );
}
