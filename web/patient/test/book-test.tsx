import { useState } from "react";
import { Link, useSearch } from "wouter";
import type { PatientView } from "../../api/session.ts";
import { Button, buttonClass } from "../../design/components/button.tsx";
import { Icon } from "../../design/components/icon.tsx";
import { Notice } from "../../design/components/notice.tsx";
import { ProblemNotice } from "../../design/components/problem.tsx";
import { Segmented } from "../../design/components/segmented.tsx";
import { Skeleton } from "../../design/components/skeleton.tsx";
import { Status } from "../../design/components/status.tsx";
import { check, left, right, warning } from "../../design/icons.ts";
import { useText } from "../../i18n/i18n.ts";
import { clockTime, isoDate } from "../../i18n/time.ts";
import { AddPerson } from "../booking/add-person.tsx";
import { personOf, relationTo, useRemembered } from "../booking/choices.ts";
import { type Choice, type Segment, useAvailability, useSegments } from "../booking/queries.ts";
import { SegmentList } from "../booking/segment-list.tsx";
import { StepHead } from "../booking/step-head.tsx";
import { WeekStrip, weekOf } from "../booking/week-strip.tsx";
import { Name, timeRange, useDayWords } from "../booking/words.tsx";
import { ChoosePeople, type Chosen } from "./people.tsx";
import { type Booked, type Site, useBookTests, useMyTests, useSites, useWhere } from "./queries.ts";
import { distanceWords, Where } from "./where.tsx";

type Step = "people" | "site" | "time" | "check" | "done";

/** Book one time for several people: who, where, when, once more everything, and what came of it for each. */
export function BookTest({ session }: { session: PatientView | null }) {
  const t = useText();
  const dayWords = useDayWords();
  const { remembered } = useRemembered();
  const self = personOf(session, remembered);
  const [step, setStep] = useState<Step>("people");
  const [chosen, setChosen] = useState<Chosen>(self ? { [self.id]: { priority: null } } : {});
  const [adding, setAdding] = useState(session?.patients.length === 0);
  const [purpose, setPurpose] = useState<"voluntary" | "in-outpatient">("voluntary");
  const wantedSite = new URLSearchParams(useSearch()).get("site");
  const [site, setSite] = useState<Site | null>(null);
  const [segment, setSegment] = useState<Segment | null>(null);
  const [mode, setMode] = useState<"all" | "fit">("all");
  const [booked, setBooked] = useState<Booked | null>(null);
  const [where, setWhere] = useWhere();
  const sites = useSites(where);
  const soonest = sites.data?.sites
    .filter((one) => one.nextFree)
    .sort((left, right) => left.nextFree!.localeCompare(right.nextFree!))[0]?.id;
  const mine = useMyTests();
  const book = useBookTests((answer) => {
    setBooked(answer);
    setStep("done");
  });
  const people = Object.keys(chosen);
  const back = { people: null, site: "people", time: "site", check: "time", done: null } as const;
  const before = back[step];
  return (
    <main id="main" className="phone-page">
      <StepHead
        title={t(`patient.test.step.${step}`)}
        back={{ href: "/test", label: t("patient.test.title") }}
      />
      {before ? (
        <Button look="quiet" icon={left} className="test-back" onClick={() => setStep(before)}>
          {t("patient.test.stepBack")}
        </Button>
      ) : null}
      {step === "people" ? (
        <>
          <ChoosePeople session={session} chosen={chosen} onChange={setChosen} lanes />
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
            label={t("patient.test.why")}
            value={purpose}
            onChange={setPurpose}
            options={[
              { value: "voluntary", label: t("patient.test.purpose.voluntary") },
              { value: "in-outpatient", label: t("patient.test.purpose.in-outpatient") },
            ]}
          />
          <Notice tone="warn" live={false} title={t("patient.test.feverFirst")}>
            {t("patient.test.feverHow")} <Link href="/fever">{t("patient.test.toFever")}</Link>
          </Notice>
          <Button
            look="primary"
            size="large"
            wide
            disabled={people.length === 0}
            onClick={() => setStep("site")}
          >
            {t("patient.test.next", { count: people.length })}
          </Button>
        </>
      ) : null}
      {step === "site" ? (
        <>
          <Where value={where} onChange={setWhere} />
          {sites.isPending ? <Skeleton lines={5} /> : null}
          <ProblemNotice error={sites.error} retry={() => void sites.refetch()} />
          <ul className="list">
            {sites.data?.sites.map((one, index) => (
              <li key={one.id}>
                <button
                  type="button"
                  className="list-row row-button"
                  disabled={!one.departmentId}
                  aria-pressed={one.id === wantedSite}
                  onClick={() => {
                    setSite(one);
                    setStep("time");
                  }}
                >
                  <span className="grow">
                    <span className="strong">
                      <Name of={one.name} />
                    </span>{" "}
                    {index === 0 && one.distanceMetres !== null ? (
                      <Status tone="good">{t("patient.test.nearest")}</Status>
                    ) : null}{" "}
                    {one.id === soonest ? (
                      <Status tone="good">{t("patient.test.soonest")}</Status>
                    ) : null}
                    <span className="row-line muted small" lang="zh-CN">
                      {one.place}
                    </span>
                    <span className="row-line small">
                      {one.distanceMetres === null
                        ? null
                        : `${distanceWords(one.distanceMetres, t)} · `}
                      {one.nextFree
                        ? t("patient.test.nextFree", {
                            time: `${dayWords(one.nextFree)} ${clockTime(one.nextFree)}`,
                          })
                        : t("patient.test.noneFree")}{" "}
                      · {t("patient.test.waitingThere", { count: one.waiting })}
                    </span>
                  </span>
                  <Icon path={right} />
                </button>
              </li>
            ))}
          </ul>
        </>
      ) : null}
      {step === "time" && site?.departmentId ? (
        <ChooseTestTime
          departmentId={site.departmentId}
          onTake={(taken) => {
            setSegment(taken);
            setMode(taken.left >= people.length ? "all" : "fit");
            setStep("check");
          }}
        />
      ) : null}
      {step === "check" && site && segment ? (
        <>
          <dl className="test-facts">
            <dt>{t("patient.test.who")}</dt>
            <dd>
              {session?.patients
                .filter((one) => chosen[one.id])
                .map((one) => one.name)
                .join(t("common.listSeparator"))}
            </dd>
            <dt>{t("patient.test.when")}</dt>
            <dd>
              {dayWords(segment.startsAt)} {timeRange(segment.startsAt, segment.endsAt)}
            </dd>
            <dt>{t("patient.test.where")}</dt>
            <dd>
              <Name of={site.name} /> · <span lang="zh-CN">{site.place}</span>
            </dd>
          </dl>
          {segment.left < people.length ? (
            <Notice
              tone="warn"
              title={t("patient.test.tooFew", { left: segment.left, count: people.length })}
            />
          ) : null}
          {people.length > 1 ? (
            <Segmented
              label={t("patient.test.mode")}
              value={mode}
              onChange={setMode}
              options={[
                { value: "all", label: t("patient.test.modeAll") },
                { value: "fit", label: t("patient.test.modeFit") },
              ]}
            />
          ) : null}
          <ProblemNotice error={book.error} />
          <Button
            look="primary"
            size="large"
            wide
            busy={book.isPending}
            onClick={() =>
              book.mutate({
                segmentId: segment.id,
                mode,
                people: people.map((patientId) => ({
                  patientId,
                  relation: relationTo(session, patientId),
                  purpose,
                  priority: chosen[patientId]?.priority ?? null,
                })),
              })
            }
          >
            {t("patient.test.confirm", { count: people.length })}
          </Button>
        </>
      ) : null}
      {step === "done" && booked ? (
        <>
          <Notice
            tone={booked.booked === booked.people.length ? "good" : "warn"}
            title={t("patient.test.bookedFor", {
              booked: booked.booked,
              count: booked.people.length,
            })}
          />
          <ul className="list">
            {booked.people.map((one) => {
              const pass = mine.data?.tests.find(
                (test) => test.appointmentId === one.appointmentId && one.appointmentId,
              );
              return (
                <li key={one.patientId} className="list-row">
                  <Icon path={one.appointmentId ? check : warning} />
                  <span className="grow">
                    <span className="strong">{one.name}</span>
                    <span className="row-line small">
                      {one.problem ?? t("patient.test.bookedOne")}
                    </span>
                  </span>
                  {pass ? (
                    <Link href={`/test/${pass.id}`} className={buttonClass("soft")}>
                      {t("patient.test.pass")}
                    </Link>
                  ) : null}
                </li>
              );
            })}
          </ul>
          <Link href="/test" className={buttonClass("plain", { wide: true, size: "large" })}>
            {t("patient.test.toMine")}
          </Link>
        </>
      ) : null}
    </main>
  );
}

function ChooseTestTime({
  departmentId,
  onTake,
}: {
  departmentId: string;
  onTake: (segment: Segment) => void;
}) {
  const choice: Choice = { departmentId, doctorId: null, kind: "test" };
  const days = useAvailability(choice);
  const list = days.data?.days ?? [];
  const today = isoDate(Date.now());
  const [picked, setPicked] = useState<string | null>(null);
  const day = picked ?? list.find((one) => one.day >= today && one.state === "free")?.day ?? null;
  const [turned, setTurned] = useState<number | null>(null);
  const segments = useSegments(choice, day);
  const free = segments.data?.schedules[0]?.segments.find((one) => one.state === "free");
  return (
    <>
      {days.isPending ? <Skeleton lines={3} /> : null}
      <ProblemNotice error={days.error} retry={() => void days.refetch()} />
      {list.length > 0 ? (
        <WeekStrip
          days={list}
          chosen={day}
          onChoose={setPicked}
          firstShown={turned ?? weekOf(list, day)}
          onTurn={setTurned}
        />
      ) : null}
      {segments.isFetching && !segments.data ? <Skeleton lines={5} /> : null}
      {segments.data?.schedules.map((schedule) => (
        <SegmentList
          key={schedule.id}
          schedule={schedule}
          best={free?.id ?? null}
          busyId={null}
          onTake={onTake}
        />
      ))}
    </>
  );
}
