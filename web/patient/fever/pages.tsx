import { Redirect, Route, Switch } from "wouter";
import type { PatientView } from "../../api/session.ts";
import "../booking/booking.css";
import { Ask } from "./ask.tsx";
import { Result } from "./result.tsx";
import { Start } from "./start.tsx";
import "./fever.css";

/** The road of somebody with a fever: a few questions, then where to go. */
export function FeverPages({ session }: { session: PatientView | null }) {
  return (
    <Switch>
      <Route path="/fever">
        <Start session={session} />
      </Route>
      <Route path="/fever/ask/:patientId">
        {({ patientId }) => <Ask key={patientId} patientId={patientId} session={session} />}
      </Route>
      <Route path="/fever/result/:id">
        {({ id }) => <Result key={id} id={id} session={session} />}
      </Route>
      <Route>
        <Redirect to="/fever" replace />
      </Route>
    </Switch>
  );
}
