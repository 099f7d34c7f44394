import { useState } from "react";
import type { z } from "zod";
import type {
  ConsultDetail,
  inviteGuestAnswer,
  inviteGuestBody,
} from "../../server/consult/contract.ts";
import { api } from "../api/client.ts";
import { useWrite } from "../api/write.ts";
import { consentTextVersion } from "../consult/consent-kinds.ts";
import { useConsult, useConsultAnswer } from "../consult/queries.ts";
import { nameOf } from "../consult/words.ts";
import { Button } from "../design/components/button.tsx";
import { TextField } from "../design/components/field.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Qr } from "../design/components/qr.tsx";
import { Segmented } from "../design/components/segmented.tsx";
import { SignaturePad, type Stroke } from "../design/components/signature-pad.tsx";
import { qr } from "../design/icons-work.ts";
import { useText } from "../i18n/i18n.ts";
import { dayTime } from "../i18n/time.ts";
import { useRoom } from "./room-context.ts";

type Answer = z.infer<typeof inviteGuestAnswer>;

/** A relative joins from a phone: the patient agrees to this very person, then a QR code opens the door. */
export function Invite() {
  const t = useText();
  const { consultId, session } = useRoom();
  const consult = useConsult(consultId);
  const [open, setOpen] = useState(false);
  const [link, setLink] = useState<(Answer & { name: string }) | null>(null);
  const put = useConsultAnswer();
  const revoke = useWrite(
    (guestId: string, key) =>
      api.post<ConsultDetail>(`/api/consults/${consultId}/guests/${guestId}/revoke`, {}, key),
    { onDone: put },
  );
  if (
    session.kind !== "staff" ||
    !session.permissions.includes("consult.request") ||
    consult.data?.side !== "inviting"
  )
    return null;
  const guests = consult.data.guests.filter((guest) => !guest.revokedAt);
  return (
    <section className="side-section">
      <h2>{t("room.invite.title")}</h2>
      <ul className="people">
        {guests.map((guest) => (
          <li key={guest.id}>
            <span className="grow">
              <strong>{guest.name}</strong> <span className="muted small">{guest.relation}</span>
              <br />
              <span className="muted small">
                {guest.firstUsedAt
                  ? t("room.invite.used", { time: dayTime(guest.firstUsedAt) })
                  : t("room.invite.unused", { time: dayTime(guest.expiresAt) })}
              </span>
            </span>
            <Button size="small" look="quiet" onClick={() => revoke.mutate(guest.id)}>
              {t("room.invite.revoke")}
            </Button>
          </li>
        ))}
      </ul>
      <ProblemNotice error={revoke.error} />
      {link ? (
        <div className="stack stack-2">
          <p className="strong">{t("room.invite.scan", { name: link.name })}</p>
          <Qr value={link.url} label={t("room.invite.qr", { name: link.name })} />
          <p className="invite-link small">{link.url}</p>
          <p className="muted small">{t("room.invite.once", { time: dayTime(link.expiresAt) })}</p>
          <div className="row">
            {navigator.clipboard ? (
              <Button size="small" onClick={() => void navigator.clipboard.writeText(link.url)}>
                {t("room.invite.copy")}
              </Button>
            ) : null}
            <Button size="small" onClick={() => setLink(null)}>
              {t("room.invite.another")}
            </Button>
          </div>
        </div>
      ) : open ? (
        <InviteForm
          consult={consult.data}
          onDone={(answer) => {
            setLink(answer);
            setOpen(false);
          }}
          onCancel={() => setOpen(false)}
        />
      ) : (
        <Button icon={qr} className="align-start" onClick={() => setOpen(true)}>
          {t("room.invite.begin")}
        </Button>
      )}
    </section>
  );
}

function InviteForm({
  consult,
  onDone,
  onCancel,
}: {
  consult: ConsultDetail;
  onDone: (answer: Answer & { name: string }) => void;
  onCancel: () => void;
}) {
  const t = useText();
  const { patient } = consult;
  const [name, setName] = useState("");
  const [relation, setRelation] = useState("");
  const [method, setMethod] = useState<"signature" | "fingerprint">("signature");
  const [signer, setSigner] = useState(
    patient.ageYears !== null && patient.ageYears < 14 ? "" : nameOf(patient, t),
  );
  const [strokes, setStrokes] = useState<Stroke[]>([]);
  const [witness, setWitness] = useState("");
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState(false);
  const invite = useWrite(
    (body: z.input<typeof inviteGuestBody>, key) =>
      api.post<Answer>(`/api/consults/${consult.id}/guests`, body, key),
    { onDone: (answer) => onDone({ ...answer, name }) },
  );
  const blank = (text: string) =>
    tried && text.trim() === "" ? t("common.error.name") : undefined;
  const complete =
    name.trim() &&
    relation.trim() &&
    signer.trim() &&
    (method === "signature" ? strokes.length > 0 : witness.trim() && reason.trim());
  return (
    <form
      className="stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (!complete) return;
        invite.mutate({
          name: name.trim(),
          relation: relation.trim(),
          language: patient.language,
          consent: {
            kind: "relative",
            given: true,
            method,
            language: patient.language,
            textVersion: consentTextVersion,
            signerName: signer.trim(),
            signerRelation:
              signer.trim() === patient.fullName
                ? t("common.relation.self")
                : t("common.relation.guardian"),
            signature: method === "signature" ? { strokes } : null,
            witnessName: witness.trim() || null,
            reason: reason.trim() || null,
            relativeName: name.trim(),
          },
        });
      }}
    >
      <TextField
        label={t("room.invite.name")}
        value={name}
        error={blank(name)}
        onChange={(event) => setName(event.target.value)}
      />
      <TextField
        label={t("room.invite.relation")}
        value={relation}
        error={blank(relation)}
        onChange={(event) => setRelation(event.target.value)}
      />
      <p className="consent-ask">
        {t("consult.consent.text.relative", {
          name: nameOf(patient, t),
          hospital: consult.invited?.name ?? "",
          relative: name.trim() || "……",
        })}
      </p>
      <TextField
        label={t("room.invite.signer")}
        value={signer}
        error={blank(signer)}
        onChange={(event) => setSigner(event.target.value)}
      />
      <Segmented
        label={t("room.invite.how")}
        value={method}
        onChange={setMethod}
        options={[
          { value: "signature", label: t("consult.consent.how.signature") },
          { value: "fingerprint", label: t("consult.consent.how.fingerprint") },
        ]}
      />
      {method === "signature" ? (
        <SignaturePad label={t("room.invite.sign")} strokes={strokes} onChange={setStrokes} />
      ) : (
        <>
          <TextField
            label={t("room.invite.witness")}
            value={witness}
            error={blank(witness)}
            onChange={(event) => setWitness(event.target.value)}
          />
          <TextField
            label={t("room.invite.reason")}
            value={reason}
            error={tried && !reason.trim() ? t("common.error.reason") : undefined}
            onChange={(event) => setReason(event.target.value)}
          />
        </>
      )}
      {tried && !complete ? <Notice tone="bad">{t("room.invite.incomplete")}</Notice> : null}
      <ProblemNotice error={invite.error} />
      <div className="row">
        <Button look="primary" type="submit" busy={invite.isPending} icon={qr}>
          {t("room.invite.make")}
        </Button>
        <Button look="quiet" onClick={onCancel}>
          {t("common.cancel")}
        </Button>
      </div>
    </form>
  );
}
