import { useEffect, useRef, useState } from "react";
import { keepPage } from "../../api/keep-page.ts";
import { useOnline } from "../../api/live.ts";
import { Button } from "../../design/components/button.tsx";
import { Notice } from "../../design/components/notice.tsx";
import { check } from "../../design/icons.ts";
import { download } from "../../design/icons-work.ts";
import { useText } from "../../i18n/i18n.ts";
import { sizeOf } from "../words.ts";
import { bytesLeft, forgetKept, type Kept, keepReplay, NoRoom, readKept } from "./offline.ts";
import { percentOf } from "./pieces.ts";
import type { ReplayVariant, ReplayView } from "./replay-data.ts";

type State =
  | { kind: "none" | "full" | "waits" | "failed" }
  | { kind: "running"; percent: number }
  | { kind: "kept"; kept: Kept };

/**
 * Keeping a replay on this device: its size is said before, it goes on by itself when the line is back, and
 * after a closed page it goes on where it was.
 */
export function KeepOffline({
  view,
  variant,
}: {
  view: ReplayView;
  /** Null: slides and chat alone. */
  variant: ReplayVariant | null;
}) {
  const t = useText();
  const online = useOnline();
  const [state, setState] = useState<State>({ kind: "none" });
  const [begun, setBegun] = useState(0);
  const stop = useRef<AbortController | null>(null);

  useEffect(() => {
    let gone = false;
    void readKept(view.sessionId).then((kept) => {
      if (gone || !kept) return;
      if (kept.done) setState({ kind: "kept", kept });
      else {
        if (kept.variant) setBegun(percentOf(kept.variant.bytes, new Set(kept.pieces)));
        setState({ kind: "waits" });
      }
    });
    return () => {
      gone = true;
      stop.current?.abort();
    };
  }, [view.sessionId]);

  const run = async () => {
    const left = await bytesLeft();
    if (variant && left !== null && left < variant.bytes * 1.1) return setState({ kind: "full" });
    stop.current = new AbortController();
    const { signal } = stop.current;
    setState({ kind: "running", percent: begun });
    try {
      const kept = await keepReplay(view, variant, {
        signal,
        onProgress: (percent) => {
          setBegun(percent);
          if (!signal.aborted) setState({ kind: "running", percent });
        },
      });
      // What opens it without a line: this page and its parts.
      await keepPage("/teaching");
      setState({ kind: "kept", kept });
    } catch (error) {
      if (signal.aborted) return setState({ kind: "waits" });
      setState({ kind: error instanceof NoRoom ? "full" : navigator.onLine ? "failed" : "waits" });
    }
  };
  // Begun once, it goes on when the line is back.
  const wasOffline = useRef(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: at the moment when the line comes back
  useEffect(() => {
    if (!online) wasOffline.current = true;
    else if (wasOffline.current && state.kind === "waits") void run();
  }, [online]);

  if (state.kind === "kept")
    return (
      <Notice
        tone="good"
        icon={check}
        live={false}
        title={t("replay.keep.done")}
        action={
          <Button
            size="small"
            onClick={() => {
              void forgetKept(view.sessionId);
              setBegun(0);
              setState({ kind: "none" });
            }}
          >
            {t("replay.keep.forget")}
          </Button>
        }
      >
        {t("replay.keep.doneHow", { size: sizeOf(state.kept.bytes) })}
      </Notice>
    );
  return (
    <div className="keep stack stack-2">
      {state.kind === "running" ? (
        <div className="row">
          <progress
            max={100}
            value={state.percent}
            aria-label={t("replay.keep.progress", { percent: state.percent })}
          />
          <span className="figure" role="status">
            {t("replay.keep.progress", { percent: state.percent - (state.percent % 10) })}
          </span>
          <Button
            size="small"
            onClick={() => {
              stop.current?.abort();
              setState({ kind: "waits" });
            }}
          >
            {t("replay.keep.stop")}
          </Button>
        </div>
      ) : (
        <Button icon={download} onClick={() => void run()}>
          {begun > 0
            ? t("replay.keep.goOn", { percent: begun })
            : variant
              ? t("replay.keep.begin", { size: sizeOf(variant.bytes) })
              : t("replay.keep.beginSilent")}
        </Button>
      )}
      {state.kind === "waits" && !online ? (
        <p className="muted small">{t("replay.keep.waits")}</p>
      ) : null}
      {state.kind === "full" ? (
        <p className="bad-text" role="alert">
          {variant
            ? t("replay.keep.full", { size: sizeOf(variant.bytes) })
            : t("replay.keep.fullSilent")}
        </p>
      ) : null}
      {state.kind === "failed" ? (
        <p className="bad-text" role="alert">
          {t("replay.keep.failed")}
        </p>
      ) : null}
    </div>
  );
}
