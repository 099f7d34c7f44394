import { useState } from "react";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { TextField } from "../design/components/field.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Status } from "../design/components/status.tsx";
import { useLanguage, useText } from "../i18n/i18n.ts";
import { useNameOf } from "../i18n/name-of.ts";
import { isoDate } from "../i18n/time.ts";
import { inWords } from "../referral/words.ts";
import { type Alliance, type PlanView, useSavePlan, useTry, type Way } from "./queries.ts";
import { Tried } from "./tried.tsx";
import { WayFields } from "./way-fields.tsx";

/** A code of its own for what is added; nobody has to think of one. */
export const newCode = (prefix: string): string => `${prefix}-${crypto.randomUUID().slice(0, 8)}`;
const blank = (): Way => ({
  code: newCode("way"),
  direction: "up",
  names: { zh: "", en: "", bo: null },
  specialtyCodes: [],
  diagnosisPrefixes: [],
  criteria: [
    {
      code: newCode("criterion"),
      names: { zh: "", en: "", bo: null },
      evidence: null,
      wardFact: null,
    },
  ],
  receivers: [],
  wantedResults: [],
  followUpDays: [],
  returnTriggers: [],
  source: "",
  recalled: false,
});

/** A version being written: its ways, one at a time; tried on past referrals before it is saved. */
export function PlanEditor({
  of,
  from,
  own,
  onDone,
}: {
  of: Alliance;
  from: PlanView;
  /** One's own draft goes on; any other version is the base of a new one. */
  own: boolean;
  onDone: (saved: boolean) => void;
}) {
  const t = useText();
  const language = useLanguage();
  const named = useNameOf();
  const today = isoDate(Date.now());
  const [ways, setWays] = useState<Way[]>(from.content.ways);
  const [note, setNote] = useState(own ? from.note : "");
  const [validFrom, setValidFrom] = useState(
    own && from.validFrom > today ? from.validFrom : today,
  );
  const [picked, setPicked] = useState(from.content.ways[0]?.code ?? "");
  const test = useTry();
  const save = useSavePlan(() => onDone(true));
  const way = ways.find((one) => one.code === picked);
  const change = (next: Way[]) => {
    setWays(next);
    test.reset();
  };
  const content = { ways };
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate({
          id: own ? from.id : null,
          allianceId: of.alliance.id,
          validFrom,
          note,
          content,
        });
      }}
    >
      <Card
        title={`${named(of.alliance)} · ${t(own ? "pathways.goOn" : "pathways.new")}`}
        aside={<Status tone="warn">{t("pathways.state.draft")}</Status>}
        strong
      >
        <div className="pathways-pair">
          <TextField
            label={t("pathways.note")}
            hint={t("pathways.noteHow")}
            required
            maxLength={400}
            value={note}
            onChange={(event) => setNote(event.target.value)}
          />
          <TextField
            label={t("pathways.from")}
            type="date"
            required
            min={today}
            value={validFrom}
            onChange={(event) => setValidFrom(event.target.value)}
          />
        </div>
        <ProblemNotice error={save.error ?? test.error} />
        <div className="row">
          <Button
            look="soft"
            busy={test.isPending}
            onClick={() => test.mutate({ allianceId: of.alliance.id, content })}
          >
            {t("pathways.try")}
          </Button>
          <Button look="primary" type="submit" busy={save.isPending}>
            {t("pathways.save")}
          </Button>
          <Button look="quiet" onClick={() => onDone(false)}>
            {t("common.cancel")}
          </Button>
        </div>
        {test.data ? <Tried answer={test.data} content={content} of={of} /> : null}
      </Card>
      <div className="pathways-tabs">
        {ways.map((one) => (
          <Button
            key={one.code}
            look="soft"
            aria-pressed={one.code === picked}
            onClick={() => setPicked(one.code)}
          >
            {inWords(one.names, language) || t("pathways.unnamed")}
          </Button>
        ))}
        <Button
          look="quiet"
          onClick={() => {
            const one = blank();
            change([...ways, one]);
            setPicked(one.code);
          }}
        >
          {t("pathways.add")}
        </Button>
      </div>
      {way ? (
        <WayFields
          key={way.code}
          way={way}
          of={of}
          onChange={(next) => change(ways.map((one) => (one.code === way.code ? next : one)))}
          onDrop={
            ways.length > 1
              ? () => {
                  const rest = ways.filter((one) => one.code !== way.code);
                  change(rest);
                  setPicked(rest[0]!.code);
                }
              : null
          }
        />
      ) : null}
    </form>
  );
}
