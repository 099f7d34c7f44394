import { useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, type ReactNode, Suspense, useEffect, useState } from "react";
import type { SessionView } from "../../server/identity/contract.ts";
import { api } from "../api/client.ts";
import { signInAddress } from "../api/return-to.ts";
import { readSession, sessionKey, useSession } from "../api/session.ts";
import { buttonClass } from "../design/components/button.tsx";
import { LanguageSwitch } from "../design/components/language-switch.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { useText } from "../i18n/i18n.ts";
import { DeviceCheck, type Devices } from "./device-check.tsx";
import { Left } from "./left.tsx";
import type { RoomPlace } from "./room-context.ts";
import "./room.css";

export type SignedIn = Exclude<SessionView, { kind: "none" }>;

// Media code is fetched while the devices are checked, not before.
const loadCall = () => import("./call.tsx");
const Call = lazy(() => loadCall().then((page) => ({ default: page.Call })));

/** The way into a room: for staff and patients by its address, for relatives by the link in the QR code. */
export function RoomApp() {
  const t = useText();
  const [, first, second] = location.pathname.split("/");
  useEffect(() => {
    document.title = t("room.pageTitle");
  });
  if (first === "join" && second) return <GuestDoor secret={second} />;
  return (
    <StaffOrPatientDoor
      consultId={second ?? ""}
      place={first === "visit-room" ? "visit" : "consult"}
    />
  );
}

function GuestDoor({ secret }: { secret: string }) {
  const t = useText();
  const client = useQueryClient();
  const guest = useQuery({
    queryKey: ["guest", secret],
    retry: 1,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async () => {
      // Opened again by the one who is already in, the server keeps the session; another link is another consult.
      await api.post<SessionView>("/api/session/guest", { secret });
      const session = await readSession();
      client.setQueryData(sessionKey, session);
      return session;
    },
  });
  if (guest.isPending) return <Waiting />;
  if (guest.isError || guest.data.kind !== "guest") {
    return (
      <Door title={t("room.guest.closed")}>
        <p className="muted">{t("room.guest.closedHow")}</p>
        <ProblemNotice error={guest.error} retry={() => void guest.refetch()} />
      </Door>
    );
  }
  return <Entrance consultId={guest.data.consultId} session={guest.data} place="consult" />;
}

function StaffOrPatientDoor({ consultId, place }: { consultId: string; place: RoomPlace }) {
  const t = useText();
  const session = useSession();
  if (session.isPending) return <Waiting />;
  if (session.isError) {
    return (
      <Door title={t("room.pageTitle")}>
        <ProblemNotice error={session.error} retry={() => void session.refetch()} />
      </Door>
    );
  }
  if (
    session.data.kind === "none" ||
    (session.data.kind === "guest" && session.data.consultId !== consultId)
  ) {
    return (
      <Door title={t("room.signIn.title")}>
        <div className="row">
          <a className={buttonClass("primary")} href={signInAddress("staff")}>
            {t("room.signIn.staff")}
          </a>
          <a className={buttonClass("plain")} href={signInAddress("patient")}>
            {t("room.signIn.patient")}
          </a>
        </div>
      </Door>
    );
  }
  return <Entrance consultId={consultId} session={session.data} place={place} />;
}

function Entrance({
  consultId,
  session,
  place,
}: {
  consultId: string;
  session: SignedIn;
  place: RoomPlace;
}) {
  const [devices, setDevices] = useState<Devices | null>(null);
  const [left, setLeft] = useState<string | null>(null);
  useEffect(() => void loadCall(), []);
  if (left) {
    return (
      <Left
        reason={left}
        consultId={consultId}
        session={session}
        place={place}
        onAgain={() => {
          setLeft(null);
          setDevices(null);
        }}
      />
    );
  }
  if (!devices) {
    const listens =
      session.kind === "staff" &&
      !session.permissions.some((one) => one !== "consult.observe" && one !== "consult.room");
    return (
      <>
        <LanguageCorner />
        <DeviceCheck listens={listens} onEnter={setDevices} />
      </>
    );
  }
  return (
    <Suspense fallback={<Waiting />}>
      <Call
        consultId={consultId}
        place={place}
        session={session}
        devices={devices}
        onLeft={setLeft}
      />
    </Suspense>
  );
}

function LanguageCorner() {
  return (
    <header className="door-corner">
      <LanguageSwitch />
    </header>
  );
}

export function Door({ title, children }: { title: string; children: ReactNode }) {
  return (
    <>
      <LanguageCorner />
      <main className="room-door" id="main">
        <h1>{title}</h1>
        {children}
      </main>
    </>
  );
}

function Waiting() {
  return (
    <main className="room-door">
      <Skeleton lines={4} />
    </main>
  );
}
