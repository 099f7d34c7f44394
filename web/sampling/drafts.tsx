import { useState } from "react";
import { Button } from "../design/components/button.tsx";
import { Notice } from "../design/components/notice.tsx";
import { useText } from "../i18n/i18n.ts";
import { clockTime } from "../i18n/time.ts";
import type { Draft } from "./engine.ts";
import type { Store } from "./store.ts";
import { WalkIn } from "./walk-in.tsx";

/** Registrations that wait for a line, and those that the server did not take: put right here, or given up. */
export function Drafts({ drafts, store }: { drafts: readonly Draft[]; store: Store }) {
  const t = useText();
  const [mending, setMending] = useState<string | null>(null);
  const waiting = drafts.filter((one) => !one.refused);
  return (
    <>
      {waiting.length > 0 ? (
        <Notice tone="info" title={t("sampling.drafts.waiting", { count: waiting.length })}>
          {t("sampling.drafts.waitingHow")}
        </Notice>
      ) : null}
      {drafts
        .filter((one) => one.refused)
        .map((one) =>
          mending === one.id ? (
            <WalkIn
              key={one.id}
              opened
              onOpen={() => setMending(null)}
              purpose={one.body.purpose}
              before={one.body}
              onRegister={async (body) => {
                await store.mend(one.id, body);
                return [];
              }}
              onRegistered={() => setMending(null)}
            />
          ) : (
            <Notice
              key={one.id}
              tone="bad"
              title={t("sampling.drafts.refused", {
                name: one.body.fullName,
                time: clockTime(one.body.kept.at),
              })}
            >
              <p>{one.refused}</p>
              <p className="muted small">{t("sampling.drafts.refusedHow")}</p>
              <div className="row">
                <Button look="primary" onClick={() => setMending(one.id)}>
                  {t("sampling.drafts.mend")}
                </Button>
                <Button onClick={() => store.giveUp(one.id)}>{t("sampling.drafts.giveUp")}</Button>
              </div>
            </Notice>
          ),
        )}
    </>
  );
}
