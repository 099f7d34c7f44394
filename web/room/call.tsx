import { useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useState, useSyncExternalStore } from "react";
import type { z } from "zod";
import type { roomTokenAnswer } from "../../server/consult/contract.ts";
import { api, asApiError } from "../api/client.ts";
import { startLive } from "../api/live.ts";
import { untilItWorks } from "../api/until-it-works.ts";
import { Button } from "../design/components/button.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { speaker } from "../design/icons.ts";
import { useText } from "../i18n/i18n.ts";
import { Banners } from "./banners.tsx";
import { CaptionStrip } from "./caption-strip.tsx";
import { Controls } from "./controls.tsx";
import type { Devices } from "./device-check.tsx";
import { createRoomClient, playRoom } from "./media/index.ts";
import { Door, type SignedIn } from "./room-app.tsx";
import { RoomContext, type RoomContextValue, type RoomPlace } from "./room-context.ts";
import { Stage } from "./stage.tsx";
import "./call.css";

const SidePanel = lazy(() =>
  import("./side-panel.tsx").then((panel) => ({ default: panel.SidePanel })),
);
const final = new Set(["ended", "removed", "refused", "replaced", "outdated", "failed"]);

/** The room itself. What breaks heals by itself; only what is final leads out of it. */
export function Call({
  consultId,
  place,
  session,
  devices,
  onLeft,
}: {
  consultId: string;
  place: RoomPlace;
  session: SignedIn;
  devices: Devices;
  onLeft: (reason: string) => void;
}) {
  const t = useText();
  const cache = useQueryClient();
  const [client] = useState(() =>
    createRoomClient({
      getToken: async () => {
        const { token, nodeUrl } = await api.post<z.infer<typeof roomTokenAnswer>>(
          `/api/${place}s/${consultId}/room-token`,
        );
        return { token, url: nodeUrl };
      },
      ...(devices.microphoneId ? { audioConstraints: { deviceId: devices.microphoneId } } : {}),
      ...(devices.cameraId ? { videoConstraints: { deviceId: devices.cameraId } } : {}),
    }),
  );
  const room = useSyncExternalStore(client.subscribe, client.getSnapshot);
  const [error, setError] = useState<unknown>(null);
  const [blocked, setBlocked] = useState(false);
  const [tab, setTab] = useState<RoomContextValue["tab"]>(
    // Beside a visit its own page stands.
    session.kind === "staff" && place === "consult" ? "request" : null,
  );
  const [captions, setCaptions] = useState(false);
  const [pinned, setPinned] = useState<string | null>(null);
  const [annotating, setAnnotating] = useState(false);

  useEffect(() => {
    const stopSound = playRoom(client, () => setBlocked(true));
    void client.join().catch(setError);
    if (devices.microphone) void client.setMicrophone(true).catch(() => {});
    if (devices.camera) void client.setCamera(true).catch(() => {});
    const stopLive =
      session.kind === "staff"
        ? untilItWorks((late) => startLive(cache, () => {}, late))
        : undefined;
    const leave = () => void client.leave();
    addEventListener("pagehide", leave);
    return () => {
      removeEventListener("pagehide", leave);
      stopSound();
      void client.leave();
      stopLive?.();
    };
  }, [client, cache, devices, session.kind]);

  useEffect(() => {
    if (final.has(room.connection)) onLeft(room.connection);
  }, [room.connection, onLeft]);

  if (error) {
    const problem = asApiError(error);
    return (
      <Door title={t("room.cannotEnter")}>
        <ProblemNotice
          error={problem}
          retry={() => {
            setError(null);
            void client.join().catch(setError);
          }}
        />
      </Door>
    );
  }
  if (room.connection === "in-lobby") return <Lobby />;
  const value: RoomContextValue = {
    client,
    room,
    session,
    consultId,
    place,
    tab,
    setTab,
    captions,
    setCaptions,
    pinned,
    setPinned,
    annotating,
    setAnnotating,
    leave: () => void client.leave(),
  };
  return (
    <RoomContext value={value}>
      <div className="call" data-panel={tab ? "" : undefined}>
        <main className="call-main" id="main">
          <h1 className="visually-hidden">{t("room.pageTitle")}</h1>
          <Banners />
          {blocked ? (
            <div className="call-sound">
              <Button
                look="primary"
                icon={speaker}
                onClick={() => {
                  setBlocked(false);
                  for (const player of document.querySelectorAll("audio")) void player.play();
                }}
              >
                {t("room.sound.start")}
              </Button>
            </div>
          ) : null}
          <Stage />
          {captions ? <CaptionStrip /> : null}
        </main>
        <Controls />
        {tab ? (
          <aside className="call-panel" data-scene="page" aria-label={t("room.panel.label")}>
            <Suspense fallback={<Skeleton lines={6} />}>
              <SidePanel />
            </Suspense>
          </aside>
        ) : null}
      </div>
    </RoomContext>
  );
}

function Lobby() {
  const t = useText();
  return (
    <Door title={t("room.lobby.title")}>
      <p>{t("room.lobby.how")}</p>
      <Skeleton lines={1} />
    </Door>
  );
}
