import { type ReactNode, useEffect, useRef, useState } from "react";
import { Button } from "../../design/components/button.tsx";
import { ProblemNotice } from "../../design/components/problem.tsx";
import { Segmented } from "../../design/components/segmented.tsx";
import { arrow } from "../../design/icons-work.ts";
import { useText } from "../../i18n/i18n.ts";
import { useNameOf } from "../../i18n/name-of.ts";
import type { RoadEpisode, RoadReferral } from "../my-road.ts";
import { valuesOf } from "./words.ts";
import { useRoadStep } from "./write.ts";

const reasons = ["better", "time", "far", "other"] as const;

/** What the patient may do himself now: set off, take an agreement back, ask to cancel. */
export function RoadActions({
  episode,
  referral,
}: {
  episode: RoadEpisode;
  referral: RoadReferral;
}) {
  const t = useText();
  const nameOf = useNameOf();
  const values = valuesOf(episode, referral, nameOf);
  const [asking, ask] = useState<"withdraw" | "cancel" | null>(null);
  const [why, setWhy] = useState<(typeof reasons)[number] | null>(null);
  const step = useRoadStep(referral.id, () => ask(null));
  const { actions, version } = referral;
  return (
    <>
      {actions.includes("setOff") ? (
        <section className="stack stack-2">
          <Button
            look="primary"
            size="large"
            wide
            icon={arrow}
            busy={step.isPending && step.variables?.action === "setOff"}
            onClick={() => step.mutate({ action: "setOff", version })}
          >
            {t("patient.road.setOff")}
          </Button>
          <p className="muted small">{t("patient.road.setOffHow", values)}</p>
        </section>
      ) : null}
      <ProblemNotice error={step.error} />
      {asking === null && actions.includes("withdraw") ? (
        <Button look="quiet" wide onClick={() => ask("withdraw")}>
          {t("patient.road.withdraw.open")}
        </Button>
      ) : null}
      {asking === null && actions.includes("askCancel") ? (
        <Button look="quiet" wide onClick={() => ask("cancel")}>
          {t("patient.road.cancel.open")}
        </Button>
      ) : null}
      {asking === "withdraw" ? (
        <AskAgain
          title={t("patient.road.withdraw.title")}
          what={t("patient.road.withdraw.what", values)}
          yes={t("patient.road.withdraw.yes")}
          no={t("patient.road.withdraw.no")}
          busy={step.isPending}
          onYes={() =>
            step.mutate({ action: "withdraw", version, reason: t("patient.road.withdraw.reason") })
          }
          onNo={() => ask(null)}
        />
      ) : null}
      {asking === "cancel" ? (
        <AskAgain
          title={t("patient.road.cancel.title", values)}
          what={t("patient.road.cancel.what", values)}
          yes={t("patient.road.cancel.yes")}
          no={t("patient.road.cancel.no")}
          busy={step.isPending}
          onYes={() =>
            step.mutate({
              action: "askCancel",
              version,
              reason: t(`patient.road.cancel.${why ?? "other"}`),
            })
          }
          onNo={() => ask(null)}
        >
          <Segmented
            label={t("patient.road.cancel.reason")}
            value={why}
            options={reasons.map((one) => ({ value: one, label: t(`patient.road.cancel.${one}`) }))}
            onChange={setWhy}
          />
        </AskAgain>
      ) : null}
    </>
  );
}

/** Asked once more, in place: what follows, and that nothing else happens. */
function AskAgain({
  title,
  what,
  yes,
  no,
  busy,
  onYes,
  onNo,
  children,
}: {
  title: string;
  what: string;
  yes: string;
  no: string;
  busy: boolean;
  onYes: () => void;
  onNo: () => void;
  children?: ReactNode;
}) {
  const head = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    head.current?.focus({ preventScroll: true });
    head.current?.parentElement?.scrollIntoView({ block: "center" });
  }, []);
  return (
    <section className="road-ask road-ask-end" aria-label={title}>
      <h2 ref={head} tabIndex={-1}>
        {title}
      </h2>
      <p>{what}</p>
      {children}
      <div className="stack stack-2">
        <Button look="danger" size="large" wide busy={busy} onClick={onYes}>
          {yes}
        </Button>
        <Button size="large" wide onClick={onNo}>
          {no}
        </Button>
      </div>
    </section>
  );
}
