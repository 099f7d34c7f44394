import { describe, expect, it } from "vitest";
import { defaultReadyItems, itemsFor, timeOfStep } from "../../server/transfer/domain.ts";
import {
  fitSummary,
  newPacketCode,
  type PacketRecord,
  packetIterations,
  partCharacters,
  sealPacket,
  splitPacket,
} from "../../server/transfer/packet.ts";
import {
  doneByState,
  escortStates,
  isRunning,
  nextTransferState,
  possibleTransferActions,
  type TransferAction,
  type TransferState,
  transferActions,
  transferKinds,
  transferStates,
} from "../../server/transfer/states.ts";
import {
  joinParts,
  keyOf,
  openPacket,
  openWithKey,
  readPacket,
  readPart,
} from "../../web/packet/open-packet.ts";

const ways: Record<string, TransferState> = {
  "requested assign": "vehicle-assigned",
  "requested cancel": "cancelled",
  "vehicle-assigned assign": "vehicle-assigned",
  "vehicle-assigned pickUp": "picked-up",
  "vehicle-assigned arrive": "arrived",
  "vehicle-assigned cancel": "cancelled",
  "picked-up depart": "in-transit",
  "picked-up arrive": "arrived",
  "picked-up cancel": "cancelled",
  "in-transit arrive": "arrived",
  "in-transit cancel": "cancelled",
  "arrived handOver": "handed-over",
};

describe("the state table", () => {
  it.each(transferKinds)("knows every step of every state: %s", (kind) => {
    const table: Record<string, string> =
      kind === "infectious" ? { ...ways, "handed-over disinfect": "disinfected" } : ways;
    for (const from of transferStates)
      for (const action of Object.keys(transferActions) as TransferAction[]) {
        const to = table[`${from} ${action}`];
        if (to) expect(nextTransferState(kind, from, action)).toBe(to);
        else
          expect(() => nextTransferState(kind, from, action), `${from} ${action}`).toThrow(
            expect.objectContaining({ code: "transfer.illegal-step" }),
          );
      }
  });
  it("lets the crew drive, the receiver sign, and nobody else do either", () => {
    expect(possibleTransferActions("emergency", "arrived", ["escort"])).toEqual([]);
    expect(possibleTransferActions("emergency", "arrived", ["from"])).toEqual([]);
    expect(possibleTransferActions("emergency", "arrived", ["to"])).toEqual(["handOver"]);
    expect(possibleTransferActions("emergency", "in-transit", ["escort"])).toEqual(["arrive"]);
    expect(possibleTransferActions("emergency", "requested", ["escort"])).toEqual([]);
    expect(possibleTransferActions("infectious", "handed-over", ["from"])).toEqual(["disinfect"]);
  });
  it("ends the crew's link with the hand-over, and an infectious journey with the disinfection", () => {
    expect(escortStates).not.toContain("handed-over");
    expect(isRunning("emergency", "handed-over")).toBe(false);
    expect(isRunning("infectious", "handed-over")).toBe(true);
    expect(doneByState.arrived).toContain("depart");
  });
});

describe("what a phone tells late", () => {
  const at = (text: string) => new Date(`2026-11-22T${text}Z`);
  it.each([
    ["its own time", "10:00", "09:00", "10:30", "10:00"],
    ["not ahead of us", "11:00", "09:00", "10:30", "10:30"],
    ["not before the step before", "08:00", "09:00", "10:30", "09:00"],
  ])("%s", (_, said, earliest, now, expected) => {
    expect(timeOfStep(at(said), at(earliest), at(now))).toEqual(at(expected));
  });
  it("isolation is made ready for an infection alone", () => {
    expect(itemsFor(defaultReadyItems, "emergency").map(({ code }) => code)).not.toContain(
      "isolation-bed",
    );
    expect(itemsFor(defaultReadyItems, "infectious").map(({ code }) => code)).toContain(
      "isolation-bed",
    );
  });
});

const record: PacketRecord = {
  proof: "p".repeat(24),
  madeAt: "2026-11-22T10:00:00.000Z",
  number: "ZZ2026112200001",
  kind: "emergency",
  from: "萨迦县吉定镇卫生院",
  to: "上海市第十人民医院",
  doctor: "旦增",
  phones: [{ who: "doctor", phone: "0892-8242000" }],
  patient: {
    name: "次仁",
    nameBo: "ཚེ་རིང་།",
    sex: "male",
    born: "1961-03-05",
    idMasked: "542***********0012",
    address: null,
    contacts: [],
  },
  allergies: "青霉素",
  reason: "胸痛 2 小时",
  impression: ["急性心肌梗死 I21.9"],
  presentHistory: "胸痛伴大汗。".repeat(60),
  pastHistory: null,
  medicines: ["阿司匹林 300 mg"],
  vitals: { systolicMmHg: 92, pulsePerMinute: 118 },
  examination: null,
  results: null,
  treatment: "阿司匹林 300 mg 嚼服，吸氧",
};

describe("the sealed record", () => {
  it("leaves out the last of a summary that the sheet has no room for, and says how much", async () => {
    const items = Array.from({ length: 400 }, (_, n) => ({
      section: n < 3 ? ("warnings" as const) : ("results" as const),
      text: `${n} ${Math.sin(n)} ${Math.cos(n)}`,
      day: "2026-11-20",
      from: ["徐汇区中心医院"],
    }));
    const summary = { emergency: false, missing: null, items, gaps: [], more: 0 };
    const fitted = await fitSummary({ ...record, summary });
    const kept = fitted.summary!.items;
    expect(splitPacket(await sealPacket(fitted, "01234567")).length).toBeLessThanOrEqual(8);
    expect(kept).toEqual(items.slice(0, kept.length));
    expect(kept.length).toBeGreaterThan(20);
    expect(fitted.summary!.more).toBe(400 - kept.length);
    expect(await openPacket(await sealPacket(fitted, "01234567"), "01234567")).toEqual(fitted);
    // What the doctor wrote is never cut; an older packet has none.
    expect({ ...fitted, summary: undefined }).toEqual({ ...record, summary: undefined });
    expect(await fitSummary(record)).toBe(record);
  });

  it("opens with its code, by one code of the sheet or several, in any order", async () => {
    const long = {
      ...record,
      examination: Array.from({ length: 1500 }, (_, n) => (n * 7919).toString(36)).join(" "),
    };
    const text = await sealPacket(long, "01234567");
    const parts = splitPacket(text);
    expect(parts.length).toBeGreaterThan(2);
    expect(Math.max(...parts.map((one) => one.length))).toBeLessThanOrEqual(partCharacters + 20);
    const read = parts.map((part) => readPart(part)!);
    expect(joinParts(read.slice(1))).toBeNull();
    expect(joinParts(read.toReversed())).toBe(text);
    expect(await openPacket(joinParts(read.toReversed())!, "01234567")).toEqual(long);
    // The link of the sheet is the packet too.
    expect(joinParts([readPart(`https://yilian.example/packet#${text}`)!])).toBe(text);
  });
  it("stays shut without the code, and says nothing of what is in it", async () => {
    const text = await sealPacket(record, "01234567");
    for (const code of ["01234568", ""]) expect(await openPacket(text, code)).toBe("refused");
    for (const plain of ["次仁", "胸痛", "青霉素", "ZZ2026"])
      expect(Buffer.from(text, "base64url").toString("utf8")).not.toContain(plain);
    expect(text).not.toContain("01234567");
  });
  it("is refused whole when any single byte of it was changed", async () => {
    const text = await sealPacket(record, "01234567");
    const bytes = readPacket(text)!;
    const key = await keyOf(bytes.subarray(0, 33), "01234567");
    expect(await openWithKey(bytes, key)).toEqual(record);
    for (let place = 0; place < bytes.length; place += 1) {
      const changed = bytes.slice();
      changed[place] = changed[place]! ^ (1 << (place % 8));
      // Even with the right key at hand: what stands before the ciphertext is authenticated with it.
      expect(await openWithKey(changed, key), `byte ${place}`).toBe("refused");
    }
    expect(await openWithKey(bytes.slice(0, -1), key)).toBe("refused");
  });
  it("never keeps a phone busy with a forged number of rounds, nor takes fewer", async () => {
    const bytes = readPacket(await sealPacket(record, "01234567"))!;
    for (const rounds of [0, 1000, packetIterations - 1, 4_000_000_000]) {
      const forged = bytes.slice();
      new DataView(forged.buffer).setUint32(1, rounds);
      expect(await openPacket(Buffer.from(forged).toString("base64url"), "01234567")).toBe(
        "not-a-packet",
      );
    }
  });
  it.each(["", "YLP1.abcdef.3.2.AAAA", "YLP1.abcdef.1.99.AAAA", "shc:/5676", "https://x/#AAAA"])(
    "does not take %j for a part of one",
    (text) => expect(readPart(text)).toBeNull(),
  );
  it("does not mix parts of two packets", () => {
    const [one, other] = ["YLP1.aaaaaa.1.2.AA", "YLP1.bbbbbb.2.2.BB"].map(
      (text) => readPart(text)!,
    );
    expect(joinParts([one!, other!])).toBeNull();
  });
  it("draws codes of eight digits that differ", () => {
    const codes = Array.from({ length: 200 }, newPacketCode);
    expect(codes.every((code) => /^\d{8}$/.test(code))).toBe(true);
    expect(new Set(codes).size).toBeGreaterThan(195);
  });
});
