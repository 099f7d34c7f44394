import { createContext, useContext } from "react";
import type { RoomClient, RoomState } from "./media/index.ts";
import type { SignedIn } from "./room-app.tsx";

export type PanelTab = "request" | "record" | "opinion" | "chat" | "people";

/** Which part of the alliance the room belongs to. */
export type RoomPlace = "consult" | "visit";

export type RoomContextValue = {
  client: RoomClient;
  room: RoomState;
  session: SignedIn;
  consultId: string;
  /** A consult, or a video visit under the same id. */
  place: RoomPlace;
  tab: PanelTab | null;
  setTab: (tab: PanelTab | null) => void;
  captions: boolean;
  setCaptions: (on: boolean) => void;
  /** Whose picture keeps its place beside the speaker: a sign interpreter's, for instance. */
  pinned: string | null;
  setPinned: (peerId: string | null) => void;
  annotating: boolean;
  setAnnotating: (on: boolean) => void;
  leave: () => void;
};

export const RoomContext = createContext<RoomContextValue | null>(null);

export function useRoom(): RoomContextValue {
  const value = useContext(RoomContext);
  if (!value) throw new Error("useRoom needs a room");
  return value;
}
