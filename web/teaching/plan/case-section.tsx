import { useState } from "react";
import type { PatientView } from "../../../server/patients/contract.ts";
import { api } from "../../api/client.ts";
import { useWrite } from "../../api/write.ts";
import { nameOf } from "../../consult/words.ts";
import { Button } from "../../design/components/button.tsx";
import { Card } from "../../design/components/card.tsx";
import { CheckField, TextArea, TextField } from "../../design/components/field.tsx";
import { Notice } from "../../design/components/notice.tsx";
import { ProblemNotice } from "../../design/components/problem.tsx";
import { Skeleton } from "../../design/components/skeleton.tsx";
import { plus } from "../../design/icons-work.ts";
import { useText } from "../../i18n/i18n.ts";
import { isoDate } from "../../i18n/time.ts";
import { PatientSearch } from "../../workbench/patient-search.tsx";
import { CaseCard } from "./case-card.tsx";
import { ConsentPart } from "./consent-part.tsx";
import { type Case, type Session, useCases, useRefresh, useSource } from "./queries.ts";

/** Cases of a broadcast: picked of a record, shown as they will be, agreed to and reviewed. */
export function CaseSection({ session }: { session: Session }) {
  const t = useText();
  const cases = useCases(session.id);
  const [patient, setPatient] = useState<PatientView | null>(null);
  const [adding, setAdding] = useState(false);
  const [changing, setChanging] = useState<string | null>(null);
  const open = session.state === "draft" || session.state === "planned";
  return (
    <section className="stack" aria-label={t("teaching.case.title")}>
      <h2>{t("teaching.case.title")}</h2>
      <p className="muted">{t("teaching.case.how")}</p>
      {cases.isPending ? <Skeleton lines={3} /> : null}
      <ProblemNotice error={cases.error} retry={() => void cases.refetch()} />
      {cases.data?.cases.map((one) =>
        one.id === changing && one.patientId ? (
          <Builder
            key={one.id}
            session={session}
            patientId={one.patientId}
            heading={t("teaching.case.changing", { title: one.title })}
            of={one}
            onDone={() => setChanging(null)}
          />
        ) : (
          <CaseCard
            key={one.id}
            one={one}
            onChange={
              open && one.picked && (one.state === "draft" || one.state === "returned")
                ? () => setChanging(one.id)
                : null
            }
          />
        ),
      )}
      {open && !adding ? (
        <div className="row">
          <Button icon={plus} onClick={() => setAdding(true)}>
            {t("teaching.case.add")}
          </Button>
        </div>
      ) : null}
      {adding && !patient ? (
        <PatientSearch
          action={t("teaching.case.pick")}
          hint={t("teaching.case.pickHint")}
          onPick={setPatient}
        />
      ) : null}
      {adding && patient ? (
        <>
          <ConsentPart session={session} patient={patient} />
          <Builder
            session={session}
            patientId={patient.id}
            heading={t("teaching.case.build", { name: nameOf(patient, t) })}
            of={null}
            onDone={() => {
              setPatient(null);
              setAdding(false);
            }}
          />
        </>
      ) : null}
    </section>
  );
}

/** What is taken along. The server takes names, numbers, dates and places out; the preview shows the rest. */
function Builder({
  session,
  patientId,
  heading,
  of,
  onDone,
}: {
  session: Session;
  patientId: string;
  heading: string;
  /** The case that is changed, from what it was made of; null: a new one. */
  of: Case | null;
  onDone: () => void;
}) {
  const t = useText();
  const refresh = useRefresh();
  const source = useSource(session.id, patientId);
  const before = of?.picked;
  const [title, setTitle] = useState(of?.title ?? "");
  const [dayZero, setDayZero] = useState(of?.dayZero ?? isoDate(Date.now()));
  const [codes, setCodes] = useState(before?.codes.join(" ") ?? "");
  const [story, setStory] = useState(before?.texts[0]?.text ?? "");
  const [keys, setKeys] = useState<readonly string[]>(before?.keys ?? []);
  const [stills, setStills] = useState<readonly string[]>(before?.stills ?? []);
  const toggle = (list: readonly string[], one: string, on: boolean) =>
    on ? [...list, one] : list.filter((other) => other !== one);
  const build = useWrite(
    (body: object, key) =>
      of
        ? api.put<Case>(`/api/teaching/cases/${of.id}`, { ...body, version: of.version }, key)
        : api.post<Case>(`/api/teaching/sessions/${session.id}/cases`, body, key),
    {
      onDone: () => {
        refresh();
        onDone();
      },
    },
  );
  const codeList = codes
    .toUpperCase()
    .split(/[\s,，、]+/)
    .filter(Boolean);
  return (
    <Card title={heading}>
      <div className="stack">
        <TextField
          label={t("teaching.case.name")}
          hint={t("teaching.case.nameHint")}
          value={title}
          onChange={(event) => setTitle(event.target.value)}
        />
        <div className="teaching-fields">
          <TextField
            label={t("teaching.case.dayZero")}
            hint={t("teaching.case.dayZeroHint")}
            type="date"
            value={dayZero}
            onChange={(event) => setDayZero(event.target.value)}
          />
          <TextField
            label={t("teaching.case.codes")}
            hint={t("teaching.case.codesHint")}
            value={codes}
            onChange={(event) => setCodes(event.target.value)}
          />
        </div>
        <TextArea
          label={t("teaching.case.story")}
          hint={t("teaching.case.storyHint")}
          value={story}
          onChange={(event) => setStory(event.target.value)}
        />
        {source.isPending ? <Skeleton lines={4} /> : null}
        <ProblemNotice error={source.error} retry={() => void source.refetch()} />
        {source.data && source.data.missing.length > 0 ? (
          <Notice tone="warn">
            {t("teaching.case.missing", {
              houses: source.data.missing.join(t("common.listSeparator")),
            })}
          </Notice>
        ) : null}
        {(["warnings", "problems", "medicines", "results"] as const).map((section) => {
          const items = source.data?.items.filter((one) => one.section === section) ?? [];
          return items.length === 0 ? null : (
            <fieldset key={section} className="stack">
              <legend>{t(`teaching.case.section.${section}`)}</legend>
              {items.map((one) => (
                <CheckField
                  key={one.key}
                  label={[one.title, one.value, one.date?.slice(0, 10)].filter(Boolean).join(" · ")}
                  checked={keys.includes(one.key)}
                  onChange={(event) => setKeys(toggle(keys, one.key, event.target.checked))}
                />
              ))}
            </fieldset>
          );
        })}
        {source.data && source.data.stills.length > 0 ? (
          <fieldset className="stack">
            <legend>{t("teaching.case.section.image")}</legend>
            <p className="muted">{t("teaching.case.imageHint")}</p>
            {source.data.stills.map((one, index) => (
              <CheckField
                key={one.attachmentId}
                label={
                  <img
                    src={`/api/attachments/${one.attachmentId}`}
                    alt={t("teaching.case.image", { number: index + 1 })}
                    width={160}
                  />
                }
                checked={stills.includes(one.attachmentId)}
                onChange={(event) =>
                  setStills(toggle(stills, one.attachmentId, event.target.checked))
                }
              />
            ))}
          </fieldset>
        ) : null}
        <ProblemNotice error={build.error} />
        <div className="row">
          <Button
            look="primary"
            busy={build.isPending}
            disabled={title.trim() === "" || codeList.length === 0 || dayZero === ""}
            onClick={() =>
              build.mutate({
                patientId,
                title: title.trim(),
                dayZero,
                codes: codeList,
                texts: [
                  ...(story.trim() === ""
                    ? []
                    : [
                        {
                          title: before?.texts[0]?.title ?? t("teaching.case.story"),
                          text: story.trim(),
                        },
                      ]),
                  ...(before?.texts.slice(1) ?? []),
                ],
                keys,
                stills,
              })
            }
          >
            {t("teaching.case.preview")}
          </Button>
          <Button look="quiet" onClick={onDone}>
            {t("teaching.case.stop")}
          </Button>
        </div>
      </div>
    </Card>
  );
}
