import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button as AriaButton, Dialog, DialogTrigger, Popover } from "react-aria-components";
import { Link, useLocation } from "wouter";
import { api } from "../api/client.ts";
import { Icon } from "../design/components/icon.tsx";
import { chat } from "../design/icons-work.ts";
import { useText } from "../i18n/i18n.ts";
import { shortTime } from "../i18n/time.ts";
import { noticeWords, placeOf } from "./notice-words.ts";
import "./notices.css";

type Notice = {
  id: string;
  kind: string;
  entityType: string;
  entityId: string;
  detail: unknown;
  at: string;
  readAt: string | null;
  /** Held, or gone into one message with others: seen in the centre. */
  waits: boolean;
};

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
  const list = (notices.data?.notices ?? []).filter((notice) => !notice.waits);
  const fresh = list.filter((notice) => !notice.readAt).length;
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
          {({ close }) => (
            <>
              <Link href="/notices" className="notice-row notices-all" onClick={close}>
                {t("workbench.notice.all")}
              </Link>
              {list.length === 0 ? (
                <p className="notices-empty">{t("workbench.notice.empty")}</p>
              ) : null}
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
                      <span>{noticeWords(notice)}</span>
                      <time className="muted small figure" dateTime={notice.at}>
                        {shortTime(notice.at)}
                      </time>
                    </button>
                  </li>
                ))}
              </ul>
            </>
          )}
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}
