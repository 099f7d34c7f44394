import { useState } from "react";
import type { PlanFields } from "../../../server/teaching/contract.ts";

import { Button } from "../../design/components/button.tsx";
import { Card } from "../../design/components/card.tsx";
import { CheckField, SelectField, TextField } from "../../design/components/field.tsx";
import { ProblemNotice } from "../../design/components/problem.tsx";
import { useLanguage, useText } from "../../i18n/i18n.ts";
import { type Choices, type FoundPerson, type Session, usePeople } from "./queries.ts";
import { inWords } from "./words.ts";

type Speaker = PlanFields["speakers"][number];
type Audience = PlanFields["audience"][number];

/** Who stands in front: found by name, each with a part. They see it in their own list. */
export function SpeakerFields({
  known,
  chosen,
  onChange,
}: {
  known: Session["speakers"];
  chosen: readonly Speaker[];
  onChange: (speakers: Speaker[]) => void;
}) {
  const t = useText();
  const language = useLanguage();
  const [words, setWords] = useState("");
  const found = usePeople(words);
  const [picked, setPicked] = useState<Record<string, FoundPerson>>({});
  const nameOf = (id: string) =>
    picked[id]?.name ?? known.find((one) => one.personId === id)?.name ?? "…";
  const houseOf = (id: string) => {
    const name = picked[id]?.institution ?? known.find((one) => one.personId === id)?.institution;
    return name ? inWords(name, language) : "";
  };
  const add = (person: FoundPerson) => {
    setPicked((before) => ({ ...before, [person.personId]: person }));
    setWords("");
    onChange([
      ...chosen,
      {
        personId: person.personId,
        institutionId: person.institutionId,
        role: chosen.some((one) => one.role === "presenter") ? "panel" : "presenter",
      },
    ]);
  };
  return (
    <Card title={t("teaching.speakers.title")}>
      <div className="stack">
        {chosen.map((one) => (
          <div key={one.personId} className="teaching-person">
            <p>
              <span className="strong">{nameOf(one.personId)}</span>{" "}
              <span className="muted">{houseOf(one.personId)}</span>
            </p>
            <div className="row">
              <SelectField
                label={t("teaching.speakers.role", { name: nameOf(one.personId) })}
                value={one.role}
                onChange={(event) =>
                  onChange(
                    chosen.map((other) =>
                      other.personId === one.personId
                        ? {
                            ...other,
                            role: roles.find((role) => role === event.target.value) ?? other.role,
                          }
                        : other,
                    ),
                  )
                }
              >
                {roles.map((role) => (
                  <option key={role} value={role}>
                    {t(`teaching.role.${role}`)}
                  </option>
                ))}
              </SelectField>
              <Button
                look="quiet"
                onClick={() => onChange(chosen.filter((other) => other !== one))}
              >
                {t("teaching.speakers.remove", { name: nameOf(one.personId) })}
              </Button>
            </div>
          </div>
        ))}
        <TextField
          label={t("teaching.speakers.find")}
          hint={t("teaching.speakers.findHint")}
          value={words}
          onChange={(event) => setWords(event.target.value)}
        />
        <ProblemNotice error={found.error} />
        <ul className="teaching-lines">
          {(words.trim() === "" ? [] : (found.data?.people ?? []))
            .filter((one) => !chosen.some((other) => other.personId === one.personId))
            .map((one) => (
              <li key={one.personId + one.institutionId}>
                <Button onClick={() => add(one)}>
                  {t("teaching.speakers.add", { name: one.name })} · {one.title ?? ""}{" "}
                  {inWords(one.institution, language)}
                </Button>
              </li>
            ))}
          {words.trim() !== "" && found.data?.people.length === 0 ? (
            <li className="muted">{t("teaching.speakers.nobody")}</li>
          ) : null}
        </ul>
      </div>
    </Card>
  );
}
const roles: readonly Speaker["role"][] = ["presenter", "co-host", "panel", "interpreter"];

/** Whom it is for: whole alliances, their primary houses, or houses one by one. */
export function AudienceFields({
  choices,
  chosen,
  houses,
  onChange,
}: {
  choices: Choices | null;
  chosen: readonly Audience[];
  houses: number;
  onChange: (audience: Audience[]) => void;
}) {
  const t = useText();
  const language = useLanguage();
  const same = (one: Audience, other: Audience) => JSON.stringify(one) === JSON.stringify(other);
  const toggle = (one: Audience, on: boolean) =>
    onChange(on ? [...chosen, one] : chosen.filter((other) => !same(other, one)));
  const has = (one: Audience) => chosen.some((other) => same(other, one));
  const check = (one: Audience, label: string) => (
    <CheckField
      key={JSON.stringify(one)}
      label={label}
      checked={has(one)}
      onChange={(event) => toggle(one, event.target.checked)}
    />
  );
  return (
    <Card title={t("teaching.audience.title")}>
      <div className="stack">
        <p className="muted">{t("teaching.audience.how", { houses })}</p>
        {choices?.alliances.map((one) => (
          <details key={one.id} open>
            <summary>{inWords(one.name, language)}</summary>
            <div className="stack">
              {check({ kind: "alliance", allianceId: one.id }, t("teaching.audience.all"))}
              {levels
                .filter((level) => one.houses.some((house) => house.level === level))
                .map((level) =>
                  check(
                    { kind: "level", allianceId: one.id, level },
                    t(`teaching.audience.level.${level}`),
                  ),
                )}
              {one.houses.map((house) =>
                check(
                  { kind: "institution", institutionId: house.id },
                  inWords(house.name, language),
                ),
              )}
            </div>
          </details>
        ))}
      </div>
    </Card>
  );
}
const levels = ["tertiary", "secondary", "primary"] as const;
