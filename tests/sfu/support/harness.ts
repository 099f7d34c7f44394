/** The page side of browser tests and measurements: real clients, scripted people. */
import {
  createRoomClient,
  createScriptedPartner,
  playRoom,
  type RoomClient,
  readFrameNumber,
  type ScriptedPartner,
  uploadFile,
} from "./harness-imports.ts";

/** Ports of the node and, for a page behind a shared line, where they are reached. */
let portsOver = new Map<number, number>();
function reachPortsOver(pairs: [number, number][]): void {
  portsOver = new Map(pairs);
}

// The browser's line emulation takes hold of UDP only: without this, media would flee to TCP.
const setRemote = RTCPeerConnection.prototype.setRemoteDescription;
RTCPeerConnection.prototype.setRemoteDescription = function (
  this: RTCPeerConnection,
  description: RTCSessionDescriptionInit,
): Promise<void> {
  const sdp = description.sdp
    ?.replace(/^a=candidate:\S+ \d+ tcp .*\r\n/gim, "")
    .replace(/^(a=candidate:\S+ \d+ udp \d+ \S+ )(\d+)/gim, (_, before: string, port: string) => {
      return `${before}${portsOver.get(Number(port)) ?? port}`;
    });
  return Reflect.apply(setRemote, this, [
    { ...description, ...(sdp === undefined ? {} : { sdp }) },
  ]);
};

export type Person = {
  room: string;
  sub: string;
  name: string;
  /** More claims of the token. */
  claims?: Record<string, unknown>;
  speech?: boolean;
  camera?: boolean;
  microphone?: boolean;
  width?: number;
  height?: number;
  framesPerSecond?: number;
  delayMs?: number;
  /** How this page listens from the first moment on. */
  listen?: "full" | "slides-and-sound" | "sound-only";
  /** Where this page reaches the node, if not where others do. */
  nodeUrl?: string;
  /** Connect before entering, as the device check does. */
  prepare?: boolean;
};

type Watched = {
  client: RoomClient;
  person: Person;
  partner: ScriptedPartner;
  enteredAt: number;
  firstFrameAt: number | null;
  /** When the first frame of each other person was decoded, by sub. */
  frameAt: Map<string, number>;
};

const people = new Map<string, Watched>();

function client(sub: string): RoomClient {
  const person = people.get(sub);
  if (!person) throw new Error(`nobody is called ${sub}`);
  return person.client;
}

/** Waits for a condition on a client's state; rejects after `limitMs`. */
function until(sub: string, condition: (client: RoomClient) => boolean, limitMs = 20_000) {
  const one = client(sub);
  return new Promise<number>((resolve, reject) => {
    const startedAt = performance.now();
    const stop = () => {
      clearTimeout(timer);
      clearInterval(poll);
      unsubscribe();
    };
    const look = () => {
      if (!condition(one)) return;
      stop();
      resolve(performance.now() - startedAt);
    };
    const unsubscribe = one.subscribe(look);
    // Media facts (frames, samples) change without a change of state.
    const poll = setInterval(look, 25);
    const timer = setTimeout(() => {
      stop();
      const { connection, reason, peers } = one.getSnapshot();
      reject(new Error(`not in time: ${JSON.stringify({ connection, reason, peers })}`));
    }, limitMs);
    look();
  });
}

/** Shows every picture in a video element and remembers when the first frame was decoded. */
function show(watched: Watched): void {
  const players = new Map<string, HTMLVideoElement>();
  watched.client.subscribe(() => {
    for (const peer of watched.client.getSnapshot().peers) {
      for (const track of [peer.camera, peer.screen]) {
        if (!track || players.has(track.consumerId)) continue;
        const player = document.createElement("video");
        player.dataset.peer = peer.sub;
        player.dataset.source = track.source;
        player.muted = true;
        player.autoplay = true;
        player.playsInline = true;
        player.srcObject = track.stream;
        player.requestVideoFrameCallback(() => {
          player.dataset.decoded = "yes";
          watched.firstFrameAt ??= performance.now();
          if (!watched.frameAt.has(peer.sub)) watched.frameAt.set(peer.sub, performance.now());
        });
        document.body.append(player);
        players.set(track.consumerId, player);
      }
    }
  });
}

async function enter(person: Person): Promise<void> {
  const partner = await createScriptedPartner({
    name: person.name,
    width: person.width ?? 640,
    height: person.height ?? 360,
    framesPerSecond: person.framesPerSecond ?? 20,
    ...(person.speech === false ? {} : { speechUrl: "/speech.opus" }),
    pauseMs: 400,
    delayMs: person.delayMs ?? 0,
  });
  await sit(person, partner);
}

/** Makes a client for a person and brings it as far as the device check would. */
async function sit(person: Person, partner: ScriptedPartner): Promise<void> {
  const { room, sub, name, claims = {} } = person;
  const query = new URLSearchParams({ room, sub, name, claims: JSON.stringify(claims) });
  const reached = (url: string) => person.nodeUrl ?? url;
  const { url } = (await (await fetch("/node")).json()) as { url: string };
  const made = createRoomClient({
    url: reached(url),
    media: partner.media,
    ...(person.listen ? { listen: person.listen } : {}),
    getToken: async () => {
      const response = await fetch(`/token?${query}`);
      if (!response.ok) throw new Error(`no token: ${response.status}`);
      const grant = (await response.json()) as { token: string; url: string };
      return { ...grant, url: reached(grant.url) };
    },
  });
  const watched: Watched = {
    client: made,
    person,
    partner,
    enteredAt: 0,
    firstFrameAt: null,
    frameAt: new Map(),
  };
  people.set(sub, watched);
  show(watched);
  playRoom(made);
  if (person.camera !== false) await made.setCamera(true);
  if (person.microphone !== false) await made.setMicrophone(true);
  if (person.prepare === false) return;
  made.prepare();
  while (!made.debug.link.signal?.connected) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Leaves and sits down again before the device check, with the same scripted partner. */
async function again(sub: string): Promise<void> {
  const { client: before, person, partner } = people.get(sub)!;
  await before.leave();
  for (const player of document.querySelectorAll("video")) player.remove();
  await sit(person, partner);
}

/** The click: enters, and resolves once the room (or the lobby) has been reached. */
async function join(sub: string): Promise<void> {
  const watched = people.get(sub)!;
  watched.enteredAt = performance.now();
  watched.firstFrameAt = null;
  watched.frameAt.clear();
  await watched.client.join();
}

/** Milliseconds from the click to the first decoded frame of anybody. */
async function firstFrameMs(sub: string, limitMs = 20_000): Promise<number> {
  await until(sub, () => people.get(sub)!.firstFrameAt !== null, limitMs);
  const { enteredAt, firstFrameAt } = people.get(sub)!;
  return firstFrameAt! - enteredAt;
}

/** Milliseconds from the click until `count` others have been seen. */
async function allFramesMs(sub: string, count: number, limitMs = 20_000): Promise<number> {
  const watched = people.get(sub)!;
  await until(sub, () => watched.frameAt.size >= count, limitMs);
  return Math.max(...watched.frameAt.values()) - watched.enteredAt;
}

type Flow = {
  frames: number;
  samples: number;
  concealed: number;
  energy: number;
  packets: number;
  height: number;
};

/** What arrives from one person by now, from the browser's own counters. */
async function flow(sub: string, from: string, source = "video"): Promise<Flow> {
  const { link } = client(sub).debug;
  const peer = client(sub)
    .getSnapshot()
    .peers.find((entry) => entry.sub === from);
  const sum: Flow = { frames: 0, samples: 0, concealed: 0, energy: 0, packets: 0, height: 0 };
  const tracks = [peer?.audio, peer?.lecture, source === "screen" ? peer?.screen : peer?.camera];
  for (const track of tracks) {
    const consumer = track && link.session?.consumers.get(track.consumerId);
    if (!consumer?.rtpReceiver) continue;
    for (const stat of (await consumer.rtpReceiver.getStats()).values()) {
      if (stat.type !== "inbound-rtp") continue;
      sum.frames += stat.framesDecoded ?? 0;
      sum.height = Math.max(sum.height, stat.frameHeight ?? 0);
      if (stat.kind !== "audio") continue;
      sum.packets += stat.packetsReceived ?? 0;
      sum.samples += stat.totalSamplesReceived ?? 0;
      sum.concealed += (stat.concealedSamples ?? 0) - (stat.silentConcealedSamples ?? 0);
      sum.energy += stat.totalAudioEnergy ?? 0;
    }
  }
  return sum;
}

/** Bytes that no line makes smaller, the same for everybody. */
function photo(sizeBytes: number): Blob {
  const words = new Uint32Array(Math.ceil(sizeBytes / 4));
  let seed = 1;
  for (let index = 0; index < words.length; index++) {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    words[index] = seed;
  }
  return new Blob([words.buffer.slice(0, sizeBytes)], { type: "image/jpeg" });
}

/** Sends a still as the room's page does. @returns its number, its hash and how long it took */
async function sendStill(sub: string, sizeBytes: number) {
  const { client: room } = people.get(sub)!;
  const blob = photo(sizeBytes);
  const sha256 = await hashOf(await blob.arrayBuffer());
  const startedAt = performance.now();
  const attachmentId = await uploadFile(
    blob,
    { consultId: "bench", purpose: "still", filename: "photo.jpg" },
    { besideSound: true },
  );
  const tookMs = performance.now() - startedAt;
  await room.announceStill({ attachmentId, name: "photo.jpg", width: 400, height: 300, sha256 });
  return { attachmentId, sha256, tookMs };
}

async function fetchedSha256(_sub: string, attachmentId: string): Promise<string> {
  const response = await fetch(`/api/attachments/${attachmentId}`);
  if (!response.ok) throw new Error(`no attachment: ${response.status}`);
  return await hashOf(await response.arrayBuffer());
}

async function hashOf(bytes: ArrayBuffer): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** How things stand between two people, for the message of a failure. */
function report(sub: string, from: string): object {
  const { link } = client(sub).debug;
  const { connection, peers, video, notices } = client(sub).getSnapshot();
  const peer = peers.find((entry) => entry.sub === from);
  const session = link.session;
  return {
    sub,
    connection,
    video,
    notices: notices.slice(-6).map(({ code, direction }) => `${code} ${direction ?? ""}`),
    peer,
    send: session?.send.connectionState,
    recv: session?.recv.connectionState,
    consumers: [...(session?.consumers.keys() ?? [])],
  };
}

/** Resolves when more frames and packets have come from a person than at the moment of asking. */
async function untilFlows(sub: string, from: string, kinds = "both", limitMs = 20_000) {
  const startedAt = performance.now();
  const before = await flow(sub, from);
  for (;;) {
    const now = await flow(sub, from);
    // After a rebuild counters begin anew.
    const hasFrames = now.frames > 0 && (now.frames > before.frames || now.frames < before.frames);
    const hasSound = now.packets > 0 && now.packets !== before.packets;
    const isEnough =
      kinds === "both" ? hasFrames && hasSound : kinds === "video" ? hasFrames : hasSound;
    if (isEnough) return performance.now() - startedAt;
    if (performance.now() - startedAt > limitMs) {
      throw new Error(
        `nothing from ${from}: ${JSON.stringify({ before, now, ...report(sub, from) })}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
}

/** The number on the latest picture of a person, read from its pixels. */
function frameNumber(from: string): number | null {
  const player = [
    ...document.querySelectorAll<HTMLVideoElement>(
      `video[data-peer="${from}"][data-source="video"]`,
    ),
  ].at(-1);
  if (!player || player.videoWidth === 0) return null;
  const canvas = new OffscreenCanvas(player.videoWidth, player.videoHeight);
  const context = canvas.getContext("2d")!;
  context.drawImage(player, 0, 0);
  return readFrameNumber(context.getImageData(0, 0, canvas.width, canvas.height));
}

export const harness = {
  enter,
  join,
  client,
  until,
  again,
  firstFrameMs,
  allFramesMs,
  flow,
  untilFlows,
  frameNumber,
  people,
  reachPortsOver,
  sendStill,
  fetchedSha256,
  state: (sub: string) => client(sub).getSnapshot(),
};
export type Harness = typeof harness;
Object.assign(globalThis, { harness });
document.title = "ready";
