import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { AppointmentView } from "../../server/booking/contract.ts";
import { api } from "../api/client.ts";
import { useWrite } from "../api/write.ts";
import { Card } from "../design/components/card.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { useLanguage, useText } from "../i18n/i18n.ts";
import { clockTime, dayTime } from "../i18n/time.ts";
import { Choices } from "./choices.tsx";
import { StepTime } from "./step-time.tsx";
import { inWords } from "./words.ts";

type Outcome = "cancelled" | "moved" | "place-told" | "nothing";

/** One booking that there is already: the place in the queue, another time, or given back. */
export function Appointment({
  appointment,
  onBack,
  onEnded,
  busy,
}: {
  appointment: AppointmentView;
  onBack: () => void;
  onEnded: (outcome: Outcome) => void;
  busy: boolean;
}) {
  const t = useText();
  const language = useLanguage();
  const client = useQueryClient();
  const [asking, setAsking] = useState<"cancel" | "move" | null>(null);
  const [told, setTold] = useState<{ outcome: Outcome; words: string } | null>(null);
  const act = useWrite(
    ({ path, body }: { path: string; body: object; outcome: Outcome }, key) =>
      api.post<{ appointment: AppointmentView }>(path, body, key),
    {
      onDone: (answer, { outcome }) => {
        void client.invalidateQueries({ queryKey: ["booking"] });
        setAsking(null);
        setTold({
          outcome,
          words: t(outcome === "cancelled" ? "hotline.told.cancelled" : "hotline.told.moved", {
            time: dayTime(answer.appointment.startsAt),
            code: answer.appointment.code,
          }),
        });
      },
    },
  );
  const base = `/api/appointments/${appointment.id}`;
  const title = `${dayTime(appointment.startsAt)} · ${inWords(appointment.institution.name, language)}`;
  if (told)
    return (
      <Card strong title={title}>
        <p className="hotline-say" role="status">
          {told.words}
        </p>
        <Choices
          label={t("hotline.told.title")}
          busy={busy}
          options={[
            { id: "end", label: t("hotline.told.end") },
            { id: "more", label: t("hotline.told.more") },
          ]}
          onChoose={(id) => (id === "end" ? onEnded(told.outcome) : onBack())}
        />
      </Card>
    );
  if (asking === "move")
    return (
      <StepTime
        departmentId={appointment.department.id}
        kind={appointment.kind}
        day={appointment.day}
        title={t("hotline.move.title")}
        busy={act.isPending}
        error={act.error}
        onSegment={(segmentId) =>
          act.mutate({ path: `${base}/move`, body: { segmentId }, outcome: "moved" })
        }
        onBack={() => setAsking(null)}
      />
    );
  const queue = appointment.queue;
  return (
    <Card strong title={title}>
      <p>
        {[
          inWords(appointment.department.name, language),
          appointment.doctor?.name,
          inWords(appointment.placeNames, language),
          t("hotline.ticket", { ticket: appointment.ticket }),
          t("hotline.code", { code: appointment.code }),
        ]
          .filter(Boolean)
          .join(" · ")}
      </p>
      <p className="hotline-say" role="status">
        {queue
          ? queue.called
            ? t("hotline.say.called", { place: inWords(appointment.placeNames, language) })
            : t("hotline.say.ahead", { count: queue.ahead, time: clockTime(queue.expectedAt) })
          : t("hotline.say.notYet", { time: dayTime(appointment.startsAt) })}
      </p>
      {asking === "cancel" ? (
        <Notice tone="warn" title={t("hotline.cancel.sure")}>
          {t("hotline.cancel.sureHow")}
        </Notice>
      ) : null}
      <ProblemNotice error={act.error} />
      <Choices
        key={asking ?? "choose"}
        label={title}
        busy={busy || act.isPending}
        options={
          asking === "cancel"
            ? [
                { id: "keep", label: t("hotline.cancel.keep") },
                { id: "really", label: t("hotline.cancel.really") },
              ]
            : [
                { id: "told", label: t("hotline.say.told") },
                { id: "move", label: t("hotline.move.open") },
                { id: "cancel", label: t("hotline.cancel.open") },
                { id: "back", label: t("hotline.back") },
              ]
        }
        onChoose={(id) => {
          if (id === "told") onEnded("place-told");
          else if (id === "back") onBack();
          else if (id === "keep") setAsking(null);
          else if (id === "really")
            act.mutate({
              path: `${base}/cancel`,
              body: { reason: t("hotline.cancel.reason") },
              outcome: "cancelled",
            });
          else setAsking(id as "cancel" | "move");
        }}
      />
    </Card>
  );
}
