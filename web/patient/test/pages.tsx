import { Redirect, Route, Switch } from "wouter";
import type { PatientView } from "../../api/session.ts";
import { BookTest } from "./book-test.tsx";
import { TestGroups } from "./groups.tsx";
import { JoinSurge } from "./surge-join.tsx";
import { TestHome } from "./test-home.tsx";
import { TestPass } from "./test-pass.tsx";
import "../booking/booking.css";
import "./test.css";

/** Nucleic-acid tests on the phone: book for several at once, come as a group, show the pass. */
export function TestPages({ session }: { session: PatientView | null }) {
  return (
    <Switch>
      <Route path="/test">
        <TestHome />
      </Route>
      <Route path="/test/book">
        <BookTest session={session} />
      </Route>
      <Route path="/test/group">
        <TestGroups session={session} />
      </Route>
      <Route path="/test/surge">
        <JoinSurge session={session} />
      </Route>
      <Route path="/test/:id">{({ id }) => <TestPass key={id} id={id} />}</Route>
      <Route>
        <Redirect to="/test" replace />
      </Route>
    </Switch>
  );
}
