import { buttonClass } from "../design/components/button.tsx";
import { Icon } from "../design/components/icon.tsx";
import { Notice } from "../design/components/notice.tsx";
import { phone } from "../design/icons.ts";
import { useText } from "../i18n/i18n.ts";
import { useTargets } from "./queries.ts";

/** Treat and telephone first: 120 and the other house's number, and that nobody has to be waited for. */
export function EmergencyNotice({
  institutionId,
  underway = false,
}: {
  institutionId: string | null;
  /** The patient is on the road already. */
  underway?: boolean;
}) {
  const t = useText();
  const targets = useTargets("up");
  const duty = targets.data?.targets.find((one) => one.institution.id === institutionId)?.phone;
  return (
    <Notice
      tone="bad"
      live={false}
      icon={phone}
      title={t(underway ? "referral.emergency.underway" : "referral.emergency.title")}
      action={
        <span className="row">
          <a className={buttonClass("danger")} href="tel:120">
            <Icon path={phone} />
            <span>{t("referral.emergency.call120")}</span>
          </a>
          {duty ? (
            <a className={buttonClass("plain")} href={`tel:${duty}`}>
              <Icon path={phone} />
              <span>{t("referral.emergency.callDuty", { phone: duty })}</span>
            </a>
          ) : null}
        </span>
      }
    >
      {underway ? null : t("referral.emergency.how")}
    </Notice>
  );
}
