import { useQuery } from "@tanstack/react-query";
import type { ReferralDetail } from "../../server/referral/contract.ts";
import type { OutsideLine as Line } from "../../server/referral-outside/contract.ts";
import { api } from "../api/client.ts";
import { buttonClass } from "../design/components/button.tsx";
import { Icon } from "../design/components/icon.tsx";
import { Notice } from "../design/components/notice.tsx";
import { Status } from "../design/components/status.tsx";
import { check, phone } from "../design/icons.ts";
import { useText } from "../i18n/i18n.ts";
import { useNameOf } from "../i18n/name-of.ts";
import { dayTime } from "../i18n/time.ts";
import { CarriedResults } from "./carried-results.tsx";

/** The line to a house outside: whether its system has this referral, and what to do when it is silent or says otherwise. */
export function OutsideLine({ referral }: { referral: ReferralDetail }) {
  const found = useQuery({
    queryKey: ["referral", referral.id, "outside", referral.version],
    queryFn: ({ signal }) =>
      api.get<{ line: Line | null }>(`/api/referrals/${referral.id}/outside`, signal),
    enabled: referral.submittedAt !== null,
    refetchInterval: (query) => (query.state.data?.line ? 30_000 : false),
  });
  const line = found.data?.line;
  if (!line) return null;
  return (
    <>
      <Told line={line} />
      {line.results.length > 0 ? <CarriedResults results={line.results} /> : null}
    </>
  );
}

function Told({ line }: { line: Line }) {
  const t = useText();
  const named = useNameOf();
  const house = named({ name: line.house, nameEn: line.houseEn, nameBo: line.houseBo });
  const call = line.phone ? (
    <a className={buttonClass("primary")} href={`tel:${line.phone}`}>
      <Icon path={phone} />
      <span>{t("referral.outside.ring", { phone: line.phone })}</span>
    </a>
  ) : undefined;
  if (line.contradiction)
    return (
      <Notice
        tone="warn"
        live={false}
        title={t("referral.outside.contradicts", {
          house,
          state: t(`referral.state.${line.contradiction}`),
        })}
        action={call}
      >
        <p>{t("referral.outside.contradictsHow")}</p>
      </Notice>
    );
  if (line.fault)
    return (
      <Notice
        tone={line.silent ? "bad" : "warn"}
        live={false}
        title={t(line.silent ? "referral.outside.silent" : "referral.outside.trying", {
          house,
          time: dayTime(line.failingSince ?? line.triedAt ?? new Date()),
        })}
        action={line.silent ? call : undefined}
      >
        <p>{t(`referral.outside.fault.${line.fault}`)}</p>
        <p className="muted small">
          {line.sentAt
            ? t("referral.outside.sentAt", { time: dayTime(line.sentAt) })
            : t("referral.outside.unsent")}
          {line.triedAt ? ` · ${t("referral.outside.tried", { time: dayTime(line.triedAt) })}` : ""}
          {line.nextAt ? ` · ${t("referral.outside.next", { time: dayTime(line.nextAt) })}` : ""}
        </p>
      </Notice>
    );
  return (
    <p className="row">
      <Status
        tone={line.sentAt || line.side === "from" ? "good" : "info"}
        icon={line.sentAt || line.side === "from" ? check : undefined}
      >
        {line.side === "from"
          ? t("referral.outside.came", { house, number: line.theirNumber ?? "" })
          : line.sentAt
            ? t("referral.outside.sent", { house, time: dayTime(line.sentAt) })
            : t("referral.outside.sending", { house })}
      </Status>
      <span className="muted small">
        {line.side === "from" && !line.hasAddress
          ? t("referral.outside.readsHere")
          : line.readAt
            ? t("referral.outside.readAt", { time: dayTime(line.readAt) })
            : ""}
      </span>
    </p>
  );
}
