import { useEffect, useState } from "react";
import type { ActionInput, ReferralDetail } from "../../server/referral/contract.ts";
import type { ReferralAction } from "../../server/referral/states.ts";
import type { StaffView } from "../api/session.ts";
import { Button, type ButtonLook } from "../design/components/button.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { useText } from "../i18n/i18n.ts";
import { isTyping } from "../workbench/queue.tsx";
import { AcceptForm } from "./accept-form.tsx";
import {
  AdmitForm,
  BookForm,
  RedirectForm,
  SetOffForm,
  TakeOnForm,
  TextForm,
} from "./action-forms.tsx";
import { BeginDown } from "./begin-down.tsx";
import { useActOnReferral } from "./queries.ts";
import "../workbench/consult-page.css";

/** In the order of the bar: what leads on before what ends. The form of a draft has its own ways to send. */
const order = [
  "submit",
  "accept",
  "answerMore",
  "arrive",
  "admit",
  "takeOn",
  "discharge",
  "readyForDown",
  "book",
  "setOff",
  "confirmCancel",
  "refuseCancel",
  "askMore",
  "advise",
  "convert",
  "redirect",
  "return",
  "handBack",
  "markNoShow",
  "keep",
  "conclude",
  "revise",
  "askCancel",
  "withdraw",
  "cancel",
] as const satisfies readonly Exclude<
  ReferralAction,
  "agree" | "sendDown" | "expire" | "loseSeat"
>[];
type Offered = (typeof order)[number];

const leading: readonly Offered[] = [
  "submit",
  "accept",
  "answerMore",
  "arrive",
  "admit",
  "takeOn",
  "discharge",
  "confirmCancel",
];
/** One press does these; all others open what they need first. */
const atOnce = [
  "submit",
  "arrive",
  "discharge",
  "readyForDown",
  "confirmCancel",
  "convert",
  "revise",
] as const;
type AtOnce = (typeof atOnce)[number];
const isAtOnce = (action: Offered): action is AtOnce =>
  (atOnce as readonly string[]).includes(action);

/** What may be done now: exactly what the state table answers to this reader, each with what it needs in place. */
export function Actions({ referral, session }: { referral: ReferralDetail; session: StaffView }) {
  const t = useText();
  const [open, setOpen] = useState<Offered | null>(null);
  const act = useActOnReferral(referral.id, () => setOpen(null));
  const offered = order.filter((action) => referral.actions.includes(action));
  const { version } = referral;
  const press = (action: Offered) => {
    if (isAtOnce(action)) act.mutate({ action, version } as ActionInput);
    else {
      act.reset();
      setOpen(action);
    }
  };
  useEffect(() => {
    const key = (event: KeyboardEvent) => {
      if (isTyping(event) || event.key.toLowerCase() !== "a") return;
      if (!offered.includes("accept")) return;
      event.preventDefault();
      setOpen("accept");
    };
    addEventListener("keydown", key);
    return () => removeEventListener("keydown", key);
  });
  const look = (action: Offered, at: number): ButtonLook =>
    leading.includes(action) && at === 0 ? "primary" : leading.includes(action) ? "soft" : "plain";
  // Somebody was faster: what was typed stays on the page, and the page says that it cannot be sent.
  const gone = open !== null && !referral.actions.includes(open);
  const begins = referral.state === "ready-for-down" && referral.actions.includes("keep");
  if (offered.length === 0 && !open) return null;
  return (
    <>
      <div className="action-bar desk-bar">
        {begins ? <BeginDown referral={referral} session={session} /> : null}
        {offered.map((action, at) => (
          <Button
            key={action}
            look={look(action, begins ? at + 1 : at)}
            aria-expanded={isAtOnce(action) ? undefined : open === action}
            busy={act.isPending && act.variables.action === action}
            onClick={() => press(action)}
          >
            {t(`referral.act.${action}`)}
          </Button>
        ))}
        <span className="action-keys">
          {offered.includes("accept") ? (
            <>
              <kbd>A</kbd> {t("referral.act.accept")}{" "}
            </>
          ) : null}
          <kbd>J</kbd> <kbd>K</kbd> {t("workbench.keys.upDown")}
        </span>
      </div>
      <ProblemNotice error={act.error} kept={open ? t("referral.kept") : undefined} />
      {gone ? <Notice tone="warn">{t("referral.noLonger")}</Notice> : null}
      {open && !isAtOnce(open) ? (
        <Form
          key={open}
          action={open}
          referral={referral}
          session={session}
          busy={act.isPending || gone}
          send={(body) => act.mutate(body)}
          onClose={() => setOpen(null)}
        />
      ) : null}
    </>
  );
}

export type FormProps = {
  referral: ReferralDetail;
  session: StaffView;
  busy: boolean;
  send: (body: ActionInput) => void;
  onClose: () => void;
};

function Form({ action, ...props }: FormProps & { action: Exclude<Offered, AtOnce> }) {
  const { version } = props.referral;
  switch (action) {
    case "accept":
      return <AcceptForm {...props} />;
    case "redirect":
      return <RedirectForm {...props} />;
    case "book":
      return <BookForm {...props} />;
    case "admit":
      return <AdmitForm {...props} />;
    case "takeOn":
      return <TakeOnForm {...props} />;
    case "setOff":
      return <SetOffForm {...props} />;
    case "answerMore":
      return (
        <TextForm
          {...props}
          action={action}
          onSend={(text) => props.send({ action, version, text })}
        />
      );
    case "advise":
      return (
        <TextForm
          {...props}
          action={action}
          onSend={(answer) => props.send({ action, version, answer })}
        />
      );
    case "return":
    case "handBack":
      return (
        <TextForm
          {...props}
          action={action}
          asksCall={props.referral.urgency === "emergency"}
          onSend={(reason, call) => props.send({ action, version, reason, call })}
        />
      );
    default:
      return (
        <TextForm
          {...props}
          action={action}
          onSend={(reason) => props.send({ action, version, reason })}
        />
      );
  }
}
