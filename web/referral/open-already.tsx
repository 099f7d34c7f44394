import { Link } from "wouter";
import { buttonClass } from "../design/components/button.tsx";
import { Notice } from "../design/components/notice.tsx";
import { Status } from "../design/components/status.tsx";
import { type MessageId, useText } from "../i18n/i18n.ts";
import { useNameOf } from "../i18n/name-of.ts";
import { shortTime } from "../i18n/time.ts";
import type { Known } from "./queries.ts";
import { stateTone } from "./words.ts";

/** Open of this patient: each with its number, where it stands, and the way to it. */
export function OpenAlready({ known }: { known: Known }) {
  const t = useText();
  const named = useNameOf();
  return (
    <Notice
      tone={known.open.length > 0 ? "warn" : "info"}
      live={false}
      title={t("referral.open.title")}
    >
      <ul className="open-already">
        {known.open.map((one) => (
          <li key={one.id} className="row spread">
            <span>
              <span className="strong figure">{one.number}</span>{" "}
              <Status tone={stateTone[one.state]}>{t(`referral.state.${one.state}`)}</Status>{" "}
              {[one.to && named(one.to), one.department && named(one.department)]
                .filter(Boolean)
                .join(" · ")}{" "}
              <span className="muted small">{shortTime(one.updatedAt)}</span>
            </span>
            <Link href={`/referrals/${one.id}`} className={buttonClass("soft", { size: "small" })}>
              {t(one.state === "draft" ? "referral.open.continue" : "referral.open.go")}
            </Link>
          </li>
        ))}
        {known.consults.map((one) => (
          <li key={one.id} className="row spread">
            <span>
              <span className="strong figure">{one.number}</span>{" "}
              {t("referral.open.consult", { state: t(`state.${one.state}` as MessageId) })}{" "}
              <span className="muted small">{shortTime(one.at)}</span>
            </span>
            <Link href={`/mine/${one.id}`} className={buttonClass("soft", { size: "small" })}>
              {t("referral.open.go")}
            </Link>
          </li>
        ))}
      </ul>
    </Notice>
  );
}
