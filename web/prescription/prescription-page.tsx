import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useLocation } from "wouter";
import type { PrescriptionView } from "../../server/prescription/contract.ts";
import type { StaffView } from "../api/session.ts";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { Countdown } from "../design/components/countdown.tsx";
import { Empty } from "../design/components/empty.tsx";
import { TextField } from "../design/components/field.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { Status } from "../design/components/status.tsx";
import { file } from "../design/icons.ts";
import { pen } from "../design/icons-work.ts";
import { useText } from "../i18n/i18n.ts";
import { dayTime } from "../i18n/time.ts";
import { Editor } from "./editor.tsx";
import { type List, useAct, useEncounters, useList, usePrescription } from "./queries.ts";
import { Sheet } from "./review.tsx";
import { stateTone } from "./words.ts";
import "./prescription.css";

export { wordsReady } from "./words.ts";

/** Prescriptions by the work that one has: the doctor's visits and drafts, the pharmacist's queue, the pharmacy's desk. */
export function PrescriptionPage({ session, id }: { session: StaffView; id: string | null }) {
  const t = useText();
  const may = (permission: string) => session.permissions.includes(permission);
  return (
    <main id="main" className="rx">
      {id ? (
        <One key={id} id={id} personId={session.person.id} />
      ) : (
        <>
          <h1>{t("prescription.title")}</h1>
          {may("prescription.review") ? <Queue /> : null}
          {may("prescription.dispense") ? <Desk /> : null}
          {may("prescription.write") ? <Visits /> : null}
          {may("prescription.write") ? <Own /> : null}
        </>
      )}
    </main>
  );
}

function One({ id, personId }: { id: string; personId: string }) {
  const t = useText();
  const client = useQueryClient();
  const row = usePrescription(id);
  const changed = (answer: PrescriptionView) => {
    client.setQueryData(["prescription", id], answer);
    for (const which of ["own", "encounters"])
      void client.invalidateQueries({ queryKey: ["prescription", which] });
  };
  if (row.isPending) return <Skeleton lines={8} />;
  if (!row.data) return <ProblemNotice error={row.error} retry={() => void row.refetch()} />;
  const { data } = row;
  return (
    <div className="stack">
      <Link href="/prescriptions" className="link">
        {t("prescription.back")}
      </Link>
      <header className="row spread wrap">
        <h1>
          {data.patient.name} <span className="muted figure small">{data.number}</span>
        </h1>
        <Status tone={stateTone[data.state]}>{t(`prescription.state.${data.state}`)}</Status>
      </header>
      {data.state === "draft" && data.actions.includes("sign") ? (
        <Editor row={data} personId={personId} onChanged={changed} />
      ) : (
        <Sheet row={data} />
      )}
    </div>
  );
}

function Queue() {
  const t = useText();
  const list = useList("queue");
  return (
    <Card title={t("prescription.queue")}>
      <Rows list={list.data?.prescriptions} empty={t("prescription.queueEmpty")} clock />
      <ProblemNotice error={list.error} retry={() => void list.refetch()} />
    </Card>
  );
}

function Desk() {
  const t = useText();
  const [, go] = useLocation();
  const [code, setCode] = useState("");
  const list = useList("desk");
  const open = useAct((row) => go(`/prescriptions/${row.id}`));
  return (
    <Card title={t("prescription.desk")}>
      <form
        className="row wrap rx-code"
        onSubmit={(event) => {
          event.preventDefault();
          open.mutate({ path: "/api/prescriptions/open", body: { code: code.trim() } });
        }}
      >
        <TextField
          label={t("prescription.code")}
          hint={t("prescription.codeHint")}
          inputMode="numeric"
          maxLength={8}
          value={code}
          onChange={(event) => setCode(event.target.value)}
        />
        <Button type="submit" busy={open.isPending} disabled={!/^\d{8}$/.test(code.trim())}>
          {t("prescription.openByCode")}
        </Button>
      </form>
      <ProblemNotice error={open.error} />
      <Rows list={list.data?.prescriptions} empty={t("prescription.deskEmpty")} />
      <ProblemNotice error={list.error} retry={() => void list.refetch()} />
    </Card>
  );
}

function Visits() {
  const t = useText();
  const [, go] = useLocation();
  const visits = useEncounters();
  const begin = useAct((row) => go(`/prescriptions/${row.id}`));
  return (
    <Card title={t("prescription.visits")}>
      {visits.isPending ? <Skeleton lines={3} /> : null}
      {visits.data?.encounters.length === 0 ? (
        <Empty icon={file} title={t("prescription.noVisit")}>
          {t("prescription.noVisitHow")}
        </Empty>
      ) : null}
      <ul className="rx-rows">
        {visits.data?.encounters.map((one) => (
          <li key={one.id} className="row spread wrap">
            <span>
              <strong>{one.patient.name}</strong>{" "}
              <span className="muted">{t(`prescription.encounter.${one.kind}`)}</span>
            </span>
            <span className="row wrap">
              {one.prescriptionId ? (
                <Link href={`/prescriptions/${one.prescriptionId}`} className="link">
                  {t("prescription.goOn")}
                </Link>
              ) : null}
              <Button
                look="primary"
                icon={pen}
                busy={begin.isPending}
                onClick={() =>
                  begin.mutate({
                    path: "/api/prescriptions",
                    body: {
                      encounterKind: one.kind,
                      encounterId: one.id,
                      patientId: one.patient.id,
                    },
                  })
                }
              >
                {t("prescription.begin")}
              </Button>
              {one.lastId ? (
                <Button
                  look="soft"
                  busy={begin.isPending}
                  onClick={() =>
                    begin.mutate({
                      path: "/api/prescriptions",
                      body: {
                        encounterKind: one.kind,
                        encounterId: one.id,
                        patientId: one.patient.id,
                        repeatOf: one.lastId,
                      },
                    })
                  }
                >
                  {t("prescription.repeat", { day: one.lastAt ? dayTime(one.lastAt) : "" })}
                </Button>
              ) : null}
            </span>
          </li>
        ))}
      </ul>
      <ProblemNotice error={visits.error ?? begin.error} />
    </Card>
  );
}

function Own() {
  const t = useText();
  const list = useList("own");
  return (
    <Card title={t("prescription.own")}>
      <Rows list={list.data?.prescriptions} empty={t("prescription.ownEmpty")} />
      <ProblemNotice error={list.error} retry={() => void list.refetch()} />
    </Card>
  );
}

function Rows({ list, empty, clock }: { list: List | undefined; empty: string; clock?: boolean }) {
  const t = useText();
  if (!list) return <Skeleton lines={3} />;
  if (list.length === 0) return <p className="muted">{empty}</p>;
  return (
    <ul className="rx-rows">
      {list.map((one) => (
        <li key={one.id} className="row spread wrap">
          <Link href={`/prescriptions/${one.id}`} className="link">
            <strong>{one.patient.name}</strong> {one.medicines.join("、")}
          </Link>
          <span className="row">
            <Status tone={stateTone[one.state]}>{t(`prescription.state.${one.state}`)}</Status>
            {clock && one.reviewDueAt ? (
              <Countdown dueAt={one.reviewDueAt} lead={t("prescription.reviewLead")} />
            ) : null}
          </span>
        </li>
      ))}
    </ul>
  );
}
