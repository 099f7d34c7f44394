import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { asApiError } from "../../api/client.ts";
import { useOnline } from "../../api/live.ts";
import { signInAddress } from "../../api/return-to.ts";
import { Button, buttonClass } from "../../design/components/button.tsx";
import { LanguageSwitch } from "../../design/components/language-switch.tsx";
import { Notice } from "../../design/components/notice.tsx";
import { ProblemNotice } from "../../design/components/problem.tsx";
import { Skeleton } from "../../design/components/skeleton.tsx";
import { Status } from "../../design/components/status.tsx";
import { offline } from "../../design/icons.ts";
import { useText } from "../../i18n/i18n.ts";
import { dayTime } from "../../i18n/time.ts";
import { useTitle } from "../words.ts";
import { KeepOffline } from "./keep-offline.tsx";
import { forgetKept, type OpenedKept, openKept, readKept } from "./offline.ts";
import { Player } from "./player.tsx";
import { NotYet, readReplay } from "./read-replay.ts";
import { type ReplayVariant, type ReplayView, versionFor, type Wish } from "./replay-data.ts";
import "./replay.css";

export { wordsReady } from "./words.ts";

const AGAIN_MS = 5000;
/** The server said that there is none (any more): what is kept here goes too. */
const taken = new Set([403, 404, 410]);

/** A broadcast that is over: as it was heard and seen, with what was written beside it; without a line from what is kept. */
export function ReplayPage({ sessionId }: { sessionId: string }) {
  const t = useText();
  const online = useOnline();
  const [kept, setKept] = useState<{
    view: ReplayView;
    opened: OpenedKept;
    variant: ReplayVariant | null;
  } | null>(null);
  const [wanted, setWanted] = useState<Wish | null>(null);
  const found = useQuery<ReplayView>({
    queryKey: ["teaching", sessionId, "replay"],
    staleTime: Number.POSITIVE_INFINITY,
    // The recording is being mixed: the page opens by itself when it is there.
    refetchInterval: (query) => (query.state.error instanceof NotYet ? AGAIN_MS : false),
    queryFn: ({ signal }) => readReplay(sessionId, signal),
  });
  const { error } = found;
  const status = error && !(error instanceof NotYet) ? asApiError(error).status : 200;
  const isTaken = taken.has(status);
  const lineIsLost = error !== null && !(error instanceof NotYet) && (status === 0 || !online);

  useEffect(() => {
    if (isTaken) void forgetKept(sessionId);
  }, [isTaken, sessionId]);
  // Its recording was deleted: so is what was kept of it.
  const isDeleted = found.data?.silence === "deleted";
  useEffect(() => {
    if (!isDeleted) return;
    void readKept(sessionId).then((one) => (one?.variant ? forgetKept(sessionId) : undefined));
  }, [isDeleted, sessionId]);

  // Without a line, from this device.
  useEffect(() => {
    if (!lineIsLost) return;
    let gone = false;
    let close = () => {};
    void readKept(sessionId).then(async (one) => {
      if (gone || !one?.done) return;
      const opened = await openKept(one);
      if (!opened) return;
      if (gone) return opened.close();
      close = opened.close;
      setKept({ view: one.view, opened, variant: one.variant });
    });
    return () => {
      gone = true;
      close();
      setKept(null);
    };
  }, [lineIsLost, sessionId]);

  const view = kept?.view ?? found.data;
  const title = useTitle(view?.title ?? { zh: t("replay.title"), en: null, bo: null });
  useEffect(() => {
    document.title = title;
  }, [title]);
  const variant = kept
    ? kept.variant
    : versionFor(view?.variants ?? [], wanted ?? { name: bestVariant(), channel: null });
  return (
    <main className="replay-page" id="main">
      <header className="row spread">
        <div>
          <h1>{title}</h1>
          {view ? (
            <p className="muted">
              {[view.presenter, dayTime(view.startedAt)].filter(Boolean).join(" · ")}
            </p>
          ) : null}
        </div>
        <span className="row">
          {kept ? (
            <Status tone="info" icon={offline}>
              {t("replay.offline")}
            </Status>
          ) : (
            <a className={buttonClass("quiet")} href="/workbench/teaching">
              {t("lecture.left.back")}
            </a>
          )}
          <LanguageSwitch />
        </span>
      </header>
      {view ? (
        <>
          {view.silence ? (
            <Notice tone="info" live={false} title={t("replay.silent")}>
              {t(`replay.silent.${view.silence}`)}
            </Notice>
          ) : null}
          <Player
            view={view}
            variant={variant}
            kept={kept?.opened ?? null}
            onVariant={kept ? null : setWanted}
          />
          {kept ? null : <KeepOffline view={view} variant={variant} />}
        </>
      ) : error instanceof NotYet ? (
        <Notice tone="info" title={t(`replay.${error.reason}`)}>
          {t(`replay.${error.reason}How`)}
        </Notice>
      ) : isTaken ? (
        <Notice tone="warn" title={t("replay.taken")}>
          {t("replay.takenHow")}
        </Notice>
      ) : status === 401 ? (
        <Notice
          tone="info"
          title={t("lecture.signIn")}
          action={
            <a className={buttonClass("primary")} href={signInAddress("staff")}>
              {t("lecture.signInStaff")}
            </a>
          }
        />
      ) : error ? (
        <>
          <ProblemNotice error={error} retry={() => void found.refetch()} />
          {lineIsLost ? <p className="muted">{t("replay.notKept")}</p> : null}
        </>
      ) : (
        <Skeleton lines={6} />
      )}
      {lineIsLost && kept && online ? (
        <p>
          <Button onClick={() => void found.refetch()}>{t("common.retry")}</Button>
        </p>
      ) : null}
    </main>
  );
}

/** Who said that data are to be saved, or has a slow line, begins with slides and sound. */
function bestVariant(): ReplayVariant["name"] {
  const line = (
    navigator as Navigator & { connection?: { saveData?: boolean; effectiveType?: string } }
  ).connection;
  return line?.saveData || /2g|3g/.test(line?.effectiveType ?? "") ? "sound" : "full";
}
