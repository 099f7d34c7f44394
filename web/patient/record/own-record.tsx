import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link } from "wouter";
import type { OwnRecord } from "../../../server/records/own-contract.ts";
import { api } from "../../api/client.ts";
import { Button, buttonClass } from "../../design/components/button.tsx";
import { Icon } from "../../design/components/icon.tsx";
import { Notice } from "../../design/components/notice.tsx";
import { ProblemNotice } from "../../design/components/problem.tsx";
import { Skeleton } from "../../design/components/skeleton.tsx";
import { eye, offline, retry, right } from "../../design/icons.ts";
import { useLanguage, useText } from "../../i18n/i18n.ts";
import { useNameOf } from "./names.ts";
import type { OwnPerson } from "./pages.tsx";
import { Section, sections } from "./section.tsx";

/** What all hospitals know about me, in plain words. */
export function OwnRecordPage({ person, chooser }: { person: OwnPerson; chooser: ReactNode }) {
  const t = useText();
  const nameOf = useNameOf();
  const record = useQuery({
    queryKey: ["my", "record", person.id],
    queryFn: ({ signal }) => api.get<OwnRecord>(`/api/my/record/people/${person.id}`, signal),
  });
  const down = record.data?.sources.filter((one) => one.state === "down") ?? [];
  const title =
    person.relation === "self" ? t("own.title") : t("own.titleOf", { name: person.name });
  return (
    <main id="main" className="phone-page">
      <header>
        <h1>{title}</h1>
        <p className="muted">{t("own.how")}</p>
      </header>
      {chooser}
      {record.isPending ? (
        <div role="status" aria-label={t("own.reading")}>
          <Skeleton lines={8} />
        </div>
      ) : null}
      {record.isError ? (
        <ProblemNotice error={record.error} retry={() => void record.refetch()} />
      ) : null}
      {record.data ? (
        <>
          {down.map((source) => (
            <Notice
              key={source.code}
              icon={offline}
              title={t("own.down", { name: nameOf(source) })}
              action={
                <Button icon={retry} busy={record.isFetching} onClick={() => void record.refetch()}>
                  {t("own.again")}
                </Button>
              }
            >
              {t("own.downHow")}
            </Notice>
          ))}
          {sections.map((section) => (
            <Section key={section} section={section} record={record.data} />
          ))}
          <Take person={person} isPartial={down.length > 0} />
        </>
      ) : null}
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
