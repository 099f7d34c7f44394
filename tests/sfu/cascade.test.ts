import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ConsumerInfo, Entry, MediaSetup } from "../../sfu/protocol.ts";
import { SECRET, startNode } from "./support/node.ts";
import { createGuest, type Guest, microphone } from "./support/socket.ts";

type Joined = Extract<Entry, { state: "joined" }>;
type Node = Awaited<ReturnType<typeof startNode>>;

let home: Node;
let edge: Node;
const guests: Guest[] = [];

beforeAll(async () => {
  [home, edge] = await Promise.all([startNode({ workers: 2 }), startNode({ workers: 1 })]);
});
afterAll(async () => {
  for (const guest of guests) guest.close();
  await Promise.all([home.close(), edge.close()]);
});

async function enter(
  room: string,
  sub: string,
  site?: string,
): Promise<Guest & { media: MediaSetup; peerId: string }> {
  const guest = await createGuest(home.address.url);
  guests.push(guest);
  const entry = (await guest.join({ room, sub, name: sub, ...(site ? { site } : {}) })) as Joined;
  return Object.assign(guest, { media: entry.media!, peerId: entry.peerId });
}
const portsOf = (media: MediaSetup) => new Set(media.recv.iceCandidates.map(({ port }) => port));

describe("a room on two nodes", () => {
  test("media lies where the token says, and streams reach both sides", async () => {
    const a = await enter("spread", "a");
    await a.get("producer:create", microphone(a.media.send.id));
    const b = await enter("spread", "b", edge.config.publicUrl);
    expect(portsOf(b.media)).toEqual(new Set([edge.config.rtcPort]));
    expect(b.media.consumers.map(({ peerId }) => peerId)).toEqual([a.peerId]);
    await b.get("producer:create", microphone(b.media.send.id));
    await a.hear("consumer:new", ({ consumers }) =>
      consumers.some((info: ConsumerInfo) => info.peerId === b.peerId),
    );
  });
});
void io;
void signLink;
void SECRET;
