import { type ReactNode, useState } from "react";
import { Link } from "wouter";
import type { FollowUpView } from "../../server/referral/contract.ts";
import { Fact, Vitals } from "../consult/facts.tsx";
import { PersonLine } from "../consult/person-line.tsx";
import { Button, buttonClass } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { Empty } from "../design/components/empty.tsx";
import { Icon } from "../design/components/icon.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { Status } from "../design/components/status.tsx";
import { calendar, file, left } from "../design/icons.ts";
import { useText } from "../i18n/i18n.ts";
import { dateTime, dayWords } from "../i18n/time.ts";
import { RecordForm } from "./follow-up-form.tsx";
import { FollowUpList, FollowUpState } from "./follow-up-list.tsx";
import { MoveForm, NoForm } from "./follow-up-moves.tsx";
import { type FollowUpScope, useFollowUp } from "./queries.ts";
import { noonOf, triggerWords } from "./words.ts";
import "../workbench/consult-page.css";

/** Left what is due and what was missed, in the middle one follow-up with its plan and triggers. */
export function FollowUpsPage({ id }: { id: string | null }) {
  const t = useText();
  const [scope, setScope] = useState<FollowUpScope>("due");
  const list = <FollowUpList scope={scope} onScope={setScope} selected={id} level={id ? 2 : 1} />;
  if (!id)
    return (
      <div className="bench">
        <main id="main" className="bench-queue">
          {list}
        </main>
        <aside className="bench-main" aria-label={t("referral.followUp.choose")}>
          <Empty icon={calendar} title={t("referral.followUp.choose")}>
            {t("referral.choose.how")} <kbd>J</kbd> <kbd>K</kbd>
          </Empty>
        </aside>
      </div>
    );
  return (
    <div className="bench" data-open="">
      <aside className="bench-queue" aria-label={t("referral.followUp.title")}>
        {list}
      </aside>
      <One
        key={id}
        id={id}
        back={
          <Link
            href="/follow-ups"
            className={buttonClass("quiet", { className: "only-narrow align-start" })}
          >
            <Icon path={left} /> <span>{t("workbench.back")}</span>
          </Link>
        }
      />
    </div>
  );
}

function One({ id, back }: { id: string; back: ReactNode }) {
  const t = useText();
  const all = useFollowUp(id);
  const [raised, setRaised] = useState<{ referralId: string | null } | null>(null);
  const followUp = all.data?.followUps.find((one) => one.id === id);
  return (
    <main id="main" className="bench-main bench-wide">
      {back}
      {all.isPending ? <Skeleton lines={8} /> : null}
      <ProblemNotice error={all.error} retry={() => void all.refetch()} />
      {all.data && !followUp ? <p>{t("referral.followUp.gone")}</p> : null}
      {followUp ? <Opened followUp={followUp} raised={raised} onRaised={setRaised} /> : null}
    </main>
  );
}

function Opened({
  followUp,
  raised,
  onRaised,
}: {
  followUp: FollowUpView;
  raised: { referralId: string | null } | null;
  onRaised: (raised: { referralId: string | null }) => void;
}) {
  const t = useText();
  const [open, setOpen] = useState<"move" | "missed" | "cancel" | null>(null);
  const { returnTriggers, triggered } = followUp;
  const reached = returnTriggers.filter((one) => triggered.includes(one.code));
  const mayRecord = followUp.state === "planned" || followUp.state === "missed";
  return (
    <>
      <header className="consult-head">
        <p className="muted small">
          {t("referral.followUp.head", {
            day: dayWords(noonOf(followUp.dueOn)),
            kind: t(`referral.followUp.kind.${followUp.kind}`),
          })}
        </p>
        <div className="row spread">
          <PersonLine person={followUp.patient} />
          <FollowUpState followUp={followUp} />
        </div>
        <p>{followUp.purpose}</p>
        <p>
          <Link
            href={`/referrals/${followUp.referralId}`}
            className={buttonClass("plain", { size: "small" })}
          >
            <Icon path={file} />
            <span>{t("referral.followUp.plan")}</span>
          </Link>
        </p>
      </header>
      {reached.length > 0 ? (
        <Notice
          tone="bad"
          title={t("referral.followUp.reachedTitle")}
          action={
            <Link
              href={`/referrals/${raised?.referralId ?? followUp.referralId}`}
              className={buttonClass("danger")}
            >
              {t(raised?.referralId ? "referral.followUp.toRaised" : "referral.followUp.toEpisode")}
            </Link>
          }
        >
          <p>{reached.map((one) => triggerWords(one, t)).join(t("common.listSeparator"))}</p>
          <p>{t("referral.followUp.reachedHow")}</p>
        </Notice>
      ) : null}
      <Card title={t("referral.field.returnTriggers")}>
        {returnTriggers.length === 0 ? (
          <p className="muted">{t("referral.followUp.noTriggers")}</p>
        ) : (
          <ul className="trigger-list">
            {returnTriggers.map((one) => (
              <li key={one.code}>
                <Status tone={triggered.includes(one.code) ? "bad" : "quiet"}>
                  {triggerWords(one, t)}
                </Status>
              </li>
            ))}
          </ul>
        )}
      </Card>
      {followUp.doneAt ? (
        <Card title={t("referral.followUp.record")}>
          <dl className="facts">
            <Fact label={t("referral.followUp.by")}>
              {[followUp.doneBy, dateTime(followUp.doneAt)].filter(Boolean).join(" · ")}
            </Fact>
            <Fact label={t("referral.field.vitals")}>
              {Object.values(followUp.vitals).some((value) => value != null) ? (
                <Vitals values={followUp.vitals} usual={null} />
              ) : null}
            </Fact>
            <Fact label={t("referral.followUp.findings")}>{followUp.findings}</Fact>
          </dl>
        </Card>
      ) : null}
      {mayRecord ? (
        <>
          <RecordForm
            followUp={followUp}
            onDone={(answer) => onRaised({ referralId: answer.raisedReferralId })}
          />
          <div className="action-bar">
            {followUp.state === "planned" ? (
              <>
                <Button aria-expanded={open === "move"} onClick={() => setOpen("move")}>
                  {t("referral.followUp.move")}
                </Button>
                <Button aria-expanded={open === "missed"} onClick={() => setOpen("missed")}>
                  {t("referral.followUp.notReached")}
                </Button>
              </>
            ) : null}
            <Button aria-expanded={open === "cancel"} onClick={() => setOpen("cancel")}>
              {t("referral.followUp.cancel")}
            </Button>
          </div>
          {open === "move" ? (
            <MoveForm followUp={followUp} onClose={() => setOpen(null)} />
          ) : open ? (
            <NoForm key={open} action={open} followUp={followUp} onClose={() => setOpen(null)} />
          ) : null}
        </>
      ) : null}
    </>
  );
}
