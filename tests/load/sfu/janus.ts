/**
 * Janus as Debian packages it, with nothing but its streaming plugin and its WebSocket transport, set
 * up as it does best on one core: ICE-lite like mediasoup, one shared event loop instead of a thread
 * for each viewer, no log to speak of.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { freePort } from "../../sfu/support/node.ts";
import { type Engine, SENT } from "./engine.ts";
import { place, SERVER_CORE } from "./processes.ts";
import { parseOffer, writeAnswer } from "./sdp.ts";

const LIBRARIES = `/usr/lib/${process.arch === "arm64" ? "aarch64" : "x86_64"}-linux-gnu/janus`;
const MOUNTPOINT = 1;
const START_TRIES = 100;
const START_TRY_MS = 50;
const KEEP_ALIVE_MS = 20_000;
const ANSWER_MS = 20_000;
const VIDEO = { payloadType: 96, codec: "VP8/90000" };
const AUDIO = { payloadType: 111, codec: "opus/48000/2" };

const messageSchema = z.looseObject({
  janus: z.string(),
  transaction: z.string().optional(),
  data: z.looseObject({ id: z.number() }).optional(),
  jsep: z.object({ type: z.string(), sdp: z.string() }).optional(),
  error: z.looseObject({ reason: z.string() }).optional(),
  plugindata: z.looseObject({ data: z.looseObject({ error: z.string().optional() }) }).optional(),
});
type Message = z.infer<typeof messageSchema>;

/** @param eventLoops 0: a thread for each viewer, as Janus does unless told otherwise */
export async function startJanus(eventLoops = 1): Promise<Engine> {
  const folder = mkdtempSync(join(tmpdir(), "janus-"));
  const ports = { api: await freePort(), video: await freeUdpPort(), audio: await freeUdpPort() };
  configure(folder, ports, eventLoops);
  // Should this process be killed, Janus goes with it.
  const janus = ["janus", "-F", folder, "-d", "2", "-o"];
  const child = spawn("setpriv", ["--pdeathsig", "KILL", ...janus], {
    stdio: ["ignore", "ignore", 2],
  });
  const api = await JanusApi.open(`ws://127.0.0.1:${ports.api}`, child).finally(() => {
    // Read once, at the start.
    rmSync(folder, { recursive: true, force: true });
  });
  const pids = [child.pid!];
  await place(pids, SERVER_CORE);
  const handles = new Map<string, number>();

  return {
    name: "Janus",
    pids: () => pids,
    async publish(sender) {
      for (const kind of ["video", "audio"] as const) {
        const { ssrc, payloadType } = SENT[kind];
        sender.tell(`${kind} ${ssrc} ${payloadType} 127.0.0.1 ${ports[kind]}`);
      }
      sender.tell("play");
    },
    async attach(viewers, id) {
      const peer = await viewers.open(id);
      const handle = await api.attach();
      handles.set(id, handle);
      const offered = await api.ask(handle, { request: "watch", id: MOUNTPOINT });
      const offer = parseOffer(offered.jsep?.sdp ?? "");
      const answer = writeAnswer(offer, { ...peer, fingerprint: viewers.fingerprint });
      // A check that comes before the answer is not answered.
      await api.ask(handle, { request: "start" }, answer);
      await viewers.connect(id, { ...offer.remote, videoPayloadType: VIDEO.payloadType });
    },
    async detach(viewers, id) {
      viewers.close(id);
      await api.detach(handles.get(id)!);
      handles.delete(id);
    },
    async close() {
      api.close();
      if (child.exitCode === null && child.signalCode === null) {
        const ended = once(child, "exit");
        child.kill("SIGKILL");
        await ended;
      }
    },
  };
}

function configure(
  folder: string,
  ports: { api: number; video: number; audio: number },
  eventLoops: number,
): void {
  const link = (kind: string, file: string) => {
    mkdirSync(join(folder, kind));
    symlinkSync(join(LIBRARIES, kind, file), join(folder, kind, file));
  };
  link("plugins", "libjanus_streaming.so");
  link("transports", "libjanus_websockets.so");
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  write(
    "janus.jcfg",
    `general: {
  configs_folder = "${folder}"
  plugins_folder = "${folder}/plugins"
  transports_folder = "${folder}/transports"
  events_folder = "${folder}/none"
  loggers_folder = "${folder}/none"
  ${eventLoops > 0 ? `event_loops = ${eventLoops}` : ""}
}
nat: { ice_lite = true }
`,
  );
  write(
    "janus.transport.websockets.jcfg",
    `general: { ws = true  ws_port = ${ports.api}  ws_ip = "127.0.0.1" }\n`,
  );
  write(
    "janus.plugin.streaming.jcfg",
    `capture: {
  type = "rtp"
  id = ${MOUNTPOINT}
  audio = true
  audioport = ${ports.audio}
  audioiface = "127.0.0.1"
  audiopt = ${AUDIO.payloadType}
  audiocodec = "opus"
  video = true
  videoport = ${ports.video}
  videoiface = "127.0.0.1"
  videopt = ${VIDEO.payloadType}
  videocodec = "vp8"
}
`,
  );
}

async function freeUdpPort(): Promise<number> {
  const socket = createSocket("udp4").bind(0, "127.0.0.1");
  await once(socket, "listening");
  const { port } = socket.address();
  socket.close();
  await once(socket, "close");
  return port;
}

/** One session of Janus's WebSocket API with a handle for each viewer. */
class JanusApi {
  private readonly socket: WebSocket;
  private readonly waiting = new Map<string, (message: Message) => void>();
  private readonly clock: NodeJS.Timeout;
  private session = 0;
  private count = 0;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.addEventListener("message", ({ data }) => this.take(String(data)));
    this.clock = setInterval(() => {
      const { session } = this;
      if (session) this.send({ janus: "keepalive", session_id: session, transaction: "alive" });
    }, KEEP_ALIVE_MS);
  }

  static async open(url: string, child: ChildProcess): Promise<JanusApi> {
    for (let attempt = 0; attempt < START_TRIES; attempt++) {
      if (child.exitCode !== null || child.signalCode !== null) break;
      await sleep(START_TRY_MS);
      const socket = new WebSocket(url, "janus-protocol");
      const isOpen = await new Promise<boolean>((resolve) => {
        socket.addEventListener("open", () => resolve(true));
        socket.addEventListener("error", () => resolve(false));
      });
      if (!isOpen) continue;
      const api = new JanusApi(socket);
      const created = await api.request({ janus: "create" }, ["success"]);
      api.session = created.data?.id ?? 0;
      return api;
    }
    child.kill("SIGKILL");
    throw new Error("Janus does not start: run `janus` to see what it says");
  }

  async attach(): Promise<number> {
    const attached = await this.request(
      { janus: "attach", session_id: this.session, plugin: "janus.plugin.streaming" },
      ["success"],
    );
    return attached.data?.id ?? 0;
  }

  async detach(handle: number): Promise<void> {
    const { session } = this;
    await this.request({ janus: "detach", session_id: session, handle_id: handle }, ["success"]);
  }

  /** Sends a message to the plugin and waits for its event. */
  async ask(handle: number, body: object, answer?: string): Promise<Message> {
    const jsep = answer ? { jsep: { type: "answer", sdp: answer } } : {};
    const { session } = this;
    return await this.request(
      { janus: "message", session_id: session, handle_id: handle, body, ...jsep },
      ["event"],
    );
  }

  close(): void {
    clearInterval(this.clock);
    this.socket.close();
  }

  private async request(message: object, kinds: readonly string[]): Promise<Message> {
    const transaction = String(++this.count);
    const answer = await new Promise<Message>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error("Janus does not answer")), ANSWER_MS);
      this.waiting.set(transaction, (answer) => {
        if (answer.janus !== "error" && !kinds.includes(answer.janus)) return;
        clearTimeout(timer);
        this.waiting.delete(transaction);
        resolve(answer);
      });
      this.send({ ...message, transaction });
    });
    const problem = answer.error?.reason ?? answer.plugindata?.data.error;
    if (problem) throw new Error(`Janus: ${problem}`);
    return answer;
  }

  private send(message: object): void {
    this.socket.send(JSON.stringify(message));
  }

  private take(text: string): void {
    const message = messageSchema.parse(JSON.parse(text));
    if (message.transaction) this.waiting.get(message.transaction)?.(message);
  }
}
