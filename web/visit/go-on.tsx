import { useState } from "react";
import type { VisitDetail } from "../../server/visit/contract.ts";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { SelectField, TextField } from "../design/components/field.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { addWords, useText } from "../i18n/i18n.ts";
import { Segments } from "../referral/segments.tsx";
import { useVisitAct } from "./queries.ts";

/** Choosing a time has its words with referrals. */
const timeWords = {
  "zh-CN": () => import("virtual:messages/referral/zh-CN"),
  bo: () => import("virtual:messages/referral/bo"),
  en: () => import("virtual:messages/referral/en"),
};
const reasons = [
  "first-visit",
  "condition-changed",
  "needs-examination",
  "beyond-scope",
  "emergency",
  "other",
] as const;

/** No follow-up by video: on as an appointment, a consult or a referral, asking nothing again. */
export function GoOn({ row }: { row: VisitDetail }) {
  const t = useText();
  const act = useVisitAct(row.id);
  const [open, setOpen] = useState(false);
  const [reason, setReason] = useState<(typeof reasons)[number]>("condition-changed");
  const [note, setNote] = useState("");
  const [booking, setBooking] = useState(false);
  const send = (kind: string, segmentId?: string) =>
    act.mutate({ path: "redirect", body: { version: row.version, kind, reason, note, segmentId } });
  return (
    <Card title={t("visit.goOn.title")}>
      {open ? (
        <div className="stack">
          <SelectField
            label={t("visit.goOn.reason")}
            value={reason}
            onChange={(event) => {
              const found = reasons.find((one) => one === event.target.value);
              if (found) setReason(found);
            }}
          >
            {reasons.map((one) => (
              <option key={one} value={one}>
                {t(`visit.because.${one}`)}
              </option>
            ))}
          </SelectField>
          <TextField
            label={t("visit.goOn.note")}
            maxLength={1000}
            value={note}
            onChange={(event) => setNote(event.target.value)}
          />
          <ProblemNotice error={act.error} />
          <div className="row wrap">
            <Button
              busy={act.isPending}
              onClick={() => void addWords(timeWords).then(() => setBooking(true))}
            >
              {t("visit.goOn.appointment")}
            </Button>
            <Button busy={act.isPending} onClick={() => send("consult")}>
              {t("visit.goOn.consult")}
            </Button>
            <Button busy={act.isPending} onClick={() => send("referral")}>
              {t("visit.goOn.referral")}
            </Button>
            <Button busy={act.isPending} onClick={() => send("in-person")}>
              {t("visit.goOn.in-person")}
            </Button>
          </div>
          {booking ? (
            <Segments
              ownInstitutionId={row.house.id}
              departmentId={null}
              busy={act.isPending}
              onChoose={(segmentId) => send("appointment", segmentId)}
            />
          ) : null}
        </div>
      ) : (
        <Button look="quiet" onClick={() => setOpen(true)}>
          {t("visit.goOn.open")}
        </Button>
      )}
    </Card>
  );
}
