import { useState } from "react";
import type { ContactRelation } from "../../server/patients/domain.ts";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { TextField } from "../design/components/field.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { useText } from "../i18n/i18n.ts";
import { Choices } from "./choices.tsx";
import type { CallView } from "./queries.ts";
import { callerRelations } from "./register-form.tsx";

export type Consent = {
  callerRelation: ContactRelation;
  callerName: string | null;
  callerPhone: string | null;
  words: string;
  by: ContactRelation;
};

/** Who is calling for whom, and the patient's spoken word, in the words that were said. */
export function StepConsent({
  call,
  phone,
  onConsent,
  busy,
  error,
}: {
  call: CallView;
  /** The number that was searched for, when it was one. */
  phone: string;
  onConsent: (consent: Consent) => void;
  busy: boolean;
  error: unknown;
}) {
  const t = useText();
  const [relation, setRelation] = useState<ContactRelation | null>(null);
  const [name, setName] = useState(call.callerName ?? "");
  const [number, setNumber] = useState(call.callerPhone ?? phone);
  const [words, setWords] = useState("");
  const patient = call.patient?.name ?? "";
  if (!relation)
    return (
      <Card strong title={t("hotline.consent.who", { name: patient })}>
        <Choices
          label={t("hotline.consent.who", { name: patient })}
          options={callerRelations.map((one) => ({
            id: one,
            label: t(`common.relation.${one}`),
            hint: one === "self" ? t("hotline.consent.selfHint") : undefined,
          }))}
          onChoose={(one) => {
            setRelation(one as ContactRelation);
            setWords(
              t(one === "self" ? "hotline.consent.selfWords" : "hotline.consent.otherWords"),
            );
          }}
        />
      </Card>
    );
  return (
    <Card strong title={t("hotline.consent.title")}>
      <p className="hotline-say">
        {t(relation === "self" ? "hotline.consent.askSelf" : "hotline.consent.askOther", {
          name: patient,
        })}
      </p>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          onConsent({
            callerRelation: relation,
            callerName: relation === "self" ? null : name.trim() || null,
            callerPhone: number.trim() || null,
            words: words.trim(),
            // A guardian speaks for a child; everybody else's patient speaks for himself.
            by: ["guardian", "mother", "father"].includes(relation) ? relation : "self",
          });
        }}
      >
        <TextField
          label={t("hotline.consent.words")}
          hint={t("hotline.consent.wordsHint")}
          required
          maxLength={300}
          autoFocus
          autoComplete="off"
          value={words}
          onChange={(event) => setWords(event.target.value)}
        />
        <div className="hotline-two">
          <TextField
            label={t("hotline.consent.callBack")}
            type="tel"
            autoComplete="off"
            value={number}
            onChange={(event) => setNumber(event.target.value)}
          />
          {relation === "self" ? null : (
            <TextField
              label={t("hotline.consent.callerName")}
              maxLength={80}
              autoComplete="off"
              value={name}
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </div>
        <ProblemNotice error={error} />
        <div className="row">
          <Button type="submit" look="primary" busy={busy}>
            {t("hotline.consent.heard")} <kbd>↵</kbd>
          </Button>
          <Button look="quiet" onClick={() => setRelation(null)}>
            {t("hotline.back")}
          </Button>
        </div>
      </form>
    </Card>
  );
}
