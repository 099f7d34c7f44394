import { lazy, Suspense } from "react";
import { Redirect, Route, Switch } from "wouter";
import type { PatientView } from "../../api/session.ts";
import { Skeleton } from "../../design/components/skeleton.tsx";
import "./booking.css";

const ChoosePlace = lazy(async () => ({
  default: (await import("./choose-place.tsx")).ChoosePlace,
}));
const ChoosePerson = lazy(async () => ({
  default: (await import("./choose-person.tsx")).ChoosePerson,
}));
const ChooseTime = lazy(async () => ({ default: (await import("./choose-time.tsx")).ChooseTime }));
const WaitingRoom = lazy(async () => ({
  default: (await import("./waiting-room.tsx")).WaitingRoom,
}));
const CheckAnswers = lazy(async () => ({
  default: (await import("./check-answers.tsx")).CheckAnswers,
}));
const Appointments = lazy(async () => ({
  default: (await import("./appointments.tsx")).Appointments,
}));
const Pass = lazy(async () => ({ default: (await import("./pass.tsx")).Pass }));

/** The pages of booking, fetched when one of them is opened. */
export function BookingPages({ session }: { session: PatientView | null }) {
  return (
    <Suspense
      fallback={
        <main className="phone-page">
          <Skeleton lines={5} />
        </main>
      }
    >
      <Switch>
        <Route path="/book">
          <ChoosePlace session={session} />
        </Route>
        <Route path="/book/person">
          <ChoosePerson session={session} />
        </Route>
        <Route path="/book/check/:id">
          {({ id }) => <CheckAnswers key={id} id={id} session={session} />}
        </Route>
        <Route path="/book/wait/:segmentId">
          {({ segmentId }) => (
            <WaitingRoom key={segmentId} segmentId={segmentId} session={session} />
          )}
        </Route>
        <Route path="/book/:departmentId">
          {({ departmentId }) => <ChooseTime departmentId={departmentId} session={session} />}
        </Route>
        <Route path="/appointments">
          <Appointments />
        </Route>
        <Route path="/appointments/:id">{({ id }) => <Pass key={id} id={id} />}</Route>
        <Route>
          <Redirect to="/" replace />
        </Route>
      </Switch>
    </Suspense>
  );
}
