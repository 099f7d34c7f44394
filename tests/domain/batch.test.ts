import { describe, expect, it } from "vitest";
import { createBatch } from "../../server/booking/batch.ts";

/** What a driver says of a statement that PostgreSQL refused. */
const refused = (code: string) => Object.assign(new Error("refused"), { code });

describe("a batch", () => {
  it("does not let one item's fault fall on the others", async () => {
    const sizes: number[] = [];
    const ask = createBatch<number, number>({
      order: String,
      run: async (items) => {
        sizes.push(items.length);
        if (items.includes(13)) throw refused("40P01");
        return items.map((item, place) => ({ place, problem: null, answer: item * 2 }));
      },
    });
    const answers = await Promise.allSettled([0, 1, 2, 13, 4].map(ask));
    expect(answers.map((answer) => answer.status)).toEqual([
      "fulfilled",
      "fulfilled",
      "fulfilled",
      "rejected",
      "fulfilled",
    ]);
    expect(sizes).toContain(3);
  });

  it("does not ask a lost database fifty times", async () => {
    let asked = 0;
    const ask = createBatch<number, number>({
      order: String,
      run: async () => {
        asked += 1;
        throw refused("57P01");
      },
    });
    const answers = await Promise.allSettled(Array.from({ length: 40 }, (_, index) => ask(index)));
    expect(answers.every((answer) => answer.status === "rejected")).toBe(true);
    expect(asked).toBeLessThanOrEqual(3);
  });
});
