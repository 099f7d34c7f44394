import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useLocation } from "wouter";
import type { FlagAnswer, HotlineOutcome } from "../../server/hotline/domain.ts";
import { api, asApiError } from "../api/client.ts";
import type { StaffView } from "../api/session.ts";
import { useWrite } from "../api/write.ts";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { useText } from "../i18n/i18n.ts";
import { clockTime } from "../i18n/time.ts";
import { CallSide } from "./call-side.tsx";
import { useEffort } from "./effort.ts";
import { FeverBlock } from "./fever-block.tsx";
import {
  type CallView,
  type HotlineOverview,
  tabName,
  useCall,
  useCallWrite,
  useOverview,
} from "./queries.ts";
import type { NewPerson } from "./register-form.tsx";
import { StepConfirm } from "./step-confirm.tsx";
import { StepConsent } from "./step-consent.tsx";
import { StepDone } from "./step-done.tsx";
import { StepPerson } from "./step-person.tsx";
import { StepPlace } from "./step-place.tsx";
import { StepQuestions } from "./step-questions.tsx";
import { StepRoom } from "./step-room.tsx";
import { StepTime } from "./step-time.tsx";
import { StepTransfer } from "./step-transfer.tsx";
import { StepWhat } from "./step-what.tsx";

const beatMs = 20_000;
type Draft = CallView["draft"];

/** Which step a call is at follows from what it has: whoever takes it over goes on where it stands. */
type Step =
  | "questions"
  | "transfer"
  | "person"
  | "consent"
  | "what"
  | "place"
  | "time"
  | "room"
  | "confirm"
  | "done";
function stepOf(call: CallView): Step {
  const decided = call.takenOverBy !== null;
  if (call.state === "transferred" || (call.flagged && !decided)) return "transfer";
  if (!call.screenedAt) return "questions";
  if (!call.patient) return "person";
  if (!call.consent) return "consent";
  if (call.confirmWay && call.appointment) return "done";
  if (call.draft.step === "confirm" && call.appointment?.state === "held") return "confirm";
  if (call.draft.step === "room" && call.draft.placeId) return "room";
  if (!call.draft.kind) return "what";
  return call.draft.departmentId ? "time" : "place";
}
const talk: readonly Step[] = ["questions", "transfer", "consent", "room", "done"];

/** The call at hand. */
export function Call({ id, session }: { id: string; session: StaffView }) {
  const t = useText();
  const call = useCall(id);
  const overview = useOverview();
  if (call.isPending || overview.isPending)
    return (
      <main id="main" className="bench-main">
        <Skeleton lines={6} />
      </main>
    );
  if (!call.data || !overview.data)
    return (
      <main id="main" className="bench-main">
        <h1 className="visually-hidden">{t("hotline.title")}</h1>
        <ProblemNotice
          error={call.error ?? overview.error}
          retry={() => void Promise.all([call.refetch(), overview.refetch()])}
        />
      </main>
    );
  return <Open key={id} call={call.data} overview={overview.data} session={session} />;
}

function Open({
  call,
  overview,
  session,
}: {
  call: CallView;
  overview: HotlineOverview;
  session: StaffView;
}) {
  const t = useText();
  const [, go] = useLocation();
  const client = useQueryClient();
  const tab = tabName();
  const { id, version } = call;
  const mine = call.mine && call.holderTab === tab;
  const active = mine && call.state === "open";
  const step = stepOf(call);
  const [searched, setSearched] = useState("");
  const effort = useEffort(call, active && !talk.includes(step));
  const heading = useRef<HTMLHeadingElement>(null);

  const base = `/api/hotline/calls/${id}`;
  const save = useCallWrite(id, (change: object, key) =>
    api.put<CallView>(
      base,
      {
        tab,
        version,
        callerName: call.callerName,
        callerPhone: call.callerPhone,
        callerRelation: call.callerRelation,
        questionsId: call.questionsId,
        answers: call.answers,
        consent: call.consent ? { words: call.consent.words, by: call.consent.by } : null,
        draft: call.draft,
        ...effort(),
        ...change,
      },
      key,
    ),
  );
  const act = useCallWrite(id, ({ path, body }: { path: string; body?: object }, key) =>
    api.post<CallView>(`${base}/${path}`, { tab, version, ...body }, key),
  );
  const busy = save.isPending || act.isPending;
  const error = save.error ?? act.error;
  const draft = (change: Partial<Draft>) => save.mutate({ draft: { ...call.draft, ...change } });
  const end = (outcome: HotlineOutcome, next = false) =>
    act.mutate(
      { path: "end", body: { outcome } },
      { onSuccess: () => go(next ? "/hotline/new" : "/hotline") },
    );
  const wait = useWrite(
    (body: { scheduleId: string; day: string }, key) =>
      api.post(
        "/api/assist/waitlist",
        {
          ...body,
          patientId: call.patient?.id,
          relation: call.callerRelation,
          channel: "hotline",
        },
        key,
      ),
    { onDone: () => void client.invalidateQueries({ queryKey: ["booking"] }) },
  );

  // The page says that it is still there; when it says so no more, the call is to be called back.
  useEffect(() => {
    if (!active) return;
    const beat = () =>
      void api
        .post(`${base}/beat`, { tab, ...effort() })
        .catch(() => client.invalidateQueries({ queryKey: ["hotline-call", id] }));
    const timer = setInterval(beat, beatMs);
    return () => clearInterval(timer);
  }, [active, base, tab, effort, client, id]);
  // A step that another one refused (a seat gone, a colleague who took the call) shows the newest state.
  useEffect(() => {
    if (error) void client.invalidateQueries({ queryKey: ["hotline-call", id] });
  }, [error, client, id]);

  const take = () => act.mutate({ path: "take" });
  const name = call.patientName ?? call.callerName ?? t("hotline.call.unknown");
  return (
    <>
      <main id="main" className="bench-main hotline-call">
        <header className="row spread">
          <h1 ref={heading} className="hotline-title" tabIndex={-1}>
            {t("hotline.call.title", { name })}
          </h1>
          <span className="muted small">
            {t("hotline.call.since", { time: clockTime(call.openedAt) })}
          </span>
        </header>
        {call.state === "ended" ? (
          <Notice tone="info" live={false} title={t("hotline.call.ended")}>
            {call.outcome ? t(`hotline.outcome.${call.outcome}`) : null}
          </Notice>
        ) : null}
        {!mine && call.state === "open" ? (
          <Notice
            tone="warn"
            title={t(call.mine ? "hotline.call.otherTab" : "hotline.call.elsewhere", {
              name: call.holder.name,
              time: clockTime(call.heldSince),
            })}
            action={
              <Button look="primary" busy={act.isPending} onClick={take}>
                {t("hotline.call.take")}
              </Button>
            }
          >
            {t("hotline.call.elsewhereHow")}
          </Notice>
        ) : null}
        {call.state === "dropped" ? (
          <Card strong title={t("hotline.call.dropped")}>
            <p className="hotline-number figure">
              {call.callerPhone ?? t("hotline.call.noNumber")}
            </p>
            <p>
              {t(call.droppedBySilence ? "hotline.call.droppedSilent" : "hotline.call.droppedHow", {
                time: call.droppedAt ? clockTime(call.droppedAt) : "",
                tries: call.callBackTries,
              })}
            </p>
            <div className="row">
              <Button look="primary" autoFocus busy={act.isPending} onClick={take}>
                {t("hotline.call.callBack")}
              </Button>
            </div>
          </Card>
        ) : null}
        {call.state === "transferred" && !mine && call.transferTo === "nurse" ? (
          <Notice
            tone="bad"
            title={t("hotline.transfer.toYou", { name: call.holder.name })}
            action={
              overview.mayTakeOver ? (
                <Button look="primary" busy={act.isPending} onClick={take}>
                  {t("hotline.transfer.takeOver")}
                </Button>
              ) : undefined
            }
          >
            {t("hotline.transfer.toYouHow")}
          </Notice>
        ) : null}
        {mine && (call.state === "open" || call.state === "transferred") ? (
          <>
            {call.takenOverBy ? (
              <Notice
                tone="warn"
                live={false}
                title={t("hotline.transfer.taken", { name: call.takenOverBy })}
              >
                {t("hotline.transfer.takenHow")}
              </Notice>
            ) : null}
            {step === "questions" ? (
              <StepQuestions
                questions={call.questions}
                answers={call.answers}
                busy={busy}
                onAnswer={(answers: FlagAnswer[]) => save.mutate({ answers })}
              />
            ) : null}
            {step === "transfer" ? (
              <StepTransfer
                call={call}
                overview={overview}
                busy={busy}
                onTransfer={(to) => act.mutate({ path: "transfer", body: { to } })}
                onDone={() => end(call.transferTo === "120" ? "emergency" : "handed-over")}
              />
            ) : null}
            {step === "person" ? (
              <StepPerson
                busy={busy}
                error={error}
                onPerson={(patientId, q) => {
                  setSearched(q);
                  act.mutate({ path: "person", body: { patientId, q } });
                }}
                onRegister={(person: NewPerson) => act.mutate({ path: "register", body: person })}
              />
            ) : null}
            {step === "consent" ? (
              <StepConsent
                call={call}
                phone={/^[\d\s+-]{7,}$/.test(searched) ? searched : ""}
                busy={busy}
                error={error}
                onConsent={({ words, by, ...caller }) =>
                  save.mutate({ ...caller, consent: { words, by } })
                }
              />
            ) : null}
            {/* Before an ordinary clinic is chosen, and while it is: it closes nothing here. */}
            {call.patient &&
            (step === "what" ||
              ((step === "place" || step === "time" || step === "room" || step === "confirm") &&
                call.draft.kind !== "fever-clinic")) ? (
              <FeverBlock key={call.patient.id} patientId={call.patient.id} />
            ) : null}
            {step === "what" ? (
              <StepWhat
                call={call}
                busy={busy}
                onKind={(kind) =>
                  draft({ step: "place", kind, departmentId: null, segmentId: null })
                }
                onEnded={(outcome) => end(outcome)}
              />
            ) : null}
            {step === "place" && call.draft.kind ? (
              <StepPlace
                kind={call.draft.kind}
                ownInstitutionId={session.institution.id}
                busy={busy}
                onPlace={(institutionId, departmentId) =>
                  draft({ step: "time", institutionId, departmentId, day: null, segmentId: null })
                }
                onBack={() => draft({ kind: null })}
              />
            ) : null}
            {step === "time" && call.draft.kind && call.draft.departmentId ? (
              <StepTime
                departmentId={call.draft.departmentId}
                kind={call.draft.kind}
                day={call.draft.day}
                title={t("hotline.time.title")}
                waits
                busy={busy || wait.isPending}
                error={error ?? wait.error}
                onSegment={(segmentId, _, released) =>
                  released
                    ? act.mutate(
                        { path: "hold", body: { segmentId } },
                        {
                          // Places are being released: the caller gets one in the line.
                          onError: (refused) => {
                            if (asApiError(refused).code === "booking.waiting-room")
                              act.mutate({ path: "room", body: { segmentId } });
                          },
                        },
                      )
                    : act.mutate({ path: "room", body: { segmentId } })
                }
                onWait={(scheduleId, day) =>
                  wait.mutate({ scheduleId, day }, { onSuccess: () => end("waitlisted") })
                }
                onBack={() => draft({ step: "place", departmentId: null })}
              />
            ) : null}
            {step === "room" ? (
              <StepRoom
                call={call}
                busy={busy}
                error={error}
                onHold={() =>
                  act.mutate({ path: "hold", body: { segmentId: call.draft.segmentId } })
                }
                onAgain={() =>
                  act.mutate({ path: "room", body: { segmentId: call.draft.segmentId } })
                }
                onLeave={(anyTime) =>
                  act.mutate(
                    { path: "leave", body: { anyTime, ...effort() } },
                    { onSuccess: () => go("/hotline") },
                  )
                }
                onBack={() => {
                  act.reset();
                  draft({ step: "time" });
                }}
              />
            ) : null}
            {step === "confirm" && call.appointment ? (
              <StepConfirm
                call={call}
                appointment={call.appointment}
                busy={busy}
                error={error}
                onConfirm={(way, address) =>
                  act.mutate({ path: "confirm", body: { way, address, ...effort() } })
                }
                onBack={() => draft({ step: "time" })}
              />
            ) : null}
            {step === "done" && call.appointment ? (
              <StepDone
                call={call}
                appointment={call.appointment}
                busy={busy}
                onNext={() => end("booked", true)}
                onStay={() => end("booked")}
              />
            ) : null}
            {step === "questions" || step === "transfer" || step === "what" ? (
              <ProblemNotice error={error} />
            ) : null}
          </>
        ) : (
          <ProblemNotice error={error} />
        )}
      </main>
      <CallSide
        call={call}
        active={active}
        busy={busy}
        onDrop={() => act.mutate({ path: "drop" })}
        onTransfer={() => act.mutate({ path: "transfer", body: { to: "nurse" } })}
        onEnd={() => end(call.state === "dropped" ? "not-reached" : "nothing")}
      />
    </>
  );
}
