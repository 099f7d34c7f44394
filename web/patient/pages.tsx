import { lazy } from "react";
import { Redirect, Route, Switch } from "wouter";
import type { PatientView } from "../api/session.ts";
import { Access } from "./access.tsx";
import { withBillsWords } from "./bills-words.ts";
import { Me } from "./me.tsx";
import { Opinion } from "./opinion.tsx";
import { Records } from "./records.tsx";

const VisitPages = lazy(async () => ({
  default: (await (await import("./visit/door.ts")).ready)[0].VisitPages,
}));

const BillPages = lazy(async () => ({
  default: (await withBillsWords(import("./bills/pages.tsx"))).BillPages,
}));

/** Pages behind home that share their words: one piece, so that home has less to load. */
export function Pages({ session }: { session: PatientView | null }) {
  return (
    <Switch>
      <Route path="/records">
        <Records />
      </Route>
      <Route path="/records/:id">{({ id }) => <Opinion id={id} />}</Route>
      <Route path={/^\/visit(\/|$)/}>
        <VisitPages session={session} />
      </Route>
      <Route path="/bills">
        <BillPages />
      </Route>
      <Route path="/access">
        <Access />
      </Route>
      <Route path="/me">
        <Me session={session} />
      </Route>
      <Route>
        <Redirect to="/" replace />
      </Route>
    </Switch>
  );
}
