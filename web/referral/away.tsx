import { useQuery } from "@tanstack/react-query";
import type { AwayList } from "../../server/capacity/contract.ts";
import { api } from "../api/client.ts";
import { Notice } from "../design/components/notice.tsx";
import { useText } from "../i18n/i18n.ts";

export type Away = AwayList["absences"];

/** Who of some departments is away today. What could not be read keeps nobody from going on. */
export function useAway(departmentIds: readonly string[]): Away {
  const ids = departmentIds.slice(0, 60).toSorted();
  const found = useQuery({
    queryKey: ["capacity", "away", ids],
    queryFn: ({ signal }) =>
      api.get<AwayList>(`/api/capacity/away?departments=${ids.join(",")}`, signal),
    enabled: ids.length > 0,
    staleTime: 60_000,
  });
  return found.data?.absences ?? [];
}

/** In a list: who is away, until when, and who stands in. */
export function AwayLine({ away }: { away: Away }) {
  const t = useText();
  if (away.length === 0) return null;
  return (
    <span className="target-why small">
      {away
        .map((one) =>
          [
            t("referral.absence.title", { name: one.person, from: one.fromDay, to: one.toDay }),
            one.coveredBy
              ? t("referral.absence.by", { name: one.coveredBy })
              : t("referral.absence.uncovered"),
          ].join(" · "),
        )
        .join("; ")}
    </span>
  );
}

/** At the form that accepts: where nobody stands in, it is said; one may accept all the same. */
export function AwayNotice({ away, doctorId }: { away: Away; doctorId: string | null }) {
  const t = useText();
  if (away.length === 0) return null;
  const open = away.filter((one) => !one.coveredBy);
  const named = away.find((one) => one.personId === doctorId);
  return (
    <Notice
      tone={open.length > 0 ? "warn" : "info"}
      title={
        named
          ? `${t("referral.absence.doctor")}: ${t("referral.absence.title", { name: named.person, from: named.fromDay, to: named.toDay })}`
          : t("referral.absence.some")
      }
    >
      <ul>
        {away.map((one) => (
          <li key={one.personId}>
            {t("referral.absence.title", { name: one.person, from: one.fromDay, to: one.toDay })}
            {". "}
            {one.coveredBy
              ? t("referral.absence.covered", { name: one.coveredBy })
              : t("referral.absence.uncovered")}
          </li>
        ))}
      </ul>
      {away.some((one) => one.here > 0 && one.away >= one.here) && open.length > 0 ? (
        <p>{t("referral.absence.all")}</p>
      ) : null}
    </Notice>
  );
}
