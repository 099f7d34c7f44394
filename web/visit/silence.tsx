import { useState } from "react";
import type { VisitDetail } from "../../server/visit/contract.ts";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { useText } from "../i18n/i18n.ts";
import { clockTime } from "../i18n/time.ts";
import { useVisitAct } from "./queries.ts";

const actions = ["called-back", "called-family", "called-120", "reached", "not-reached"] as const;
const stops = [
  "wrong-person",
  "not-identified",
  "no-guardian",
  "patient-silent",
  "line-lost",
  "other",
] as const;

/** Nobody answers, or somebody else is at the camera: whom to call, where to send help, and stop. */
export function Silence({ row }: { row: VisitDetail }) {
  const t = useText();
  const act = useVisitAct(row.id);
  const [open, setOpen] = useState(false);
  if (!open)
    return (
      <Button look="quiet" className="align-start" onClick={() => setOpen(true)}>
        {t("visit.silence.open")}
      </Button>
    );
  const done = row.steps.filter((one) => one.action.startsWith("silent."));
  return (
    <Card title={t("visit.silence.title")}>
      <div className="stack">
        <dl className="facts">
          <dt>{t("visit.callback")}</dt>
          <dd>
            <a className="link" href={`tel:${row.reach?.callbackPhone ?? ""}`}>
              {row.reach?.callbackPhone}
            </a>
          </dd>
          {row.reach?.family.map((one) => (
            <div key={one.relation + one.phone}>
              <dt>
                {t(`common.relation.${one.relation}`)} {one.name ?? ""}
              </dt>
              <dd>
                <a className="link" href={`tel:${one.phone}`}>
                  {one.phone}
                </a>
              </dd>
            </div>
          ))}
          <dt>{t("visit.silence.address")}</dt>
          <dd>{row.reach?.address ?? t("visit.silence.noAddress")}</dd>
        </dl>
        <div className="row wrap">
          {actions.map((one) => (
            <Button
              key={one}
              look={one === "called-120" ? "danger" : "plain"}
              busy={act.isPending}
              onClick={() => act.mutate({ path: "silence", body: { action: one } })}
            >
              {t(`visit.silence.${one}`)}
            </Button>
          ))}
        </div>
        {done.length > 0 ? (
          <ul role="status">
            {done.map((one) => (
              <li key={one.at + one.action}>
                {clockTime(one.at)}{" "}
                {actions
                  .filter((each) => one.action === `silent.${each}`)
                  .map((each) => t(`visit.silence.${each}`))}
              </li>
            ))}
          </ul>
        ) : null}
        <h3>{t("visit.stop.title")}</h3>
        <div className="row wrap">
          {stops.map((reason) => (
            <Button
              key={reason}
              look="soft"
              busy={act.isPending}
              onClick={() => act.mutate({ path: "stop", body: { version: row.version, reason } })}
            >
              {t(`visit.stop.${reason}`)}
            </Button>
          ))}
        </div>
        <ProblemNotice error={act.error} />
      </div>
    </Card>
  );
}
