import type { AudienceSummary, Source } from "../protocol.ts";
import { type ListenerFigures, summarise } from "./audience.ts";
import {
  emptyFloor,
  type Floor,
  isHeard,
  leaveFloor,
  openMicrophone,
  type Place,
  placesOf,
  type StagePerson,
  takeTurn,
} from "./floor.ts";
import type { Peer, Programme } from "./peer.ts";
import type { Room } from "./room.ts";
import { MOST_VOICES, MOST_VOICES_THIN } from "./routing.ts";

const SUMMARY_EVERY_MS = 2_000;
/** An audience that leaves may be back at once (a worker died): so long the lecture track stays. */
const LECTURE_LINGERS_MS = 10_000;
const PRESENTER_ROLE = "presenter";

type Grant = { pub: readonly Source[]; moderator: boolean; atSeconds: number };

/**
 * What a teaching room has beyond a consult: a stage that the server orders, an audience that is
 * counted, and the choice of whom the audience hears and sees.
 */
export class Auditorium {
  readonly audience = new Set<Peer>();
  /** Shared with every peer of the room. */
  readonly programme: Programme & { places: Map<string, Place>; openChannels: Set<string> };
  isLectureNeeded = false;
  private readonly room: Room;
  /** As in the tokens that orders are weighed against. */
  private readonly now: () => number;
  private floor: Floor = emptyFloor;
  private readonly open = new Set<string>();
  /** What the server ordered for people, who may come (back) with an older token. */
  private readonly grants = new Map<string, Grant>();
  private shown = "";
  private emptySinceMs: number | null = null;
  private summarisedAtMs = 0;
  private toldSummary = "";

  constructor(room: Room, mostCameras: number, now: () => number) {
    this.room = room;
    this.now = now;
    this.programme = { places: new Map(), openChannels: new Set(), mostCameras };
  }

  /** Before a person enters: rights by the latest order, the rules of this room. */
  prepare(peer: Peer): void {
    peer.programme = this.programme;
    const { sub, iat = 0, pub, moderator } = peer.claims;
    const grant = this.grants.get(sub);
    if (grant && grant.atSeconds > iat) peer.grant(grant.pub, grant.moderator);
    else peer.grant(withLecture(pub), moderator);
  }

  joined(peer: Peer): void {
    if (!peer.isOnStage) this.audience.add(peer);
    this.countLecture(Date.now());
    if (peer.isOnStage) this.refresh();
  }

  left(peer: Peer): void {
    this.audience.delete(peer);
    this.open.delete(peer.id);
    this.floor = leaveFloor(this.floor, peer.id);
    if (peer.isOnStage) this.refresh();
  }

  speaks(peerId: string | null): void {
    this.floor = takeTurn(this.floor, peerId, Date.now());
    this.refresh();
  }

  /** Called by the room's clock. */
  tick(nowMs: number): void {
    this.countLecture(nowMs);
    if ([...this.programme.places.values()].some((place) => place.isFading)) this.refresh();
    if (nowMs - this.summarisedAtMs < SUMMARY_EVERY_MS) return;
    this.summarisedAtMs = nowMs;
    const summary = summarise(this.figures());
    const text = JSON.stringify(summary);
    if (text === this.toldSummary) return;
    this.toldSummary = text;
    for (const peer of this.room.stage) peer.emit("audience:summary", summaryFor(peer, summary));
  }

  /** Looks again who has the few places, and brings the audience in line if that has changed. */
  refresh(): void {
    const stage = [...this.room.stage];
    for (const peer of stage) this.noteMicrophone(peer);
    const places = placesOf(this.floor, stage.map(stagePerson), Date.now());
    const channels = stage.flatMap((peer) => {
      const stream = peer.producerOf("interpretation");
      return stream?.channel && !stream.producer.paused ? [stream.channel] : [];
    });
    const { programme } = this;
    programme.places.clear();
    for (const [peerId, place] of places) programme.places.set(peerId, place);
    programme.openChannels.clear();
    for (const channel of channels) programme.openChannels.add(channel);
    const shown = JSON.stringify([
      channels,
      [...places].map(([peerId, place]) => [
        peerId,
        isHeard(place, MOST_VOICES),
        isHeard(place, MOST_VOICES_THIN),
        place.camera < programme.mostCameras,
      ]),
    ]);
    if (shown === this.shown) return;
    this.shown = shown;
    for (const peer of this.audience) void this.room.media.syncListener(peer);
  }

  private noteMicrophone(peer: Peer): void {
    const isOpen = hasOpen(peer, "audio");
    if (isOpen === this.open.has(peer.id)) return;
    if (isOpen) {
      this.open.add(peer.id);
      this.floor = openMicrophone(this.floor, peer.id);
    } else this.open.delete(peer.id);
  }

  // ---- the stage, by order of the server ------------------------------------------------------

  /** @param moderator undefined: as it is */
  promote(sub: string, pub: readonly Source[], moderator: boolean | undefined): void {
    const known = this.grants.get(sub)?.moderator ?? false;
    this.remember(sub, { pub: withLecture(pub), moderator: moderator ?? known });
    for (const peer of this.room.peersOf(sub)) {
      this.change(peer, withLecture(pub), moderator ?? peer.claims.moderator);
    }
  }

  demote(sub: string): void {
    this.remember(sub, { pub: [], moderator: false });
    for (const peer of this.room.peersOf(sub)) this.change(peer, [], false);
  }

  private remember(sub: string, grant: Omit<Grant, "atSeconds">): void {
    this.grants.set(sub, { ...grant, atSeconds: this.now() / 1000 });
  }

  private change(peer: Peer, pub: readonly Source[], moderator: boolean): void {
    const { room } = this;
    const wasOnStage = peer.isOnStage;
    const rights = JSON.stringify(peer.stageRights);
    for (const stream of peer.grant(pub, moderator)) room.media.closeProducer(peer, stream);
    if (peer.state !== "joined" || rights === JSON.stringify(peer.stageRights)) return;
    if (wasOnStage !== peer.isOnStage) this.move(peer);
    peer.emit("stage:changed", peer.stageRights);
    room.tellPeer(peer);
    room.tellChannels();
    this.refresh();
    void room.media.syncAll();
  }

  private move(peer: Peer): void {
    const { room } = this;
    room.restage(peer);
    if (peer.isOnStage) {
      this.audience.delete(peer);
      peer.emit("lecture:demand", { needed: this.isLectureNeeded });
      peer.emit("audience:summary", this.summaryFor(peer));
      room.broadcast("peer:joined", { peer: peer.info }, peer);
      room.report("peer-promoted", peer, peer.stageRights);
    } else {
      this.audience.add(peer);
      this.open.delete(peer.id);
      this.floor = leaveFloor(this.floor, peer.id);
      room.broadcast("peer:left", { peerId: peer.id, reason: "demoted" }, peer);
      room.report("peer-demoted", peer);
    }
    this.countLecture(Date.now());
  }

  /** Somebody tried to send what they may not: reported once, so that it floods nobody. */
  claimed(peer: Peer, source: Source): void {
    if (peer.hasClaimedStage) return;
    peer.hasClaimedStage = true;
    this.room.report("stage-claimed", peer, { source });
  }

  // ---- the audience ---------------------------------------------------------------------------

  /** Figures of the audience as this person of the stage may see them. */
  summaryFor(peer: Peer): AudienceSummary {
    return summaryFor(peer, summarise(this.figures()));
  }

  *figures(): Generator<ListenerFigures> {
    for (const peer of this.audience) {
      const { concealedPart, lossDown, rttMs } = peer.measure;
      yield {
        org: peer.claims.org,
        way: peer.listening.effective,
        line: peer.line,
        concealed: concealedPart,
        lossDown,
        rttMs,
      };
    }
  }

  /** A rehearsal sends nothing twice; nor does a lecture whose audience has gone. */
  private countLecture(nowMs: number): void {
    if (this.audience.size > 0) {
      this.emptySinceMs = null;
      this.tellLecture(true);
    } else if (this.isLectureNeeded) {
      this.emptySinceMs ??= nowMs;
      if (nowMs - this.emptySinceMs >= LECTURE_LINGERS_MS) this.tellLecture(false);
    }
  }

  private tellLecture(needed: boolean): void {
    if (this.isLectureNeeded === needed) return;
    this.isLectureNeeded = needed;
    for (const peer of this.room.stage) peer.emit("lecture:demand", { needed });
  }
}

/** Moderators see where the trouble is, others of the stage how much there is. */
function summaryFor(peer: Peer, summary: AudienceSummary): AudienceSummary {
  return peer.claims.moderator ? summary : { ...summary, worst: [] };
}

/** The right to speak is the right to be heard by the audience. */
function withLecture(pub: readonly Source[]): Source[] {
  const own = pub.filter((source) => source !== "lecture");
  return own.includes("audio") ? [...own, "lecture"] : own;
}

function stagePerson(peer: Peer): StagePerson {
  return {
    peerId: peer.id,
    leads: peer.claims.role === PRESENTER_ROLE || peer.claims.moderator,
    isOpen: hasOpen(peer, "audio"),
    hasCamera: hasOpen(peer, "video"),
  };
}

function hasOpen(peer: Peer, source: Source): boolean {
  const stream = peer.producerOf(source);
  return stream !== undefined && !stream.producer.paused;
}
