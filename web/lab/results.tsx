import { useState } from "react";
import { Link, useLocation } from "wouter";
import type { LabTube, PlateLine } from "../../server/lab/contract.ts";
import { Button } from "../design/components/button.tsx";
import { Countdown } from "../design/components/countdown.tsx";
import { Empty } from "../design/components/empty.tsx";
import { TextField } from "../design/components/field.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { Status } from "../design/components/status.tsx";
import { testTube } from "../design/icons.ts";
import { useLanguage, useText } from "../i18n/i18n.ts";
import { dayTime } from "../i18n/time.ts";
import { useOpenPlate, useResults } from "./queries.ts";
import { inWords } from "./words.ts";

/** Plates that are open and what waits for one: the nearest deadline first. */
export function ResultsTab() {
  const t = useText();
  const results = useResults();
  if (results.isPending) return <Skeleton lines={8} />;
  if (results.isError)
    return <ProblemNotice error={results.error} retry={() => void results.refetch()} />;
  const { plates, tubes } = results.data;
  return (
    <div className="lab-columns">
      <section className="lab-card">
        <h2>{t("lab.plates.title")}</h2>
        <NewPlate />
        {plates.length === 0 ? (
          <Empty icon={testTube} title={t("lab.plates.none")}>
            {t("lab.plates.noneHow")}
          </Empty>
        ) : (
          <ul className="lab-list">
            {plates.map((plate) => (
              <li key={plate.id}>
                <PlateItem plate={plate} />
              </li>
            ))}
          </ul>
        )}
      </section>
      <Waiting tubes={tubes} />
    </div>
  );
}

function NewPlate() {
  const t = useText();
  const [, go] = useLocation();
  const [code, setCode] = useState("");
  const open = useOpenPlate((plate) => go(`/lab/plate/${plate.id}`));
  return (
    <>
      <form
        className="lab-scan"
        onSubmit={(event) => {
          event.preventDefault();
          if (code.trim()) open.mutate(code.trim());
        }}
      >
        <TextField
          label={t("lab.plates.code")}
          value={code}
          maxLength={40}
          autoComplete="off"
          onChange={(event) => setCode(event.target.value)}
        />
        <Button type="submit" look="primary" busy={open.isPending}>
          {t("lab.plates.open")}
        </Button>
      </form>
      <ProblemNotice error={open.error} />
    </>
  );
}

function PlateItem({ plate }: { plate: PlateLine }) {
  const t = useText();
  return (
    <Link href={`/lab/plate/${plate.id}`} className="lab-line">
      <span className="row spread wrap">
        <span className="strong">{plate.code}</span>
        {plate.state === "released" ? (
          <Status tone="good">{t("lab.plate.released")}</Status>
        ) : plate.toConfirm > 0 ? (
          <Status tone="warn">{t("lab.plate.toConfirm", { count: plate.toConfirm })}</Status>
        ) : plate.waiting > 0 ? (
          <Status tone="info">{t("lab.plate.waiting", { count: plate.waiting })}</Status>
        ) : (
          <Status tone="info">{t("lab.plate.ready", { count: plate.entered })}</Status>
        )}
      </span>
      <span className="row spread wrap">
        <span className="muted">
          {plate.openedBy} · {dayTime(plate.openedAt)} · {t(`lab.source.${plate.source}`)}
        </span>
        {plate.dueAt && plate.state === "open" ? <Countdown dueAt={plate.dueAt} /> : null}
      </span>
    </Link>
  );
}

function Waiting({ tubes }: { tubes: readonly LabTube[] }) {
  const t = useText();
  return (
    <section className="lab-card">
      <h2>{t("lab.waiting.title", { count: tubes.length })}</h2>
      {tubes.length === 0 ? (
        <p className="muted">{t("lab.waiting.none")}</p>
      ) : (
        <List tubes={tubes} />
      )}
    </section>
  );
}

function List({ tubes }: { tubes: readonly LabTube[] }) {
  const t = useText();
  const language = useLanguage();
  return (
    <ul className="lab-tubes">
      {tubes.slice(0, 200).map((tube) => (
        <li key={tube.code}>
          <span className="figure strong">{tube.code}</span>
          <span className="muted">
            {t(`lab.purpose.${tube.purpose}`)} · {t("lab.people", { count: tube.count })}
            {tube.retest ? ` · ${t("lab.retest")}` : ""} · {inWords(tube.site, language)}
          </span>
          {tube.resultDueAt ? <Countdown dueAt={tube.resultDueAt} /> : null}
        </li>
      ))}
    </ul>
  );
}
