import { Link } from "wouter";
import type { StaffView } from "../../api/session.ts";
import { Empty } from "../../design/components/empty.tsx";
import { ProblemNotice } from "../../design/components/problem.tsx";
import { Skeleton } from "../../design/components/skeleton.tsx";
import { shield } from "../../design/icons-work.ts";
import { useText } from "../../i18n/i18n.ts";
import { dayTime } from "../../i18n/time.ts";
import { CaseCard } from "./case-card.tsx";
import { TeachingFrame } from "./frame.tsx";
import { useCase, useReviews } from "./queries.ts";

/** What waits for a second pair of eyes; never one's own. */
export function ReviewsPage({ session }: { session: StaffView }) {
  const t = useText();
  const list = useReviews();
  return (
    <TeachingFrame
      session={session}
      title={t("teaching.review.title")}
      how={t("teaching.review.how")}
    >
      {list.isPending ? <Skeleton lines={4} /> : null}
      <ProblemNotice error={list.error} retry={() => void list.refetch()} />
      {list.data?.reviews.length === 0 ? (
        <Empty icon={shield} title={t("teaching.review.none")}>
          {t("teaching.review.noneHow")}
        </Empty>
      ) : null}
      <ul className="teaching-list">
        {list.data?.reviews.map((one) => (
          <li key={one.caseId} className="teaching-row">
            <span className="muted figure">{dayTime(one.askedAt)}</span>
            <p className="strong">
              <Link href={`/teaching/cases/${one.caseId}`}>{one.title}</Link>
            </p>
            <span className="muted">
              {one.session} · {one.maker}
            </span>
          </li>
        ))}
      </ul>
    </TeachingFrame>
  );
}

/** One case as it would be shown, for who says yes or no to it. */
export function CasePage({ session, id }: { session: StaffView; id: string }) {
  const t = useText();
  const found = useCase(id);
  return (
    <TeachingFrame
      session={session}
      title={t("teaching.review.one")}
      how={t("teaching.review.oneHow")}
    >
      {found.isPending ? <Skeleton lines={6} /> : null}
      <ProblemNotice error={found.error} retry={() => void found.refetch()} />
      {found.data ? <CaseCard one={found.data} /> : null}
    </TeachingFrame>
  );
}
