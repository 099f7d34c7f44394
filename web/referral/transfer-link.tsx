import { useQuery } from "@tanstack/react-query";
import { Link, useLocation } from "wouter";
import type { ReferralDetail } from "../../server/referral/contract.ts";
import { api } from "../api/client.ts";
import { useWrite } from "../api/write.ts";
import { Button, buttonClass } from "../design/components/button.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { useText } from "../i18n/i18n.ts";

/** The vehicle of an emergency, or of somebody in the fever room: who sends opens it, both houses follow it. */
export function TransferLink({ referral }: { referral: ReferralDetail }) {
  const t = useText();
  const [, go] = useLocation();
  const isSent = referral.direction === "up" && referral.submittedAt !== null;
  const transfer = useQuery({
    queryKey: ["referral", referral.id, "transfer"],
    queryFn: ({ signal }) =>
      api.get<{ transferId: string | null; fromFeverRoom: boolean }>(
        `/api/transfers/of/${referral.id}`,
        signal,
      ),
    enabled: isSent,
  });
  const begin = useWrite(
    (kind: "emergency" | "infectious", key) =>
      api.post<{ id: string }>("/api/transfers", { referralId: referral.id, kind }, key),
    { onDone: ({ id }) => go(`/transfers/${id}`) },
  );
  const mayBegin =
    referral.sides.includes("from") &&
    ["submitted", "accepted", "booked", "on-the-way"].includes(referral.state);
  if (!isSent || !transfer.data) return null;
  const { transferId: id, fromFeverRoom } = transfer.data;
  const isEmergency = referral.urgency === "emergency";
  if (!id && !(mayBegin && (isEmergency || fromFeverRoom))) return null;
  return (
    <Notice
      tone="info"
      live={false}
      title={t("referral.transfer.title")}
      action={
        id ? (
          <Link href={`/transfers/${id}`} className={buttonClass("primary")}>
            {t("referral.transfer.open")}
          </Link>
        ) : (
          <div className="row">
            {fromFeverRoom ? (
              <Button
                look="primary"
                busy={begin.isPending}
                onClick={() => begin.mutate("infectious")}
              >
                {t("referral.transfer.beginInfectious")}
              </Button>
            ) : null}
            {isEmergency ? (
              <Button
                look={fromFeverRoom ? "quiet" : "primary"}
                busy={begin.isPending}
                onClick={() => begin.mutate("emergency")}
              >
                {t("referral.transfer.begin")}
              </Button>
            ) : null}
          </div>
        )
      }
    >
      <p>{t(id ? "referral.transfer.running" : "referral.transfer.how")}</p>
      {!id && fromFeverRoom ? <p>{t("referral.transfer.infectiousHow")}</p> : null}
      <ProblemNotice error={begin.error} />
    </Notice>
  );
}
