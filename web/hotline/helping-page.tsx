import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { AppointmentView } from "../../server/booking/contract.ts";
import type { ServiceKind } from "../../server/booking/domain.ts";
import { api } from "../api/client.ts";
import type { StaffView } from "../api/session.ts";
import { useWrite } from "../api/write.ts";
import { Card } from "../design/components/card.tsx";
import { Empty } from "../design/components/empty.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { Status } from "../design/components/status.tsx";
import { person as personIcon } from "../design/icons.ts";
import { useLanguage, useText } from "../i18n/i18n.ts";
import { dayTime } from "../i18n/time.ts";
import { Appointment } from "./appointment.tsx";
import { Choices } from "./choices.tsx";
import { useHelping } from "./queries.ts";
import { StepPlace } from "./step-place.tsx";
import { StepTime } from "./step-time.tsx";
import { inWords } from "./words.ts";
import "./hotline.css";

export { wordsReady } from "./area-words.ts";

type Place = { kind: ServiceKind; departmentId: string | null };
const kinds: readonly ServiceKind[] = ["clinic", "fever-clinic", "test"];

/** A registered helper's page: the elders who agreed, one after the other; the place is kept for the next. */
export function HelpingPage({ session }: { session: StaffView }) {
  const t = useText();
  const language = useLanguage();
  const client = useQueryClient();
  const helping = useHelping();
  const [chosen, setChosen] = useState<string | null>(null);
  const [place, setPlace] = useState<Place | null>(null);
  const [existing, setExisting] = useState<AppointmentView | null>(null);
  const [done, setDone] = useState<AppointmentView | null>(null);
  const people = helping.data?.people ?? [];
  const elder = people.find((one) => one.id === chosen) ?? null;
  const again = () => client.invalidateQueries({ queryKey: ["patient", "helping"] });
  const book = useWrite(
    async (segmentId: string, key) => {
      const { appointment } = await api.post<{ appointment: AppointmentView }>(
        "/api/assist/appointments/hold",
        {
          segmentId,
          patientId: chosen,
          relation: "helper",
          channel: "helper",
          consent: "present",
        },
        key,
      );
      return api.post<{ appointment: AppointmentView }>(
        `/api/assist/appointments/${appointment.id}/confirm`,
        {},
        `${key}-confirm`.slice(-80),
      );
    },
    {
      // The next person does not wait until the list has been read again.
      onDone: ({ appointment }) => {
        setDone(appointment);
        void again();
      },
    },
  );
  const leave = () => {
    setChosen(null);
    setExisting(null);
    setDone(null);
    void again();
  };
  return (
    <div className="bench hotline-helping">
      <main id="main" className="bench-main">
        <h1 className="hotline-title">
          {elder ? t("hotline.helping.for", { name: elder.name }) : t("hotline.helping.title")}
        </h1>
        {helping.isPending ? <Skeleton lines={4} /> : null}
        <ProblemNotice error={helping.error} retry={() => void helping.refetch()} />
        {helping.data && people.length === 0 ? (
          <Empty icon={personIcon} title={t("hotline.helping.none")}>
            {t("hotline.helping.noneHow")}
          </Empty>
        ) : null}
        {!elder && people.length > 0 ? (
          <Card strong title={t("hotline.helping.choose")}>
            <Choices
              label={t("hotline.helping.choose")}
              options={people.map((one) => ({
                id: one.id,
                label: (
                  <>
                    {one.name}{" "}
                    {one.ageYears === null ? null : (
                      <span className="muted">{t("hotline.age", { years: one.ageYears })}</span>
                    )}
                  </>
                ),
                hint: one.appointments[0]
                  ? t("hotline.helping.next", {
                      time: dayTime(one.appointments[0].startsAt),
                      code: one.appointments[0].code,
                    })
                  : t("hotline.helping.nothing"),
              }))}
              onChoose={setChosen}
            />
          </Card>
        ) : null}
        {elder && done ? (
          <Card
            strong
            title={t("hotline.helping.done")}
            aside={<Status tone="good">{t("hotline.state.booked")}</Status>}
          >
            <p className="hotline-say">
              {t("hotline.helping.say", {
                time: dayTime(done.startsAt),
                hospital: inWords(done.institution.name, language),
                place: inWords(done.placeNames, language),
                ticket: done.ticket,
                code: done.code,
              })}
            </p>
            <Choices
              label={t("hotline.helping.done")}
              options={[
                { id: "next", label: t("hotline.helping.nextElder") },
                { id: "more", label: t("hotline.helping.same") },
              ]}
              onChoose={(id) => (id === "next" ? leave() : setDone(null))}
            />
          </Card>
        ) : null}
        {elder && existing && !done ? (
          <Appointment
            appointment={existing}
            busy={false}
            onBack={() => setExisting(null)}
            onEnded={leave}
          />
        ) : null}
        {elder && !existing && !done && !place ? (
          <Card strong title={t("hotline.what.title")}>
            <Choices
              label={t("hotline.what.title")}
              options={[
                ...kinds.map((kind) => ({ id: kind, label: t(`hotline.kind.${kind}`) })),
                ...elder.appointments.map((one) => ({
                  id: one.id,
                  label: t("hotline.what.existing", {
                    time: dayTime(one.startsAt),
                    hospital: inWords(one.institution.name, language),
                  }),
                  hint: `${t(`hotline.state.${one.state}`)} · ${one.code}`,
                })),
                { id: "back", label: t("hotline.back") },
              ]}
              onChoose={(id) => {
                if (id === "back") leave();
                else if (kinds.includes(id as ServiceKind))
                  setPlace({ kind: id as ServiceKind, departmentId: null });
                else setExisting(elder.appointments.find((one) => one.id === id) ?? null);
              }}
            />
          </Card>
        ) : null}
        {elder && !existing && !done && place && !place.departmentId ? (
          <StepPlace
            kind={place.kind}
            ownInstitutionId={session.institution.id}
            busy={false}
            onPlace={(_, departmentId) => setPlace({ ...place, departmentId })}
            onBack={() => setPlace(null)}
          />
        ) : null}
        {elder && !existing && !done && place?.departmentId ? (
          <StepTime
            departmentId={place.departmentId}
            kind={place.kind}
            day={null}
            title={t("hotline.time.title")}
            busy={book.isPending}
            error={book.error}
            onSegment={(segmentId) => book.mutate(segmentId)}
            onBack={() => setPlace({ ...place, departmentId: null })}
          />
        ) : null}
      </main>
    </div>
  );
}
