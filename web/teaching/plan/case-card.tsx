import { useState } from "react";
import { api } from "../../api/client.ts";
import { useWrite } from "../../api/write.ts";
import { Button } from "../../design/components/button.tsx";
import { Card } from "../../design/components/card.tsx";
import { CheckField, TextField } from "../../design/components/field.tsx";
import { Notice } from "../../design/components/notice.tsx";
import { ProblemNotice } from "../../design/components/problem.tsx";
import { Status, type Tone } from "../../design/components/status.tsx";
import { useText } from "../../i18n/i18n.ts";
import { type Case, useRefresh } from "./queries.ts";

const tones: Record<Case["state"], Tone> = {
  draft: "quiet",
  "review-asked": "warn",
  returned: "bad",
  ready: "good",
  withdrawn: "bad",
};

/** A case exactly as it is shown, with what was struck out beside it, and the steps that are the reader's. */
export function CaseCard({
  one,
  onChange = null,
}: {
  one: Case;
  /** Pick anew what it shows; null: not by the reader, or not now. */
  onChange?: (() => void) | null;
}) {
  const t = useText();
  const refresh = useRefresh();
  const [read, setRead] = useState(false);
  const [note, setNote] = useState("");
  const act = useWrite(
    (body: object, key) =>
      api.post<Case>(
        `/api/teaching/cases/${one.id}/actions`,
        { ...body, version: one.version },
        key,
      ),
    { onDone: () => refresh() },
  );
  const may = (action: Case["actions"][number]) => one.actions.includes(action);
  const reviews = may("approve");
  return (
    <Card
      title={one.title}
      aside={<Status tone={tones[one.state]}>{t(`teaching.case.state.${one.state}`)}</Status>}
    >
      <div className="stack">
        <div className="teaching-preview stack">
          <p className="strong">{[one.who, one.place].join(" · ")}</p>
          {one.items.map((item) => (
            <section key={item.id} className="stack" aria-label={item.title}>
              <h3>{item.title}</h3>
              {item.picture ? (
                <img
                  src={item.picture.thin}
                  alt={item.title}
                  width={item.picture.width}
                  height={item.picture.height}
                />
              ) : (
                <ul className="teaching-lines">
                  {item.lines.map((line) => (
                    <li key={`${line.day}${line.text}${line.value}`}>
                      <span>{line.text}</span> <span className="strong figure">{line.value}</span>{" "}
                      <span className="muted">{line.day}</span>
                    </li>
                  ))}
                </ul>
              )}
              {item.struck.length > 0 ? (
                <div>
                  <p className="small muted">{t("teaching.case.struck")}</p>
                  <ul className="teaching-struck">
                    {eachOnce(item.struck).map((gone) => (
                      <li key={gone.kind + gone.text}>
                        <Status tone="quiet">
                          {t(`teaching.case.kind.${gone.kind}`)} <del>{gone.text}</del>
                        </Status>
                      </li>
                    ))}
                  </ul>
                </div>
              ) : null}
            </section>
          ))}
        </div>
        {one.reviewReasons.length > 0 ? (
          <Notice tone="warn" title={t("teaching.case.needsReview")}>
            {one.reviewReasons
              .map((reason) => t(`teaching.case.reason.${reasonOf(reason)}`))
              .join(t("common.listSeparator"))}
          </Notice>
        ) : null}
        {one.reviewNote ? <p>{t("teaching.case.note", { note: one.reviewNote })}</p> : null}
        {one.actions.length > 0 && !one.consented ? (
          <Notice tone="warn">{t("teaching.case.noConsent")}</Notice>
        ) : null}
        {may("askReview") || may("release") ? (
          <CheckField
            label={t("teaching.case.read")}
            checked={read}
            onChange={(event) => setRead(event.target.checked)}
          />
        ) : null}
        {reviews ? (
          <TextField
            label={t("teaching.case.reviewNote")}
            value={note}
            onChange={(event) => setNote(event.target.value)}
          />
        ) : null}
        <ProblemNotice error={act.error} />
        <div className="row">
          {may("askReview") ? (
            <Button
              look="primary"
              busy={act.isPending}
              disabled={!read}
              onClick={() => act.mutate({ action: "askReview", confirmed: true })}
            >
              {t("teaching.case.do.askReview")}
            </Button>
          ) : null}
          {may("release") ? (
            <Button
              look="primary"
              busy={act.isPending}
              disabled={!read || !one.consented}
              onClick={() => act.mutate({ action: "release", confirmed: true })}
            >
              {t("teaching.case.do.release")}
            </Button>
          ) : null}
          {reviews ? (
            <Button
              look="primary"
              busy={act.isPending}
              onClick={() => act.mutate({ action: "approve", note: note.trim() || null })}
            >
              {t("teaching.case.do.approve")}
            </Button>
          ) : null}
          {may("return") ? (
            <Button
              busy={act.isPending}
              disabled={note.trim() === ""}
              onClick={() => act.mutate({ action: "return", note: note.trim() })}
            >
              {t("teaching.case.do.return")}
            </Button>
          ) : null}
          {onChange ? (
            <Button look={one.state === "returned" ? "primary" : "plain"} onClick={onChange}>
              {t("teaching.case.do.change")}
            </Button>
          ) : null}
          {may("revise") && !reviews && !onChange ? (
            <Button
              look="quiet"
              busy={act.isPending}
              onClick={() => act.mutate({ action: "revise" })}
            >
              {t("teaching.case.do.revise")}
            </Button>
          ) : null}
        </div>
      </div>
    </Card>
  );
}

/** The same name in ten places is one thing to look at. */
const eachOnce = (struck: Case["items"][number]["struck"]) => [
  ...new Map(struck.map((gone) => [gone.kind + gone.text, gone])).values(),
];

const reasons = ["rare-in-place", "frequency-unknown", "place-unknown", "age", "image"] as const;
const reasonOf = (reason: string): (typeof reasons)[number] =>
  reasons.find((one) => one === reason) ?? "place-unknown";
