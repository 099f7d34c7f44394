import { type ReactNode, useState } from "react";
import type { ReferralDetail } from "../../server/referral/contract.ts";
import { api } from "../api/client.ts";
import { useWrite } from "../api/write.ts";
import { nameOf } from "../consult/words.ts";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { phone } from "../design/icons.ts";
import { pen, send } from "../design/icons-work.ts";
import { useText } from "../i18n/i18n.ts";
import { useNameOf } from "../i18n/name-of.ts";
import { shortTime } from "../i18n/time.ts";
import { type Answered, ConsentSheet } from "../workbench/consent-form.tsx";
import type { Kept } from "./keep.tsx";
import { useActOnReferral, useReferralAnswer } from "./queries.ts";

/** Version of the words under which a patient agrees to a referral, as on the phone. */
const consentTextVersion = "referral-2026-11";

/**
 * How a draft goes out: signed here and sent in one go, asked on the patient's phone, or at once when
 * life is at stake.
 */
export function SendBar({
  referral,
  emergency,
  keep,
  consented,
  ready,
  settle,
  onRefused,
  onUnsent,
  aside,
}: {
  referral: ReferralDetail;
  emergency: boolean;
  keep: Kept;
  /** Whether this recipient has the patient's consent already. */
  consented: () => boolean;
  /** The version to send when nothing is missing. */
  ready: () => Promise<number | null>;
  settle: () => Promise<number | null>;
  onRefused: (error: unknown) => void;
  /** The patient agreed, and it could not go out: the page that follows says why. */
  onUnsent: (error: unknown) => void;
  aside: ReactNode;
}) {
  const t = useText();
  const named = useNameOf();
  const [signing, setSigning] = useState(false);
  const submission = {
    action: "submit" as const,
    bed: keep.bed,
    ...(keep.segment ? { segmentId: keep.segment.id } : {}),
  };
  const answer = useReferralAnswer();
  const act = useActOnReferral(referral.id);
  // Two steps behind one press: when the second fails the first stands, and the next page says why.
  const consentAndSend = useWrite(
    async (body: Answered, key) => {
      const agreed = await api.post<ReferralDetail>(
        `/api/referrals/${referral.id}/consents`,
        { ...body, textVersion: consentTextVersion },
        key,
      );
      if (!body.given) return agreed;
      try {
        return await api.post<ReferralDetail>(`/api/referrals/${referral.id}/actions`, {
          version: agreed.version,
          ...submission,
        });
      } catch (error) {
        onUnsent(error);
        return agreed;
      }
    },
    {
      onDone: (detail) => {
        setSigning(false);
        answer(detail);
      },
    },
  );
  const submit = async () => {
    const version = await ready();
    if (version === null) return;
    if (!emergency && !consented()) setSigning(true);
    else act.mutate({ version, ...submission }, { onError: onRefused });
  };
  const ask = async () => {
    const version = (await ready()) === null ? null : await settle();
    if (version !== null) act.mutate({ action: "askPatient", version });
  };
  const recipient = referral.to ? named(referral.to) : "";
  return (
    <>
      {signing ? (
        <Card title={t("referral.consent.title", { to: recipient })}>
          <ConsentSheet
            patient={referral.patient}
            textOf={(words) =>
              words("workbench.consent.referralText", {
                name: nameOf(referral.patient, words),
                hospital: recipient || words("consult.consent.anyHospital"),
              })
            }
            emergency={false}
            saveWords={t("referral.consent.saveAndSend")}
            busy={consentAndSend.isPending}
            error={consentAndSend.error}
            onSave={(body) => consentAndSend.mutate(body)}
            onClose={() => setSigning(false)}
          />
        </Card>
      ) : null}
      {signing ? null : (
        <div className="request-foot">
          {referral.patientAskedAt ? (
            <Notice tone="info" icon={phone} live={false}>
              {t("referral.consent.asked", { time: shortTime(referral.patientAskedAt) })}
            </Notice>
          ) : null}
          <ProblemNotice error={act.error} kept={t("workbench.request.keptDraft")} />
          <div className="row spread">
            {aside}
            <span className="row">
              {emergency ? null : (
                <Button
                  size="large"
                  icon={phone}
                  busy={act.isPending && act.variables.action === "askPatient"}
                  onClick={() => void ask()}
                >
                  {t("referral.consent.ask")}
                </Button>
              )}
              <Button
                look={emergency ? "danger" : "primary"}
                size="large"
                icon={emergency ? send : pen}
                busy={act.isPending && act.variables.action === "submit"}
                onClick={() => void submit()}
              >
                {t(emergency ? "referral.send.emergency" : "referral.send.sign")}
              </Button>
            </span>
          </div>
          {emergency ? <p className="muted small">{t("referral.send.emergencyHow")}</p> : null}
        </div>
      )}
    </>
  );
}
