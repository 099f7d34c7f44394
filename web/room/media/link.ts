import type { Device, types } from "mediasoup-client";
import type { ConsumerInfo, Entry, MediaSetup, StageRights } from "../../../sfu/protocol.ts";
import { deferred } from "./deferred.ts";
import { LocalMedia } from "./local.ts";
import { QualityMeter } from "./quality.ts";
import { RoomModel } from "./room-state.ts";
import { loadDevice, MediaSession } from "./session.ts";
import { createSignal, type Signal, SignalFailure } from "./signal.ts";
import type { Connection, ListenWay, RoomClientOptions, Source, StageSource } from "./types.ts";

const HEAL_CLOCK_MS = 500;
const SAMPLE_EVERY_MS = 1_000;
/** Reports of an audience, while all is well there. */
const AUDIENCE_REPORT_EVERY_MS = 5_000;
/** A path that was lost is looked for anew this often; after so many times all is rebuilt. */
const RESTART_EVERY_MS = 1_500;
const MOST_RESTARTS = 3;
/** An unreachable node: ask the own server whether there is another. */
const ASK_AGAIN_AFTER_MS = 4_000;
const PING_MS = 1_500;
const REBUILD_AFTER_MS = 500;
/** A connection that does not answer by then is not one. */
const RESUME_ANSWER_MS = 3_000;

const MOST_GONE = 1_000;

/** Least wait of sound on a line that is not known yet, and on a thin one. */
const NEW_LINE_BUFFER_MS = 120;
const THIN_LINE_BUFFER_MS = 160;
const NEW_LINE_MS = 6_000;
/**
 * A lecture's listeners answer nobody: sound waits until lost packets have come again, and once more when what was
 * sent again was lost too, on a line of 150 ms there and back.
 */
const LECTURE_BUFFER_MS = 550;

function hasFailed(session: MediaSession): boolean {
  return [session.send, session.recv].some(({ connectionState }) => connectionState === "failed");
}

const FINAL: readonly Connection[] = [
  "idle",
  "ended",
  "removed",
  "refused",
  "replaced",
  "outdated",
  "failed",
];

/**
 * Keeps a page in its room: enters, resumes after a lost line, rebuilds after a dead worker, enters
 * anew after a restarted node. Nothing of it asks the person to click.
 */
export class RoomLink {
  readonly model = new RoomModel();
  readonly local: LocalMedia;
  session: MediaSession | null = null;
  signal: Signal | null = null;
  private readonly options: RoomClientOptions;
  private readonly meter = new QualityMeter();
  private device: Promise<Device> | null = null;
  private rtpCapabilities: types.RtpCapabilities | null = null;
  private hello = deferred<types.RtpCapabilities>();
  private resumeKey: string | null = null;
  private entering: Promise<void> | null = null;
  private building: Promise<void> | null = null;
  private unreachableSince: number | null = null;
  private clocks: ReturnType<typeof setInterval>[] = [];
  private readonly restarts = new Map<string, { count: number; at: number }>();
  private builtAt = 0;
  private way: ListenWay;
  /** The audience wants the microphone encoded a second time. */
  private isLectureNeeded = false;
  private lectureTurn: Promise<void> = Promise.resolve();
  /** Streams told of before their transport stood. */
  private early: ConsumerInfo[] = [];
  /** Streams that ended while this page was still about to make its side of them. */
  private readonly gone = new Set<string>();

  constructor(options: RoomClientOptions) {
    this.options = options;
    this.way = options.listen ?? "full";
    this.local = new LocalMedia(options, (source) => this.stopLocal(source));
  }

  private get connection(): Connection {
    return this.model.state.connection;
  }

  private get isFinal(): boolean {
    return FINAL.includes(this.connection);
  }

  private to(connection: Connection, reason: string | null = null): void {
    this.model.store.set({ connection, reason });
  }

  // ---- entering -----------------------------------------------------------------------------

  /** Connects and loads what entering needs, while the person still looks at the device check. */
  prepare(url = this.options.url): void {
    if (!url || this.signal?.url === url) return;
    this.signal?.close();
    this.expectHello();
    this.signal = createSignal(url, {
      onConnect: () => void this.onConnect(),
      onDisconnect: () => this.onDisconnect(),
      onConnectFailure: (code) => this.onConnectFailure(code),
      messages: {
        ...this.model.handlers,
        "node:hello": ({ rtpCapabilities }) => {
          this.rtpCapabilities = rtpCapabilities as types.RtpCapabilities;
          this.device ??= loadDevice(this.rtpCapabilities);
          this.device.catch(() => {});
          this.hello.resolve(this.rtpCapabilities);
        },
        "lobby:admitted": (entry) => void this.accept(entry),
        "lobby:refused": () => this.end("refused"),
        "room:moved": () => {
          this.to("moved");
          this.model.notify("moved", null, null);
          this.rebuild();
        },
        "room:closed": ({ reason }) => {
          if (reason !== "node-closing") this.end("ended", reason);
        },
        "session:removed": () => this.end("removed"),
        "session:replaced": () => this.end("replaced"),
        "consumer:new": ({ consumers }) => void this.consume(consumers),
        "consumer:closed": ({ consumerId }) => {
          this.early = this.early.filter((info) => info.id !== consumerId);
          if (!this.session?.consumers.has(consumerId)) this.gone.add(consumerId);
          this.session?.closeConsumer(consumerId);
          this.model.removeTrack(consumerId);
        },
        "consumer:held": ({ consumerId, held }) => this.model.holdTrack(consumerId, held),
        "producer:layers": ({ producerId, layers }) => this.session?.setLayers(producerId, layers),
        "producer:keyframe": ({ producerId }) => this.session?.giveKeyFrame(producerId),
        "stage:changed": (rights) => this.onStageChanged(rights),
        "lecture:demand": ({ needed }) => {
          this.isLectureNeeded = needed;
          void this.sendAll();
        },
        "producer:muted": ({ producerId }) => this.onMuted(producerId),
      },
    });
  }

  async join(): Promise<void> {
    if (!this.isFinal) return await this.entering!;
    this.to("connecting");
    this.resumeKey = null;
    this.prepare();
    this.startClocks();
    await this.enter();
  }

  private async enter(): Promise<void> {
    this.entering ??= this.tryToEnter().finally(() => {
      this.entering = null;
    });
    return await this.entering;
  }

  private async tryToEnter(): Promise<void> {
    let pauseMs = 200;
    while (!this.isFinal) {
      try {
        const { token, url } = await this.options.getToken();
        this.prepare(url);
        await this.hello.promise;
        const device = await this.device!;
        const rtpCapabilities = device.recvRtpCapabilities as never;
        this.early = [];
        const entry = await this.signal!.request("room:join", {
          token,
          rtpCapabilities,
          listen: this.way,
        });
        await this.accept(entry);
        return;
      } catch (error) {
        const code = error instanceof SignalFailure ? error.code : "token-refused";
        if (["room-closed", "room-full", "forbidden", "token-foreign"].includes(code)) {
          return this.end("failed", code);
        }
        // A page that has never been in says so; one that has been in goes on trying.
        if (code === "token-refused" && this.connection === "connecting") {
          this.end("failed", code);
          throw error;
        }
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
        pauseMs = Math.min(2_000, pauseMs * 1.6);
      }
    }
  }

  /** Takes an answer to entering, to being let in from the lobby, or to a resumed session. */
  private async accept(entry: Entry): Promise<void> {
    this.resumeKey = entry.resumeKey;
    if (entry.state === "waiting") {
      this.model.store.set({ peerId: entry.peerId });
      return this.to("in-lobby");
    }
    this.model.replace(entry.peerId, entry.snapshot);
    this.isLectureNeeded = entry.snapshot.lectureNeeded;
    const { kind, listening } = entry.snapshot;
    // Chosen while the line was lost.
    if (kind === "teaching" && listening.chosen !== this.way) void this.listen(this.way);
    this.to("joined");
    if (entry.media) return await this.build(entry.media);
    const { session } = this;
    const isKnown =
      session &&
      !session.closed &&
      !session.isDoubtful &&
      entry.transports?.sendId === session.send.id &&
      entry.transports.recvId === session.recv.id;
    // After a long outage the browser's estimate of the line is near nothing and recovers slowly:
    // new transports show pictures sooner than old ones on a new path.
    if (!isKnown || hasFailed(session)) return this.rebuild();
    await this.reconcile(session, entry);
  }

  /** Brings streams in line after a line was lost, and looks for a new path at once. */
  private async reconcile(
    session: MediaSession,
    entry: Extract<Entry, { state: "joined" }>,
  ): Promise<void> {
    for (const transport of [session.send, session.recv]) {
      if (transport.connectionState !== "connected") this.restart(transport);
    }
    const listed = new Set(entry.consumers.map((info) => info.id));
    for (const id of [...session.consumers.keys()]) {
      if (listed.has(id)) continue;
      session.closeConsumer(id);
      this.model.removeTrack(id);
    }
    for (const info of entry.consumers) this.model.holdTrack(info.id, info.held);
    await this.consume(entry.consumers);
    const known = new Set(entry.producers.map((info) => info.id));
    for (const [source, producer] of [...session.producers]) {
      if (known.has(producer.id)) continue;
      session.producers.delete(source);
      producer.close();
    }
    await this.sendAll();
  }

  // ---- media --------------------------------------------------------------------------------

  private async build(setup: MediaSetup): Promise<void> {
    this.session?.close();
    this.model.removeAllTracks();
    this.meter.reset();
    if (this.gone.size > MOST_GONE) this.gone.clear();
    this.restarts.clear();
    const device = await this.device!;
    const session = new MediaSession(device, setup, this.signal!, {
      onBroken: () => this.rebuild(),
      onRefused: (source) => this.stopLocal(source),
      onPathChange: () => this.heal(),
    });
    this.session = session;
    this.builtAt = Date.now();
    const { early } = this;
    this.early = [];
    await Promise.all([this.consume([...setup.consumers, ...early], session), this.sendAll()]);
  }

  /** Asks for new transports; tries until they stand or the line is lost (then resuming does). */
  rebuild(): void {
    this.building ??= this.tryToRebuild().finally(() => {
      this.building = null;
    });
  }

  private async tryToRebuild(): Promise<void> {
    this.session?.close();
    this.session = null;
    this.model.removeAllTracks();
    while (!this.isFinal && this.signal?.connected && this.connection !== "reconnecting") {
      try {
        const device = await this.device!;
        const rtpCapabilities = device.recvRtpCapabilities as never;
        // What was told of earlier transports is void.
        this.early = [];
        await this.build(await this.signal.request("media:setup", { rtpCapabilities }));
        return this.to("joined");
      } catch {
        await new Promise((resolve) => setTimeout(resolve, REBUILD_AFTER_MS));
      }
    }
  }

  private async consume(infos: readonly ConsumerInfo[], session = this.session): Promise<void> {
    const wanted = infos.filter((info) => !this.gone.delete(info.id));
    if (!session) {
      this.early.push(...wanted);
      return;
    }
    const made = (await session.consume(wanted)).filter((consumer) => {
      const isGone = this.gone.delete(consumer.id);
      if (isGone) session.closeConsumer(consumer.id);
      return !isGone;
    });
    if (session.closed || made.length === 0) return;
    this.bufferSound();
    for (const consumer of made) {
      const info = infos.find((entry) => entry.id === consumer.id);
      if (info) this.model.addTrack(info, consumer.track);
    }
    this.signal?.tell("consumer:resume", { consumerIds: made.map((consumer) => consumer.id) });
  }

  /** Sends what is wished for and not yet sent. */
  async sendAll(): Promise<void> {
    const { session } = this;
    if (!session || session.closed) return;
    const { kind, stage } = this.model.state;
    const mine = [...this.local.wishes].filter(
      ([source]) => kind === "consult" || stage.pub.includes(source),
    );
    await Promise.allSettled([
      ...mine.map(async ([source, wish]) => {
        if (session.producers.has(source)) return;
        const { paused, channel } = wish;
        const options = { paused, ...(channel === undefined ? {} : { channel }) };
        await session.produce(source, wish.track, options, kind);
      }),
      this.sendLecture(session),
    ]);
  }

  /** One look after the other: two at once would send it twice over. */
  private async sendLecture(session: MediaSession): Promise<void> {
    this.lectureTurn = this.lectureTurn.then(() => this.alignLecture(session)).catch(() => {});
    await this.lectureTurn;
  }

  /** The same microphone once more, as long as an audience needs it. */
  private async alignLecture(session: MediaSession): Promise<void> {
    if (session.closed) return;
    const microphone = this.local.wishes.get("audio");
    const { kind, stage } = this.model.state;
    const isSent = session.producers.has("lecture");
    const isWanted =
      kind === "teaching" &&
      this.isLectureNeeded &&
      microphone !== undefined &&
      stage.pub.includes("audio");
    if (!isWanted && isSent) session.stop("lecture");
    if (!isWanted || isSent) return;
    await session.produce("lecture", microphone.track, { paused: microphone.paused }, kind);
  }

  /** Ends a stream; what the node refused as a lecture track leaves the microphone alone. */
  stopLocal(source: Source): void {
    this.session?.stop(source);
    if (source === "lecture") return;
    if (source === "audio") this.session?.stop("lecture");
    this.local.release(source);
    this.showLocal();
  }

  pauseLocal(source: StageSource): void {
    const wish = this.local.wishes.get(source);
    if (!wish || wish.paused) return;
    wish.paused = true;
    this.eachSender(source, (producer) => {
      producer.pause();
      this.signal?.tell("producer:pause", { producerId: producer.id });
    });
    this.showLocal();
  }

  resumeLocal(source: StageSource): void {
    const wish = this.local.wishes.get(source);
    if (!wish?.paused) return;
    wish.paused = false;
    wish.muted = false;
    this.eachSender(source, (producer) => {
      producer.resume();
      this.signal?.tell("producer:resume", { producerId: producer.id });
    });
    this.showLocal();
  }

  /** The microphone may be sent twice. */
  private eachSender(source: StageSource, act: (producer: types.Producer) => void): void {
    const sources: Source[] = source === "audio" ? ["audio", "lecture"] : [source];
    for (const one of sources) {
      const producer = this.session?.producers.get(one);
      if (producer) act(producer);
    }
  }

  /** The server has changed what this person may send: what they no longer may is let go. */
  private onStageChanged(rights: StageRights): void {
    for (const source of [...this.local.wishes.keys()]) {
      if (!rights.pub.includes(source)) this.stopLocal(source);
    }
    this.model.setStage(rights);
    void this.sendAll();
  }

  async listen(way: ListenWay): Promise<void> {
    this.way = way;
    const { listening } = this.model.state;
    this.model.store.set({ listening: { ...listening, chosen: way } });
    if (this.model.state.connection !== "joined") return;
    // A line that is lost just now: entering or resuming tells it again.
    await this.signal?.request("listen:choose", { way }).catch(() => {});
  }

  showLocal(): void {
    const local = { ...this.model.state.local };
    for (const source of ["audio", "video", "screen", "interpretation"] as const) {
      const wish = this.local.wishes.get(source);
      local[source] = {
        on: wish !== undefined && !wish.paused,
        stream: wish?.stream ?? null,
        muted: wish?.muted ?? false,
      };
    }
    this.model.store.set({ local });
  }

  private onMuted(producerId: string): void {
    for (const [source, producer] of this.session?.producers ?? []) {
      const wish = source === "lecture" ? undefined : this.local.wishes.get(source);
      if (source === "lecture" || producer.id !== producerId || !wish) continue;
      wish.paused = true;
      wish.muted = true;
      this.eachSender(source, (sender) => sender.pause());
      this.model.notify("muted-by-moderator", null, null);
      this.showLocal();
    }
  }

  // ---- healing ------------------------------------------------------------------------------

  private async onConnect(): Promise<void> {
    this.unreachableSince = null;
    if (this.isFinal || this.entering || this.resumeKey === null) return;
    try {
      const message = { resumeKey: this.resumeKey };
      const entry = await this.signal!.request("session:resume", message, RESUME_ANSWER_MS);
      if (this.connection === "reconnecting") this.model.notify("line-healed", null, null);
      await this.accept(entry);
    } catch (error) {
      if (!(error instanceof SignalFailure) || this.isFinal) return;
      if (error.code === "no-answer") this.signal?.renew();
      if (error.code === "no-answer" || error.code === "line-lost") return;
      // The node does not know us any more (it was restarted): enter anew.
      this.resumeKey = null;
      this.session?.close();
      this.session = null;
      await this.enter();
    }
  }

  /** Whoever waits for the node's greeting now waits for the next connection's. */
  private expectHello(): void {
    const next = deferred<types.RtpCapabilities>();
    this.hello.resolve(next.promise);
    this.hello = next;
  }

  private onDisconnect(): void {
    this.expectHello();
    if (this.isFinal || this.connection === "connecting") return;
    if (this.connection !== "reconnecting") this.model.notify("line-lost", null, null);
    this.model.store.set({ connection: "reconnecting", line: "gone" });
  }

  private onConnectFailure(code: string): void {
    if (code === "protocol-outdated") {
      this.end("outdated", code);
      return;
    }
    const nowMs = Date.now();
    this.unreachableSince ??= nowMs;
    const isLong = nowMs - this.unreachableSince > ASK_AGAIN_AFTER_MS;
    if (!isLong || this.isFinal || this.entering || !navigator.onLine) return;
    this.unreachableSince = nowMs;
    void this.moveNode();
  }

  /** The node cannot be reached: perhaps the server knows another one for this room by now. */
  private async moveNode(): Promise<void> {
    const grant = await this.options.getToken().catch(() => null);
    if (!grant || this.signal?.connected || grant.url === this.signal?.url) return;
    this.resumeKey = null;
    this.prepare(grant.url);
    await this.enter();
  }

  private startClocks(): void {
    this.stopClocks();
    this.clocks = [
      setInterval(() => this.heal(), HEAL_CLOCK_MS),
      setInterval(() => void this.sample(), SAMPLE_EVERY_MS),
    ];
    globalThis.addEventListener?.("online", this.onOnline);
    globalThis.document?.addEventListener("visibilitychange", this.onOnline);
  }

  private stopClocks(): void {
    for (const clock of this.clocks) clearInterval(clock);
    this.clocks = [];
    globalThis.removeEventListener?.("online", this.onOnline);
    globalThis.document?.removeEventListener("visibilitychange", this.onOnline);
  }

  /** The device says that the line is back (or the page is looked at again): see at once. */
  private readonly onOnline = (): void => {
    const { signal } = this;
    if (!signal || this.isFinal || globalThis.document?.visibilityState === "hidden") return;
    if (!signal.connected) {
      signal.connectNow();
      return;
    }
    this.restarts.clear();
    signal.request("session:ping", {}, PING_MS).then(
      () => this.heal(),
      () => signal.renew(),
    );
  };

  /** Restarts ICE on transports without a path; after some attempts everything is made anew. */
  private heal(): void {
    const { session } = this;
    if (!session || this.connection !== "joined" || !this.signal?.connected) return;
    for (const transport of [session.send, session.recv]) {
      if (transport.connectionState === "connected") this.restarts.delete(transport.id);
    }
    for (const transport of session.lostAt(Date.now())) {
      const before = this.restarts.get(transport.id) ?? { count: 0, at: 0 };
      if (Date.now() - before.at < RESTART_EVERY_MS) continue;
      if (before.count >= MOST_RESTARTS) {
        this.rebuild();
        return;
      }
      this.restart(transport);
    }
  }

  private restart(transport: types.Transport): void {
    const before = this.restarts.get(transport.id);
    this.restarts.set(transport.id, { count: (before?.count ?? 0) + 1, at: Date.now() });
    this.session?.restartIce(transport).catch((error: unknown) => {
      // The node has no such transport (its worker died while the line was lost).
      if (error instanceof SignalFailure && error.code === "not-found") this.rebuild();
    });
  }

  private async sample(): Promise<void> {
    const { session } = this;
    if (!session || session.closed || this.connection !== "joined") return;
    const { stage, line } = this.model.state;
    const isKnown = Date.now() - this.builtAt > NEW_LINE_MS;
    const everyMs = !stage.on && line === "good" && isKnown ? AUDIENCE_REPORT_EVERY_MS : 0;
    const report = await this.meter.take(session, Date.now(), everyMs).catch(() => null);
    if (report) this.signal?.tell("quality:report", report);
    this.bufferSound();
  }

  private bufferSound(): void {
    const isNew = Date.now() - this.builtAt < NEW_LINE_MS;
    const isThin = this.model.state.line === "thin";
    const talkMs = isThin ? THIN_LINE_BUFFER_MS : isNew ? NEW_LINE_BUFFER_MS : null;
    const isAudience = !this.model.state.stage.on;
    this.session?.setSoundBuffer((source) =>
      source === "lecture" || (source === "interpretation" && isAudience)
        ? LECTURE_BUFFER_MS
        : talkMs,
    );
  }

  // ---- leaving ------------------------------------------------------------------------------

  /** Ends for good, with a reason that the page can show. */
  end(connection: Connection, reason: string | null = null): void {
    this.stopClocks();
    this.to(connection, reason);
    this.resumeKey = null;
    this.session?.close();
    this.session = null;
    this.signal?.close();
    this.signal = null;
    this.early = [];
    this.model.removeAllTracks();
    this.local.releaseAll();
    this.showLocal();
  }
}
