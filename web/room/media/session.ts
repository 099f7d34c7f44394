import { Device, type types } from "mediasoup-client";
import type {
  ConsumerInfo,
  IceServer,
  MediaSetup,
  RoomKind,
  Source,
  TransportSetup,
} from "../../../sfu/protocol.ts";
import { contentHints, encodingsFor, soundCodec } from "./encodings.ts";
import { type Signal, SignalFailure } from "./signal.ts";

type Transport = types.Transport;

/** Longer than any line needs to connect; a browser would give up only after half a minute. */
const MOST_CONNECTING_MS = 6_000;

export type SessionEvents = {
  /** The set-up cannot be used: make a new one. */
  onBroken: () => void;
  /** The node does not take this stream from us. */
  onRefused: (source: Source, code: string) => void;
  /** A transport has lost or found its path. */
  onPathChange: () => void;
};

/** Loads what the browser can do, once per page. */
export async function loadDevice(rtpCapabilities: types.RtpCapabilities): Promise<Device> {
  const device = await Device.factory();
  await device.load({ routerRtpCapabilities: rtpCapabilities });
  return device;
}

/** The two transports of one set-up, and the streams on them. */
export class MediaSession {
  readonly send: Transport;
  readonly recv: Transport;
  readonly producers = new Map<Source, types.Producer>();
  readonly consumers = new Map<string, types.Consumer>();
  closed = false;
  /** The line broke before the node confirmed a transport: it may not know of it. */
  isDoubtful = false;
  private readonly signal: Signal;
  private readonly events: SessionEvents;
  private readonly connectingSince = new Map<string, number>();
  /** Changes of one sender's parameters, one after the other. */
  private readonly turns = new Map<string, Promise<void>>();

  constructor(device: Device, setup: MediaSetup, signal: Signal, events: SessionEvents) {
    this.signal = signal;
    this.events = events;
    this.send = device.createSendTransport(transportOptions(setup.send, setup.iceServers));
    this.recv = device.createRecvTransport(transportOptions(setup.recv, setup.iceServers));
    for (const transport of [this.send, this.recv]) {
      transport.on("connect", ({ dtlsParameters }, callback) => {
        // The answer holds nothing that the browser needs, so it is not waited for.
        callback();
        const message = { transportId: transport.id, dtlsParameters } as never;
        signal.request("transport:connect", message).catch((error) => this.fail(error));
      });
      transport.on("connectionstatechange", () => events.onPathChange());
    }
    this.send.on("produce", ({ kind, rtpParameters, appData }, callback) => {
      const id = crypto.randomUUID();
      callback({ id });
      const message = { transportId: this.send.id, id, kind, rtpParameters, ...appData } as never;
      signal.request("producer:create", message).catch((error) => {
        if (!isRefusal(error)) return this.fail(error);
        const source = appData.source as Source;
        this.producers.get(source)?.close();
        this.producers.delete(source);
        this.events.onRefused(source, error.code);
      });
    });
  }

  private fail(error: unknown): void {
    if (this.closed) return;
    // What was on its way when the line broke is put right when the session is resumed.
    if (error instanceof SignalFailure && error.code === "line-lost") this.isDoubtful = true;
    else this.events.onBroken();
  }

  async produce(
    source: Source,
    track: MediaStreamTrack,
    options: { paused: boolean; channel?: string },
    kind: RoomKind = "consult",
  ): Promise<types.Producer> {
    const { width, height } = track.getSettings();
    track.contentHint = contentHints[source];
    const size =
      track.kind === "video" && width && height
        ? { width: Math.round(width), height: Math.round(height) }
        : {};
    this.producers.get(source)?.close();
    const producer = await this.send.produce({
      track,
      encodings: encodingsFor(source, height ?? 720),
      ...(track.kind === "audio" ? { codecOptions: soundCodec(source, kind) } : {}),
      stopTracks: false,
      appData: { source, ...options, ...size },
    });
    if (options.paused) producer.pause();
    this.producers.set(source, producer);
    return producer;
  }

  stop(source: Source): void {
    const producer = this.producers.get(source);
    if (!producer) return;
    this.producers.delete(source);
    producer.close();
    this.signal.tell("producer:close", { producerId: producer.id });
  }

  /** Sends only these layers; none stops the stream without ending it. */
  setLayers(producerId: string, layers: readonly number[]): void {
    this.changeSender(producerId, (parameters) => {
      for (const [layer, encoding] of parameters.encodings.entries()) {
        encoding.active = layers.includes(layer);
      }
    });
  }

  /** Makes the encoder give a key frame now, where the browser can be asked. */
  giveKeyFrame(producerId: string): void {
    this.changeSender(
      producerId,
      () => {},
      (parameters) => ({ encodingOptions: parameters.encodings.map(() => ({ keyFrame: true })) }),
    );
  }

  private changeSender(
    producerId: string,
    change: (parameters: RTCRtpSendParameters) => void,
    options?: (parameters: RTCRtpSendParameters) => unknown,
  ): void {
    const producer = [...this.producers.values()].find((entry) => entry.id === producerId);
    const sender = producer?.rtpSender;
    if (!sender) return;
    const before = this.turns.get(producerId) ?? Promise.resolve();
    const turn = before.then(async () => {
      const parameters = sender.getParameters();
      if (parameters.encodings.length === 0) return;
      change(parameters);
      const setParameters = sender.setParameters.bind(sender) as (
        parameters: RTCRtpSendParameters,
        options?: unknown,
      ) => Promise<void>;
      await setParameters(parameters, options?.(parameters)).catch(() => {});
    });
    this.turns.set(producerId, turn);
  }

  /** Makes the own side of streams that the node has begun for us. */
  async consume(infos: readonly ConsumerInfo[]): Promise<types.Consumer[]> {
    const fresh = infos.filter((info) => !this.consumers.has(info.id));
    const made = await Promise.allSettled(
      fresh.map((info) =>
        this.recv.consume({
          id: info.id,
          producerId: info.producerId,
          kind: info.kind,
          rtpParameters: info.rtpParameters as never,
          // One stream id for a person's voice and face keeps lips and words together.
          streamId: info.source === "screen" ? `${info.peerId}-screen` : info.peerId,
          appData: { source: info.source },
        }),
      ),
    );
    // One that cannot be made would stay unseen and unheard without anybody knowing.
    if (made.some((result) => result.status === "rejected") && !this.closed) {
      this.events.onBroken();
      return [];
    }
    const consumers = made.flatMap((result) => (result.status === "fulfilled" ? result.value : []));
    for (const consumer of consumers) this.consumers.set(consumer.id, consumer);
    return consumers;
  }

  /**
   * How long sound waits for late packets at least: longer where packets are lost or queue behind
   * pictures, for a gap is worse than a delay. Null: the browser decides.
   */
  setSoundBuffer(targetFor: (source: Source) => number | null): void {
    for (const consumer of this.consumers.values()) {
      const receiver = consumer.rtpReceiver as { jitterBufferTarget?: number | null } | undefined;
      if (consumer.kind !== "audio" || !receiver || !("jitterBufferTarget" in receiver)) continue;
      const targetMs = targetFor(consumer.appData.source as Source);
      if (receiver.jitterBufferTarget !== targetMs) receiver.jitterBufferTarget = targetMs;
    }
  }

  closeConsumer(consumerId: string): void {
    this.consumers.get(consumerId)?.close();
    this.consumers.delete(consumerId);
  }

  /** Transports that have lost their path, or have not found one for too long. */
  lostAt(nowMs: number): Transport[] {
    return [this.send, this.recv].filter((transport) => {
      const { id, connectionState } = transport;
      if (connectionState !== "connecting") this.connectingSince.delete(id);
      if (connectionState === "disconnected" || connectionState === "failed") return true;
      if (connectionState !== "connecting") return false;
      const sinceMs = this.connectingSince.get(id) ?? nowMs;
      this.connectingSince.set(id, sinceMs);
      return nowMs - sinceMs > MOST_CONNECTING_MS;
    });
  }

  /** Looks for a new path for the same session; keys, producers and consumers stay. */
  async restartIce(transport: Transport): Promise<void> {
    const { iceParameters } = await this.signal.request(
      "transport:restart",
      { transportId: transport.id },
      2_500,
    );
    await transport.restartIce({ iceParameters });
  }

  close(): void {
    this.closed = true;
    this.send.close();
    this.recv.close();
  }
}

function isRefusal(error: unknown): error is SignalFailure {
  const codes = ["forbidden", "malformed", "too-large"];
  return error instanceof SignalFailure && codes.includes(error.code);
}

function transportOptions(setup: TransportSetup, iceServers: IceServer[]): types.TransportOptions {
  return { ...setup, iceServers } as types.TransportOptions;
}
