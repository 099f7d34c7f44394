import { useState } from "react";
import { Link } from "wouter";
import { inWords } from "../clinic/words.ts";
import { nameOf, sexAndAge } from "../consult/words.ts";
import { Button, buttonClass } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { Countdown } from "../design/components/countdown.tsx";
import { TextField } from "../design/components/field.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Status, type Tone } from "../design/components/status.tsx";
import { check, person, warning } from "../design/icons.ts";
import { useLanguage, useText } from "../i18n/i18n.ts";
import { clockTime, dayTime } from "../i18n/time.ts";
import { type DeskView, type Room, type Transfer, useCleanRoom, useLift } from "./queries.ts";

const tones: Record<Room["state"], Tone> = {
  free: "good",
  occupied: "info",
  "to-disinfect": "warn",
};
const icons: Record<Room["state"], string> = {
  free: check,
  occupied: person,
  "to-disinfect": warning,
};

/** One patient per room: who is where and since when, which clock runs, what is to be disinfected. */
export function Board({ desk }: { desk: DeskView }) {
  const t = useText();
  const clean = useCleanRoom();
  const count = (state: Room["state"]) => desk.rooms.filter((one) => one.state === state).length;
  return (
    <>
      <Card
        title={t("fever.board")}
        aside={
          <span className="muted">
            {t("fever.room.counts", {
              free: count("free"),
              occupied: count("occupied"),
              dirty: count("to-disinfect"),
            })}
          </span>
        }
      >
        <ProblemNotice error={clean.error} />
        <ul className="fever-rooms">
          {desk.rooms.map((room) => {
            const visit = desk.visits.find(({ id }) => id === room.visitId);
            return (
              <li key={room.id} className={`fever-room fever-room-${room.state}`}>
                <span className="row spread">
                  <strong>{room.name}</strong>
                  <Status tone={tones[room.state]} icon={icons[room.state]}>
                    {t(`fever.room.${room.state}`)}
                  </Status>
                </span>
                <span className="muted small">
                  {t(`fever.room.kind.${room.kind}`)}
                  {room.since ? ` · ${t("fever.since", { time: clockTime(room.since) })}` : ""}
                </span>
                {visit ? (
                  <>
                    <Link href={`/fever/${visit.id}`} className="fever-room-person">
                      <strong>{nameOf(visit.patient, t)}</strong>{" "}
                      <span className="muted small">{sexAndAge(visit.patient, t)}</span>
                    </Link>
                    <span className="small">
                      {t(`fever.state.${visit.state}`)}
                      {visit.temperature ? ` · ${visit.temperature.toFixed(1)}℃` : ""}
                      {visit.route ? ` · ${t(`fever.route.${visit.route}`)}` : ""}
                    </span>
                    {visit.resultDueAt ? (
                      <Countdown dueAt={visit.resultDueAt} lead={t("fever.resultLead")} />
                    ) : null}
                    {visit.hasResult ? <Status tone="info">{t("fever.resultThere")}</Status> : null}
                    {visit.alarm ? <Status tone="bad">{t("fever.spo2")}</Status> : null}
                  </>
                ) : null}
                {room.state === "to-disinfect" && room.stayId ? (
                  <Button
                    look="soft"
                    busy={clean.isPending}
                    onClick={() => clean.mutate(room.stayId!)}
                  >
                    {t("fever.room.clean")}
                    <span className="visually-hidden"> {room.name}</span>
                  </Button>
                ) : null}
              </li>
            );
          })}
        </ul>
      </Card>
      {desk.incoming.length > 0 ? (
        <Card title={t("fever.incoming")}>
          <Vehicles rows={desk.incoming} />
        </Card>
      ) : null}
      {desk.outgoing.length > 0 ? (
        <Card title={t("fever.outgoing")}>
          <Vehicles rows={desk.outgoing} />
        </Card>
      ) : null}
      {desk.blocks.length > 0 ? <Blocks desk={desk} /> : null}
    </>
  );
}

function Vehicles({ rows }: { rows: readonly Transfer[] }) {
  const t = useText();
  return (
    <ul className="stack">
      {rows.map((row) => (
        <li key={row.visitId} className="stack stack-2">
          <VehicleRegister transfer={row} />
          {row.side === "own" || row.departed ? (
            <Link
              href={`/fever/${row.visitId}`}
              className={buttonClass("soft", { className: "align-start" })}
            >
              {row.side === "own" ? row.patientName || row.to : t("fever.act.hand-over")}
            </Link>
          ) : null}
        </li>
      ))}
    </ul>
  );
}

/** The lines of the vehicle register, each with who and when. */
export function VehicleRegister({ transfer }: { transfer: Transfer }) {
  const t = useText();
  const language = useLanguage();
  const lines = [
    ["ordered", transfer.ordered, `${transfer.vehicle} · ${transfer.crew}`],
    ["departed", transfer.departed, ""],
    ["received", transfer.received, transfer.received?.receiver ?? ""],
    ["disinfected", transfer.disinfected, transfer.disinfected?.how ?? ""],
  ] as const;
  return (
    <div className="stack stack-2">
      <p>
        <strong className="figure">{transfer.vehicle}</strong>{" "}
        {transfer.side === "own"
          ? `→ ${transfer.to}`
          : t("fever.from", { name: inWords(transfer.from, language) })}{" "}
        ·{" "}
        {transfer.patientName === null
          ? t("fever.unnamed")
          : transfer.patientName || t("common.person.unknown")}
      </p>
      <ol className="fever-lines">
        {lines.map(([name, stamp, more]) => (
          <li key={name} data-done={stamp ? "" : undefined}>
            <Status tone={stamp ? "good" : "quiet"}>{t(`fever.line.${name}`)}</Status>
            <span className="small">
              {stamp ? (
                <>
                  <span className="figure">{clockTime(stamp.at)}</span> {more || stamp.name}
                </>
              ) : (
                <span className="muted">{t("fever.notYet")}</span>
              )}
            </span>
          </li>
        ))}
      </ol>
    </div>
  );
}

function Blocks({ desk }: { desk: DeskView }) {
  const t = useText();
  const lift = useLift();
  const [open, setOpen] = useState<string | null>(null);
  const [reason, setReason] = useState("");
  return (
    <Card title={t("fever.blocks")}>
      <ProblemNotice error={lift.error} />
      <ul className="stack">
        {desk.blocks.map((block) => (
          <li key={block.id}>
            <span className="row spread">
              <span>
                <strong>{block.patient.name}</strong>{" "}
                <span className="muted small">
                  {t("fever.blockUntil", { time: dayTime(block.until) })}
                </span>
              </span>
              {open === block.id ? null : (
                <Button onClick={() => setOpen(block.id)}>
                  {t("fever.lift")}
                  <span className="visually-hidden"> {block.patient.name}</span>
                </Button>
              )}
            </span>
            {open === block.id ? (
              <form
                className="row fever-lift"
                onSubmit={(event) => {
                  event.preventDefault();
                  lift.mutate({ id: block.id, reason });
                  setOpen(null);
                  setReason("");
                }}
              >
                <TextField
                  label={t("fever.liftWhy")}
                  required
                  value={reason}
                  onChange={(event) => setReason(event.target.value)}
                />
                <Button look="primary" type="submit">
                  {t("fever.lift")}
                </Button>
              </form>
            ) : null}
          </li>
        ))}
      </ul>
    </Card>
  );
}
