import { type ReactNode, useRef, useState } from "react";
import type { ReferralContentBody, ReferralDetail } from "../../server/referral/contract.ts";
import { ApiError, api } from "../api/client.ts";
import { useDraft } from "../api/draft.ts";
import type { StaffView } from "../api/session.ts";
import { DraftWords } from "../consult/draft-words.tsx";
import { PersonLine } from "../consult/person-line.tsx";
import { Button } from "../design/components/button.tsx";
import { ErrorSummary } from "../design/components/error-summary.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Status } from "../design/components/status.tsx";
import { type MessageId, useText } from "../i18n/i18n.ts";
import { isoDate } from "../i18n/time.ts";
import { anchorOf, isEmpty, sameContent, tidied } from "./content.ts";
import { DownFields } from "./down-fields.tsx";
import { type Kept, nothingKept } from "./keep.tsx";
import { OpenAlready } from "./open-already.tsx";
import { useKnown } from "./queries.ts";
import { SendBar } from "./send-bar.tsx";
import { UpFields } from "./up-fields.tsx";
import "../workbench/request-form.css";

export type Fields = {
  referral: ReferralDetail;
  content: ReferralContentBody;
  set: (change: Partial<ReferralContentBody>) => void;
  errorOf: (name: keyof ReferralContentBody) => string | undefined;
  /** Where a value that was filled in comes from; nothing once it was changed. */
  sourceOf: (name: keyof ReferralContentBody) => ReactNode;
  /** What is asked to be held; sent with the referral. */
  keep: Kept;
  setKeep: (keep: Kept) => void;
  /** What was sent already: whom it goes to and how urgent it is stay. */
  amending: boolean;
};

/**
 * A referral on one page that saves itself, up or down; without a line it stays on this device. With
 * `onDone` what was sent is completed.
 */
export function ReferralForm({
  referral,
  session,
  onDone,
  onUnsent,
}: {
  referral: ReferralDetail;
  session: StaffView;
  onDone?: () => void;
  onUnsent: (error: unknown) => void;
}) {
  const t = useText();
  const [missing, setMissing] = useState<readonly string[]>([]);
  const [keep, setKeep] = useState<Kept>(nothingKept);
  const lacking = useRef<readonly string[]>(referral.missing);
  const server = {
    content: referral.content,
    version: referral.version,
    updatedAt: referral.updatedAt,
  };
  const draft = useDraft<ReferralContentBody>({
    key: `referral:${session.person.id}:${referral.id}`,
    server,
    save: async (content, version) => {
      const saved = await api.put<{ version: number; updatedAt: string; missing: string[] }>(
        `/api/referrals/${referral.id}/draft`,
        { version, content: tidied(content) },
      );
      lacking.current = saved.missing;
      return saved;
    },
  });
  const known = useKnown(referral.patient.id, referral.direction);
  const { content } = draft;
  const others = known.data && {
    ...known.data,
    open: known.data.open.filter((one) => one.id !== referral.id && one.id !== referral.previousId),
  };
  const isEmergency = content.urgency === "emergency" && referral.direction === "up";

  const fields: Fields = {
    referral,
    content,
    set: (change) => draft.change({ ...content, ...change }),
    errorOf: (name) =>
      missing.includes(name) && isEmpty(content[name]) ? t("workbench.request.needed") : undefined,
    sourceOf: (name) => {
      const source = known.data?.sources.find((one) => one.field === name);
      if (!source || !sameContent(known.data?.content[name], content[name])) return undefined;
      return t("referral.source", {
        from: t(`referral.sourceName.${source.from}`),
        day: isoDate(source.at),
      });
    },
    keep,
    setKeep,
    amending: onDone !== undefined,
  };
  /** Everything typed is on the server and nothing but the consent is missing: the version to act on. */
  const ready = async (): Promise<number | null> => {
    const version = await draft.settle();
    if (version === null) return null;
    const left = lacking.current.filter((name) => name !== "consent");
    setMissing(left);
    return left.length > 0 ? null : version;
  };
  const refused = (error: unknown) => {
    if (!(error instanceof ApiError) || error.code !== "referral.incomplete") return;
    const names = error.params.missing;
    if (Array.isArray(names))
      setMissing(names.filter((name): name is string => typeof name === "string"));
  };

  return (
    <div className="request-form">
      <header className="consult-head">
        <p className="muted small figure">
          {t("referral.form.episode", {
            number: referral.number,
            episode: referral.episode.number,
          })}
        </p>
        <div className="row spread">
          <PersonLine person={referral.patient} />
          <DraftWords state={draft.state} />
        </div>
        <div className="row">
          <Status tone="info">{t(`referral.direction.${referral.direction}`)}</Status>
          <Status tone="quiet">{t(`referral.state.${referral.state}`)}</Status>
        </div>
      </header>
      {draft.restored ? <Notice tone="info">{t("workbench.request.restored")}</Notice> : null}
      {draft.state.kind === "kept" && draft.state.reason === "refused" ? (
        <ProblemNotice error={draft.state.error} kept={t("workbench.request.keptHere")} />
      ) : null}
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
          {t("workbench.request.conflict")}
        </Notice>
      ) : null}
      {others && (others.open.length > 0 || others.consults.length > 0) ? (
        <OpenAlready known={others} />
      ) : null}
      <ErrorSummary
        title={t("workbench.request.missing", { count: missing.length })}
        items={missing.map((name) => ({
          href: `#${anchorOf(name)}`,
          text: t(`referral.field.${name}` as MessageId),
        }))}
      />
      {referral.direction === "up" ? <UpFields {...fields} /> : <DownFields {...fields} />}
      {onDone ? (
        <div className="request-foot">
          <div className="row spread">
            <DraftWords state={draft.state} />
            <Button
              look="primary"
              size="large"
              onClick={() => void draft.settle().then((version) => version !== null && onDone())}
            >
              {t("workbench.request.amended")}
            </Button>
          </div>
        </div>
      ) : (
        <SendBar
          referral={referral}
          emergency={isEmergency}
          keep={keep}
          consented={() => !lacking.current.includes("consent")}
          ready={ready}
          settle={draft.settle}
          onRefused={refused}
          onUnsent={onUnsent}
          aside={<DraftWords state={draft.state} />}
        />
      )}
    </div>
  );
}
