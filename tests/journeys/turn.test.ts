/** A consult from networks that let nothing through but the way to a TURN server: a real coturn. */
import type { Browser } from "@playwright/test";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { IceServer } from "../../sfu/protocol.ts";
import { iceServersFor } from "../../sfu/turn.ts";
import {
  createPerson,
  enterRoom,
  faces,
  hears,
  launchBrowser,
  type Person,
  reportFailure,
  seesMoving,
  signIn,
  soundArrives,
} from "../support/people.ts";
import { type Stack, startStack } from "../support/stack.ts";
import {
  installRelayOnly,
  type RelayTransport,
  startTurnServer,
  type TurnServer,
} from "../support/turn.ts";

let turn: TurnServer;
let stack: Stack;
let browser: Browser;

beforeAll(async () => {
  turn = await startTurnServer();
  [stack, browser] = await Promise.all([startStack({ turn }), launchBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
  await turn?.stop();
});

describe("what coturn accepts", () => {
  let person: Person;
  beforeAll(async () => {
    person = await createPerson(browser, stack, { device: "desktop" });
    await person.open("/");
  });
  afterAll(() => person?.close());

  /** Asks coturn for a relay address as a browser does. */
  const ask = ({ urls, username, credential }: IceServer, transport: RelayTransport) =>
    person.page.evaluate(
      async (server) => {
        const connection = new RTCPeerConnection({
          iceServers: [server],
          iceTransportPolicy: "relay",
        });
        const candidates: string[] = [];
        const errors: number[] = [];
        connection.onicecandidateerror = ({ errorCode }) => errors.push(errorCode);
        const gathered = new Promise<void>((resolve) => {
          connection.onicecandidate = ({ candidate }) => {
            if (!candidate) resolve();
            else if (candidate.type) candidates.push(candidate.type);
          };
        });
        connection.createDataChannel("ask");
        await connection.setLocalDescription();
        await gathered;
        connection.close();
        return { candidates, errors };
      },
      { urls: urls.filter((url) => url.endsWith(transport)), username, credential },
    );
  const now = () => Date.now();
  const made = (secret: string, atMs: number) =>
    iceServersFor({ urls: turn.urls, secret }, "peer", atMs)[0]!;
  const DAY_MS = 24 * 3_600_000;

  for (const transport of ["udp", "tcp"] as const) {
    it(`refuses what is expired, altered or made with another secret, over ${transport}`, async () => {
      const fresh = made(turn.secret, now());
      const expired = made(turn.secret, now() - DAY_MS);
      const refused = {
        expired,
        // A later end of validity with the proof of the earlier one.
        prolonged: { ...expired, username: fresh.username },
        foreign: made("another secret", now()),
        empty: { ...fresh, credential: "x" },
      };
      for (const [name, server] of Object.entries(refused)) {
        const answer = await ask(server, transport);
        expect({ name, ...answer }).toMatchObject({ name, candidates: [] });
        expect(answer.errors, name).toContain(401);
      }
      const accepted = await ask(fresh, transport);
      expect(accepted.candidates).toContain("relay");
      expect(accepted.errors).toEqual([]);
    });
  }

  it("carries to the media nodes and nowhere else", async () => {
    expect(await turn.carriesTo("127.0.0.1")).toBe("yes");
    for (const address of ["127.0.0.2", "10.0.0.1", "192.168.1.1", "169.254.169.254"])
      expect([address, await turn.carriesTo(address)]).toEqual([address, "forbidden"]);
  });
});

describe("a consult over relays", () => {
  let attending: Person;
  let specialist: Person;

  beforeAll(async () => {
    [attending, specialist] = await Promise.all([
      createPerson(browser, stack, { device: "desktop", face: faces.attending }),
      createPerson(browser, stack, { device: "desktop", face: faces.specialist }),
    ]);
    await attending.context.addInitScript(installRelayOnly, "udp" as const);
    await specialist.context.addInitScript(installRelayOnly, "tcp" as const);
    const story = await attending.context.request.post("/api/demo/story/room");
    const { consultId } = (await story.json()) as { consultId: string };
    await signIn(attending, "旦增");
    await signIn(specialist, "周敏华");
    await enterRoom(attending, `/room/${consultId}`);
    await enterRoom(specialist, `/room/${consultId}`);
  });
  afterAll(async () => {
    for (const person of [attending, specialist]) await person?.close();
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") await reportFailure({ attending, specialist });
  });

  const seeAndHearEachOther = () =>
    Promise.all([
      seesMoving(attending, "周敏华", faces.specialist),
      hears(attending, faces.specialist),
      soundArrives(attending),
      seesMoving(specialist, "旦增", faces.attending),
      hears(specialist, faces.attending),
      soundArrives(specialist),
    ]);
  const paths = ({ page }: Person) => page.evaluate(() => globalThis.paths());
  const bothTransportsRelayed = (relayProtocol: RelayTransport) =>
    Array.from({ length: 2 }, () => expect.objectContaining({ type: "relay", relayProtocol }));

  it("shows and sounds each to the other, one relayed over UDP and one over TCP", async () => {
    await seeAndHearEachOther();
    expect(await paths(attending)).toEqual(bothTransportsRelayed("udp"));
    expect(await paths(specialist)).toEqual(bothTransportsRelayed("tcp"));
  });

  it("finds its way over the relays again when the media worker is killed", async () => {
    const { remotePort } = (await paths(attending))[0]!;
    stack.killWorker(remotePort);
    for (const { page } of [attending, specialist])
      await page.waitForFunction(
        async (old) => {
          const now = await globalThis.paths();
          return now.length === 2 && now.every(({ remotePort: port }) => port !== old);
        },
        remotePort,
        { polling: 200 },
      );
    await seeAndHearEachOther();
    expect(await paths(attending)).toEqual(bothTransportsRelayed("udp"));
    expect(await paths(specialist)).toEqual(bothTransportsRelayed("tcp"));
  });

  it("left no page with an error", () => {
    for (const [name, person] of Object.entries({ attending, specialist }))
      expect({ name, problems: person.problems }).toEqual({ name, problems: [] });
  });
});
