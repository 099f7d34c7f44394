import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import type { z } from "zod";
import type { enterAnswer } from "../../server/teaching/live-contract.ts";
import { api, asApiError } from "../api/client.ts";
import { createRoomClient, type ListenWay, playRoom, type RoomState } from "../room/media/index.ts";
import { deviceId, type Place } from "./device.ts";

type Entered = z.infer<typeof enterAnswer>;
type AsStream = Extract<Entered, { kind: "hls" }>;

const ended = new Set(["ended", "removed", "refused", "replaced", "outdated", "failed"]);
const RETRY_MS = 3000;

/**
 * This page's way to sound and picture: over the media node, or as a stream when many listen. Who is called to
 * the stage from the stream goes over to the node, and back afterwards, without a click.
 * @param onStage the timeline says that this person stands on the stage
 */
export function useEntry(
  sessionId: string,
  {
    personId,
    place,
    onStage,
    devices,
  }: {
    personId: string;
    place: Place;
    onStage: boolean;
    devices: { microphone: boolean; camera: boolean };
  },
) {
  const path = `/api/teaching/sessions/${sessionId}`;
  const [way, setWayState] = useState<ListenWay>("full");
  const [stream, setStream] = useState<AsStream | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [blocked, setBlocked] = useState(false);
  const wayNow = useRef(way);
  const given = useRef<Entered | null>(null);

  const enter = useCallback(
    () =>
      api.post<Entered>(`${path}/enter`, {
        deviceId: deviceId(personId),
        device: place,
        way: wayNow.current,
      }),
    [path, place, personId],
  );
  const [client] = useState(() =>
    createRoomClient({
      getToken: async () => {
        const answer = given.current ?? (await enter());
        given.current = null;
        if (answer.kind === "hls") {
          setStream(answer);
          throw new Error("as a stream");
        }
        return { token: answer.token, url: answer.nodeUrl };
      },
    }),
  );
  const snapshot = useSyncExternalStore(client.subscribe, client.getSnapshot);
  const leaving = useRef(false);

  const begin = useCallback(async () => {
    leaving.current = false;
    try {
      const answer = await enter();
      if (leaving.current) return;
      setError(null);
      if (answer.kind === "hls") {
        setStream(answer);
        await client.leave();
        return;
      }
      setStream(null);
      given.current = answer;
      await client.join();
    } catch (problem) {
      if (!leaving.current) setError(problem);
    }
  }, [client, enter]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: once, with what was chosen at the door
  useEffect(() => {
    const stopSound = playRoom(client, () => setBlocked(true));
    void begin();
    if (devices.microphone) void client.setMicrophone(true).catch(() => {});
    if (devices.camera) void client.setCamera(true).catch(() => {});
    const leave = () => {
      leaving.current = true;
      void client.leave();
    };
    addEventListener("pagehide", leave);
    return () => {
      removeEventListener("pagehide", leave);
      stopSound();
      leave();
    };
  }, [client]);

  // Called to the stage, or back from it: the server says anew how this device listens.
  const streaming = stream !== null;
  const came = useRef<"room" | "hls" | null>(null);
  useEffect(() => {
    came.current ??= streaming ? "hls" : snapshot.connection === "joined" ? "room" : null;
    if (streaming && onStage) void begin();
    else if (!streaming && !onStage && came.current === "hls") void begin();
  }, [streaming, onStage, snapshot.connection, begin]);

  useEffect(() => {
    if (!stream) return;
    const tell = () =>
      void api
        .post(`${path}/heartbeat`, { deviceId: deviceId(personId), way: wayNow.current })
        .catch(() => {});
    const timer = setInterval(tell, stream.heartbeatSeconds * 1000);
    return () => clearInterval(timer);
  }, [stream, path, personId]);

  useEffect(() => {
    if (!error) return;
    const { isLine, status } = asApiError(error);
    if (!isLine && status < 500) return;
    const timer = setTimeout(() => void begin(), RETRY_MS);
    return () => clearTimeout(timer);
  }, [error, begin]);

  const setWay = useCallback(
    (next: ListenWay) => {
      wayNow.current = next;
      setWayState(next);
      void client.listen(next).catch(() => {});
    },
    [client],
  );
  const room = useMemo<RoomState>(
    () =>
      streaming
        ? {
            ...snapshot,
            kind: "teaching",
            connection: "joined",
            peers: [],
            stage: { on: false, pub: [], moderator: false },
            listening: { chosen: way, effective: way },
          }
        : snapshot,
    [snapshot, streaming, way],
  );
  return {
    client,
    room,
    stream,
    error,
    blocked,
    unblock() {
      setBlocked(false);
      for (const player of document.querySelectorAll("audio")) void player.play();
    },
    setWay,
    /** Why this page is out of the room for good; null: it is in, or comes back by itself. */
    out:
      !streaming && ended.has(snapshot.connection) && !leaving.current ? snapshot.connection : null,
  };
}
