import { type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import type { SamplerStep } from "../../server/sampling/contract.ts";
import type { SamplingProblem } from "../../server/sampling/domain.ts";
import { api, asApiError, uuid } from "../api/client.ts";
import { useWrite } from "../api/write.ts";
import { Button } from "../design/components/button.tsx";
import { Empty } from "../design/components/empty.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { Status } from "../design/components/status.tsx";
import { calendar, check, offline, retry } from "../design/icons.ts";
import { useText } from "../i18n/i18n.ts";
import { clockTime } from "../i18n/time.ts";
import type { Worker } from "./app.tsx";
import { Conflicts } from "./conflicts.tsx";
import { Drafts } from "./drafts.tsx";
import { isPaperCode, lookUp, type Person, project } from "./engine.ts";
import { Papers } from "./papers.tsx";
import { PersonCard, PickPerson } from "./person-card.tsx";
import { ScanBox } from "./scan-box.tsx";
import { signal } from "./signals.ts";
import { createStore, type StoreState, useStore } from "./store.ts";
import { Tables } from "./tables.tsx";
import { TubeCard } from "./tube-card.tsx";
import { tubeWords } from "./tube-code.ts";
import { useHandScanner } from "./use-hand-scanner.ts";
import { WalkIn } from "./walk-in.tsx";

type Say = { tone: "good" | "bad"; text: string };

/**
 * A sampler's day: open a tube, then scan, read back, one tap, next. Everything works without a line; what
 * cannot be done is said at once, or later by person and tube.
 */
export function SamplerPage({ worker }: { worker: Worker }) {
  const t = useText();
  const store = useMemo(
    () => createStore(`sampling:${worker.personId}:${worker.institutionId}`),
    [worker.personId, worker.institutionId],
  );
  useEffect(() => store.start(), [store]);
  const state = useStore(store);
  const { work } = state.kept;
  const view = project(state.kept);
  const [person, setPerson] = useState<Person | null>(null);
  const [choice, setChoice] = useState<readonly Person[]>([]);
  const [say, setSay] = useState<Say | null>(null);
  const [adding, setAdding] = useState(false);
  const [searching, setSearching] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);

  const tell = (tone: Say["tone"], text: string) => {
    setSay({ tone, text });
    signal(tone);
  };
  const problemText = (problem: SamplingProblem, subject: Person | null = null) =>
    t(`sampling.problem.${problem}`, {
      name: subject?.name ?? "",
      place: work?.site?.feverPlace ?? "",
    });
  const station = work?.station ?? null;
  const open = view.tubes.filter((tube) => tube.state === "open" || tube.state === "collecting");
  const tube = open.at(-1) ?? null;
  const sealed = view.tubes.filter((one) => one.state === "sealed");

  const take = async (
    step: Pick<SamplerStep, "step"> & Partial<SamplerStep>,
    subject: Person | null = null,
  ): Promise<boolean> => {
    if (!station) return false;
    const problem = await store.take({
      station: station.id,
      tube: null,
      registration: null,
      purpose: null,
      retest: false,
      reason: null,
      ...step,
    });
    if (problem) tell("bad", problemText(problem, subject));
    return problem === null;
  };

  const scanned = async (text: string) => {
    setChoice([]);
    const found = lookUp(view.people, text);
    if (found.kind === "bad-tube") return tell("bad", problemText("tube-format"));
    if (found.kind === "tube") {
      if (tube?.code === found.code) return tell("bad", t("sampling.sameTube"));
      if (tube) return tell("bad", t("sampling.sealFirst", { code: tubeWords(tube.code) }));
      if (await take({ step: "open", tube: found.code }))
        tell("good", t("sampling.opened", { code: tubeWords(found.code) }));
      return;
    }
    if (!tube) return tell("bad", t("sampling.tubeFirst"));
    if (found.kind === "people") {
      const [first] = found.people;
      if (found.people.length === 1 && first) return show(first);
      return setChoice(found.people);
    }
    if (isPaperCode(text)) return paper(text.trim());
    // Not on the list of this morning: perhaps registered a moment ago.
    setSearching(true);
    try {
      const answer = await api.get<{ person: Person | null }>(
        `/api/sampling/people?code=${encodeURIComponent(text.trim())}`,
      );
      if (answer.person) {
        store.addPeople([answer.person]);
        return show(answer.person);
      }
    } catch {
      // Without a line nobody can be asked; the words below say what to do.
    } finally {
      setSearching(false);
    }
    tell("bad", problemText("person-unknown"));
    setAdding(true);
  };
  const paper = async (code: string) => {
    setSearching(true);
    try {
      const { people } = await api.post<{ people: Person[] }>(
        "/api/sampling/paper-codes",
        { code },
        uuid(),
      );
      store.addPeople(people);
      const [first] = people;
      if (first) return show(first);
      tell("bad", problemText("person-unknown"));
    } catch (error) {
      const problem = asApiError(error);
      if (!problem.isLine) return tell("bad", problem.detail || problem.title);
      store.keepPaper(code);
      tell("bad", t("sampling.paperKept"));
    } finally {
      setSearching(false);
    }
  };
  const show = (found: Person) => {
    setChoice([]);
    setSay(null);
    setPerson(found);
    signal("good");
  };
  useHandScanner((text) => void scanned(text));

  const done = async (one: Person) => {
    if (!tube) return;
    setPerson(null);
    if (await take({ step: "sample", tube: tube.code, registration: one.registrationId }, one))
      tell(
        "good",
        t("sampling.sampled", { name: one.name, count: tube.count + 1, size: tube.size }),
      );
  };
  const leadAway = async (one: Person, agreed: boolean) => {
    setPerson(null);
    if (await take({ step: "lead-away", registration: one.registrationId, tell: agreed }, one))
      tell("bad", t("sampling.ledAway", { name: one.name, place: work?.site?.feverPlace ?? "" }));
  };

  if (!state.ready && !work)
    return (
      <main className="sampling">
        <Skeleton lines={6} />
      </main>
    );
  if (!work?.site || !station)
    return (
      <main id="main" className="sampling">
        <h1 className="visually-hidden">{t("sampling.collect")}</h1>
        <LineState state={state} waiting={view.waiting} onRetry={() => void store.sync()} />
        <Empty icon={calendar} title={t("sampling.noDuty")}>
          {t("sampling.noDutyHow")}
        </Empty>
        <Tables atTable={false} unsent={view.waiting} onDone={() => void store.sync()} />
      </main>
    );
  return (
    <main id="main" className="sampling">
      <header className="sampling-head">
        <h1 ref={heading} tabIndex={-1}>
          {t("sampling.station", { number: station.number })}
        </h1>
        <p className="muted">{work.site.name.zh}</p>
      </header>
      <LineState state={state} waiting={view.waiting} onRetry={() => void store.sync()}>
        <StationSwitch
          id={station.id}
          open={station.state === "open"}
          onDone={() => void store.sync()}
        />
      </LineState>
      <Conflicts conflicts={state.kept.conflicts} onSeen={store.forgetConflict} />
      <Drafts drafts={state.kept.drafts ?? []} store={store} />
      <Papers papers={state.kept.papers ?? []} onSeen={store.forgetPaper} />
      {tube ? (
        <TubeCard
          tube={tube}
          people={view.people}
          quiet={person !== null}
          onUndo={(registration) =>
            void take({ step: "undo", tube: tube.code, registration }).then((ok) => {
              if (ok) tell("good", t("sampling.undone"));
            })
          }
          onSeal={() =>
            void take({ step: "seal", tube: tube.code }).then((ok) => {
              if (ok)
                tell(
                  "good",
                  t("sampling.sealed", { code: tubeWords(tube.code), count: tube.count }),
                );
            })
          }
          onVoid={(reason) =>
            void take({ step: "void", tube: tube.code, reason }).then((ok) => {
              if (ok) tell("bad", t("sampling.voided", { count: tube.count }));
            })
          }
        />
      ) : null}
      <div className="sampling-say" role="status" aria-live="assertive">
        {say ? (
          <p className={`say say-${say.tone}`} key={say.text}>
            {say.text}
          </p>
        ) : null}
      </div>
      {person ? (
        <PersonCard
          person={person}
          paperCode={
            state.kept.drafts?.some((one) => one.id === person.registrationId) ? person.code : null
          }
          tubeSize={tube?.size ?? 1}
          onDone={() => void done(person)}
          onNot={() => setPerson(null)}
          onFever={(agreed) => void leadAway(person, agreed)}
        />
      ) : choice.length > 0 ? (
        <PickPerson people={choice} onPick={show} onNone={() => setChoice([])} />
      ) : (
        <ScanBox
          label={t(tube ? "sampling.scanPerson" : "sampling.scanTube")}
          hint={t(tube ? "sampling.scanPersonHow" : "sampling.scanTubeHow")}
          busy={searching}
          onText={(text) => void scanned(text)}
        />
      )}
      {tube && !person ? (
        <WalkIn
          opened={adding}
          onOpen={setAdding}
          purpose={work.site.purpose}
          onRegister={store.register}
          onRegistered={(people) => {
            store.addPeople(people);
            setAdding(false);
            const [first] = people;
            if (people.length === 1 && first) show(first);
            else tell("good", t("sampling.groupRegistered", { count: people.length }));
          }}
        />
      ) : null}
      <section className="sampling-counts" aria-label={t("sampling.today")}>
        <p>
          <strong>{view.people.filter((one) => one.state === "sampled").length}</strong>
          <span className="muted">{t("sampling.sampledToday")}</span>
        </p>
        <p>
          <strong>{view.people.filter((one) => one.state === "waiting").length}</strong>
          <span className="muted">{t("sampling.waiting")}</span>
        </p>
        <p>
          <strong>{view.people.filter((one) => one.state === "registered").length}</strong>
          <span className="muted">{t("sampling.expected")}</span>
        </p>
      </section>
      {tube || person ? null : (
        <Tables atTable unsent={view.waiting} onDone={() => void store.sync()} />
      )}
      {sealed.length > 0 ? (
        <section className="stack stack-2">
          <h2>{t("sampling.sealedTubes")}</h2>
          <ul className="list">
            {sealed.map((one) => (
              <li key={one.code} className="list-row">
                <span className="grow figure">{tubeWords(one.code)}</span>
                <span>{t("sampling.people", { count: one.count })}</span>
                <Status tone="info" icon={check}>
                  {one.labDueAt
                    ? t("sampling.labBy", { time: clockTime(one.labDueAt) })
                    : t("sampling.tubeState.sealed")}
                </Status>
              </li>
            ))}
          </ul>
        </section>
      ) : null}
    </main>
  );
}

/** Whether the line holds and how much waits for it; never more than a sentence. */
function LineState({
  state,
  waiting,
  onRetry,
  children,
}: {
  state: StoreState;
  waiting: number;
  onRetry: () => void;
  children?: ReactNode;
}) {
  const t = useText();
  if (state.line === "live")
    return (
      <div className="sampling-line">
        {/* What was kept is shown at once; whether it is all is known after the first answer. */}
        <Status tone={waiting > 0 || !state.readAt ? "info" : "good"}>
          {waiting > 0
            ? t("sampling.sending", { count: waiting })
            : t(state.readAt ? "sampling.allSent" : "common.loading")}
        </Status>
        {children}
      </div>
    );
  return (
    <Notice
      tone="warn"
      icon={offline}
      title={t(`sampling.line.${state.line}`)}
      action={
        <Button icon={retry} onClick={onRetry}>
          {t("common.retry")}
        </Button>
      }
    >
      {t("sampling.lineKept", { count: waiting })}
    </Notice>
  );
}

function StationSwitch({ id, open, onDone }: { id: string; open: boolean; onDone: () => void }) {
  const t = useText();
  const change = useWrite(
    (state: "open" | "paused", key) => api.put(`/api/sampling/stations/${id}`, { state }, key),
    { onDone },
  );
  return (
    <div className="station-switch">
      <div className="row spread">
        <Status tone={open ? "good" : "warn"}>
          {t(open ? "sampling.stationOpen" : "sampling.stationPaused")}
        </Status>
        <Button
          look={open ? "quiet" : "soft"}
          busy={change.isPending}
          onClick={() => change.mutate(open ? "paused" : "open")}
        >
          {t(open ? "sampling.pause" : "sampling.goOn")}
        </Button>
      </div>
      <ProblemNotice error={change.error} />
    </div>
  );
}
