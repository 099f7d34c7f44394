import { useState } from "react";
import { Link } from "wouter";
import { Button, buttonClass } from "../../design/components/button.tsx";
import { Icon } from "../../design/components/icon.tsx";
import { calendar, clock, phone, print } from "../../design/icons.ts";
import { useLanguage, useText } from "../../i18n/i18n.ts";
import { type AppointmentView, isComing } from "../my-appointments.ts";
import { calendarFile } from "./calendar-file.ts";
import { CancelVisit } from "./cancel-visit.tsx";
import { timesOf } from "./check-answers.tsx";
import { nameIn, placeIn } from "./words.tsx";

const remindMinutes = 60;

/** What one may do with an appointment: change, keep in the calendar, print, call, cancel. */
export function PassActions({
  appointment,
  mayChange,
}: {
  appointment: AppointmentView;
  mayChange: boolean;
}) {
  const t = useText();
  const language = useLanguage();
  const [cancelling, setCancelling] = useState(false);
  const { institution, department } = appointment;
  const open = isComing(appointment);
  const hasQueue = appointment.queue !== null;
  return (
    <>
      <div className="pass-actions no-print">
        {mayChange ? (
          <Link
            href={`${timesOf(appointment)}&move=${appointment.id}`}
            className={buttonClass("soft", { wide: true })}
          >
            <Icon path={clock} />
            <span>{t("patient.booking.move")}</span>
          </Link>
        ) : null}
        {open && !hasQueue ? (
          <Button
            icon={calendar}
            wide
            onClick={() =>
              save(
                `${appointment.code}.ics`,
                calendarFile(
                  {
                    ...appointment,
                    title: `${nameIn(department.name, language)} · ${nameIn(institution.name, language)}`,
                    place: [
                      nameIn(institution.name, language),
                      institution.address,
                      placeIn(appointment, language),
                    ]
                      .filter(Boolean)
                      .join(", "),
                    notes: `${t("patient.booking.codeIs", { code: appointment.code })}\n${t("patient.booking.bring")}`,
                    remindMinutes,
                  },
                  Date.now(),
                ),
              )
            }
          >
            {t("patient.booking.toCalendar")}
          </Button>
        ) : null}
        {open ? (
          <Button icon={print} wide onClick={() => globalThis.print()}>
            {t("patient.booking.print")}
          </Button>
        ) : null}
        {institution.phone ? (
          <a
            href={`tel:${institution.phone}`}
            className={buttonClass("plain", { wide: true, className: "whole-row" })}
          >
            <Icon path={phone} />
            <span>{t("patient.booking.callPlace", { phone: institution.phone })}</span>
          </a>
        ) : null}
        {mayChange && !cancelling ? (
          <Button
            look="quiet"
            wide
            className="bad-text whole-row"
            onClick={() => setCancelling(true)}
          >
            {t("patient.booking.cancel")}
          </Button>
        ) : null}
      </div>
      {mayChange && cancelling ? (
        <CancelVisit appointment={appointment} onKeep={() => setCancelling(false)} />
      ) : null}
    </>
  );
}

function save(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "text/calendar;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
