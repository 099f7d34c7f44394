import { useState } from "react";
import type { ConsultDetail, OpinionContent } from "../../server/consult/contract.ts";
import { api } from "../api/client.ts";
import { useDraft } from "../api/draft.ts";
import { Button } from "../design/components/button.tsx";
import { ErrorSummary } from "../design/components/error-summary.tsx";
import { TextArea } from "../design/components/field.tsx";
import { Notice } from "../design/components/notice.tsx";
import { pen } from "../design/icons-work.ts";
import { useText } from "../i18n/i18n.ts";
import { DiagnosisPicker } from "./diagnosis-picker.tsx";
import { DraftWords } from "./draft-words.tsx";
import { emptyOpinion, opinionFields } from "./opinion-view.tsx";
import { SignPanel } from "./sign-panel.tsx";
import "./opinion-editor.css";

const needed = ["findingsReviewed", "diagnosticOpinion", "plan", "plainWords"] as const;

function contentOf(opinion: ConsultDetail["opinion"]): OpinionContent {
  if (!opinion) return emptyOpinion;
  const content = { ...emptyOpinion };
  for (const name of opinionFields) content[name] = opinion[name];
  content.diagnoses = opinion.diagnoses;
  return content;
}

/** Writes the opinion, alone or in the room: it saves itself, and is signed after it was read once more. */
export function OpinionEditor({ consult, personId }: { consult: ConsultDetail; personId: string }) {
  const t = useText();
  const [checking, setChecking] = useState(false);
  const [missing, setMissing] = useState<readonly string[]>([]);
  const server = {
    content: contentOf(consult.opinion),
    version: consult.opinion?.version ?? 1,
    updatedAt: consult.opinion?.updatedAt ?? null,
  };
  const draft = useDraft<OpinionContent>({
    key: `opinion:${personId}:${consult.id}`,
    server,
    save: (content, version) =>
      api.put<{ version: number; updatedAt: string }>(`/api/consults/${consult.id}/opinion`, {
        version,
        content,
      }),
  });
  const set = <Name extends keyof OpinionContent>(name: Name, value: OpinionContent[Name]) =>
    draft.change({ ...draft.content, [name]: value });

  const review = async () => {
    const empty = needed.filter((name) => draft.content[name].trim() === "");
    setMissing(empty);
    if (empty.length > 0) return;
    const saved = await draft.settle();
    if (saved === null) return;
    setChecking(true);
  };

  if (checking) {
    return (
      <SignPanel
        consult={consult}
        personId={personId}
        content={draft.content}
        onBack={() => setChecking(false)}
      />
    );
  }
  return (
    <div className="opinion-editor">
      <div className="row spread">
        <h2>{t("consult.opinion.title")}</h2>
        <DraftWords state={draft.state} />
      </div>
      {draft.state.kind === "conflict" ? (
        <Notice
          tone="warn"
          title={t("consult.draft.conflictTitle")}
          action={
            <span className="row">
              <Button onClick={() => void draft.resolve("mine", server)}>
                {t("consult.draft.keepMine")}
              </Button>
              <Button onClick={() => void draft.resolve("theirs", server)}>
                {t("consult.draft.takeTheirs")}
              </Button>
            </span>
          }
        >
          {t("consult.opinion.conflict", { name: consult.opinion?.editedBy ?? "" })}
        </Notice>
      ) : null}
      <ErrorSummary
        title={t("consult.opinion.missing")}
        items={missing.map((name) => ({
          href: `#opinion-${name}`,
          text: t(`consult.opinion.field.${name as (typeof needed)[number]}`),
        }))}
      />
      {opinionFields.map((name) => (
        <div key={name} className="stack stack-2">
          {name === "diagnosticOpinion" ? (
            <DiagnosisPicker
              label={t("consult.opinion.diagnoses")}
              value={draft.content.diagnoses}
              onChange={(diagnoses) => set("diagnoses", diagnoses)}
            />
          ) : null}
          <TextArea
            id={`opinion-${name}`}
            label={t(`consult.opinion.field.${name}`)}
            hint={
              name === "plainWords"
                ? t("consult.opinion.plainWordsHint")
                : name === "missingData"
                  ? t("consult.opinion.missingDataHint")
                  : undefined
            }
            rows={2}
            value={draft.content[name]}
            onChange={(event) => set(name, event.target.value)}
          />
        </div>
      ))}
      <div className="opinion-foot">
        {consult.maySign ? (
          <>
            <Button look="primary" wide size="large" icon={pen} onClick={() => void review()}>
              {t("consult.opinion.review")}
            </Button>
            <p className="muted small">{t("consult.opinion.footnote")}</p>
          </>
        ) : (
          <p className="muted small">{t("consult.opinion.leadSigns")}</p>
        )}
      </div>
    </div>
  );
}
