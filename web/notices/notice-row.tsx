import { useQueryClient } from "@tanstack/react-query";
import { Link } from "wouter";
import type { CentreView } from "../../server/notices/centre-contract.ts";
import { api } from "../api/client.ts";
import { useWrite } from "../api/write.ts";
import { Button } from "../design/components/button.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Status, type Tone } from "../design/components/status.tsx";
import { useText } from "../i18n/i18n.ts";
import { dayTime } from "../i18n/time.ts";
import { noticeWords, placeOf } from "../workbench/notice-words.ts";

type Told = CentreView["notices"][number];
const tones: Record<Told["urgency"], Tone> = { emergency: "bad", urgent: "warn", routine: "quiet" };

const textOf = (value: unknown) => (typeof value === "string" && value !== "" ? value : null);

/** One thing that was told: what, when, to how many, and who has it in hand. */
export function NoticeRow({ notice, times = 1 }: { notice: Told; times?: number }) {
  const t = useText();
  const client = useQueryClient();
  const place = placeOf(notice);
  const words = noticeWords(notice);
  const again = () => client.invalidateQueries({ queryKey: ["notice"] });
  const take = useWrite((id: string, key) => api.post(`/api/notices/${id}/acknowledge`, {}, key), {
    onDone: again,
  });
  const read = () => {
    if (notice.mine && !notice.readAt)
      void api
        .post(`/api/notices/${notice.id}/read`)
        .then(again)
        .catch(() => {});
  };
  const { detail } = notice;
  const phone = textOf(detail.phone);
  const others = Array.isArray(detail.others) ? detail.others.filter((one) => textOf(one)) : [];
  const away = typeof detail.away === "number" ? detail.away : 0;
  const number = textOf(detail.number);
  return (
    <li
      className={
        notice.mine && !notice.readAt && !notice.held ? "notice-line fresh" : "notice-line"
      }
    >
      <div className="notice-what">
        <span className="notice-marks">
          {notice.urgency === "routine" ? null : (
            <Status tone={tones[notice.urgency]}>{t(`notices.urgency.${notice.urgency}`)}</Status>
          )}
          <time className="muted small figure" dateTime={notice.at}>
            {dayTime(notice.at)}
          </time>
          {notice.mine && !notice.readAt && !notice.held ? (
            <span className="small strong">{t("notices.new")}</span>
          ) : null}
        </span>
        {place && place !== "/notices" ? (
          <Link href={place} onClick={read} className="strong">
            {words}
          </Link>
        ) : (
          <span className="strong">{words}</span>
        )}
        <Counts detail={detail} />
        <span className="muted small">
          {[
            number,
            times > 1 ? t("notices.times", { count: times }) : null,
            notice.toldTo > 1 ? t("notices.toldTo", { count: notice.toldTo }) : null,
            away > 0 ? t("notices.away", { count: away }) : null,
            phone ? t("notices.call", { phone }) : null,
            others.length > 0
              ? t("notices.others", { list: others.join(t("common.listSeparator")) })
              : null,
          ]
            .filter(Boolean)
            .join(" · ")}
        </span>
        {notice.held ? (
          <span className="small">
            {t(`notices.until.${notice.held.for}`, { time: dayTime(notice.held.until) })}
          </span>
        ) : null}
        {notice.acknowledged ? (
          <Status tone="good">
            {t("notices.taken", {
              name: notice.acknowledged.by,
              time: dayTime(notice.acknowledged.at),
            })}
          </Status>
        ) : null}
        <ProblemNotice error={take.error} />
      </div>
      {notice.acknowledged || notice.held ? null : (
        <Button
          look={notice.urgency === "routine" ? "quiet" : "soft"}
          busy={take.isPending}
          aria-label={t("notices.takeAria", { what: words })}
          onClick={() => take.mutate(notice.id)}
        >
          {t("notices.take")}
        </Button>
      )}
    </li>
  );
}

/** What one message gathers: how many of each. */
function Counts({ detail }: { detail: Told["detail"] }) {
  const counts = detail.counts;
  if (typeof counts !== "object" || counts === null) return null;
  return (
    <ul className="notice-counts small">
      {Object.entries(counts as Record<string, number>).map(([kind, count]) => (
        <li key={kind}>
          <span className="figure">{count}</span> × {noticeWords({ kind, detail: {} })}
        </li>
      ))}
    </ul>
  );
}
