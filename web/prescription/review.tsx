import { useState } from "react";
import type { PrescriptionView } from "../../server/prescription/contract.ts";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { CheckField, SelectField, TextArea, TextField } from "../design/components/field.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { useText } from "../i18n/i18n.ts";
import { Facts, Lines, Talk } from "./parts.tsx";
import { useAct } from "./queries.ts";
import { lastMinute } from "./valid-until.ts";

const returnReasons = [
  "dose",
  "interaction",
  "allergy",
  "contraindication",
  "duplicate",
  "diagnosis",
  "quantity",
  "not-in-stock",
  "signature",
  "other",
] as const;

/** One prescription after signing: what the doctor saw, what came up since, and what may be done with it. */
export function Sheet({ row }: { row: PrescriptionView }) {
  const t = useText();
  const may = (action: PrescriptionView["actions"][number]) => row.actions.includes(action);
  return (
    <div className="stack">
      <Card title={t("prescription.patient")}>
        <Facts facts={row.facts} />
      </Card>
      <Card title={t("prescription.what")}>
        <p>{row.diagnoses.map((one) => `${one.code ?? ""} ${one.text}`.trim()).join("、")}</p>
        <Lines row={row} />
        {row.signature ? (
          <Notice
            tone={
              row.signature.state === "good" || row.signature.state === "key-replaced"
                ? "good"
                : "bad"
            }
            live={false}
            title={t(`prescription.signature.${row.signature.state}`)}
          />
        ) : null}
        {row.validUntil ? (
          <p className="muted">
            {t("prescription.validUntil", { at: lastMinute(row.validUntil) })}
          </p>
        ) : null}
      </Card>
      {may("approve") ? <Decide row={row} /> : null}
      {may("dispense") ? <Fill row={row} /> : null}
      {may("collect") ? <HandOut row={row} /> : null}
      {may("correct") ? <Correct row={row} /> : null}
      <Say row={row} />
    </div>
  );
}

function Decide({ row }: { row: PrescriptionView }) {
  const t = useText();
  const [reason, setReason] = useState<(typeof returnReasons)[number]>("dose");
  const [note, setNote] = useState("");
  const act = useAct();
  const path = `/api/prescriptions/${row.id}`;
  return (
    <Card title={t("prescription.review")}>
      <div className="stack">
        <Button
          look="primary"
          size="large"
          busy={act.isPending}
          onClick={() => act.mutate({ path: `${path}/approve`, body: { version: row.version } })}
        >
          {t("prescription.approve")}
        </Button>
        <SelectField
          label={t("prescription.returnReason")}
          value={reason}
          onChange={(event) =>
            setReason(returnReasons.find((one) => one === event.target.value) ?? "other")
          }
        >
          {returnReasons.map((one) => (
            <option key={one} value={one}>
              {t(`prescription.return.${one}`)}
            </option>
          ))}
        </SelectField>
        <TextArea
          label={t("prescription.returnNote")}
          value={note}
          onChange={(event) => setNote(event.target.value)}
        />
        <Button
          look="soft"
          disabled={note.trim() === ""}
          busy={act.isPending}
          onClick={() =>
            act.mutate({ path: `${path}/return`, body: { version: row.version, reason, note } })
          }
        >
          {t("prescription.giveBack")}
        </Button>
        <ProblemNotice error={act.error} />
      </div>
    </Card>
  );
}

function Fill({ row }: { row: PrescriptionView }) {
  const t = useText();
  const [delivery, setDelivery] = useState(false);
  const [address, setAddress] = useState("");
  const act = useAct();
  return (
    <Card title={t("prescription.fill")}>
      <div className="stack">
        <CheckField
          label={t("prescription.delivery")}
          checked={delivery}
          onChange={(event) => setDelivery(event.target.checked)}
        />
        {delivery ? (
          <TextField
            label={t("prescription.address")}
            value={address}
            onChange={(event) => setAddress(event.target.value)}
          />
        ) : null}
        <Button
          look="primary"
          busy={act.isPending}
          disabled={delivery && address.trim() === ""}
          onClick={() =>
            act.mutate({
              path: `/api/prescriptions/${row.id}/dispense`,
              body: {
                version: row.version,
                method: delivery ? "delivery" : "pick-up",
                address: delivery ? address : null,
              },
            })
          }
        >
          {t("prescription.fillNow")}
        </Button>
        <ProblemNotice error={act.error} />
      </div>
    </Card>
  );
}

function HandOut({ row }: { row: PrescriptionView }) {
  const t = useText();
  const [code, setCode] = useState("");
  const [seen, setSeen] = useState(false);
  const [proxy, setProxy] = useState(false);
  const [name, setName] = useState("");
  const [idNumber, setIdNumber] = useState("");
  const [text, setText] = useState("");
  const act = useAct();
  const path = `/api/prescriptions/${row.id}`;
  const delivery = row.dispense?.deliveryState ?? null;
  const move = (state: string) =>
    act.mutate({
      path: `${path}/delivery`,
      body: { version: row.version, state, text: text.trim() || null },
    });
  return (
    <Card title={t("prescription.handOut")}>
      <div className="stack">
        {delivery ? (
          <>
            <p>{t(`prescription.delivery.${delivery}`)}</p>
            <TextField
              label={t("prescription.tracking")}
              value={text}
              onChange={(event) => setText(event.target.value)}
            />
            <div className="row">
              {delivery === "preparing" ? (
                <Button busy={act.isPending} onClick={() => move("on-its-way")}>
                  {t("prescription.delivery.on-its-way")}
                </Button>
              ) : null}
              {delivery === "on-its-way" ? (
                <>
                  <Button busy={act.isPending} onClick={() => move("delivered")}>
                    {t("prescription.delivery.delivered")}
                  </Button>
                  <Button look="soft" busy={act.isPending} onClick={() => move("refused")}>
                    {t("prescription.delivery.refused")}
                  </Button>
                </>
              ) : null}
            </div>
          </>
        ) : (
          <>
            <TextField
              label={t("prescription.code")}
              inputMode="numeric"
              maxLength={8}
              value={code}
              onChange={(event) => setCode(event.target.value)}
            />
            <CheckField
              label={t("prescription.idSeen")}
              checked={seen}
              onChange={(event) => setSeen(event.target.checked)}
            />
            <CheckField
              label={t("prescription.proxy")}
              checked={proxy}
              onChange={(event) => setProxy(event.target.checked)}
            />
            {proxy ? (
              <>
                <TextField
                  label={t("prescription.proxyName")}
                  value={name}
                  onChange={(event) => setName(event.target.value)}
                />
                <TextField
                  label={t("prescription.proxyId")}
                  value={idNumber}
                  onChange={(event) => setIdNumber(event.target.value)}
                />
              </>
            ) : null}
            <Button
              look="primary"
              busy={act.isPending}
              disabled={code.trim().length !== 8}
              onClick={() =>
                act.mutate({
                  path: `${path}/collect`,
                  body: {
                    version: row.version,
                    code: code.trim(),
                    patientIdSeen: seen,
                    proxy: proxy ? { name, idNumber } : null,
                  },
                })
              }
            >
              {t("prescription.collectNow")}
            </Button>
          </>
        )}
        <Button
          look="quiet"
          className="align-start"
          busy={act.isPending}
          onClick={() =>
            act.mutate({
              path: `${path}/take-back`,
              body: {
                version: row.version,
                reason: t(
                  delivery === "refused"
                    ? "prescription.delivery.refused"
                    : "prescription.nobodyCame",
                ),
              },
            })
          }
        >
          {t("prescription.takeBack")}
        </Button>
        <ProblemNotice error={act.error} />
      </div>
    </Card>
  );
}

function Correct({ row }: { row: PrescriptionView }) {
  const t = useText();
  const act = useAct();
  return (
    <Card title={t("prescription.returnedBecause")}>
      <p>{row.returnNote}</p>
      <Button
        look="primary"
        busy={act.isPending}
        onClick={() =>
          act.mutate({
            path: `/api/prescriptions/${row.id}/correct`,
            body: { version: row.version },
          })
        }
      >
        {t("prescription.correct")}
      </Button>
      <ProblemNotice error={act.error} />
    </Card>
  );
}

function Say({ row }: { row: PrescriptionView }) {
  const t = useText();
  const [text, setText] = useState("");
  const act = useAct(() => setText(""));
  return (
    <Card title={t("prescription.talk")}>
      <Talk row={row} />
      <div className="stack">
        <TextField
          label={t("prescription.talkText")}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <Button
          look="soft"
          className="align-start"
          disabled={text.trim() === ""}
          busy={act.isPending}
          onClick={() => act.mutate({ path: `/api/prescriptions/${row.id}/talk`, body: { text } })}
        >
          {t("prescription.talkSend")}
        </Button>
        <ProblemNotice error={act.error} />
      </div>
    </Card>
  );
}
