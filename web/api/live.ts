import type { QueryClient } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import type { Socket } from "socket.io-client";
import type { MyAppointments } from "../../server/booking/contract.ts";
import type {
  Changed,
  ClientEvents,
  QueuePlace,
  realtimeProtocol,
  ServerEvents,
  TeachingPosition,
} from "../../server/realtime/contract.ts";
import type { EntryBatch, Pointer } from "../../timeline/entries.ts";

/** What a page that shows a teaching broadcast hears of it. */
export type TeachingWatcher = {
  /** Watched from here on, also after a break: what is between is to be read. */
  position: (position: TeachingPosition) => void;
  entries: (batch: EntryBatch) => void;
  pointer: (pointer: Pointer) => void;
};

/** The number this page speaks; it stops compiling when the contract's is raised. */
const protocol: typeof realtimeProtocol = 1;

/** How fresh the page is: `live` hears every change, `waiting` tries again, `off` was never begun. */
export type LiveState = "off" | "waiting" | "live";

let state: LiveState = "off";
let socket: Socket<ServerEvents, ClientEvents> | null = null;
const watched = new Set<string>();
let watchedRelease: string | null = null;
let watchedTeaching: { sessionId: string; watcher: TeachingWatcher } | null = null;
const listeners = new Set<() => void>();

function setState(next: LiveState) {
  state = next;
  for (const listener of listeners) listener();
}

function invalidate(client: QueryClient, change: Changed) {
  void client.invalidateQueries({
    predicate: ({ queryKey: [topic, id] }) => {
      if (change.topic === "notice" || change.topic === "session") return topic === change.topic;
      if (change.topic === "patient") return topic === "patient";
      if (change.topic === "critical-value" || change.topic === "infectious-report")
        return topic === change.topic && (id === "list" || id === change.id);
      if (change.topic === "lab" || change.topic === "recall") return topic === change.topic;
      if (change.topic === "capacity" || change.topic === "bed-hold") return topic === "capacity";
      if (change.topic === "visit") return topic === "visit" || (topic === "my" && id === "visits");
      if (change.topic === "invoice")
        return topic === "billing" || (topic === "my" && id === "invoices");
      if (change.topic === "prescription")
        return topic === "prescription" || (topic === "my" && id === "prescriptions");
      // An episode is read with each of its referrals: whichever changed, all that are open are read again.
      if (change.topic === "referral")
        return topic === "referral" || topic === "follow-up" || (topic === "my" && id === "road");
      // A broadcast with hundreds of pages: a change of another one is none of theirs.
      if (change.topic === "teaching")
        return topic === "teaching" && (id === change.id || !/^[0-9a-f-]{36}$/.test(String(id)));
      if (change.topic === "surge") return topic === "surge" || (topic === "my" && id === "surge");
      if (change.topic === "fever") return topic === "fever" || (topic === "my" && id === "fever");
      if (change.topic === "hotline-call" || change.topic === "call-task")
        return topic === change.topic && (id === "list" || id === "letters" || id === change.id);
      if (change.topic === "appointment" || change.topic === "queue")
        return topic === "booking" || (topic === "my" && id === "appointments");
      // Opinions, attachments and steps are all read with their consult.
      if (topic === "my") return true;
      return (
        topic === "consult" && (change.topic !== "consult" || id === "list" || id === change.id)
      );
    },
  });
}

/** A moving queue costs no reading: the own place is put where it is shown. */
function takePlace(client: QueryClient, { appointmentId, ...queue }: QueuePlace) {
  client.setQueryData<MyAppointments>(["my", "appointments"], (before) =>
    before
      ? {
          ...before,
          appointments: before.appointments.map((one) =>
            one.id === appointmentId ? { ...one, queue } : one,
          ),
        }
      : before,
  );
}

/**
 * Listens for changes and reads again what they concern. Begun after the first paint; the library is
 * fetched only then. After a break everything on the page is read again, because news were missed.
 * @param late begun long after the page was read
 */
export async function startLive(
  client: QueryClient,
  onSessionEnded: () => void,
  late = false,
): Promise<() => void> {
  const { io } = await import("socket.io-client");
  socket?.close();
  const opened: Socket<ServerEvents, ClientEvents> = io({
    path: "/realtime",
    auth: { protocol },
    transports: ["websocket", "polling"],
  });
  socket = opened;
  setState("waiting");
  let before = late;
  opened.on("connect", () => {
    setState("live");
    for (const consultId of watched) opened.emit("consult:watch", { consultId }, () => {});
    if (watchedRelease) opened.emit("release:watch", { roomId: watchedRelease }, () => {});
    askForTeaching();
    if (before) void client.invalidateQueries({ type: "active" });
    before = true;
  });
  opened.on("disconnect", () => setState("waiting"));
  opened.on("connect_error", ({ message }) => {
    setState("waiting");
    if (message === "auth.required") onSessionEnded();
    // A page older than the server starts anew; drafts are kept. Never out of a consult or a lecture.
    if (message === "protocol-outdated" && !/^\/(room|teaching)\b/.test(location.pathname))
      location.reload();
  });
  opened.on("changed", (change) => invalidate(client, change));
  opened.on("queue:place", (place) => takePlace(client, place));
  opened.on("release:progress", (progress) =>
    client.setQueryData(["release", "progress", progress.roomId], progress),
  );
  opened.on("release:place", ({ placeId, number }) =>
    client.setQueryData(["release", "number", placeId], number),
  );
  opened.on("teaching:entries", (batch) => {
    if (batch.sessionId === watchedTeaching?.sessionId) watchedTeaching.watcher.entries(batch);
  });
  opened.on("teaching:pointer", (pointer) => {
    if (pointer.sessionId === watchedTeaching?.sessionId) watchedTeaching.watcher.pointer(pointer);
  });
  opened.on("session:ended", onSessionEnded);
  return () => {
    opened.close();
    if (socket === opened) socket = null;
    setState("off");
  };
}

/** Says which consult is on the page, so that its small changes are heard too. */
export function watchConsult(consultId: string): () => void {
  watched.add(consultId);
  if (socket?.connected) socket.emit("consult:watch", { consultId }, () => {});
  return () => watched.delete(consultId);
}

/** Says in which waiting room this page is, so that it hears how far it is. */
export function watchRelease(roomId: string): () => void {
  watchedRelease = roomId;
  if (socket?.connected) socket.emit("release:watch", { roomId }, () => {});
  return () => {
    if (watchedRelease === roomId) watchedRelease = null;
  };
}

function askForTeaching() {
  const asked = watchedTeaching;
  if (!asked || !socket?.connected) return;
  socket.emit("teaching:watch", { sessionId: asked.sessionId }, (reply) => {
    if (reply.ok && watchedTeaching === asked) asked.watcher.position(reply.data);
  });
}

/** Says which teaching broadcast this page shows, and hears of it until it ends. */
export function watchTeaching(sessionId: string, watcher: TeachingWatcher): () => void {
  const own = { sessionId, watcher };
  watchedTeaching = own;
  askForTeaching();
  return () => {
    if (watchedTeaching !== own) return;
    watchedTeaching = null;
    if (socket?.connected) socket.emit("teaching:watch", { sessionId: null }, () => {});
  };
}

/** Where I point, for all who watch; told, never kept. */
export function pointInTeaching(surface: string, at: [number, number] | null): void {
  if (socket?.connected) socket.emit("teaching:pointer", { surface, at });
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useLiveState(): LiveState {
  return useSyncExternalStore(subscribe, () => state);
}

function subscribeOnline(listener: () => void) {
  addEventListener("online", listener);
  addEventListener("offline", listener);
  return () => {
    removeEventListener("online", listener);
    removeEventListener("offline", listener);
  };
}

/** Whether the device itself has a network. */
export function useOnline(): boolean {
  return useSyncExternalStore(subscribeOnline, () => navigator.onLine);
}
