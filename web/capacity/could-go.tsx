import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useLocation } from "wouter";
import type { ReferralDetail } from "../../server/referral/contract.ts";
import type { WardSuggestion, wardSuggestions } from "../../server/referral/ward-contract.ts";
import { api } from "../api/client.ts";
import type { StaffView } from "../api/session.ts";
import { useWrite } from "../api/write.ts";
import { Button, buttonClass } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { TextField } from "../design/components/field.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Status, type Tone } from "../design/components/status.tsx";
import { arrow } from "../design/icons-work.ts";
import { type MessageId, useLanguage, useText } from "../i18n/i18n.ts";
import { isoDate } from "../i18n/time.ts";
import { inWords } from "./words.ts";

type Suggestions = (typeof wardSuggestions)["_output"];
const key = ["ward", "down-suggestions"];
const dayMs = 86_400_000;

/** Who could go on nearer home, by what is recorded; the ward begins it or says why not yet. Never by itself. */
export function CouldGo({ session }: { session: StaffView }) {
  const t = useText();
  const [all, setAll] = useState(false);
  const found = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => api.get<Suggestions>("/api/ward/down-suggestions", signal),
    refetchInterval: 5 * 60_000,
  });
  const open = found.data?.suggestions.filter((one) => one.postponed === null) ?? [];
  const later = found.data?.suggestions.filter((one) => one.postponed !== null) ?? [];
  if (!found.data) return <ProblemNotice error={found.error} retry={() => void found.refetch()} />;
  return (
    <Card
      title={
        open.length === 0 ? t("capacity.go.none") : t("capacity.go.title", { count: open.length })
      }
    >
      <p className="muted">{t("capacity.go.how", { looked: found.data.looked })}</p>
      <ul className="capacity-lines">
        {open.map((one) => (
          <Suggestion key={one.stayId} one={one} session={session} />
        ))}
        {all
          ? later.map((one) => <Suggestion key={one.stayId} one={one} session={session} />)
          : null}
      </ul>
      {later.length > 0 ? (
        <Button look="quiet" aria-expanded={all} onClick={() => setAll(!all)}>
          {t("capacity.go.later", { count: later.length })}
        </Button>
      ) : null}
    </Card>
  );
}

const tones: Record<WardSuggestion["facts"][number]["verdict"], Tone> = {
  met: "good",
  "not-met": "bad",
  unknown: "warn",
  ask: "info",
};

function Suggestion({ one, session }: { one: WardSuggestion; session: StaffView }) {
  const t = useText();
  const language = useLanguage();
  const [asking, setAsking] = useState(false);
  return (
    <li className="stack">
      <div className="row spread">
        <div>
          <strong>{one.patient.name}</strong>{" "}
          <span className="muted">
            {t("capacity.go.days", { days: one.days })}
            {" · "}
            {one.diagnoses.map((each) => each.text).join(t("common.listSeparator"))}
            {" · "}
            {inWords(one.way.names, language)}
          </span>
        </div>
        <div className="row">
          <Begin one={one} session={session} />
          <Button aria-expanded={asking} onClick={() => setAsking(!asking)}>
            {t("capacity.go.notYet")}
            <span className="visually-hidden"> {one.patient.name}</span>
          </Button>
        </div>
      </div>
      <ul className="row">
        {one.facts.map((fact) => (
          <li key={fact.kind ?? fact.names?.zh}>
            <Status tone={tones[fact.verdict]}>
              {fact.kind === null
                ? t("capacity.go.ask", { what: fact.names ? inWords(fact.names, language) : "" })
                : t(`capacity.go.fact.${fact.kind}.${fact.verdict}` as MessageId, {
                    hours: fact.detail.hours ?? 24,
                    readings: fact.detail.readings ?? 0,
                    day: fact.detail.day ?? "",
                  })}
            </Status>
          </li>
        ))}
      </ul>
      {one.postponed ? (
        <p>
          {t("capacity.go.postponed", {
            day: one.postponed.until,
            who: one.postponed.by,
            reason: one.postponed.reason,
          })}
        </p>
      ) : null}
      {asking ? <NotYet one={one} onDone={() => setAsking(false)} /> : null}
    </li>
  );
}

/** One tap: the way down begins as a draft with what is known; nothing is sent. */
function Begin({ one, session }: { one: WardSuggestion; session: StaffView }) {
  const t = useText();
  const [, go] = useLocation();
  const begin = useWrite(
    (body: object, requestKey) => api.post<ReferralDetail>("/api/referrals", body, requestKey),
    { onDone: (made) => go(`/referrals/${made.id}`) },
  );
  if (one.begunId)
    return (
      <Link href={`/referrals/${one.begunId}`} className={buttonClass("plain")}>
        {t("capacity.go.goOn")}
        <span className="visually-hidden"> {one.patient.name}</span>
      </Link>
    );
  if (!session.permissions.includes("referral.request")) return null;
  return (
    <>
      <Button
        look="soft"
        icon={arrow}
        busy={begin.isPending}
        onClick={() =>
          begin.mutate({
            patientId: one.patient.id,
            direction: "down",
            ...(one.wayUpId ? { previousId: one.wayUpId } : {}),
            content: {
              urgency: "routine",
              impression: one.diagnoses,
              pathwayId: one.way.id,
              ...(one.way.reviewDays
                ? { reviewOn: isoDate(Date.now() + one.way.reviewDays * dayMs) }
                : {}),
            },
          })
        }
      >
        {t("capacity.go.begin")}
        <span className="visually-hidden"> {one.patient.name}</span>
      </Button>
      <ProblemNotice error={begin.error} />
    </>
  );
}

function NotYet({ one, onDone }: { one: WardSuggestion; onDone: () => void }) {
  const t = useText();
  const client = useQueryClient();
  const save = useWrite(
    (body: { reason: string; until: string }, requestKey) =>
      api.post(`/api/ward/stays/${one.stayId}/postpone`, body, requestKey),
    {
      onDone: () => {
        void client.invalidateQueries({ queryKey: key });
        onDone();
      },
    },
  );
  return (
    <form
      className="row"
      onSubmit={(event) => {
        event.preventDefault();
        const form = new FormData(event.currentTarget);
        save.mutate({
          reason: String(form.get("reason") ?? "").trim(),
          until: String(form.get("until") ?? ""),
        });
      }}
    >
      <TextField
        name="reason"
        label={t("capacity.go.because")}
        minLength={2}
        maxLength={300}
        required
      />
      <TextField
        name="until"
        type="date"
        label={t("capacity.go.until")}
        min={isoDate(Date.now() + dayMs)}
        defaultValue={isoDate(Date.now() + 2 * dayMs)}
        required
      />
      <Button type="submit" look="primary" busy={save.isPending}>
        {t("capacity.go.save")}
      </Button>
      <ProblemNotice error={save.error} />
    </form>
  );
}
