import { useQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import type { closedList } from "../../server/referral/closed-contract.ts";
import { api } from "../api/client.ts";
import { Notice } from "../design/components/notice.tsx";
import { useText } from "../i18n/i18n.ts";

/** Referrals whose department closed: each with where else it could go. Nothing is shown when there is none. */
export function ClosedDepartments() {
  const t = useText();
  const found = useQuery({
    queryKey: ["referrals", "closed-departments"],
    queryFn: ({ signal }) =>
      api.get<(typeof closedList)["_output"]>("/api/referrals/closed-departments", signal),
    refetchInterval: 60_000,
    retry: false,
  });
  if (!found.data || found.data.referrals.length === 0) return null;
  return (
    <Notice tone="warn" live={false} title={t("referral.closed.title")}>
      <ul className="stack">
        {found.data.referrals.map((one) => (
          <li key={one.id}>
            <Link href={`/referrals/${one.id}`}>
              {t("referral.closed.who", {
                name: one.patientName || one.number,
                house: one.house.name,
                department: one.department.name,
              })}
            </Link>
            <p>{t("referral.closed.why", { reason: one.closedReason })}</p>
            <p className="muted">
              {one.alternatives.length === 0
                ? t("referral.closed.nowhere")
                : t("referral.closed.other", {
                    where: one.alternatives
                      .map((each) => `${each.house.name} ${each.department.name}`)
                      .join(t("common.listSeparator")),
                  })}
            </p>
          </li>
        ))}
      </ul>
    </Notice>
  );
}
