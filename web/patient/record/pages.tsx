import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Redirect, Route, Switch } from "wouter";
import type { z } from "zod";
import type { ownPeople } from "../../../server/records/own-contract.ts";
import { api } from "../../api/client.ts";
import { Notice } from "../../design/components/notice.tsx";
import { ProblemNotice } from "../../design/components/problem.tsx";
import { Segmented } from "../../design/components/segmented.tsx";
import { Skeleton } from "../../design/components/skeleton.tsx";
import { useText } from "../../i18n/i18n.ts";
import { MedicinePages } from "../medicines/pages.tsx";
import { Choices } from "./choices.tsx";
import { Offline, OwnRecordPage } from "./own-record.tsx";
import "./record.css";

export type OwnPerson = z.infer<typeof ownPeople>["people"][number];

/** One's own record, medicines, and who sees the record. */
export function RecordPages() {
  return (
    <Switch>
      <Route path="/record/medicines">
        <MedicinePages />
      </Route>
      <Route>
        <PersonPages />
      </Route>
    </Switch>
  );
}

/** One's own record and who sees it, for each person of this phone. */
function PersonPages() {
  const t = useText();
  const [chosen, setChosen] = useState<string | null>(null);
  const people = useQuery({
    queryKey: ["my", "record", "people"],
    queryFn: ({ signal }) => api.get<z.infer<typeof ownPeople>>("/api/my/record/people", signal),
  });
  const all = people.data?.people ?? [];
  const person = all.find((one) => one.id === chosen) ?? all[0];
  const chooser =
    all.length > 1 ? (
      <Segmented
        label={t("own.person")}
        value={person?.id ?? null}
        options={all.map((one) => ({ value: one.id, label: one.name }))}
        onChange={setChosen}
      />
    ) : null;
  if (!person)
    return (
      <main id="main" className="phone-page">
        <h1>{t("own.title")}</h1>
        {people.fetchStatus === "paused" ? (
          <Offline isReading={false} reload={() => void people.refetch()} />
        ) : people.isPending ? (
          <Skeleton lines={6} />
        ) : null}
        {people.isError ? (
          <ProblemNotice error={people.error} retry={() => void people.refetch()} />
        ) : null}
      </main>
    );
  if (!person.mayRead)
    return (
      <main id="main" className="phone-page">
        <h1>{t("own.titleOf", { name: person.name })}</h1>
        {chooser}
        <Notice live={false}>{t("own.closed")}</Notice>
      </main>
    );
  return (
    <Switch>
      <Route path="/record">
        <OwnRecordPage key={person.id} person={person} chooser={chooser} />
      </Route>
      <Route path="/record/choices">
        <Choices key={person.id} person={person} chooser={chooser} />
      </Route>
      <Route>
        <Redirect to="/record" replace />
      </Route>
    </Switch>
  );
}
