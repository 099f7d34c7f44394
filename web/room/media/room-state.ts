import type {
  ConsumerInfo,
  RoomSnapshot,
  ServerMessageName,
  ServerMessages,
  StageRights,
} from "../../../sfu/protocol.ts";
import { createStore, type Store } from "./store.ts";
import type { Notice, PeerInfo, RemotePeer, RemoteTrack, RoomState, Source } from "./types.ts";

/** The floor while an interpreter is listened to: lowered, not cut. */
export const FLOOR_VOLUME_BEHIND_INTERPRETER = 0.2;
const MOST_NOTICES = 30;
const MOST_CHAT = 500;

const noTrack = { on: false, stream: null, muted: false };

export const initialState: RoomState = {
  connection: "idle",
  reason: null,
  room: null,
  peerId: null,
  me: null,
  peers: [],
  local: { audio: noTrack, video: noTrack, screen: noTrack, interpretation: noTrack },
  line: "good",
  video: { up: "full", down: "full" },
  speaker: null,
  chat: [],
  privateState: { active: false, by: null, since: null, members: [] },
  privateAudio: true,
  interpretation: { channels: [], chosen: null },
  waiting: [],
  rollCall: null,
  stills: [],
  shownStill: null,
  notices: [],
  demo: false,
  kind: "consult",
  stage: { on: true, pub: [], moderator: false },
  listening: { chosen: "full", effective: "full" },
  audience: null,
  recording: false,
};

function isStage({ pub, moderator }: StageRights): boolean {
  return pub.length > 0 || moderator;
}

type Handlers = { [Name in ServerMessageName]?: (message: ServerMessages[Name]) => void };

/** What is known of the room: kept as maps, shown as one immutable snapshot. */
export class RoomModel {
  readonly store: Store<RoomState> = createStore(initialState);
  private readonly peers = new Map<string, PeerInfo>();
  private readonly tracks = new Map<string, RemoteTrack & { peerId: string }>();
  /** Told of streams whose track is still being made. */
  private readonly heldBefore = new Map<string, RemoteTrack["held"]>();
  private notices = 0;

  get state(): RoomState {
    return this.store.getSnapshot();
  }

  /** Takes over what the node says of everything. */
  replace(peerId: string, snapshot: RoomSnapshot): void {
    this.peers.clear();
    for (const peer of snapshot.peers) this.peers.set(peer.id, peer);
    const { room, chat, rollCall, stills, shownStill, privateState, privateAudio } = snapshot;
    const { interpretation, waiting, speaker, demo } = snapshot;
    const { kind, listening, audience, recording } = snapshot;
    this.store.set({
      peerId,
      room,
      chat,
      rollCall,
      stills,
      shownStill,
      privateState,
      privateAudio,
      interpretation,
      waiting,
      speaker,
      demo,
      kind,
      stage: { ...snapshot.stage, on: kind === "consult" || isStage(snapshot.stage) },
      listening,
      audience,
      recording,
    });
    this.showPeers();
  }

  /** The server has changed what this person may do here. */
  setStage(rights: StageRights): void {
    const on = isStage(rights);
    this.store.set({ stage: { ...rights, on }, ...(on ? {} : { audience: null }) });
  }

  addTrack(info: ConsumerInfo, track: MediaStreamTrack): void {
    const held = this.heldBefore.get(info.id);
    this.heldBefore.delete(info.id);
    this.tracks.set(info.id, {
      consumerId: info.id,
      peerId: info.peerId,
      source: info.source,
      stream: new MediaStream([track]),
      held: held === undefined ? info.held : held,
      volume: 1,
      channel: info.channel ?? null,
    });
    this.showPeers();
  }

  holdTrack(consumerId: string, held: RemoteTrack["held"]): void {
    const track = this.tracks.get(consumerId);
    if (!track) {
      this.heldBefore.set(consumerId, held);
      return;
    }
    this.tracks.set(consumerId, { ...track, held });
    this.showPeers();
  }

  removeTrack(consumerId: string): void {
    this.heldBefore.delete(consumerId);
    if (this.tracks.delete(consumerId)) this.showPeers();
  }

  removeAllTracks(): void {
    this.tracks.clear();
    this.heldBefore.clear();
    this.showPeers();
  }

  notify(code: Notice["code"], direction: Notice["direction"], peerId: string | null): void {
    const notice = { id: ++this.notices, at: Date.now(), code, direction, peerId };
    this.store.set({ notices: [...this.state.notices, notice].slice(-MOST_NOTICES) });
  }

  private showPeers(): void {
    const { peerId, interpretation } = this.state;
    const tracks = [...this.tracks.values()];
    const isInterpreted =
      interpretation.chosen !== null &&
      tracks.some((track) => track.source === "interpretation" && track.held === null);
    const trackOf = (peer: PeerInfo, source: Source): RemoteTrack | null => {
      const track = tracks.find((entry) => entry.peerId === peer.id && entry.source === source);
      if (!track) return null;
      const isFloor = (source === "audio" || source === "lecture") && isInterpreted;
      return { ...track, volume: isFloor ? FLOOR_VOLUME_BEHIND_INTERPRETER : 1 };
    };
    const peers: RemotePeer[] = [...this.peers.values()]
      .filter((peer) => peer.id !== peerId)
      .map((peer) => ({
        ...peer,
        audio: trackOf(peer, "audio"),
        lecture: trackOf(peer, "lecture"),
        camera: trackOf(peer, "video"),
        screen: trackOf(peer, "screen"),
        interpretation: trackOf(peer, "interpretation"),
      }));
    const me = (peerId === null ? undefined : this.peers.get(peerId)) ?? null;
    const own = me ? { line: me.line, video: me.video } : {};
    this.store.set({ peers, me, ...own });
  }

  /** How each message of the node changes what is known. */
  readonly handlers: Handlers = {
    "peer:joined": ({ peer }) => this.setPeer(peer),
    "peer:updated": ({ peer }) => this.setPeer(peer),
    "peer:left": ({ peerId }) => {
      this.peers.delete(peerId);
      this.showPeers();
    },
    "lobby:list": ({ waiting }) => this.store.set({ waiting }),
    "room:speaker": ({ peerId }) => this.store.set({ speaker: peerId }),
    "chat:message": ({ message }) =>
      this.store.set({ chat: [...this.state.chat, message].slice(-MOST_CHAT) }),
    "rollcall:changed": ({ rollCall }) => this.store.set({ rollCall }),
    "still:announced": ({ still }) =>
      this.store.set({ stills: [...this.state.stills, still], shownStill: still.attachmentId }),
    "still:annotated": ({ attachmentId, stroke }) =>
      this.changeStill(attachmentId, (strokes) => [
        ...strokes.filter((other) => other.id !== stroke.id),
        stroke,
      ]),
    "still:erased": ({ attachmentId, strokeIds }) =>
      this.changeStill(attachmentId, (strokes) =>
        strokes.filter((stroke) => !strokeIds.includes(stroke.id)),
      ),
    "still:shown": ({ attachmentId }) => this.store.set({ shownStill: attachmentId }),
    "private:state": ({ state }) => this.store.set({ privateState: state }),
    "interpretation:channels": (interpretation) => {
      this.store.set({ interpretation });
      this.showPeers();
    },
    "listen:way": (listening) => this.store.set({ listening }),
    "audience:summary": (audience) => this.store.set({ audience }),
    "room:recording": ({ on }) => this.store.set({ recording: on }),
    "line:notice": ({ code, direction, peerId }) => this.notify(code, direction, peerId),
  };

  private setPeer(peer: PeerInfo): void {
    this.peers.set(peer.id, peer);
    this.showPeers();
  }

  private changeStill(
    attachmentId: string,
    change: (strokes: RoomState["stills"][number]["strokes"]) => typeof strokes,
  ): void {
    this.store.set({
      stills: this.state.stills.map((still) =>
        still.attachmentId === attachmentId ? { ...still, strokes: change(still.strokes) } : still,
      ),
    });
  }
}
