import { type ReactNode, useState } from "react";
import type { TransferDetail } from "../../server/transfer/contract.ts";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { Countdown, useNow } from "../design/components/countdown.tsx";
import { CheckField } from "../design/components/field.tsx";
import { Icon } from "../design/components/icon.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Qr } from "../design/components/qr.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { Status } from "../design/components/status.tsx";
import { phone } from "../design/icons.ts";
import { useLanguage, useText } from "../i18n/i18n.ts";
import { clockTime, shortTime } from "../i18n/time.ts";
import { AssignForm, CallForm, HandOverForm, ReasonForm } from "./forms.tsx";
import { PacketCard } from "./packet-card.tsx";
import { useAct, useLink, useTick, useTransfer } from "./queries.ts";
import { nameOf, Since, stateLook } from "./transfer-page.tsx";

/** One transfer as either house sees it: the clock, the telephones, then what is to be done. */
export function TransferView({ id, back }: { id: string; back: ReactNode }) {
  const t = useText();
  const language = useLanguage();
  const found = useTransfer(id);
  const one = found.data;
  return (
    <main id="main" className="bench-main transfer">
      {back}
      {found.isPending ? <Skeleton lines={6} /> : null}
      <ProblemNotice error={found.error} retry={() => void found.refetch()} />
      {one ? (
        <>
          <header className="transfer-head">
            <div>
              <h2>
                {one.patient.fullName ?? t("transfer.noName")}{" "}
                <span className="muted transfer-who">
                  {t(`common.sex.${one.patient.sex as "female" | "male" | "other" | "unknown"}`)}
                  {one.patient.ageYears === null
                    ? ""
                    : ` · ${t("transfer.age", { years: one.patient.ageYears })}`}
                </span>
              </h2>
              <p className="small muted">
                {one.number} · {nameOf(one.from, language)} → {nameOf(one.to, language)}
                {one.plate ? ` · ${one.plate}` : ""}
              </p>
              <p>{one.reason}</p>
            </div>
            <div className="transfer-clock">
              <Status tone={stateLook[one.state].tone} icon={stateLook[one.state].icon}>
                {t(`transfer.state.${one.state}`)}
              </Status>
              <p>
                <Since one={one} />
              </p>
              {one.expectedAt && !one.arrivedAt ? (
                <p>{t("transfer.expected", { time: clockTime(one.expectedAt) })}</p>
              ) : null}
            </div>
          </header>
          {one.kind === "infectious" ? (
            <Notice tone="warn" live={false} title={t("transfer.infectious.title")}>
              {t("transfer.infectious.how")}
              {one.isolationBed ? ` ${t("transfer.infectious.bed")}` : ""}
              {one.feverState
                ? ` ${t("transfer.infectious.fever", { state: t(`fever.state.${one.feverState}`) })}`
                : ""}
              {one.reports.length === 0 ? <p>{t("transfer.report.none")}</p> : null}
              {one.reports.map((report) => (
                <p key={report.id} className="row">
                  <strong>{report.disease}</strong>
                  {report.receivedAt ? (
                    <Status tone="good">{t("transfer.report.received")}</Status>
                  ) : (
                    <Countdown dueAt={report.dueAt} lead={t("transfer.report.due")} />
                  )}
                </p>
              ))}
            </Notice>
          ) : null}
          {one.cancelReason ? (
            <Notice tone="warn" live={false} title={t("transfer.cancelled")}>
              {one.cancelReason.startsWith("referral:")
                ? t("transfer.cancelledWithReferral")
                : one.cancelReason}
            </Notice>
          ) : null}
          <ul className="transfer-phones" aria-label={t("transfer.phones")}>
            {one.phones.map((line) => (
              <li key={line.who}>
                <a href={`tel:${line.phone.replaceAll(/[^\d+]/g, "")}`}>
                  <Icon path={phone} />
                  <span>
                    <span className="small">
                      {t(`transfer.phone.${line.who}`)} {line.name}
                    </span>
                    <span className="figure transfer-number">{line.phone}</span>
                  </span>
                </a>
              </li>
            ))}
          </ul>
          <Steps one={one} />
          <Way one={one} />
          <div className="transfer-pair">
            <Ready one={one} />
            <Calls one={one} />
          </div>
          {one.mayMakePacket || one.packets.length > 0 ? <PacketCard one={one} /> : null}
          <History one={one} />
        </>
      ) : null}
    </main>
  );
}

/** What may be done now: the state table's own answer. */
function Steps({ one }: { one: TransferDetail }) {
  const t = useText();
  const act = useAct(one.id);
  const link = useLink(one.id);
  const [asked, setAsked] = useState<"assign" | "cancel" | "disinfect" | null>(null);
  const may = (action: TransferDetail["actions"][number]) => one.actions.includes(action);
  const first = one.state === "requested" && may("assign");
  const take = (body: Record<string, unknown> & { action: string }) =>
    act.mutate({ version: one.version, ...body }, { onSuccess: () => setAsked(null) });
  if (one.actions.length === 0 && !one.handOver) return null;
  return (
    <Card title={t(one.actions.length > 0 ? "transfer.next" : "transfer.handOver.title")} strong>
      <div className="row">
        {(["pickUp", "depart", "arrive"] as const).map((action) =>
          may(action) ? (
            <Button
              key={action}
              look={action === "arrive" && one.state !== "in-transit" ? "plain" : "primary"}
              busy={act.isPending}
              onClick={() => take({ action })}
            >
              {t(`transfer.do.${action}`)}
            </Button>
          ) : null,
        )}
        {one.side === "from" && one.state !== "requested" && one.escort && may("cancel") ? (
          <Button busy={link.isPending} onClick={() => link.mutate(null)}>
            {t(one.hasLink ? "transfer.link.again" : "transfer.link.make")}
          </Button>
        ) : null}
        {may("assign") && !first ? (
          <Button look="quiet" onClick={() => setAsked("assign")}>
            {t("transfer.do.reassign")}
          </Button>
        ) : null}
        {may("disinfect") ? (
          <Button look="primary" onClick={() => setAsked("disinfect")}>
            {t("transfer.do.disinfect")}
          </Button>
        ) : null}
        {may("cancel") ? (
          <Button look="quiet" onClick={() => setAsked("cancel")}>
            {t("transfer.do.cancel")}
          </Button>
        ) : null}
      </div>
      {link.data ? (
        <div className="transfer-link">
          <Qr value={link.data.url} label={t("transfer.link.qr")} />
          <div>
            <p className="strong">{t("transfer.link.title")}</p>
            <p className="small muted">{t("transfer.link.how")}</p>
            <p className="small transfer-url">{link.data.url}</p>
          </div>
        </div>
      ) : null}
      {first || asked === "assign" ? (
        <AssignForm
          one={one}
          busy={act.isPending}
          onSend={(body) => take({ action: "assign", ...body })}
        />
      ) : null}
      {may("handOver") ? (
        <HandOverForm
          busy={act.isPending}
          onSend={(body) => take({ action: "handOver", ...body })}
        />
      ) : null}
      {asked === "cancel" ? (
        <ReasonForm
          label={t("transfer.cancel.reason")}
          send={t("transfer.do.cancel")}
          busy={act.isPending}
          onSend={(reason) => take({ action: "cancel", reason })}
        />
      ) : null}
      {asked === "disinfect" ? (
        <ReasonForm
          label={t("transfer.disinfect.how")}
          send={t("transfer.do.disinfect")}
          busy={act.isPending}
          onSend={(disinfection) => take({ action: "disinfect", disinfection })}
        />
      ) : null}
      <ProblemNotice error={act.error ?? link.error} />
      {one.handOver ? (
        <p>
          <strong>{t("transfer.handOver.signed", { name: one.handOver.receiver })}</strong>{" "}
          <span className="muted">
            {shortTime(one.handOver.at)} · {one.handOver.condition}
          </span>
        </p>
      ) : null}
      {one.disinfection ? (
        <p>
          <strong>{t("transfer.disinfected", { name: one.disinfection.by })}</strong>{" "}
          <span className="muted">
            {shortTime(one.disinfection.at)} · {one.disinfection.how}
          </span>
        </p>
      ) : null}
    </Card>
  );
}

/** Where it is: on a line from door to door, no map. */
function Way({ one }: { one: TransferDetail }) {
  const t = useText();
  const language = useLanguage();
  const now = useNow(10_000);
  const { last, wholeMetres } = one;
  const gone =
    one.arrivedAt || !wholeMetres || last?.toGoMetres == null
      ? one.arrivedAt
        ? 1
        : null
      : Math.min(1, Math.max(0, 1 - last.toGoMetres / wholeMetres));
  return (
    <Card title={t("transfer.way")}>
      <div className="transfer-way">
        <span>{nameOf(one.from, language)}</span>
        <svg viewBox="0 0 400 24" aria-hidden="true" preserveAspectRatio="none">
          <line className="way-whole" x1="8" y1="12" x2="392" y2="12" />
          {gone === null ? null : (
            <>
              <line className="way-gone" x1="8" y1="12" x2={8 + 384 * gone} y2="12" />
              <circle className="way-now" cx={8 + 384 * gone} cy="12" r="8" />
            </>
          )}
        </svg>
        <span>{nameOf(one.to, language)}</span>
      </div>
      {last ? (
        <p>
          {t("transfer.last", {
            time: clockTime(last.at),
            minutes: Math.max(0, Math.round((now - Date.parse(last.at)) / 60_000)),
          })}
          {last.toGoMetres === null || one.arrivedAt
            ? ""
            : ` · ${t("transfer.toGo", { km: (last.toGoMetres / 1000).toFixed(1) })}`}
          {last.accuracyMetres === null
            ? ""
            : ` · ${t("transfer.accuracy", { metres: Math.round(last.accuracyMetres) })}`}
        </p>
      ) : (
        <p className="muted">{t("transfer.noPosition")}</p>
      )}
      <p className="small muted">{t("transfer.crow")}</p>
    </Card>
  );
}

function Ready({ one }: { one: TransferDetail }) {
  const t = useText();
  const language = useLanguage();
  const tick = useTick(one.id);
  return (
    <Card
      title={t("transfer.ready")}
      aside={<span className="figure strong">{`${one.ready.done}/${one.ready.all}`}</span>}
    >
      <ul className="transfer-ready">
        {one.readyItems.map((item) => (
          <li key={item.code}>
            <CheckField
              label={language === "bo" ? item.bo : language === "en" ? item.en : item.zh}
              hint={item.tickedAt ? `${item.tickedBy} ${shortTime(item.tickedAt)}` : undefined}
              checked={item.tickedAt !== null}
              disabled={!one.mayTick}
              onChange={(event) => tick.mutate({ code: item.code, ready: event.target.checked })}
            />
          </li>
        ))}
      </ul>
      {one.mayTick ? null : <p className="small muted">{t("transfer.readyBy")}</p>}
      <ProblemNotice error={tick.error} />
    </Card>
  );
}

function Calls({ one }: { one: TransferDetail }) {
  const t = useText();
  const language = useLanguage();
  return (
    <Card title={t("transfer.calls")}>
      {one.calls.length === 0 ? <p className="muted">{t("transfer.calls.none")}</p> : null}
      <ul className="transfer-calls">
        {one.calls.map((call) => (
          <li key={call.id}>
            <p className="small muted">
              {shortTime(call.at)} · {call.by}
              {call.institution ? ` · ${nameOf(call.institution, language)}` : ""} → {call.with}
            </p>
            <p className="pre-line">{call.said}</p>
            <p className="small">{t("transfer.calls.back", { words: call.readBack })}</p>
          </li>
        ))}
      </ul>
      <CallForm id={one.id} />
    </Card>
  );
}

function History({ one }: { one: TransferDetail }) {
  const t = useText();
  const language = useLanguage();
  return (
    <Card title={t("transfer.history")}>
      <ol className="transfer-steps">
        {one.steps.map((step) => (
          <li key={`${step.action} ${step.toldAt}`}>
            <span className="figure">{shortTime(step.at)}</span>{" "}
            <strong>{t(`transfer.step.${step.action as "begin"}`)}</strong>{" "}
            <span className="muted">
              {step.by || t("transfer.crew")}
              {step.institution ? ` · ${nameOf(step.institution, language)}` : ""}
              {Date.parse(step.toldAt) - Date.parse(step.at) > 60_000
                ? ` · ${t("transfer.toldLate", { time: shortTime(step.toldAt) })}`
                : ""}
            </span>
          </li>
        ))}
      </ol>
    </Card>
  );
}
