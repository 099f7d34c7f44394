import { lazy, Suspense } from "react";
import { Redirect, Route, Switch } from "wouter";
import { Skeleton } from "../design/components/skeleton.tsx";
import { ResultsPage } from "./results-page.tsx";
import "../patient/booking/booking.css";
import "./results.css";

const ResultPage = lazy(async () => ({ default: (await import("./result-page.tsx")).ResultPage }));
const PaperPage = lazy(async () => ({ default: (await import("./paper-page.tsx")).PaperPage }));

/** Test results on the phone, fetched when they are opened. */
export function ResultsPages() {
  return (
    <Suspense
      fallback={
        <main className="phone-page">
          <Skeleton lines={5} />
        </main>
      }
    >
      <Switch>
        <Route path="/results">
          <ResultsPage />
        </Route>
        <Route path="/results/paper/:patientId">
          {({ patientId }) => <PaperPage key={patientId} patientId={patientId} />}
        </Route>
        <Route path="/results/:id">{({ id }) => <ResultPage key={id} id={id} />}</Route>
        <Route>
          <Redirect to="/results" replace />
        </Route>
      </Switch>
    </Suspense>
  );
}
