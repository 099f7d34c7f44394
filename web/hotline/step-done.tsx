import { useEffect, useState } from "react";
import type { AppointmentView } from "../../server/booking/contract.ts";
import { Card } from "../design/components/card.tsx";
import { Status } from "../design/components/status.tsx";
import { type Translate, useLanguage, useText, wordsOf } from "../i18n/i18n.ts";
import { clockTime, isoDate } from "../i18n/time.ts";
import { Choices } from "./choices.tsx";
import type { CallView } from "./queries.ts";
import { inWords } from "./words.ts";

/** Booked: the words to read out, in the patient's language, one thing at a time. */
export function StepDone({
  call,
  appointment,
  onNext,
  onStay,
  busy,
}: {
  call: CallView;
  appointment: AppointmentView;
  onNext: () => void;
  onStay: () => void;
  busy: boolean;
}) {
  const t = useText();
  const shown = useLanguage();
  const language = call.patient?.language ?? "zh-CN";
  const [say, setSay] = useState<{ words: Translate } | null>(null);
  useEffect(() => {
    let gone = false;
    if (language === shown) setSay({ words: t });
    else
      void wordsOf(language).then((words) => {
        if (!gone) setSay({ words });
      });
    return () => {
      gone = true;
    };
  }, [language, shown, t]);
  const [month, day] = isoDate(appointment.startsAt).slice(5).split("-").map(Number);
  const spelled = [...appointment.code].join(" ");
  return (
    <Card
      strong
      title={t("hotline.done.title")}
      aside={<Status tone="good">{t(`hotline.done.way.${call.confirmWay ?? "read-out"}`)}</Status>}
    >
      <p className="muted">{t("hotline.done.read")}</p>
      <div className="hotline-say hotline-read" lang={language}>
        {say
          ? say.words("hotline.done.words", {
              month: month ?? 0,
              day: day ?? 0,
              time: clockTime(appointment.startsAt),
              hospital: inWords(appointment.institution.name, language),
              place: inWords(appointment.placeNames, language),
              ticket: appointment.ticket,
              code: spelled,
              phone: appointment.institution.phone ?? "",
            })
          : null}
      </div>
      <p className="hotline-code figure" aria-hidden="true">
        {spelled}
      </p>
      <p className="muted small" role="status">
        {t("hotline.done.effort", {
          seconds: Math.round(call.operatorMs / 1000),
          actions: call.operatorActions,
        })}
      </p>
      <Choices
        label={t("hotline.done.title")}
        busy={busy}
        options={[
          { id: "next", label: t("hotline.done.next") },
          { id: "stay", label: t("hotline.done.more") },
        ]}
        onChoose={(id) => (id === "next" ? onNext() : onStay())}
      />
    </Card>
  );
}
