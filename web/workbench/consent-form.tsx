import { useEffect, useState } from "react";
import type { z } from "zod";
import type { ConsultDetail, consentBody } from "../../server/consult/contract.ts";
import type { ConsentKind, ConsentMethod } from "../../server/consult/domain.ts";
import { api } from "../api/client.ts";
import { useWrite } from "../api/write.ts";
import { consentTextVersion } from "../consult/consent-kinds.ts";
import { useConsultAnswer } from "../consult/queries.ts";
import { nameOf } from "../consult/words.ts";
import { Button } from "../design/components/button.tsx";
import { SelectField, TextArea, TextField } from "../design/components/field.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Segmented } from "../design/components/segmented.tsx";
import { SignaturePad, type Stroke } from "../design/components/signature-pad.tsx";
import { speaker } from "../design/icons.ts";
import { useSpeech } from "../design/speech.ts";
import type { Language } from "../i18n/areas.ts";
import { type Translate, useText, wordsOf } from "../i18n/i18n.ts";

type ConsultBody = z.input<typeof consentBody>;
/** What was asked and answered, of whatever it is a consent to. */
export type Answered = Omit<ConsultBody, "kind">;
const relations = ["self", "guardian", "mother", "father", "spouse", "child", "relative"] as const;

/** A consent to a part of a consult. */
export function ConsentForm({
  kind,
  consult,
  emergency,
  onClose,
}: {
  kind: ConsentKind;
  consult: ConsultDetail;
  emergency: boolean;
  onClose: () => void;
}) {
  const answer = useConsultAnswer();
  const save = useWrite(
    (body: Answered, key) =>
      api.post<ConsultDetail>(`/api/consults/${consult.id}/consents`, { kind, ...body }, key),
    {
      onDone: (detail) => {
        answer(detail);
        onClose();
      },
    },
  );
  return (
    <ConsentSheet
      patient={consult.patient}
      textOf={(words, relative) =>
        words(`consult.consent.text.${kind}`, {
          name: nameOf(consult.patient, words),
          hospital: consult.invited?.name ?? words("consult.consent.anyHospital"),
          relative,
        })
      }
      asksRelative={kind === "relative"}
      emergency={emergency}
      busy={save.isPending}
      error={save.error}
      onSave={(body) => save.mutate(body)}
      onClose={onClose}
    />
  );
}

/**
 * Asks one thing in the patient's language: the text is shown large and read aloud where the device
 * can; the answer is signed here, or given by fingerprint before a named witness. Without any consent
 * only an emergency goes on, with a reason.
 */
export function ConsentSheet({
  patient,
  textOf,
  asksRelative = false,
  emergency,
  saveWords,
  busy,
  error,
  onSave,
  onClose,
}: {
  patient: Pick<
    ConsultDetail["patient"],
    "fullName" | "fullNameBo" | "ageYears" | "language" | "unknownPerson"
  >;
  /** What is asked, in the language of `words`. */
  textOf: (words: Translate, relative: string) => string;
  asksRelative?: boolean;
  emergency: boolean;
  /** What the button says when the answer is yes. */
  saveWords?: string;
  busy: boolean;
  error: Error | null;
  onSave: (body: Answered) => void;
  onClose: () => void;
}) {
  const t = useText();
  const isChild = patient.ageYears !== null && patient.ageYears < 14;
  const [language, setLanguage] = useState<Language>(patient.language);
  const [words, setWords] = useState<Translate | null>(null);
  const [given, setGiven] = useState(true);
  const [method, setMethod] = useState<ConsentMethod>("signature");
  const [signerName, setSignerName] = useState(
    isChild || patient.unknownPerson ? "" : nameOf(patient, t),
  );
  const [relation, setRelation] = useState<(typeof relations)[number]>(
    isChild ? "guardian" : "self",
  );
  const [strokes, setStrokes] = useState<Stroke[]>([]);
  const [witnessName, setWitnessName] = useState("");
  const [reason, setReason] = useState("");
  const [relativeName, setRelativeName] = useState("");
  const [tried, setTried] = useState(false);
  const speech = useSpeech(language);

  useEffect(() => {
    let gone = false;
    void wordsOf(language).then((translate) => !gone && setWords(() => translate));
    return () => {
      gone = true;
    };
  }, [language]);

  const text = words ? textOf(words, relativeName.trim() || "……") : "";
  const lacks = {
    signer: signerName.trim() === "",
    signature: given && method === "signature" && strokes.length === 0,
    witness: method === "fingerprint" && witnessName.trim() === "",
    reason: method !== "signature" && reason.trim() === "",
    relative: asksRelative && relativeName.trim() === "",
  };
  const send = () => {
    setTried(true);
    if (Object.values(lacks).some(Boolean)) return;
    onSave({
      given,
      method,
      language,
      textVersion: consentTextVersion,
      signerName: signerName.trim(),
      signerRelation: t(`common.relation.${relation}`),
      signature: method === "signature" && strokes.length > 0 ? { strokes } : null,
      witnessName: witnessName.trim() || null,
      reason: reason.trim() || null,
      ...(asksRelative ? { relativeName: relativeName.trim() } : {}),
    });
  };
  const methods: ConsentMethod[] = emergency
    ? ["signature", "fingerprint", "emergency"]
    : ["signature", "fingerprint"];

  return (
    <form
      className="stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {asksRelative ? (
        <TextField
          label={t("workbench.consent.relative")}
          value={relativeName}
          error={tried && lacks.relative ? t("common.error.name") : undefined}
          onChange={(event) => setRelativeName(event.target.value)}
        />
      ) : null}
      <div className="row spread">
        <Segmented
          label={t("workbench.consent.language")}
          value={language}
          onChange={setLanguage}
          options={[
            { value: "bo", label: "བོད་སྐད།", lang: "bo" },
            { value: "zh-CN", label: "中文", lang: "zh-CN" },
            { value: "en", label: "English", lang: "en" },
          ]}
        />
        {speech.available ? (
          <Button
            look="soft"
            icon={speaker}
            onClick={() => (speech.speaking ? speech.stop() : speech.speak(text))}
          >
            {speech.speaking ? t("common.stopReading") : t("workbench.consent.readAloud")}
          </Button>
        ) : null}
      </div>
      <p className="consent-text" lang={language}>
        {text}
      </p>
      {speech.available ? null : (
        <Notice tone="info" icon={speaker} live={false}>
          {t("workbench.consent.noVoice", { language: t(`common.languageName.${language}`) })}
        </Notice>
      )}
      <Segmented
        label={t("workbench.consent.answer")}
        value={given ? "yes" : "no"}
        onChange={(next) => setGiven(next === "yes")}
        options={[
          { value: "yes", label: t("workbench.consent.yes") },
          { value: "no", label: t("workbench.consent.no") },
        ]}
      />
      <div className="field-row">
        <TextField
          label={t("workbench.consent.signer")}
          value={signerName}
          error={tried && lacks.signer ? t("common.error.name") : undefined}
          onChange={(event) => setSignerName(event.target.value)}
        />
        <SelectField
          label={t("workbench.consent.relation")}
          value={relation}
          onChange={(event) => setRelation(event.target.value as typeof relation)}
        >
          {relations.map((entry) => (
            <option key={entry} value={entry}>
              {t(`common.relation.${entry}`)}
            </option>
          ))}
        </SelectField>
      </div>
      <Segmented
        label={t("workbench.consent.method")}
        value={method}
        onChange={setMethod}
        options={methods.map((entry) => ({
          value: entry,
          label: t(`workbench.consent.methodName.${entry}`),
        }))}
      />
      {method === "signature" ? (
        <>
          <SignaturePad
            label={t("workbench.consent.sign")}
            strokes={strokes}
            onChange={setStrokes}
          />
          {tried && lacks.signature ? (
            <p className="field-error">{t("workbench.consent.signMissing")}</p>
          ) : null}
        </>
      ) : (
        <>
          <TextField
            label={t("workbench.consent.witness")}
            hint={t("workbench.consent.witnessHint")}
            optional={method === "emergency" ? t("common.optional") : undefined}
            value={witnessName}
            error={tried && lacks.witness ? t("common.error.name") : undefined}
            onChange={(event) => setWitnessName(event.target.value)}
          />
          <TextArea
            label={t(`workbench.consent.reason.${method}`)}
            rows={2}
            value={reason}
            error={tried && lacks.reason ? t("common.error.reason") : undefined}
            onChange={(event) => setReason(event.target.value)}
          />
        </>
      )}
      <ProblemNotice error={error} />
      <div className="row">
        <Button look="primary" type="submit" busy={busy}>
          {given
            ? (saveWords ?? t("workbench.consent.saveGiven"))
            : t("workbench.consent.saveRefused")}
        </Button>
        <Button look="quiet" onClick={onClose}>
          {t("common.cancel")}
        </Button>
      </div>
    </form>
  );
}
