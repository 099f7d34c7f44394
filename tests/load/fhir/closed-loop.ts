import { connect, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

const HEAD_END = Buffer.from("\r\n\r\n");

/**
 * So many clients, each asks again as soon as it has its answer. Over plain sockets, because on a shared
 * machine every instruction of the generator is one that the server lacks.
 * @param request text of the next HTTP/1.1 request, whole
 * @returns answers with status 200 per second
 */
export async function closedLoop(
  url: string,
  clients: number,
  seconds: number,
  request: () => string,
): Promise<number> {
  const { hostname, port } = new URL(url);
  let answered = 0;
  let stopped = false;
  const faults: string[] = [];
  const sockets = await Promise.all(
    Array.from({ length: clients }, async () => {
      const socket = connect(Number(port), hostname);
      await new Promise((resolve, reject) => {
        socket.once("connect", resolve);
        socket.once("error", reject);
      });
      return socket;
    }),
  );
  for (const socket of sockets) {
    onAnswer(socket, (status) => {
      if (status === 200) answered += 1;
      else faults.push(String(status));
      if (!stopped && faults.length < 10) socket.write(request());
    });
    socket.write(request());
  }
  const startedAt = performance.now();
  await delay(seconds * 1000);
  const took = (performance.now() - startedAt) / 1000;
  const total = answered;
  stopped = true;
  for (const socket of sockets) socket.destroy();
  if (faults.length > 0) throw new Error(`not only 200: ${faults.join(", ")}`);
  return total / took;
}

/** Calls back at the end of each answer; answers carry their length. */
function onAnswer(socket: Socket, then: (status: number) => void): void {
  let held: Buffer = Buffer.alloc(0);
  socket.on("data", (part) => {
    held = held.length === 0 ? part : Buffer.concat([held, part]);
    const end = held.indexOf(HEAD_END);
    if (end < 0) return;
    const head = held.toString("latin1", 0, end);
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
    if (held.length < end + HEAD_END.length + length) return;
    held = Buffer.alloc(0);
    then(Number(head.slice(9, 12)));
  });
}
