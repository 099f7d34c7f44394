/**
 * One line of one place, shared by everything on it: the media packets of a page, its signalling and
 * its uploads wait in the same queue and are lost by the same chance. (DevTools' emulation gives
 * HTTP and WebRTC a line each, which hides what a file does to a conversation.)
 *
 * Packets of UDP are carried as they are. A TCP connection ends at both sides of the line, and in
 * between its sender does what every TCP does: a congestion window that grows with each
 * acknowledgement and is halved by a loss, with what was lost sent again.
 */
import { createSocket, type RemoteInfo, type Socket as UdpSocket } from "node:dgram";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

export type Shape = {
  /** One way. */
  latencyMs: number;
  /** Each way. */
  kilobitsPerSecond: number;
  /** Percent, each way. */
  loss: number;
  /** How many packets wait in front of the line before the next one is thrown away. */
  queuePackets: number;
};

const HOST = "127.0.0.1";
const UDP_OVERHEAD_BYTES = 28;
const TCP_OVERHEAD_BYTES = 52;
const SEGMENT_BYTES = 1_400;
const FIRST_WINDOW = 10;
const LEAST_WINDOW = 2;
/** What a device's own TCP takes from a page before the page has to wait. */
const SEND_BUFFER_BYTES = 256 * 1_024;

export type SharedLine = {
  /** Null: nothing stands in the way. Takes hold of what comes next. */
  shape(shape: Shape | null): void;
  /** Carries TCP connections to a port of this machine. @returns the port at this end of the line */
  tcp(port: number): Promise<number>;
  /** Carries datagrams to a port of this machine. @returns the port at this end of the line */
  udp(port: number): Promise<number>;
  /** Bytes that were put on the line so far, each way, with the headers of IP and UDP or TCP; what is lost counts. */
  carried(): { upBytes: number; downBytes: number };
  /** How long a packet waits in front of the line now, in milliseconds, towards the network. */
  waitMs(): number;
  close(): void;
};

export function createSharedLine(): SharedLine {
  const up = new Direction();
  const down = new Direction();
  const servers: Server[] = [];
  const open = new Set<Socket | UdpSocket>();

  const keep = <Kind extends Socket | UdpSocket>(socket: Kind): Kind => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
    return socket;
  };
  return {
    shape(shape) {
      up.shape = shape;
      down.shape = shape;
    },
    carried: () => ({ upBytes: up.carriedBytes, downBytes: down.carriedBytes }),
    waitMs: () => up.waitMs(performance.now()),
    async tcp(port) {
      const server = createServer((near) => {
        const far = keep(connect(port, HOST));
        keep(near);
        carryStream(near, far, { there: up, back: down });
        carryStream(far, near, { there: down, back: up });
      }).listen(0, HOST);
      servers.push(server);
      await once(server, "listening");
      return (server.address() as AddressInfo).port;
    },
    async udp(port) {
      const near = keep(createSocket("udp4"));
      const fars = new Map<string, UdpSocket>();
      const farOf = (from: RemoteInfo) => {
        const key = `${from.address}:${from.port}`;
        const known = fars.get(key);
        if (known) return known;
        const far = keep(createSocket("udp4"));
        fars.set(key, far);
        far.on("message", (packet) =>
          down.send(packet.length + UDP_OVERHEAD_BYTES, () =>
            near.send(packet, from.port, from.address),
          ),
        );
        return far;
      };
      near.on("message", (packet, from) => {
        const far = farOf(from);
        up.send(packet.length + UDP_OVERHEAD_BYTES, () => far.send(packet, port, HOST));
      });
      near.bind(0, HOST);
      await once(near, "listening");
      return near.address().port;
    },
    close() {
      up.close();
      down.close();
      for (const server of servers) server.close();
      for (const socket of open) "destroy" in socket ? socket.destroy() : socket.close();
    },
  };
}

/** One way over the line: a queue that is emptied at a fixed rate, then a fixed time of travel. */
class Direction {
  shape: Shape | null = null;
  carriedBytes = 0;
  private freeAtMs = 0;
  private leavingAtMs: number[] = [];
  private readonly timers = new Set<NodeJS.Timeout>();

  waitMs(nowMs: number): number {
    return Math.max(0, this.freeAtMs - nowMs);
  }

  /** Carries one packet: exactly one of the two is called, `lost` when it would have arrived. */
  send(bytes: number, arrived: () => void, lost: () => void = () => {}): void {
    const { shape } = this;
    this.carriedBytes += bytes;
    if (!shape) {
      arrived();
      return;
    }
    const nowMs = performance.now();
    this.leavingAtMs = this.leavingAtMs.filter((at) => at > nowMs);
    if (this.leavingAtMs.length >= shape.queuePackets) {
      this.later(lost, shape.latencyMs);
      return;
    }
    const leavesAtMs = Math.max(nowMs, this.freeAtMs) + (bytes * 8) / shape.kilobitsPerSecond;
    this.freeAtMs = leavesAtMs;
    this.leavingAtMs.push(leavesAtMs);
    const isLost = Math.random() * 100 < shape.loss;
    this.later(isLost ? lost : arrived, leavesAtMs - nowMs + shape.latencyMs);
  }

  /** What is still on its way never arrives. */
  close(): void {
    for (const timer of this.timers) clearTimeout(timer);
  }

  private later(happens: () => void, delayMs: number): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      happens();
    }, delayMs);
    this.timers.add(timer);
  }
}

type Segment = { index: number; bytes: Buffer };

/** One direction of a TCP connection over the line. */
function carryStream(
  from: Socket,
  to: Socket,
  { there, back }: { there: Direction; back: Direction },
): void {
  const waiting: Segment[] = [];
  const arrived = new Map<number, Buffer>();
  let made = 0;
  let expected = 0;
  let buffered = 0;
  let inFlight = 0;
  let window = FIRST_WINDOW;
  let threshold = Number.POSITIVE_INFINITY;
  let halvedAtMs = 0;
  let hasEnded = false;

  const grow = () => {
    window += window < threshold ? 1 : 1 / window;
  };
  const halve = () => {
    const nowMs = performance.now();
    const roundTripMs = 2 * (there.shape?.latencyMs ?? 0) + there.waitMs(nowMs);
    // Losses of one flight are one sign of congestion.
    if (nowMs - halvedAtMs < roundTripMs) return;
    halvedAtMs = nowMs;
    window = Math.max(LEAST_WINDOW, window / 2);
    threshold = window;
  };
  const take = ({ index, bytes }: Segment) => {
    arrived.set(index, bytes);
    for (let next = arrived.get(expected); next; next = arrived.get(expected)) {
      arrived.delete(expected);
      expected += 1;
      if (!to.destroyed) to.write(next);
    }
    if (hasEnded && expected === made) to.end();
  };
  const fill = () => {
    while (waiting.length > 0 && inFlight < window) {
      const segment = waiting.shift()!;
      inFlight += 1;
      const settled = (isLost: boolean) => {
        inFlight -= 1;
        if (isLost) {
          halve();
          waiting.unshift(segment);
        } else {
          grow();
          buffered -= segment.bytes.length;
          if (buffered < SEND_BUFFER_BYTES && from.isPaused()) from.resume();
        }
        fill();
      };
      // The sender hears of both over the other direction. Acknowledgements are cumulative: a lost
      // one is made up for by the next.
      const tell = (isLost: boolean) => {
        const heard = () => settled(isLost);
        back.send(TCP_OVERHEAD_BYTES, heard, heard);
      };
      there.send(
        segment.bytes.length + TCP_OVERHEAD_BYTES,
        () => {
          take(segment);
          tell(false);
        },
        () => tell(true),
      );
    }
  };
  from.on("data", (chunk: Buffer) => {
    for (let at = 0; at < chunk.length; at += SEGMENT_BYTES)
      waiting.push({ index: made++, bytes: chunk.subarray(at, at + SEGMENT_BYTES) });
    buffered += chunk.length;
    if (buffered >= SEND_BUFFER_BYTES) from.pause();
    fill();
  });
  from.once("end", () => {
    hasEnded = true;
    if (expected === made) to.end();
  });
  from.once("error", () => to.destroy());
  from.once("close", () => {
    if (!hasEnded) to.destroy();
  });
}
