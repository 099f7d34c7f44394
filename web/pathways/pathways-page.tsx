import { useState } from "react";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { Status } from "../design/components/status.tsx";
import { addWords, useText } from "../i18n/i18n.ts";
import { useNameOf } from "../i18n/name-of.ts";
import { PlanEditor } from "./plan-editor.tsx";
import {
  type Alliance,
  type PlanSummary,
  usePlan,
  usePlans,
  usePublishPlan,
  useTry,
} from "./queries.ts";
import { Tried } from "./tried.tsx";
import { WayFacts } from "./way-facts.tsx";
import "./pathways.css";

/** The words come with the page, before it is shown. */
export const wordsReady = addWords({
  "zh-CN": () => import("virtual:messages/pathways/zh-CN"),
  bo: () => import("virtual:messages/pathways/bo"),
  en: () => import("virtual:messages/pathways/en"),
});

/** Ways of the specialty alliances of the own house: written by one clinician, tried, published by a second. */
export function PathwaysPage() {
  const t = useText();
  const named = useNameOf();
  const found = usePlans();
  const [editing, setEditing] = useState<{ of: Alliance; id: string; own: boolean } | null>(null);
  const [saved, setSaved] = useState(false);
  const opened = usePlan(editing?.id ?? null);
  return (
    <main id="main" className="pathways">
      <header>
        <h1>{t("pathways.title")}</h1>
        <p className="muted">{t("pathways.how")}</p>
      </header>
      {found.isPending ? <Skeleton lines={6} /> : null}
      <ProblemNotice error={found.error} retry={() => void found.refetch()} />
      {saved && !editing ? <Notice tone="good">{t("pathways.saved")}</Notice> : null}
      {editing ? (
        opened.data ? (
          <PlanEditor
            key={opened.data.id}
            of={editing.of}
            from={opened.data}
            own={editing.own}
            onDone={(done) => {
              setEditing(null);
              setSaved(done);
            }}
          />
        ) : (
          <>
            <ProblemNotice error={opened.error} retry={() => void opened.refetch()} />
            <Skeleton lines={8} />
          </>
        )
      ) : (
        <>
          {found.data?.alliances.length === 0 ? <Card>{t("pathways.none")}</Card> : null}
          {found.data?.alliances.map((of) => (
            <section key={of.alliance.id} className="stack">
              <div>
                <h2>{named(of.alliance)}</h2>
                <p className="muted small">
                  {t("pathways.members", {
                    names: of.houses
                      .map((one) => named(one.institution))
                      .join(t("common.listSeparator")),
                  })}
                </p>
              </div>
              {of.plans.map((plan) => (
                <Version
                  key={plan.id}
                  of={of}
                  plan={plan}
                  onWrite={() => {
                    setSaved(false);
                    setEditing({ of, id: plan.id, own: plan.mayChange });
                  }}
                />
              ))}
            </section>
          ))}
        </>
      )}
    </main>
  );
}

function Version({ of, plan, onWrite }: { of: Alliance; plan: PlanSummary; onWrite: () => void }) {
  const t = useText();
  const [looking, setLooking] = useState(false);
  const opened = usePlan(looking ? plan.id : null);
  const test = useTry();
  const publish = usePublishPlan(() => setLooking(false));
  return (
    <Card
      title={t("pathways.version", { version: plan.version, day: plan.validFrom })}
      aside={
        <Status tone={plan.current ? "good" : plan.state === "draft" ? "warn" : "quiet"}>
          {t(plan.current ? "pathways.current" : `pathways.state.${plan.state}`)}
        </Status>
      }
    >
      <p lang="zh-CN">{plan.note}</p>
      <p className="muted small">
        {[
          t("pathways.count", { count: plan.ways }),
          plan.recalled > 0 ? t("pathways.recalled", { count: plan.recalled }) : null,
          plan.author ? t("pathways.by", { name: plan.author }) : t("pathways.starter"),
          plan.publisher ? t("pathways.publishedBy", { name: plan.publisher }) : null,
        ]
          .filter(Boolean)
          .join(" · ")}
      </p>
      <div className="row">
        {plan.mayChange ? (
          <Button look="primary" onClick={onWrite}>
            {t("pathways.goOn")}
          </Button>
        ) : null}
        {plan.current ? (
          <Button look="soft" onClick={onWrite}>
            {t("pathways.new")}
          </Button>
        ) : null}
        <Button
          look={plan.mayPublish && !looking ? "primary" : "quiet"}
          aria-expanded={looking}
          onClick={() => setLooking(!looking)}
        >
          {t(looking ? "pathways.close" : plan.mayPublish ? "pathways.check" : "pathways.look")}
        </Button>
      </div>
      {plan.mayChange ? <p className="muted small">{t("pathways.second")}</p> : null}
      {looking ? (
        <div className="stack">
          <ProblemNotice error={opened.error ?? test.error ?? publish.error} />
          {opened.data ? (
            <>
              {opened.data.content.ways.map((way) => (
                <WayFacts key={way.code} way={way} of={of} />
              ))}
              {plan.mayPublish ? (
                <div className="row">
                  <Button
                    look="soft"
                    busy={test.isPending}
                    onClick={() =>
                      test.mutate({ allianceId: plan.allianceId, content: opened.data.content })
                    }
                  >
                    {t("pathways.try")}
                  </Button>
                  {test.data ? (
                    <Button
                      look="primary"
                      busy={publish.isPending}
                      disabled={test.data.faults.length > 0}
                      onClick={() => publish.mutate(plan.id)}
                    >
                      {t("pathways.publish")}
                    </Button>
                  ) : (
                    <p className="muted small">{t("pathways.tryFirst")}</p>
                  )}
                </div>
              ) : null}
              {test.data ? (
                <Tried answer={test.data} content={opened.data.content} of={of} />
              ) : null}
            </>
          ) : (
            <Skeleton lines={3} />
          )}
        </div>
      ) : null}
    </Card>
  );
}
