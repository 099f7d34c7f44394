import { useState } from "react";
import { Link, useLocation } from "wouter";
import { api } from "../../api/client.ts";
import type { StaffView } from "../../api/session.ts";
import { useWrite } from "../../api/write.ts";
import { Button } from "../../design/components/button.tsx";
import { Card } from "../../design/components/card.tsx";
import { Empty } from "../../design/components/empty.tsx";
import { CheckField, TextArea, TextField } from "../../design/components/field.tsx";
import { ProblemNotice } from "../../design/components/problem.tsx";
import { Skeleton } from "../../design/components/skeleton.tsx";
import { Status } from "../../design/components/status.tsx";
import { plus, slides } from "../../design/icons-work.ts";
import { useLanguage, useText } from "../../i18n/i18n.ts";
import { dayTime } from "../../i18n/time.ts";
import { TeachingFrame } from "./frame.tsx";
import {
  type Series,
  type Session,
  useRefresh,
  useSeries,
  useSeriesAttendance,
} from "./queries.ts";
import { inWords } from "./words.ts";

/** Courses: sessions that belong together, and who was there across them. */
export function SeriesListPage({ session }: { session: StaffView }) {
  const t = useText();
  const [, go] = useLocation();
  const list = useSeries();
  const [adding, setAdding] = useState(false);
  const rows = list.data?.series ?? [];
  const mayAdd = session.permissions.includes("teaching.plan");
  return (
    <TeachingFrame
      session={session}
      title={t("teaching.series.title")}
      how={t("teaching.series.how")}
      aside={
        mayAdd && !adding ? (
          <Button look="primary" icon={plus} onClick={() => setAdding(true)}>
            {t("teaching.series.new")}
          </Button>
        ) : null
      }
    >
      {adding ? (
        <SeriesForm
          of={null}
          onDone={(made) => go(`/teaching/series/${made.id}`)}
          onStop={() => setAdding(false)}
        />
      ) : null}
      {list.isPending ? <Skeleton lines={4} /> : null}
      <ProblemNotice error={list.error} retry={() => void list.refetch()} />
      {list.data && rows.length === 0 && !adding ? (
        <Empty icon={slides} title={t("teaching.series.none")}>
          {t("teaching.series.noneHow")}
        </Empty>
      ) : null}
      <ul className="teaching-list">
        {rows.map((one) => (
          <li key={one.id} className="teaching-row">
            <Status tone={one.closed ? "quiet" : "good"}>
              {t(one.closed ? "teaching.series.closed" : "teaching.series.open")}
            </Status>
            <div>
              <p className="strong">
                {one.changes ? (
                  <Link href={`/teaching/series/${one.id}`}>{one.title}</Link>
                ) : (
                  one.title
                )}
              </p>
              {one.about ? <p className="muted">{one.about}</p> : null}
            </div>
            <span className="figure">
              {one.points > 0 ? t("teaching.points", { points: one.points }) : null}
            </span>
          </li>
        ))}
      </ul>
    </TeachingFrame>
  );
}

/** One course: its sessions, its people, and what it asks for. */
export function SeriesPage({ session, id }: { session: StaffView; id: string }) {
  const t = useText();
  const list = useSeries();
  const one = list.data?.series.find((other) => other.id === id);
  const [changing, setChanging] = useState(false);
  return (
    <TeachingFrame
      session={session}
      title={one?.title ?? t("teaching.series.title")}
      how={one?.about ?? undefined}
      aside={
        one?.changes && !changing ? (
          <Button onClick={() => setChanging(true)}>{t("teaching.series.change")}</Button>
        ) : null
      }
    >
      {list.isPending ? <Skeleton lines={4} /> : null}
      <ProblemNotice error={list.error} retry={() => void list.refetch()} />
      {one && changing ? (
        <SeriesForm of={one} onDone={() => setChanging(false)} onStop={() => setChanging(false)} />
      ) : null}
      {one && !changing ? (
        <p>
          {t("teaching.series.rule", {
            percent: one.minimumSessionsPercent,
            points: one.points,
          })}{" "}
          {one.closed ? <Status tone="quiet">{t("teaching.series.closed")}</Status> : null}
        </p>
      ) : null}
      {one?.changes ? <Attendance one={one} /> : null}
      {list.data && !one ? <Empty icon={slides} title={t("teaching.series.gone")} /> : null}
    </TeachingFrame>
  );
}

function SeriesForm({
  of,
  onDone,
  onStop,
}: {
  of: Series | null;
  onDone: (made: Series) => void;
  onStop: () => void;
}) {
  const t = useText();
  const refresh = useRefresh();
  const [title, setTitle] = useState(of?.title ?? "");
  const [about, setAbout] = useState(of?.about ?? "");
  const [points, setPoints] = useState(String(of?.points ?? 0));
  const [percent, setPercent] = useState(String(of?.minimumSessionsPercent ?? 80));
  const [closed, setClosed] = useState(of?.closed ?? false);
  const save = useWrite(
    (body: object, key) =>
      of
        ? api.put<Series>(`/api/teaching/series/${of.id}`, body, key)
        : api.post<Series>("/api/teaching/series", body, key),
    {
      onDone: (made) => {
        refresh();
        onDone(made);
      },
    },
  );
  const isRight =
    title.trim() !== "" &&
    Number.isInteger(Number(points) * 2) &&
    Number(points) >= 0 &&
    Number(points) <= 100 &&
    Number.isInteger(Number(percent)) &&
    Number(percent) >= 1 &&
    Number(percent) <= 100;
  return (
    <Card title={t(of ? "teaching.series.change" : "teaching.series.new")}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          const body = {
            title: title.trim(),
            about: about.trim() || null,
            departmentId: of?.departmentId ?? null,
            points: Number(points),
            minimumSessionsPercent: Number(percent),
          };
          save.mutate(of ? { ...body, version: of.version, closed } : body);
        }}
      >
        <TextField
          label={t("teaching.series.name")}
          maxLength={120}
          value={title}
          onChange={(event) => setTitle(event.target.value)}
        />
        <TextArea
          label={t("teaching.series.about")}
          value={about}
          onChange={(event) => setAbout(event.target.value)}
        />
        <div className="teaching-fields">
          <TextField
            label={t("teaching.series.points")}
            hint={t("teaching.series.pointsHint")}
            type="number"
            min={0}
            max={100}
            step={0.5}
            value={points}
            onChange={(event) => setPoints(event.target.value)}
          />
          <TextField
            label={t("teaching.series.percent")}
            hint={t("teaching.series.percentHint")}
            type="number"
            min={1}
            max={100}
            value={percent}
            onChange={(event) => setPercent(event.target.value)}
          />
        </div>
        {of ? (
          <CheckField
            label={t("teaching.series.close")}
            checked={closed}
            onChange={(event) => setClosed(event.target.checked)}
          />
        ) : null}
        <ProblemNotice error={save.error} />
        <div className="row">
          <Button look="primary" type="submit" busy={save.isPending} disabled={!isRight}>
            {t("teaching.series.save")}
          </Button>
          <Button look="quiet" onClick={onStop}>
            {t("teaching.case.stop")}
          </Button>
        </div>
      </form>
    </Card>
  );
}

function Attendance({ one }: { one: Series }) {
  const t = useText();
  const language = useLanguage();
  const [, go] = useLocation();
  const refresh = useRefresh();
  const found = useSeriesAttendance(one.id);
  const begin = useWrite(
    (_: null, key) =>
      api.post<Session>(
        "/api/teaching/sessions",
        { title: t("teaching.series.untitled", { title: one.title }), seriesId: one.id },
        key,
      ),
    {
      onDone: (made) => {
        refresh(made);
        go(`/teaching/${made.id}/plan`);
      },
    },
  );
  const { sessions = [], people = [], held = 0 } = found.data ?? {};
  return (
    <>
      <section className="stack">
        <div className="row spread">
          <h2>{t("teaching.series.sessions")}</h2>
          {one.closed ? null : (
            <Button icon={plus} busy={begin.isPending} onClick={() => begin.mutate(null)}>
              {t("teaching.series.add")}
            </Button>
          )}
        </div>
        <ProblemNotice error={begin.error ?? found.error} retry={() => void found.refetch()} />
        {found.isPending ? <Skeleton lines={3} /> : null}
        {found.data && sessions.length === 0 ? (
          <p className="muted">{t("teaching.series.noSessions")}</p>
        ) : null}
        <ol className="teaching-lines">
          {sessions.map((each) => (
            <li key={each.id} className="row">
              <Link href={`/teaching/${each.id}/plan`}>{inWords(each.title, language)}</Link>
              <span className="muted figure">
                {each.startsAt ? dayTime(each.startsAt) : t("teaching.noTime")}
              </span>
              {each.held ? <Status tone="good">{t("teaching.series.held")}</Status> : null}
            </li>
          ))}
        </ol>
      </section>
      <section className="stack">
        <h2>{t("teaching.series.people")}</h2>
        {found.data && people.length === 0 ? (
          <p className="muted">{t("teaching.series.nobody")}</p>
        ) : null}
        {people.length > 0 ? (
          <section
            className="teaching-table"
            aria-label={t("teaching.series.people")}
            // biome-ignore lint/a11y/noNoninteractiveTabindex: a table that scrolls has to be reached by keyboard
            tabIndex={0}
          >
            <table>
              <thead>
                <tr>
                  <th scope="col">{t("teaching.series.who")}</th>
                  <th scope="col">{t("teaching.series.house")}</th>
                  <th scope="col">{t("teaching.series.attended", { held })}</th>
                  <th scope="col">{t("teaching.series.earned")}</th>
                  <th scope="col">{t("teaching.series.certificate")}</th>
                </tr>
              </thead>
              <tbody>
                {people.map((each) => (
                  <tr key={each.personId ?? `${each.institution.zh}${each.name}`}>
                    <th scope="row">{each.name}</th>
                    <td>{inWords(each.institution, language)}</td>
                    <td className="figure">{each.attended}</td>
                    <td className="figure">{each.earned}</td>
                    <td>
                      {t(each.certified ? "teaching.series.given" : "teaching.series.notYet")}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </section>
        ) : null}
      </section>
    </>
  );
}
