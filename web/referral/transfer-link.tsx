import { useQuery } from "@tanstack/react-query";
import { Link, useLocation } from "wouter";
import type { ReferralDetail } from "../../server/referral/contract.ts";
import { api } from "../api/client.ts";
import { useWrite } from "../api/write.ts";
import { Button, buttonClass } from "../design/components/button.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { useText } from "../i18n/i18n.ts";

/** The vehicle of an emergency: who sends opens it, both houses follow it. */
export function TransferLink({ referral }: { referral: ReferralDetail }) {
  const t = useText();
  const [, go] = useLocation();
  const isCarried =
    referral.direction === "up" &&
    referral.urgency === "emergency" &&
    referral.submittedAt !== null;
  const transfer = useQuery({
    queryKey: ["referral", referral.id, "transfer"],
    queryFn: ({ signal }) =>
      api.get<{ transferId: string | null }>(`/api/transfers/of/${referral.id}`, signal),
    enabled: isCarried,
  });
  const begin = useWrite(
    (_: undefined, key) =>
      api.post<{ id: string }>(
        "/api/transfers",
        { referralId: referral.id, kind: "emergency" },
        key,
      ),
    { onDone: ({ id }) => go(`/transfers/${id}`) },
  );
  const mayBegin =
    referral.sides.includes("from") &&
    ["submitted", "accepted", "booked", "on-the-way"].includes(referral.state);
  if (!isCarried || !transfer.data) return null;
  const id = transfer.data.transferId;
  if (!id && !mayBegin) return null;
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
          <Button look="primary" busy={begin.isPending} onClick={() => begin.mutate(undefined)}>
            {t("referral.transfer.begin")}
          </Button>
        )
      }
    >
      <p>{t(id ? "referral.transfer.running" : "referral.transfer.how")}</p>
      <ProblemNotice error={begin.error} />
    </Notice>
  );
}
