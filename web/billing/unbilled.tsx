import { useState } from "react";
import type { CoverageScheme } from "../../server/billing/domain.ts";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Segmented } from "../design/components/segmented.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { check } from "../design/icons.ts";
import { useText } from "../i18n/i18n.ts";
import { dayTime } from "../i18n/time.ts";
import { Lines } from "./lines.tsx";
import { type Unbilled, useAct, usePreview, useUnbilled } from "./queries.ts";
import { schemes } from "./words.ts";
import { yuan } from "./yuan.ts";

/** Visits that nobody has billed: everything is filled in, the cashier looks and issues. */
export function UnbilledPart() {
  const t = useText();
  const list = useUnbilled();
  const [open, setOpen] = useState<string | null>(null);
  return (
    <Card title={t("billing.unbilled")}>
      {list.isPending ? <Skeleton lines={3} /> : null}
      <ProblemNotice error={list.error} retry={() => void list.refetch()} />
      {list.data?.encounters.length === 0 ? (
        <p className="muted">{t("billing.unbilledEmpty")}</p>
      ) : null}
      <ul className="billing-rows">
        {list.data?.encounters.map((one) => (
          <li key={one.id}>
            <div className="row spread wrap">
              <span>
                <strong>{one.patient.name}</strong>{" "}
                <span className="muted">
                  {t(`billing.encounter.${one.kind}`)} · {dayTime(one.at)}
                </span>
              </span>
              <Button
                look={open === one.id ? "quiet" : "soft"}
                onClick={() => setOpen(open === one.id ? null : one.id)}
              >
                {t(open === one.id ? "billing.hide" : "billing.show")}
              </Button>
            </div>
            {open === one.id ? <Issue one={one} onDone={() => setOpen(null)} /> : null}
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Issue({ one, onDone }: { one: Unbilled; onDone: () => void }) {
  const t = useText();
  const [scheme, setScheme] = useState<CoverageScheme>(one.scheme);
  const preview = usePreview(one, scheme);
  const issue = useAct(onDone);
  const bill = (payLater: boolean) =>
    issue.mutate({
      path: "/api/billing/invoices",
      body: {
        patientId: one.patient.id,
        items: one.items,
        scheme,
        encounterKind: one.kind,
        encounterId: one.id,
        expectedOwnFen: preview.data?.ownFen,
        payLater,
      },
    });
  return (
    <div className="stack billing-issue">
      <Segmented
        label={t("billing.scheme")}
        hint={t("billing.schemeHint")}
        value={scheme}
        options={schemes.map((value) => ({ value, label: t(`billing.scheme.${value}`) }))}
        onChange={setScheme}
      />
      {one.unpriced.length > 0 ? (
        <Notice tone="warn" title={t("billing.unpriced")}>
          {one.unpriced.join(", ")}
        </Notice>
      ) : null}
      {one.items.length > 0 && preview.isPending ? <Skeleton lines={3} /> : null}
      {preview.data ? <Lines of={preview.data} /> : null}
      <ProblemNotice error={preview.error ?? issue.error} />
      {preview.data ? (
        <div className="row wrap">
          <Button look="primary" icon={check} busy={issue.isPending} onClick={() => bill(false)}>
            {t("billing.issue", { amount: yuan(preview.data.ownFen) })}
          </Button>
          <Button look="soft" busy={issue.isPending} onClick={() => bill(true)}>
            {t("billing.issueLater")}
          </Button>
        </div>
      ) : null}
    </div>
  );
}
