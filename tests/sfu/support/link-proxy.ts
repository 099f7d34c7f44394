import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

export type LinkProxy = {
  url: string;
  /** Ends every connection, and takes none until `heal`. */
  cut(): Promise<void>;
  heal(): Promise<void>;
  /** Connections stay, and nothing passes any more: neither side is told. */
  freeze(): void;
  /** New connections pass again; what was frozen is ended. */
  thaw(): void;
  close(): Promise<void>;
};

/** Stands in front of a node's link so that a test can cut it. */
export async function createLinkProxy(): Promise<LinkProxy & { to(port: number): void }> {
  const open = new Set<Socket>();
  let target = 0;
  let isFrozen = false;
  const listener = (near: Socket) => {
    if (isFrozen) {
      open.add(near.pause());
      near.on("error", () => {});
      return;
    }
    const far = connect(target, "127.0.0.1");
    for (const socket of [near, far]) {
      open.add(socket);
      socket.on("close", () => open.delete(socket));
      socket.on("error", () => {});
    }
    near.pipe(far).pipe(near);
    near.on("close", () => far.destroy());
    far.on("close", () => near.destroy());
  };
  let server: Server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const cut = async () => {
    for (const socket of open) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  return {
    url: `http://127.0.0.1:${port}`,
    to(next) {
      target = next;
    },
    cut,
    freeze() {
      isFrozen = true;
      for (const socket of open) socket.unpipe().pause();
    },
    thaw() {
      isFrozen = false;
      for (const socket of open) socket.destroy();
    },
    async heal() {
      server = createServer(listener).listen(port, "127.0.0.1");
      await once(server, "listening");
    },
    async close() {
      if (server.listening) await cut();
    },
  };
}
