import { useState } from "react";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { Status } from "../design/components/status.tsx";
import { useText } from "../i18n/i18n.ts";
import { type RuleSetSummary, usePublish, useSet, useSets, useTest } from "./desk-queries.ts";
import { RuleEditor } from "./rule-editor.tsx";
import { Tested } from "./tested.tsx";

/** Versions of the rules: written by one clinician, tried on cases, published by a second. */
export function RulesPage() {
  const t = useText();
  const sets = useSets();
  const [editing, setEditing] = useState<{ id: string; own: boolean } | null>(null);
  const [saved, setSaved] = useState(false);
  const opened = useSet(editing?.id ?? null);
  if (sets.isPending) return <Skeleton lines={6} />;
  if (editing)
    return opened.data ? (
      <RuleEditor
        key={opened.data.id}
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
    );
  return (
    <>
      <ProblemNotice error={sets.error} retry={() => void sets.refetch()} />
      {saved ? <Notice tone="good">{t("triage.rules.saved")}</Notice> : null}
      {sets.data?.sets.map((one) => (
        <Version
          key={one.id}
          set={one}
          onWrite={() => setEditing({ id: one.id, own: one.mayChange })}
        />
      ))}
    </>
  );
}

function Version({ set, onWrite }: { set: RuleSetSummary; onWrite: () => void }) {
  const t = useText();
  const [looking, setLooking] = useState(false);
  const content = useSet(looking ? set.id : null);
  const test = useTest();
  const publish = usePublish(() => setLooking(false));
  return (
    <Card
      title={t("triage.rules.version", {
        region: t(`triage.region.${set.region}`),
        version: set.version,
        day: set.validFrom,
      })}
      aside={
        <Status tone={set.current ? "good" : set.state === "draft" ? "warn" : "quiet"}>
          {t(set.current ? "triage.rules.current" : `triage.rules.${set.state}`)}
        </Status>
      }
    >
      <p>{set.note}</p>
      <p className="muted small">
        {[
          t("triage.rules.counts", { flags: set.redFlags, rules: set.rules }),
          set.recalled > 0 ? t("triage.rules.recalled", { count: set.recalled }) : null,
          set.author ? t("triage.rules.by", { name: set.author }) : t("triage.rules.starter"),
          set.publisher ? t("triage.rules.publishedBy", { name: set.publisher }) : null,
        ]
          .filter(Boolean)
          .join(" · ")}
      </p>
      <div className="row">
        {set.mayChange ? (
          <Button look="primary" onClick={onWrite}>
            {t("triage.rules.goOn")}
          </Button>
        ) : null}
        {set.mayPublish && !looking ? (
          <Button look="primary" onClick={() => setLooking(true)}>
            {t("triage.rules.look")}
          </Button>
        ) : null}
        {set.current ? (
          <Button look="soft" onClick={onWrite}>
            {t("triage.rules.new")}
          </Button>
        ) : null}
      </div>
      {set.mayChange ? <p className="muted small">{t("triage.rules.second")}</p> : null}
      {looking ? (
        <div className="stack">
          <ProblemNotice error={content.error ?? test.error ?? publish.error} />
          {content.data ? (
            <div className="row">
              <Button
                look="soft"
                busy={test.isPending}
                onClick={() => test.mutate({ region: set.region, content: content.data.content })}
              >
                {t("triage.rules.try")}
              </Button>
              {test.data ? (
                <Button
                  look="primary"
                  busy={publish.isPending}
                  disabled={test.data.unsafe.length > 0}
                  onClick={() => publish.mutate(set.id)}
                >
                  {t("triage.rules.publish")}
                </Button>
              ) : (
                <p className="muted small">{t("triage.rules.tryFirst")}</p>
              )}
            </div>
          ) : (
            <Skeleton lines={2} />
          )}
          {test.data && content.data ? (
            <Tested answer={test.data} content={content.data.content} />
          ) : null}
        </div>
      ) : null}
    </Card>
  );
}
