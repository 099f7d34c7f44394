import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button as AriaButton, Dialog, DialogTrigger, Popover } from "react-aria-components";
import { useLocation } from "wouter";
import { api } from "../api/client.ts";
import { Icon } from "../design/components/icon.tsx";
import { chat } from "../design/icons-work.ts";
import { i18n, type MessageId, useText } from "../i18n/i18n.ts";
import { shortTime } from "../i18n/time.ts";
import "./notices.css";

type Notice = {
  id: string;
  kind: string;
  entityType: string;
  entityId: string;
  detail: unknown;
  at: string;
  readAt: string | null;
};

/** Where a notice leads; a report that is late elsewhere is not the reader's to open. */
function placeOf({ kind, entityType, entityId }: Notice): string | null {
  if (entityType === "consult") return `/mine/${entityId}`;
  if (entityType === "referral") return `/referrals/${entityId}`;
  if (entityType === "follow-up") return `/follow-ups/${entityId}`;
  if (entityType === "fever-visit")
    return kind === "fever-transfer-announced" ? "/fever" : `/fever/${entityId}`;
  if (entityType === "bed-hold") return "/capacity";
  if (entityType === "recall") return "/recalls";
  if (entityType === "sampling-site") return "/sites";
  if (entityType === "critical-value") return `/reporting/value/${entityId}`;
  if (entityType !== "infectious-report") return null;
  return kind.endsWith("-elsewhere") ? "/reporting" : `/reporting/case/${entityId}`;
}

/** What is new for me; pressing one opens its consult and marks it read. */
export function Notices() {
  const t = useText();
  const client = useQueryClient();
  const [, go] = useLocation();
  const notices = useQuery({
    queryKey: ["notice"],
    queryFn: ({ signal }) => api.get<{ notices: Notice[] }>("/api/notices", signal),
    refetchInterval: 60_000,
  });
  const list = notices.data?.notices ?? [];
  const fresh = list.filter((notice) => !notice.readAt).length;
  const wordsOf = (notice: Notice) => {
    const id = `workbench.notice.${notice.kind}`;
    const words = i18n._(id, (notice.detail ?? {}) as Record<string, unknown>);
    return words === id ? t("workbench.notice.other" satisfies MessageId) : words;
  };
  return (
    <DialogTrigger>
      <AriaButton className="shell-lock">
        <Icon path={chat} />
        <span>
          {fresh > 0 ? t("workbench.notice.fresh", { count: fresh }) : t("workbench.notice.title")}
        </span>
      </AriaButton>
      <Popover className="notices" placement="bottom end">
        <Dialog aria-label={t("workbench.notice.title")}>
          {({ close }) =>
            list.length === 0 ? (
              <p className="notices-empty">{t("workbench.notice.empty")}</p>
            ) : (
              <ul>
                {list.slice(0, 20).map((notice) => (
                  <li key={notice.id}>
                    <button
                      type="button"
                      className={notice.readAt ? "notice-row" : "notice-row notice-fresh"}
                      onClick={() => {
                        void api
                          .post(`/api/notices/${notice.id}/read`)
                          .then(() => client.invalidateQueries({ queryKey: ["notice"] }))
                          .catch(() => {});
                        close();
                        const place = placeOf(notice);
                        if (place) go(place);
                      }}
                    >
                      <span>{wordsOf(notice)}</span>
                      <time className="muted small figure" dateTime={notice.at}>
                        {shortTime(notice.at)}
                      </time>
                    </button>
                  </li>
                ))}
              </ul>
            )
          }
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}
