import { useState } from "react";
import type { AppointmentView } from "../../server/booking/contract.ts";
import type { ConfirmWay } from "../../server/hotline/domain.ts";
import { Card } from "../design/components/card.tsx";
import { Countdown } from "../design/components/countdown.tsx";
import { TextField } from "../design/components/field.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { useLanguage, useText } from "../i18n/i18n.ts";
import { clockTime, dayTime } from "../i18n/time.ts";
import { Choices, useKey } from "./choices.tsx";
import type { CallView } from "./queries.ts";
import { BackHint } from "./step-place.tsx";
import { inWords } from "./words.ts";

/** What was chosen, once more; the number says how the patient gets it in writing and confirms. */
export function StepConfirm({
  call,
  appointment,
  onConfirm,
  onBack,
  busy,
  error,
}: {
  call: CallView;
  appointment: AppointmentView;
  onConfirm: (way: ConfirmWay, address: string | null) => void;
  onBack: () => void;
  busy: boolean;
  error: unknown;
}) {
  const t = useText();
  const language = useLanguage();
  const [address, setAddress] = useState(call.patient?.address ?? "");
  const [posting, setPosting] = useState(false);
  useKey("b", onBack);
  const ways: ConfirmWay[] = call.patient?.readsMessages
    ? ["sms", "read-out", "post"]
    : ["read-out", "post"];
  return (
    <Card
      strong
      title={t("hotline.confirm.title")}
      aside={
        appointment.heldUntil ? (
          <Countdown dueAt={appointment.heldUntil} lead={t("hotline.confirm.held")} tone="info" />
        ) : (
          <BackHint />
        )
      }
    >
      <dl className="hotline-facts">
        <div>
          <dt>{t("hotline.fact.patient")}</dt>
          <dd>{appointment.patient.name}</dd>
        </div>
        <div>
          <dt>{t("hotline.fact.time")}</dt>
          <dd className="hotline-when">
            {dayTime(appointment.startsAt)}–{clockTime(appointment.endsAt)}
          </dd>
        </div>
        <div>
          <dt>{t("hotline.fact.where")}</dt>
          <dd>
            {inWords(appointment.institution.name, language)} ·{" "}
            {inWords(appointment.department.name, language)} ·{" "}
            {inWords(appointment.placeNames, language)}
          </dd>
        </div>
        {appointment.doctor ? (
          <div>
            <dt>{t("hotline.fact.doctor")}</dt>
            <dd>
              {appointment.doctor.name} {inWords(appointment.doctor.titles, language)}
            </dd>
          </div>
        ) : null}
      </dl>
      {posting ? (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            onConfirm("post", address.trim() || null);
          }}
        >
          <TextField
            label={t("hotline.confirm.address")}
            hint={t("hotline.confirm.addressHint")}
            required
            maxLength={300}
            autoFocus
            value={address}
            onChange={(event) => setAddress(event.target.value)}
          />
          <button type="submit" className="choice choice-more">
            <kbd>↵</kbd>
            <span>{t("hotline.way.post")}</span>
          </button>
        </form>
      ) : (
        <Choices
          label={t("hotline.confirm.title")}
          busy={busy}
          options={ways.map((way) => ({
            id: way,
            label: t(`hotline.way.${way}`),
            hint: t(`hotline.wayHint.${way}`),
          }))}
          onChoose={(way) =>
            way === "post" ? setPosting(true) : onConfirm(way as ConfirmWay, null)
          }
        />
      )}
      <ProblemNotice error={error} />
    </Card>
  );
}
