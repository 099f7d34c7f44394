import type { ReactNode } from "react";
import { Link } from "wouter";
import { Button, buttonClass } from "../../design/components/button.tsx";
import { Icon } from "../../design/components/icon.tsx";
import { Notice } from "../../design/components/notice.tsx";
import { ProblemNotice } from "../../design/components/problem.tsx";
import { Skeleton } from "../../design/components/skeleton.tsx";
import { eye, offline, retry, right } from "../../design/icons.ts";
import { useLanguage, useText } from "../../i18n/i18n.ts";
import { useNameOf } from "../../i18n/name-of.ts";
import { itemsOf } from "./own-state.ts";
import type { OwnPerson } from "./pages.tsx";
import { Section, sections } from "./section.tsx";
import { useOwnRecord } from "./use-own-record.ts";

/** What all hospitals know about me, in plain words. */
export function OwnRecordPage({ person, chooser }: { person: OwnPerson; chooser: ReactNode }) {
  const t = useText();
  const nameOf = useNameOf();
  const { state, error, isReading, reload } = useOwnRecord(person.id);
  const { sources } = state;
  const items = itemsOf(state);
  const down = sources.filter((one) => one.state === "down");
  const asking = isReading ? sources.filter((one) => one.state === null) : [];
  const title =
    person.relation === "self" ? t("own.title") : t("own.titleOf", { name: person.name });
  return (
    <main id="main" className="phone-page">
      <header>
        <h1>{title}</h1>
        <p className="muted">{t("own.how")}</p>
      </header>
      {chooser}
      {isReading && items.length === 0 ? (
        <div role="status" aria-label={t("own.reading")}>
          <Skeleton lines={8} />
        </div>
      ) : null}
      {error?.isLine ? <Offline isReading={isReading} reload={reload} /> : null}
      {error && !error.isLine ? <ProblemNotice error={error} retry={reload} /> : null}
      {down.map((source) => (
        <Notice
          key={source.code}
          icon={offline}
          title={t("own.down", { name: nameOf(source) })}
          action={
            <Button icon={retry} busy={isReading} onClick={reload}>
              {t("own.again")}
            </Button>
          }
        >
          {t("own.downHow")}
        </Notice>
      ))}
      {asking.length > 0 ? (
        <p role="status" className="muted">
          {t("own.asking", { names: asking.map(nameOf).join(t("common.listSeparator")) })}
        </p>
      ) : null}
      {state.isOpen && (state.isWhole || items.length > 0)
        ? sections.map((section) => (
            <Section
              key={section}
              section={section}
              record={{ items, sources }}
              isWhole={state.isWhole}
            />
          ))
        : null}
      {state.isWhole ? <Take person={person} isPartial={down.length > 0} /> : null}
      <ul className="list">
        <li>
          <Link href="/record/choices" className="list-row">
            <Icon path={eye} />
            <span className="grow strong">{t("own.choices.title")}</span>
            <Icon path={right} />
          </Link>
        </li>
      </ul>
    </main>
  );
}

/** Nothing of a record stays on a phone: it is said, not left to be found out. */
export function Offline({ isReading, reload }: { isReading: boolean; reload: () => void }) {
  const t = useText();
  return (
    <Notice
      icon={offline}
      title={t("own.offline")}
      action={
        <Button icon={retry} busy={isReading} onClick={reload}>
          {t("own.again")}
        </Button>
      }
    >
      {t("own.offlineHow")}
    </Notice>
  );
}

/** The summary for doctors elsewhere. */
function Take({ person, isPartial }: { person: OwnPerson; isPartial: boolean }) {
  const t = useText();
  const language = useLanguage();
  const address = `/api/my/record/people/${person.id}/summary`;
  return (
    <section className="own-section">
      <h2 className="section-title">{t("own.take.title")}</h2>
      <div className="own-take">
        <p>{t("own.take.how")}</p>
        {isPartial ? <p className="muted">{t("own.take.partial")}</p> : null}
        <a
          className={buttonClass("primary", { wide: true })}
          href={`${address}.pdf?language=${language}`}
          download
        >
          <span>{t("own.take.pdf")}</span>
        </a>
        <a
          className={buttonClass("soft", { wide: true })}
          href={`${address}?language=${language}`}
          download
        >
          <span>{t("own.take.json")}</span>
        </a>
      </div>
    </section>
  );
}
