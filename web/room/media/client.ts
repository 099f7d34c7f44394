import { RoomLink } from "./link.ts";
import type {
  ListenWay,
  Notice,
  RoomClientOptions,
  RoomState,
  Source,
  StageSource,
  Stroke,
} from "./types.ts";

export type Tile = { width: number; height: number; visible: boolean };

/** One page's part in a room. State comes as immutable snapshots; every method is safe to call. */
export type RoomClient = {
  subscribe(listener: () => void): () => void;
  getSnapshot(): RoomState;
  /** Connects early, while the device check is shown (needs `url` in the options). */
  prepare(): void;
  /** @throws when no token is to be had at the first attempt; later troubles heal by themselves */
  join(): Promise<void>;
  leave(): Promise<void>;
  setMicrophone(on: boolean): Promise<void>;
  setCamera(on: boolean): Promise<void>;
  shareScreen(on: boolean): Promise<void>;
  /** For interpreters: speak on a channel of one's own (a language), or stop with null. */
  interpret(channel: string | null): Promise<void>;
  sendChat(text: string, channel?: "room" | "private"): Promise<void>;
  setRollCall(entries: { name: string; relation: string }[]): Promise<void>;
  announceStill(still: StillAnnouncement): Promise<void>;
  annotate(attachmentId: string, stroke: Stroke): Promise<void>;
  eraseStrokes(attachmentId: string, strokeIds: string[]): Promise<void>;
  showStill(attachmentId: string | null): Promise<void>;
  admit(peerId: string): Promise<void>;
  refuse(peerId: string): Promise<void>;
  mute(peerId: string, source?: Source): Promise<void>;
  remove(peerId: string): Promise<void>;
  /**
   * Teaching rooms: how this page wants to listen. In the two lower ways no camera and no screen
   * comes; on a thin line "full" falls to slides and sound by itself and comes back (the state's
   * `listening` says what is in force). Survives a lost line and a moved room.
   */
  listen(way: ListenWay): Promise<void>;
  /** Listens to an interpreter; the floor is lowered meanwhile. Null: the floor alone. */
  chooseInterpretation(channel: string | null): Promise<void>;
  startPrivateTalk(): Promise<void>;
  endPrivateTalk(): Promise<void>;
  /** Whether private talks are played here and heard from here, or are by text only. */
  setPrivateAudio(audio: boolean): Promise<void>;
  /** How large somebody's picture is shown (physical pixels), so that no more is sent. */
  setTile(peerId: string, source: "video" | "screen", tile: Tile): void;
  /** Demo: makes the node treat this line as a bad one. */
  simulateThinLine(thin: boolean): Promise<void>;
  /** The running media, for measurements. */
  readonly debug: { link: RoomLink };
};

export type StillAnnouncement = {
  attachmentId: string;
  name: string;
  width: number;
  height: number;
  sha256: string;
};

export type { RoomClientOptions, RoomState } from "./types.ts";

const failureCodes: Record<StageSource, Notice["code"]> = {
  audio: "microphone-failed",
  interpretation: "microphone-failed",
  video: "camera-failed",
  screen: "screen-failed",
};

/** Makes a client for one room. Nothing happens before `prepare` or `join`. */
export function createRoomClient(options: RoomClientOptions): RoomClient {
  const link = new RoomLink(options);
  const { model, local } = link;
  const tiles = new Map<string, { peerId: string; source: "video" | "screen" } & Tile>();
  const changedTiles = new Set<string>();
  let tileTimer: ReturnType<typeof setTimeout> | undefined;
  let wasJoined = false;

  // A node that knows us anew (another worker, another entry) has to be told the tiles again.
  model.store.subscribe(() => {
    const isJoined = model.state.connection === "joined";
    if (isJoined && !wasJoined) {
      for (const key of tiles.keys()) changedTiles.add(key);
      tellTiles();
    }
    wasJoined = isJoined;
  });

  function tellTiles(): void {
    clearTimeout(tileTimer);
    tileTimer = undefined;
    const here = new Set(model.state.peers.map((peer) => peer.id));
    for (const [key, tile] of tiles) if (!here.has(tile.peerId)) tiles.delete(key);
    const demands = [...changedTiles].flatMap((key) => tiles.get(key) ?? []);
    changedTiles.clear();
    if (demands.length > 0) link.signal?.tell("consumer:demand", { demands: demands.slice(0, 64) });
  }

  async function request(...args: Parameters<NonNullable<RoomLink["signal"]>["request"]>) {
    if (!link.signal) return;
    await link.signal.request(...args);
  }

  async function turnOn(source: StageSource, channel?: string): Promise<void> {
    try {
      const wish = await local.open(source, channel);
      link.showLocal();
      if (wish.paused) link.resumeLocal(source);
      await link.sendAll();
    } catch (error) {
      model.notify(failureCodes[source], null, null);
      throw error;
    }
  }

  return {
    subscribe: model.store.subscribe,
    getSnapshot: model.store.getSnapshot,
    prepare: () => link.prepare(),
    join: async () => await link.join(),
    async leave() {
      await link.signal?.request("room:leave", {}, 1_000).catch(() => {});
      link.end("ended", "left");
    },
    async setMicrophone(on) {
      if (on) await turnOn("audio");
      else link.pauseLocal("audio");
    },
    async setCamera(on) {
      if (on) await turnOn("video");
      else link.stopLocal("video");
    },
    async shareScreen(on) {
      if (on) await turnOn("screen");
      else link.stopLocal("screen");
    },
    async interpret(channel) {
      if (local.wishes.get("interpretation")?.channel !== channel) {
        link.stopLocal("interpretation");
      }
      if (channel !== null) await turnOn("interpretation", channel);
    },
    sendChat: (text, channel = "room") =>
      request("chat:send", { text, channel, id: crypto.randomUUID() }),
    setRollCall: (entries) => request("rollcall:set", { entries }),
    announceStill: (still) => request("still:announce", still),
    annotate: (attachmentId, stroke) => request("still:annotate", { attachmentId, stroke }),
    eraseStrokes: (attachmentId, strokeIds) => request("still:erase", { attachmentId, strokeIds }),
    showStill: (attachmentId) => request("still:show", { attachmentId }),
    admit: (peerId) => request("lobby:admit", { peerId }),
    refuse: (peerId) => request("lobby:refuse", { peerId }),
    mute: (peerId, source = "audio") => request("moderation:mute", { peerId, source }),
    remove: (peerId) => request("moderation:remove", { peerId }),
    listen: (way) => link.listen(way),
    chooseInterpretation: (channel) => request("interpretation:choose", { channel }),
    startPrivateTalk: () => request("private:start", {}),
    endPrivateTalk: () => request("private:end", {}),
    async setPrivateAudio(audio) {
      await request("private:prefer", { audio });
      model.store.set({ privateAudio: audio });
    },
    setTile(peerId, source, tile) {
      const key = `${peerId}/${source}`;
      const before = tiles.get(key);
      const isSame =
        before?.width === tile.width &&
        before.height === tile.height &&
        before.visible === tile.visible;
      if (isSame) return;
      tiles.set(key, { peerId, source, ...tile });
      changedTiles.add(key);
      // Tiles change in bursts (a window is resized): told together.
      tileTimer ??= setTimeout(tellTiles, 100);
    },
    simulateThinLine: (thin) => request("line:simulate", { thin }),
    debug: { link },
  };
}
