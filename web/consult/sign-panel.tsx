import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { ConsultDetail, OpinionContent } from "../../server/consult/contract.ts";
import { ApiError, api } from "../api/client.ts";
import { useWrite } from "../api/write.ts";
import { Button } from "../design/components/button.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { left } from "../design/icons.ts";
import { key as keyIcon, pen } from "../design/icons-work.ts";
import { useText } from "../i18n/i18n.ts";
import { Prove } from "../identity/prove.tsx";
import { readKey } from "../signing/key-store.ts";
import {
  CanonicalMismatch,
  type RegisteredKey,
  registerKey,
  signOpinion,
} from "../signing/sign-opinion.ts";
import { OpinionView } from "./opinion-view.tsx";
import { useConsultAnswer } from "./queries.ts";

/** The key of this browser, if the server still accepts it. */
export function useOwnKey(personId: string) {
  return useQuery({
    queryKey: ["signing-key", personId],
    queryFn: async ({ signal }) => {
      const own = await readKey(personId);
      const { keys } = await api.get<{ keys: RegisteredKey[] }>("/api/signing-keys", signal);
      const registered = keys.find(
        (entry) => entry.kid === own?.kid && !entry.revokedAt && !entry.replacedBy,
      );
      return {
        own: registered ? own : null,
        other: keys.find((entry) => !entry.revokedAt && entry.kid !== own?.kid) ?? null,
      };
    },
    staleTime: 0,
  });
}

/** Read once more, then signed with one's own key; the first time the key is made here. */
export function SignPanel({
  consult,
  personId,
  content,
  onBack,
}: {
  consult: ConsultDetail;
  personId: string;
  content: OpinionContent;
  onBack: () => void;
}) {
  const t = useText();
  const key = useOwnKey(personId);
  const answer = useConsultAnswer();
  const sign = useWrite(
    async (signed: { version: number }, idempotencyKey) => {
      if (!key.data?.own) throw new Error("no key");
      return signOpinion(
        consult.id,
        { version: signed.version, shown: content },
        key.data.own,
        idempotencyKey,
      );
    },
    { onDone: answer },
  );
  // Signing asks for a proof of identity of the last minutes; the doctor gives it here and goes on.
  const stale =
    sign.error instanceof ApiError && sign.error.code === "auth.stale" ? sign.error.message : null;
  return (
    <div className="opinion-editor">
      <Button look="quiet" icon={left} onClick={onBack} className="align-start">
        {t("consult.sign.back")}
      </Button>
      <h2>{t("consult.sign.title")}</h2>
      <OpinionView opinion={content} />
      {sign.error instanceof CanonicalMismatch ? (
        <Notice tone="bad" title={t("consult.sign.mismatch")}>
          {t("consult.sign.mismatchDetail")}
        </Notice>
      ) : stale ? null : (
        <ProblemNotice error={sign.error} kept={t("consult.sign.kept")} />
      )}
      <div className="opinion-foot">
        {key.data?.own && stale ? (
          <ProofForm
            title={stale}
            button={t("consult.sign.sign")}
            onProven={() => sign.mutateAsync({ version: consult.version })}
          />
        ) : key.data?.own ? (
          <>
            <Button
              look="primary"
              wide
              size="large"
              icon={pen}
              busy={sign.isPending}
              onClick={() => sign.mutate({ version: consult.version })}
            >
              {t("consult.sign.sign")}
            </Button>
            <p className="muted small">{t("consult.opinion.footnote")}</p>
          </>
        ) : key.isPending ? (
          <p className="muted">{t("common.loading")}</p>
        ) : (
          <KeyForm personId={personId} replaces={key.data?.other ?? null} />
        )}
        <ProblemNotice error={key.error} retry={() => void key.refetch()} />
      </div>
    </div>
  );
}

/** Makes and registers the signing key after identity was proven again. */
export function KeyForm({
  personId,
  replaces,
}: {
  personId: string;
  replaces: RegisteredKey | null;
}) {
  const t = useText();
  const client = useQueryClient();
  return (
    <ProofForm
      title={t("consult.key.title")}
      why={replaces ? t("consult.key.replaces", { label: replaces.label }) : t("consult.key.why")}
      button={t("consult.key.make")}
      onProven={async () => {
        await registerKey(personId, browserName());
        await client.invalidateQueries({ queryKey: ["signing-key"] });
      }}
    />
  );
}

/** Asks who is at the keyboard before something that only this person may do. */
function ProofForm({
  title,
  why,
  button,
  onProven,
}: {
  title: string;
  why?: string;
  button: string;
  onProven: () => Promise<unknown>;
}) {
  return (
    <div className="stack key-form">
      <Notice tone="info" icon={keyIcon} live={false} title={title}>
        {why}
      </Notice>
      <Prove button={button} onProven={onProven} />
    </div>
  );
}

/** A label by which the owner knows the key again: the browser and the system. */
function browserName(): string {
  const agent = navigator.userAgent;
  const browser = /Edg\//.test(agent)
    ? "Edge"
    : /Firefox\//.test(agent)
      ? "Firefox"
      : /Chrome\//.test(agent)
        ? "Chrome"
        : "Safari";
  const system = /Windows/.test(agent)
    ? "Windows"
    : /Android/.test(agent)
      ? "Android"
      : /Mac OS/.test(agent)
        ? "macOS"
        : "Linux";
  return `${browser}, ${system}`;
}
