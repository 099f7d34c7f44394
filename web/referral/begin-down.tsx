import { useEffect, useState } from "react";
import { Link, useLocation } from "wouter";
import type { ReferralContentBody, ReferralDetail } from "../../server/referral/contract.ts";
import type { StaffView } from "../api/session.ts";
import { Button, buttonClass } from "../design/components/button.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { arrow } from "../design/icons-work.ts";
import { useLanguage, useText } from "../i18n/i18n.ts";
import { isoDate } from "../i18n/time.ts";
import { useCreateReferral, useKnown, usePathways } from "./queries.ts";
import { dayAfter, triggersOf } from "./words.ts";

const over = ["returned", "redirected", "closed", "expired", "cancelled"];

/** From the way up the way home begins, with what is known and a day to look again; or goes on where it is. */
export function BeginDown({ referral, session }: { referral: ReferralDetail; session: StaffView }) {
  const t = useText();
  const language = useLanguage();
  const [, go] = useLocation();
  const begun = referral.others.find(
    (one) =>
      one.direction === "down" &&
      one.from.id === session.institution.id &&
      !over.includes(one.state),
  );
  const mayBegin = session.permissions.includes("referral.request");
  const known = useKnown(mayBegin && !begun ? referral.patient.id : null, "down");
  const waysDown = usePathways("down");
  const pathways = waysDown.data?.pathways ?? [];
  const wayUp = referral.content.pathwayId;
  const waysUp = usePathways("up", wayUp);
  const of = waysUp.data?.pathways.find((one) => one.id === wayUp)?.alliance;
  const create = useCreateReferral((detail) => go(`/referrals/${detail.id}`));
  const begin = () => {
    const { content: above } = referral;
    // An alliance's own way home, when the way up was one of its ways; else the general one.
    const way =
      pathways.find((one) => one.reviewDays !== null && one.alliance?.zh === of?.zh) ??
      pathways.find((one) => one.reviewDays !== null);
    const admitted = referral.steps.filter((step) => step.action === "admit").at(-1);
    const given: ReferralContentBody = {
      ...(known.data?.content ?? {}),
      urgency: "routine",
      impression: above.impression ?? [],
      pastHistory: above.pastHistory ?? null,
      allergies: above.allergies ?? null,
      medicines: above.medicines ?? [],
      criteria: [],
      treatmentSoFar: null,
      results: null,
      admissionNumber: admitted?.reason ?? null,
      pathwayId: way?.id ?? null,
      returnTriggers: triggersOf(way, language),
      reviewOn: way?.reviewDays ? dayAfter(isoDate(Date.now()), way.reviewDays) : null,
    };
    create.mutate({
      patientId: referral.patient.id,
      direction: "down",
      previousId: referral.id,
      content: given,
    });
  };
  // Pressed before that is read, it begins when it is: the draft would lack its way and the day to look again.
  const isReading = known.isLoading || waysDown.isLoading || waysUp.isLoading;
  const [isAsked, setAsked] = useState(false);
  useEffect(() => {
    if (!isAsked || isReading) return;
    setAsked(false);
    begin();
  });
  if (begun)
    return (
      <Link href={`/referrals/${begun.id}`} className={buttonClass("primary")}>
        {t("referral.down.goOn", { number: begun.number })}
      </Link>
    );
  if (!mayBegin) return null;
  return (
    <>
      <Button
        look="primary"
        icon={arrow}
        busy={create.isPending || isAsked}
        onClick={() => setAsked(true)}
      >
        {t("referral.down.begin")}
      </Button>
      <ProblemNotice error={create.error} />
    </>
  );
}
