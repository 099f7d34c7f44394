import { type ReactNode, useEffect, useRef, useState } from "react";
import type { ReferralDetail } from "../../server/referral/contract.ts";
import type { StaffView } from "../api/session.ts";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { useText } from "../i18n/i18n.ts";
import { Detail } from "./detail.tsx";
import { EpisodeSide } from "./episode-side.tsx";
import { ReferralForm } from "./form.tsx";
import { useReferral } from "./queries.ts";

/** One referral: its form while it is a draft of ours, else what was written and what may be done now. */
export function OpenReferral({
  id,
  session,
  back,
}: {
  id: string;
  session: StaffView;
  back: ReactNode;
}) {
  const t = useText();
  const found = useReferral(id);
  if (!found.data)
    return (
      <main id="main" className="bench-main bench-wide">
        {back}
        {found.isError ? (
          <ProblemNotice error={found.error} retry={() => void found.refetch()} />
        ) : (
          <Skeleton lines={8} />
        )}
      </main>
    );
  const referral = found.data;
  return (
    <>
      <main id="main" className="bench-main">
        {back}
        <ProblemNotice error={found.error} retry={() => void found.refetch()} />
        <Middle referral={referral} session={session} />
      </main>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls by itself, also without a link in it */}
      <aside className="bench-side" aria-label={t("referral.side.title")} tabIndex={0}>
        <h2>{t("referral.side.title")}</h2>
        <EpisodeSide referral={referral} session={session} />
      </aside>
    </>
  );
}

function Middle({ referral, session }: { referral: ReferralDetail; session: StaffView }) {
  const t = useText();
  const [amending, setAmending] = useState(false);
  const [unsent, setUnsent] = useState<unknown>(null);
  const top = useRef<HTMLDivElement>(null);
  const isForm = (referral.state === "draft" || amending) && referral.mayAmend;
  const wasForm = useRef(isForm);
  // What was sent is read from its top.
  useEffect(() => {
    if (wasForm.current !== isForm) top.current?.scrollIntoView({ block: "start" });
    wasForm.current = isForm;
  }, [isForm]);
  return (
    <div className="referral-middle" ref={top}>
      {isForm ? (
        <ReferralForm
          key={String(amending)}
          referral={referral}
          session={session}
          onUnsent={setUnsent}
          onDone={amending ? () => setAmending(false) : undefined}
        />
      ) : (
        <>
          {referral.state === "patient-consented" ? (
            <ProblemNotice error={unsent} kept={t("workbench.request.keptDraft")} />
          ) : null}
          <Detail referral={referral} session={session} onAmend={() => setAmending(true)} />
        </>
      )}
    </div>
  );
}
