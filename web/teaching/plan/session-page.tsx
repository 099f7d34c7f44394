import type { StaffView } from "../../api/session.ts";
import { Card } from "../../design/components/card.tsx";
import { ProblemNotice } from "../../design/components/problem.tsx";
import { Skeleton } from "../../design/components/skeleton.tsx";
import { Status } from "../../design/components/status.tsx";
import { useLanguage, useText } from "../../i18n/i18n.ts";
import { CaseSection } from "./case-section.tsx";
import { TeachingFrame } from "./frame.tsx";
import { Way } from "./list-page.tsx";
import { Planner } from "./planner.tsx";
import { useTeaching } from "./queries.ts";
import { SlidesSection } from "./slides-section.tsx";
import { heldAt, inWords, stateLook } from "./words.ts";

/** One broadcast: its plan for who plans it, what to know for everybody else. */
export function SessionPage({ session, id }: { session: StaffView; id: string }) {
  const t = useText();
  const language = useLanguage();
  const found = useTeaching(id);
  const one = found.data;
  const prepares = one ? one.plans || one.leads : false;
  return (
    <TeachingFrame
      session={session}
      title={one ? inWords(one.title, language) : t("teaching.title")}
      aside={
        one ? (
          <div className="row">
            <Status {...stateLook[one.state]}>{t(`teaching.state.${one.state}`)}</Status>
            <Way session={one} />
          </div>
        ) : null
      }
    >
      {found.isPending ? <Skeleton lines={8} /> : null}
      <ProblemNotice error={found.error} retry={() => void found.refetch()} />
      {one && !one.plans ? <Facts session={one} /> : null}
      {one?.plans ? <Planner key={one.id} session={one} /> : null}
      {one && prepares ? <SlidesSection session={one} /> : null}
      {one && prepares && session.permissions.includes("record.read") ? (
        <CaseSection session={one} />
      ) : null}
    </TeachingFrame>
  );
}

function Facts({ session: one }: { session: NonNullable<ReturnType<typeof useTeaching>["data"]> }) {
  const t = useText();
  const language = useLanguage();
  return (
    <Card>
      <div className="stack">
        <p className="strong figure">
          {heldAt(one) ?? t("teaching.noTime")}
          {one.lengthMinutes ? ` · ${t("teaching.minutes", { minutes: one.lengthMinutes })}` : ""}
        </p>
        {one.topic ? <p>{one.topic}</p> : null}
        <ul className="teaching-lines">
          {one.speakers.map((speaker) => (
            <li key={speaker.personId}>
              <span className="strong">{speaker.name}</span> {t(`teaching.role.${speaker.role}`)} ·{" "}
              {inWords(speaker.institution, language)}
            </li>
          ))}
        </ul>
        {one.points > 0 ? (
          <p>
            {t("teaching.credit.rule", {
              points: one.points,
              presence: one.minimumPresencePercent,
              quiz: one.minimumQuizPercent,
            })}
          </p>
        ) : null}
        {one.record ? <p className="muted">{one.recordingWords}</p> : null}
        {one.cancelReason ? (
          <p>{t("teaching.cancelledBecause", { reason: one.cancelReason })}</p>
        ) : null}
      </div>
    </Card>
  );
}
