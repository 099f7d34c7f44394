import { useEffect, useState } from "react";
import { Button } from "../../design/components/button.tsx";
import { SelectField } from "../../design/components/field.tsx";
import { LanguageSwitch } from "../../design/components/language-switch.tsx";
import { Status } from "../../design/components/status.tsx";
import { warning } from "../../design/icons.ts";
import { eyeOff, record } from "../../design/icons-work.ts";
import { useText } from "../../i18n/i18n.ts";
import type { Lecture } from "../lecture.ts";
import { spanOf, useTitle } from "../words.ts";
import { HealthStrip } from "./health.tsx";

/** Title, how long it has been going on, who receives it; to begin is one click, to end is asked once. */
export function Head({ lecture, onLeave }: { lecture: Lecture; onLeave: () => void }) {
  const t = useText();
  const { session, live, room, acts } = lecture;
  const title = useTitle(session.title);
  const [asking, setAsking] = useState<"end" | "handover" | null>(null);
  const now = useSeconds(live.phase === "live" || live.phase === "interrupted");
  const begun = live.phase === "live" || live.phase === "interrupted";
  const others = live.stage.filter(
    (person) => person.personId !== live.leadId && ["presenter", "co-host"].includes(person.role),
  );
  return (
    <header className="lecture-head">
      <h1>{title}</h1>
      {begun ? (
        <Status
          tone={live.phase === "live" ? "bad" : "warn"}
          icon={live.phase === "live" ? record : warning}
        >
          {t(live.phase === "live" ? "lecture.head.live" : "lecture.head.interrupted")}{" "}
          <span className="figure">
            {live.startedAt ? spanOf(now - Date.parse(live.startedAt)) : ""}
          </span>
        </Status>
      ) : live.phase === "ended" ? (
        <Status tone="quiet">{t("lecture.head.ended")}</Status>
      ) : (
        <Status tone="info" icon={eyeOff}>
          {t("lecture.head.onlyYou")}
        </Status>
      )}
      {room.recording ? (
        <Status tone="bad" icon={record}>
          {t("lecture.head.recording")}
        </Status>
      ) : null}
      {begun ? <HealthStrip lecture={lecture} /> : null}
      <span className="row lecture-head-end">
        {asking === "end" ? (
          <>
            <span className="strong">{t("lecture.head.endReally")}</span>
            <Button
              look="danger"
              onClick={() => {
                setAsking(null);
                acts.run(acts.end);
              }}
            >
              {t("lecture.head.endNow")}
            </Button>
            <Button onClick={() => setAsking(null)}>{t("lecture.head.goOn")}</Button>
          </>
        ) : asking === "handover" ? (
          <>
            <SelectField
              label={t("lecture.head.handOverTo")}
              value=""
              onChange={({ target }) => {
                setAsking(null);
                if (target.value) acts.run(() => acts.handOver(target.value));
              }}
            >
              <option value="">{t("common.choose")}</option>
              {others.map((person) => (
                <option key={person.personId} value={person.personId}>
                  {person.name}
                </option>
              ))}
            </SelectField>
            <Button onClick={() => setAsking(null)}>{t("common.cancel")}</Button>
          </>
        ) : begun ? (
          <>
            {others.length > 0 && session.leads ? (
              <Button onClick={() => setAsking("handover")}>{t("lecture.head.handOver")}</Button>
            ) : null}
            {session.leads ? (
              <Button look="danger" onClick={() => setAsking("end")}>
                {t("lecture.head.end")}
              </Button>
            ) : (
              <Button onClick={onLeave}>{t("lecture.head.leave")}</Button>
            )}
          </>
        ) : live.phase === "ended" ? (
          <Button onClick={onLeave}>{t("lecture.head.leave")}</Button>
        ) : (
          <>
            <LanguageSwitch />
            {session.leads ? (
              <Button look="primary" onClick={() => acts.run(acts.goLive)}>
                {t("lecture.head.goLive")}
              </Button>
            ) : null}
            <Button onClick={onLeave}>{t("lecture.head.leave")}</Button>
          </>
        )}
      </span>
    </header>
  );
}

/** The time now, each second while it matters. */
function useSeconds(on: boolean): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (!on) return;
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [on]);
  return now;
}
