import { type FormEvent, useState } from "react";
import type { GroupKind } from "../../../server/sampling/domain.ts";
import { api } from "../../api/client.ts";
import type { PatientView } from "../../api/session.ts";
import { useWrite } from "../../api/write.ts";
import { Button } from "../../design/components/button.tsx";
import { SelectField, TextField } from "../../design/components/field.tsx";
import { Notice } from "../../design/components/notice.tsx";
import { ProblemNotice } from "../../design/components/problem.tsx";
import { Segmented } from "../../design/components/segmented.tsx";
import { useLanguage, useText } from "../../i18n/i18n.ts";
import { dayWords, isoDate } from "../../i18n/time.ts";
import { useOpenSurges } from "../../surge/queries.ts";
import { StepHead } from "../booking/step-head.tsx";
import { Name, nameIn, noonOf } from "../booking/words.tsx";
import { ChoosePeople, type Chosen } from "./people.tsx";
import { type Group, useGroups, useJoinGroup, useMakeGroup, useSites } from "./queries.ts";

const kinds = ["family", "company", "class"] as const;

/** Come together under one code: make one and hand it on, or join one that was handed to me. */
export function TestGroups({ session }: { session: PatientView | null }) {
  const t = useText();
  const [what, setWhat] = useState<"join" | "make">("join");
  return (
    <main id="main" className="phone-page">
      <StepHead
        title={t("patient.test.group")}
        back={{ href: "/test", label: t("patient.test.title") }}
      />
      <p className="muted">{t("patient.test.groupHow")}</p>
      <Segmented
        label={t("patient.test.groupWhat")}
        hideLabel
        value={what}
        onChange={setWhat}
        options={[
          { value: "join", label: t("patient.test.join") },
          { value: "make", label: t("patient.test.make") },
        ]}
      />
      {what === "join" ? <Join session={session} /> : <Make />}
    </main>
  );
}

function GroupCard({ group }: { group: Group }) {
  const t = useText();
  return (
    <section className="pass-card">
      <h2>{group.name}</h2>
      <p className="pass-letters">{group.code}</p>
      <p>
        {dayWords(noonOf(group.day))} · <Name of={group.site} /> ·{" "}
        <span lang="zh-CN">{group.place}</span>
      </p>
      <p className="muted">{t("patient.test.groupMembers", { count: group.members })}</p>
    </section>
  );
}

function Join({ session }: { session: PatientView | null }) {
  const t = useText();
  const [code, setCode] = useState("");
  const [group, setGroup] = useState<Group | null>(null);
  const [joined, setJoined] = useState(false);
  const [chosen, setChosen] = useState<Chosen>({});
  const find = useWrite(
    (asked: string) => api.get<Group>(`/api/tests/groups/${encodeURIComponent(asked)}`),
    { onDone: setGroup },
  );
  const join = useJoinGroup((answer) => {
    setGroup(answer);
    setJoined(true);
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (code.trim().length >= 4) find.mutate(code.trim());
  };
  const people = Object.keys(chosen);
  if (group && joined)
    return (
      <>
        <Notice tone="good" title={t("patient.test.joined", { count: people.length })}>
          {t("patient.test.joinedHow")}
        </Notice>
        <GroupCard group={group} />
      </>
    );
  if (group)
    return (
      <>
        <GroupCard group={group} />
        {group.closed ? (
          <Notice tone="warn" title={t("patient.test.groupClosed")} />
        ) : (
          <>
            <ChoosePeople session={session} chosen={chosen} onChange={setChosen} lanes={false} />
            <ProblemNotice error={join.error} />
            <Button
              look="primary"
              size="large"
              wide
              busy={join.isPending}
              disabled={people.length === 0}
              onClick={() => join.mutate({ code: group.code, patientIds: people })}
            >
              {t("patient.test.joinYes", { count: people.length })}
            </Button>
          </>
        )}
      </>
    );
  return (
    <form className="stack" onSubmit={submit}>
      <TextField
        label={t("patient.test.code")}
        hint={t("patient.test.codeHow")}
        value={code}
        onChange={(event) => setCode(event.target.value)}
        autoCapitalize="characters"
        autoComplete="off"
        maxLength={12}
        required
      />
      <ProblemNotice error={find.error} />
      <Button type="submit" look="primary" size="large" wide busy={find.isPending}>
        {t("patient.test.findGroup")}
      </Button>
    </form>
  );
}

function Make() {
  const t = useText();
  const language = useLanguage();
  const sites = useSites();
  const tonight = useOpenSurges();
  // Who comes together tonight is together there too.
  const places = [...(tonight.data?.sites ?? []), ...(sites.data?.sites ?? [])];
  const groups = useGroups();
  const [kind, setKind] = useState<GroupKind>("family");
  const [name, setName] = useState("");
  const [siteId, setSiteId] = useState("");
  const [day, setDay] = useState(isoDate(Date.now()));
  const [made, setMade] = useState<Group | null>(null);
  const make = useMakeGroup(setMade);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate({
      kind,
      name: name.trim(),
      siteId: siteId || (places[0]?.id ?? ""),
      segmentId: null,
      day,
    });
  };
  return (
    <>
      {made ? (
        <Notice tone="good" title={t("patient.test.made")}>
          {t("patient.test.madeHow")}
        </Notice>
      ) : (
        <form className="stack" onSubmit={submit}>
          <Segmented
            label={t("patient.test.kindLabel")}
            value={kind}
            onChange={setKind}
            options={kinds.map((value) => ({ value, label: t(`patient.test.kind.${value}`) }))}
          />
          <TextField
            label={t("patient.test.groupName")}
            value={name}
            onChange={(event) => setName(event.target.value)}
            maxLength={60}
            required
          />
          <SelectField
            label={t("patient.test.where")}
            value={siteId}
            onChange={(event) => setSiteId(event.target.value)}
          >
            {places.map((one) => (
              <option key={one.id} value={one.id}>
                {nameIn(one.name, language)}
              </option>
            ))}
          </SelectField>
          <TextField
            label={t("patient.test.groupDay")}
            type="date"
            min={isoDate(Date.now())}
            value={day}
            onChange={(event) => setDay(event.target.value)}
            required
          />
          <ProblemNotice error={make.error} />
          <Button type="submit" look="primary" size="large" wide busy={make.isPending}>
            {t("patient.test.makeYes")}
          </Button>
        </form>
      )}
      {groups.data?.groups.map((group) => (
        <GroupCard key={group.id} group={group} />
      ))}
    </>
  );
}
