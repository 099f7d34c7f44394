import type { StaffView } from "../../api/session.ts";
import { buttonClass } from "../../design/components/button.tsx";
import { Card } from "../../design/components/card.tsx";
import { Empty } from "../../design/components/empty.tsx";
import { Icon } from "../../design/components/icon.tsx";
import { ProblemNotice } from "../../design/components/problem.tsx";
import { Skeleton } from "../../design/components/skeleton.tsx";
import { Status } from "../../design/components/status.tsx";
import { check } from "../../design/icons.ts";
import { download } from "../../design/icons-work.ts";
import { useLanguage, useText } from "../../i18n/i18n.ts";
import { isoDate } from "../../i18n/time.ts";
import { TeachingFrame } from "./frame.tsx";
import { useCertificates } from "./queries.ts";
import { inWords } from "./words.ts";

/** The reader's own credit certificates: on paper with a code that anybody can check. */
export function CertificatesPage({ session }: { session: StaffView }) {
  const t = useText();
  const language = useLanguage();
  const list = useCertificates();
  const rows = list.data?.certificates ?? [];
  const total = rows.reduce((sum, one) => sum + (one.revokedAt ? 0 : one.points), 0);
  return (
    <TeachingFrame
      session={session}
      title={t("teaching.certificate.title")}
      how={t("teaching.certificate.how")}
      aside={
        rows.length > 0 ? (
          <p className="strong figure">{t("teaching.certificate.total", { points: total })}</p>
        ) : null
      }
    >
      {list.isPending ? <Skeleton lines={4} /> : null}
      <ProblemNotice error={list.error} retry={() => void list.refetch()} />
      {list.data && rows.length === 0 ? (
        <Empty icon={check} title={t("teaching.certificate.none")}>
          {t("teaching.certificate.noneHow")}
        </Empty>
      ) : null}
      {rows.map((one) => (
        <Card
          key={one.code}
          title={one.title}
          aside={
            <Status tone={one.revokedAt ? "bad" : "good"}>
              {one.revokedAt
                ? t("teaching.certificate.revoked")
                : t("teaching.points", { points: one.points })}
            </Status>
          }
        >
          <div className="stack">
            <p className="muted">
              {inWords(one.issuer, language)} · {isoDate(one.issuedAt)} · {one.code}
            </p>
            {one.revokeReason ? <p>{one.revokeReason}</p> : null}
            <div className="row">
              {one.revokedAt ? null : (
                <a
                  className={buttonClass("plain")}
                  href={`/api/teaching/certificates/${one.code}/pdf`}
                >
                  <Icon path={download} size="small" /> {t("teaching.certificate.print")}
                </a>
              )}
              <a className={buttonClass("quiet")} href={`/verify/teaching/${one.code}`}>
                {t("teaching.certificate.check")}
              </a>
            </div>
          </div>
        </Card>
      ))}
    </TeachingFrame>
  );
}
