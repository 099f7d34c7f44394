import { useState } from "react";
import { Link } from "wouter";
import type { PatientView } from "../../api/session.ts";
import { Button, buttonClass } from "../../design/components/button.tsx";
import { Empty } from "../../design/components/empty.tsx";
import { TextField } from "../../design/components/field.tsx";
import { Icon } from "../../design/components/icon.tsx";
import { Notice } from "../../design/components/notice.tsx";
import { ProblemNotice } from "../../design/components/problem.tsx";
import { Segmented } from "../../design/components/segmented.tsx";
import { Skeleton } from "../../design/components/skeleton.tsx";
import { calendar, check, right } from "../../design/icons.ts";
import { useText } from "../../i18n/i18n.ts";
import { clockTime } from "../../i18n/time.ts";
import { type OpenSurge, useJoinSurge, useOpenSurges } from "../../surge/queries.ts";
import { AddPerson } from "../booking/add-person.tsx";
import { personOf, useRemembered } from "../booking/choices.ts";
import { StepHead } from "../booking/step-head.tsx";
import { Name } from "../booking/words.tsx";
import { ChoosePeople, type Chosen } from "./people.tsx";

/** On the page of tests while a surge runs: where it is and how long it takes. */
export function SurgeTonight() {
  const t = useText();
  const sites = useOpenSurges();
  const first = sites.data?.sites[0];
  if (!first) return null;
  return (
    <Link href="/test/surge" className="surge-tonight">
      <span className="grow">
        <strong>{t("patient.test.surge.title")}</strong>
        <span className="row-line">
          <Name of={first.name} />
        </span>
        <span className="row-line muted small">
          {t("patient.test.surge.waiting", { count: first.waiting })}
        </span>
      </span>
      <Icon path={right} />
    </Link>
  );
}

/** At the entrance of a site of tonight: where I am, who is with me, with a group's code or without; then the table. */
export function JoinSurge({ session }: { session: PatientView | null }) {
  const t = useText();
  const { remembered } = useRemembered();
  const self = personOf(session, remembered);
  const sites = useOpenSurges();
  const list = sites.data?.sites ?? [];
  const [picked, setPicked] = useState<string | null>(null);
  const site = list.find((one) => one.id === picked) ?? (list.length === 1 ? list[0] : undefined);
  const [chosen, setChosen] = useState<Chosen>(self ? { [self.id]: { priority: null } } : {});
  const [adding, setAdding] = useState(session?.patients.length === 0);
  const [how, setHow] = useState<"own" | "group">("own");
  const [code, setCode] = useState("");
  const join = useJoinSurge();
  const people = Object.keys(chosen);
  const name = (id: string) => session?.patients.find((one) => one.id === id)?.name ?? "";
  return (
    <main id="main" className="phone-page">
      <StepHead
        title={t(join.data ? "patient.test.surge.joined" : "patient.test.surge.title")}
        back={{ href: "/test", label: t("patient.test.title") }}
      />
      {sites.isPending ? <Skeleton lines={5} /> : null}
      <ProblemNotice error={sites.error} retry={() => void sites.refetch()} />
      {sites.data && list.length === 0 && !join.data ? (
        <Empty icon={calendar} title={t("patient.test.surge.none")}>
          {t("patient.test.surge.noneHow")}
        </Empty>
      ) : null}
      {join.data ? (
        <ul className="list">
          {join.data.people.map((one) => (
            <li key={one.patientId}>
              <Link href={`/test/${one.registrationId}`} className="list-row">
                <Icon path={check} />
                <span className="grow">
                  <span className="strong">{name(one.patientId)}</span>
                  <span className="row-line small">
                    {t(one.problem ? "patient.test.surge.already" : "patient.test.surge.inQueue")}
                  </span>
                </span>
                <span className={buttonClass("soft")}>{t("patient.test.surge.toTable")}</span>
              </Link>
            </li>
          ))}
        </ul>
      ) : list.length > 0 ? (
        <>
          <Notice tone="warn" live={false} title={t("patient.test.feverFirst")}>
            {site ? (
              <>
                {t("patient.test.surge.feverThere")} <span lang="zh-CN">{site.feverPlace}</span>
              </>
            ) : (
              t("patient.test.feverHow")
            )}
          </Notice>
          <SiteChoice sites={list} chosen={site?.id ?? null} onChoose={setPicked} />
          {site ? (
            <>
              <h2>{t("patient.test.surge.who")}</h2>
              <ChoosePeople session={session} chosen={chosen} onChange={setChosen} lanes={false} />
              {adding ? (
                <AddPerson
                  isFirst={session?.patients.length === 0}
                  onAdded={({ id }) => {
                    setChosen({ ...chosen, [id]: { priority: null } });
                    setAdding(false);
                  }}
                />
              ) : (
                <Button wide onClick={() => setAdding(true)}>
                  {t("patient.booking.addPerson")}
                </Button>
              )}
              <Segmented
                label={t("patient.test.surge.how")}
                value={how}
                onChange={setHow}
                options={[
                  { value: "own", label: t("patient.test.surge.own") },
                  { value: "group", label: t("patient.test.surge.group") },
                ]}
              />
              {how === "group" ? (
                <TextField
                  label={t("patient.test.code")}
                  hint={t("patient.test.codeHow")}
                  value={code}
                  onChange={(event) => setCode(event.target.value)}
                  autoCapitalize="characters"
                  autoComplete="off"
                  maxLength={20}
                />
              ) : null}
              <ProblemNotice error={join.error} />
              <Button
                look="primary"
                size="large"
                wide
                busy={join.isPending}
                disabled={people.length === 0 || (how === "group" && code.trim().length < 4)}
                onClick={() =>
                  join.mutate({
                    siteId: site.id,
                    patientIds: people,
                    group: how === "group" ? code.trim() : null,
                  })
                }
              >
                {t("patient.test.surge.join", { count: people.length })}
              </Button>
              <p className="muted">{t("patient.test.surge.joinHow")}</p>
            </>
          ) : null}
        </>
      ) : null}
    </main>
  );
}

/** Where one stands. One site needs no choice, only to be the right one. */
function SiteChoice({
  sites,
  chosen,
  onChoose,
}: {
  sites: readonly OpenSurge[];
  chosen: string | null;
  onChoose: (id: string) => void;
}) {
  const t = useText();
  return (
    <>
      {sites.length > 1 ? <h2>{t("patient.test.surge.where")}</h2> : null}
      <ul className="list">
        {sites.map((one) => (
          <li key={one.id}>
            <button
              type="button"
              className="list-row row-button"
              aria-pressed={one.id === chosen}
              onClick={() => onChoose(one.id)}
            >
              <span className="grow">
                <span className="strong">
                  <Name of={one.name} />
                </span>
                <span className="row-line muted small" lang="zh-CN">
                  {one.place}
                </span>
                <span className="row-line small">
                  {t("patient.test.surge.waiting", { count: one.waiting })}
                  {one.waitMinutes === null
                    ? ` · ${t("patient.test.surge.notYet")}`
                    : ` · ${t("patient.test.surge.minutes", { count: one.waitMinutes })}`}
                </span>
                <span className="row-line small">
                  {t("patient.test.surge.until", { time: clockTime(one.endsAt) })}
                </span>
              </span>
              {one.id === chosen ? <Icon path={check} /> : null}
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}
