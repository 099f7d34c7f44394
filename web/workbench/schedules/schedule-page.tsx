import { useState } from "react";
import type { ScheduleBody, ScheduleDetail } from "../../../server/booking/schedule-contract.ts";
import { api } from "../../api/client.ts";
import { useWrite } from "../../api/write.ts";
import { Button } from "../../design/components/button.tsx";
import { Card } from "../../design/components/card.tsx";
import { ProblemNotice } from "../../design/components/problem.tsx";
import { Skeleton } from "../../design/components/skeleton.tsx";
import { Status } from "../../design/components/status.tsx";
import { pen } from "../../design/icons-work.ts";
import { useLanguage, useText } from "../../i18n/i18n.ts";
import { Exceptions } from "./exceptions.tsx";
import { PreviewCard } from "./preview.tsx";
import { useScheduleDetail, useSchedulesChanged } from "./queries.ts";
import { ScheduleFields } from "./schedule-fields.tsx";
import { WeekCard } from "./week.tsx";
import { inWords } from "./words.ts";

/** One clinic: what it is, its week, its days off, and what will be opened next. */
export function SchedulePage({ id, daysAhead }: { id: string; daysAhead: number }) {
  const detail = useScheduleDetail(id);
  if (detail.isPending) return <Skeleton lines={8} />;
  if (!detail.data)
    return <ProblemNotice error={detail.error} retry={() => void detail.refetch()} />;
  return (
    <>
      <Head detail={detail.data} />
      <PreviewCard detail={detail.data} daysAhead={daysAhead} />
      <WeekCard detail={detail.data} />
      <Exceptions detail={detail.data} />
    </>
  );
}

function Head({ detail }: { detail: ScheduleDetail }) {
  const t = useText();
  const language = useLanguage();
  const { schedule } = detail;
  const [editing, setEditing] = useState(false);
  const changed = useSchedulesChanged();
  const save = useWrite(
    (body: ScheduleBody, key) => api.put(`/api/schedules/${schedule.id}`, body, key),
    {
      onDone: async () => {
        await changed();
        setEditing(false);
      },
    },
  );
  return (
    <>
      <header className="row spread">
        <div>
          <h1>
            {inWords(schedule.department.name, language)} · {inWords(schedule.name, language)}
          </h1>
          <p className="muted">
            {[
              schedule.doctor ? `${schedule.doctor.name} ${schedule.doctor.title}` : null,
              schedule.place,
              t(`schedules.kind.${schedule.kind}`),
              t("schedules.minutes", { minutes: schedule.segmentMinutes }),
              t("schedules.fee", { yuan: schedule.feeCents / 100 }),
            ]
              .filter(Boolean)
              .join(" · ")}
          </p>
        </div>
        <div className="row">
          <Status tone={schedule.active ? "good" : "quiet"}>
            {t(schedule.active ? "schedules.state.active" : "schedules.state.off")}
          </Status>
          <Button icon={pen} aria-expanded={editing} onClick={() => setEditing(!editing)}>
            {t("schedules.edit.action")}
          </Button>
        </div>
      </header>
      {editing ? (
        <Card title={t("schedules.edit.title")}>
          <ScheduleFields
            initial={{
              name: { zh: schedule.name.zh, en: schedule.name.en ?? "", bo: schedule.name.bo },
              place: schedule.place,
              feeCents: schedule.feeCents,
              segmentMinutes: schedule.segmentMinutes,
              active: schedule.active,
            }}
            withActive
            busy={save.isPending}
            error={save.error}
            words={t("schedules.edit.save")}
            onSave={(body) => save.mutate(body)}
          />
        </Card>
      ) : null}
    </>
  );
}
