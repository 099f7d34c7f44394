import { Notice } from "../design/components/notice.tsx";
import { offline, retry } from "../design/icons.ts";
import { hand, thinLine } from "../design/icons-work.ts";
import { useText } from "../i18n/i18n.ts";
import type { Lecture } from "./lecture.ts";

/** What happens with the line and the stage, in sentences. What breaks heals by itself: there is nothing to press. */
export function Says({ lecture }: { lecture: Lecture }) {
  const t = useText();
  const { room, live, me } = lecture;
  const lost = room.connection === "reconnecting" || room.connection === "moved";
  const lead = live.stage.find((person) => person.personId === live.leadId);
  const leading = live.leadId === me.person.id;
  const wasPresenter = lecture.session.speaks === "presenter";
  const onStage = live.stage.find((person) => person.personId === me.person.id);
  return (
    <div className="says">
      {lost ? (
        <Notice tone="warn" icon={offline} title={t("lecture.says.lost")}>
          {t(onStage ? "lecture.says.lostStage" : "lecture.says.lostHow")}
        </Notice>
      ) : null}
      {!lost && live.phase === "interrupted" ? (
        <Notice tone="warn" icon={retry}>
          {t(live.interruptedBy === "pause" ? "lecture.says.pause" : "lecture.says.interrupted")}
        </Notice>
      ) : null}
      {leading && !wasPresenter && live.phase !== "ended" ? (
        <Notice tone="info">{t("lecture.says.youLead")}</Notice>
      ) : null}
      {wasPresenter && lead && !leading && live.phase === "live" ? (
        <Notice tone="info">{t("lecture.says.otherLeads", { name: lead.name })}</Notice>
      ) : null}
      {onStage?.role === "guest" ? (
        <Notice tone="good" icon={hand}>
          {t("lecture.says.onStage")}
        </Notice>
      ) : null}
      {room.stage.on && room.me?.video.up === "off" ? (
        <Notice tone="warn" icon={thinLine}>
          {t("lecture.says.ownThin")}
        </Notice>
      ) : null}
    </div>
  );
}
