import type { z } from "zod";
import { SignalError } from "./errors.ts";
import type { Answer, ClientMessageName, Source } from "./protocol.ts";
import type { clientMessages } from "./protocol-schemas.ts";
import type { Peer } from "./rooms/peer.ts";
import type { Room } from "./rooms/room.ts";

/** Who sends a message, once in a room. */
export type Session = { peer: Peer; room: Room };

type Parsed<Name extends ClientMessageName> = z.output<(typeof clientMessages)[Name]>;
type Handler<Name extends ClientMessageName> = (
  session: Session,
  message: Parsed<Name>,
) => Answer<Name> | Promise<Answer<Name>>;

/** Messages that make or end a session are handled by the gateway itself. */
type SessionMessage = "room:join" | "room:leave" | "session:resume" | "session:ping";
type RoomMessage = Exclude<ClientMessageName, SessionMessage>;

function requireModerator({ peer }: Session): void {
  if (!peer.claims.moderator) throw new SignalError("forbidden");
}

/** What everybody sees is shown by the stage; in a consult all are on it. */
function requireStage({ peer }: Session): void {
  if (!peer.isOnStage) throw new SignalError("forbidden");
}

function requirePrivate({ peer }: Session): void {
  if (!peer.claims.private) throw new SignalError("forbidden");
}

/** What a person in a room may do; each line asks first whether this person may do this. */
export const handlers: { [Name in RoomMessage]: Handler<Name> } = {
  "media:setup": async ({ peer, room }, { rtpCapabilities }) => {
    await room.settled();
    peer.rtpCapabilities = rtpCapabilities;
    const setup = await room.media.setUp(peer);
    room.tellPeer(peer);
    room.media.tellDemand(Date.now());
    return setup;
  },
  "transport:connect": async ({ peer, room }, { transportId, dtlsParameters }) => {
    const transport = room.media.transportOf(peer, transportId);
    await transport.connect(dtlsParameters).catch(() => {
      throw new SignalError("malformed", "", "dtlsParameters");
    });
    return {};
  },
  "transport:restart": async ({ peer, room }, { transportId }) => {
    room.line.settle(peer);
    return { iceParameters: await room.media.transportOf(peer, transportId).restartIce() };
  },
  "producer:create": async ({ peer, room }, request) => {
    if (!peer.claims.pub.includes(request.source)) room.auditorium?.claimed(peer, request.source);
    await room.media.produce(peer, request);
    // An interpreter does not take the floor from whom they interpret.
    const isVoice =
      request.source === "audio" || (request.source === "interpretation" && !room.auditorium);
    if (isVoice) room.followMicrophone(request.id);
    room.tellPeer(peer);
    if (request.source === "interpretation") room.tellChannels();
    void room.media.syncAll();
    return {};
  },
  "producer:pause": async ({ peer, room }, { producerId }) => {
    await room.media.producerOf(peer, producerId).producer.pause();
    await afterProducerChange(peer, room);
    return {};
  },
  "producer:resume": async ({ peer, room }, { producerId }) => {
    const stream = room.media.producerOf(peer, producerId);
    peer.muted.delete(stream.source);
    await stream.producer.resume();
    await afterProducerChange(peer, room);
    return {};
  },
  "producer:close": async ({ peer, room }, { producerId }) => {
    const stream = room.media.producerOf(peer, producerId);
    room.media.closeProducer(peer, stream);
    await afterProducerChange(peer, room);
    if (stream.source === "interpretation") room.tellChannels();
    return {};
  },
  "consumer:resume": ({ peer, room }, { consumerIds }) => {
    room.media.makeReady(peer, consumerIds);
    room.media.tellDemand(Date.now());
    return {};
  },
  "consumer:demand": ({ peer, room }, { demands }) => {
    room.media.setTiles(peer, demands);
    return {};
  },
  "quality:report": async ({ peer, room }, report) => {
    await room.line.take(peer, report);
    return {};
  },
  "line:simulate": ({ peer, room }, { thin }) => {
    if (!room.isDemo) throw new SignalError("forbidden");
    peer.simulatesThinLine = thin;
    return {};
  },
  "chat:send": (session, { channel, text, id }) => {
    // A lecture's chat is part of its timeline, which the server keeps.
    if (session.room.auditorium) throw new SignalError("forbidden");
    if (channel === "private") requirePrivate(session);
    const { peer, room } = session;
    const { sub, name, role } = peer.claims;
    room.say({ id, channel, peerId: peer.id, sub, name, role, text, at: Date.now() }, peer);
    return {};
  },
  "rollcall:set": (session, { entries }) => {
    const { peer, room } = session;
    if (!peer.claims.moderator && !peer.claims.private) throw new SignalError("forbidden");
    room.rollCall = { entries, by: peer.claims.name, at: Date.now() };
    room.broadcast("rollcall:changed", { rollCall: room.rollCall });
    room.report("roll-call", peer, { entries });
    return {};
  },
  "still:announce": (session, still) => {
    requireStage(session);
    const { peer, room } = session;
    const announced = {
      ...still,
      by: peer.id,
      byName: peer.claims.name,
      at: Date.now(),
      strokes: [],
    };
    if (!room.stills.announce(announced)) return {};
    room.broadcast("still:announced", { still: announced });
    room.report("still", peer, { attachmentId: still.attachmentId, sha256: still.sha256 });
    return {};
  },
  "still:annotate": (session, { attachmentId, stroke }) => {
    requireStage(session);
    const { peer, room } = session;
    const drawn = { ...stroke, by: peer.id };
    room.stills.annotate(attachmentId, drawn);
    room.broadcast("still:annotated", { attachmentId, stroke: drawn });
    return {};
  },
  "still:erase": (session, { attachmentId, strokeIds }) => {
    requireStage(session);
    const { peer, room } = session;
    const erased = room.stills.erase(attachmentId, strokeIds, peer.id, peer.claims.moderator);
    room.broadcast("still:erased", { attachmentId, strokeIds: erased });
    return {};
  },
  "still:show": (session, { attachmentId }) => {
    requireStage(session);
    const { room } = session;
    room.stills.show(attachmentId);
    room.broadcast("still:shown", { attachmentId });
    return {};
  },
  "listen:choose": async ({ peer, room }, { way }) => {
    if (!room.auditorium) throw new SignalError("conflict");
    peer.chosenWay = way;
    room.tellWay(peer);
    await room.media.syncListener(peer);
    return {};
  },
  "interpretation:choose": async ({ peer, room }, { channel }) => {
    peer.chosenChannel = channel;
    peer.emit("interpretation:channels", { channels: room.channels, chosen: channel });
    await room.media.syncListener(peer);
    return {};
  },
  "private:start": (session) => {
    requirePrivate(session);
    session.room.talk.start(session.peer);
    return {};
  },
  "private:end": (session) => {
    requirePrivate(session);
    session.room.talk.end(session.peer);
    return {};
  },
  "private:prefer": (session, { audio }) => {
    requirePrivate(session);
    const { peer, room } = session;
    peer.privateAudio = audio;
    room.talk.tell();
    return {};
  },
  "lobby:admit": async (session, { peerId }) => {
    requireModerator(session);
    await session.room.admitWaiting(session.room.peer(peerId), session.peer);
    return {};
  },
  "lobby:refuse": (session, { peerId }) => {
    requireModerator(session);
    session.room.refuseWaiting(session.room.peer(peerId), session.peer);
    return {};
  },
  "moderation:mute": async (session, { peerId, source }) => {
    requireModerator(session);
    const { peer, room } = session;
    const target = room.peer(peerId);
    const sources: Source[] = source === "audio" ? ["audio", "lecture"] : [source];
    for (const one of sources) {
      const stream = target.producerOf(one);
      target.muted.set(one, peer.id);
      if (!stream) continue;
      await stream.producer.pause();
      target.emit("producer:muted", { producerId: stream.producer.id, by: peer.id });
    }
    await afterProducerChange(target, room);
    return {};
  },
  "moderation:remove": (session, { peerId }) => {
    requireModerator(session);
    const { peer, room } = session;
    room.remove(room.peer(peerId), peer);
    return {};
  },
};

async function afterProducerChange(peer: Peer, room: Room): Promise<void> {
  room.tellPeer(peer);
  await room.media.syncAll();
}
