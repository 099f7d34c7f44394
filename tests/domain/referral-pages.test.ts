import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as server from "../../server/referral/domain.ts";
import * as page from "../../web/referral/judge.ts";

/** What a page says while somebody types has to be what the server does when it is saved. */
describe("what pages judge", () => {
  const limit = fc.record(
    { atLeast: fc.integer({ min: 0, max: 5 }), atMost: fc.integer({ min: 0, max: 5 }) },
    { requiredKeys: [] },
  );
  const measured = fc.dictionary(
    fc.constantFrom(...server.triggerMeasures),
    fc.oneof(fc.integer({ min: 0, max: 5 }), fc.constant(null)),
  );
  const codes = fc.constantFrom("a", "b", "c");

  it("knows the same kinds and measures", () => {
    expect(page.followUpKinds).toEqual(server.followUpKinds);
    expect(page.triggerMeasures).toEqual(server.triggerMeasures);
  });

  it("reaches the triggers that the server reaches", () => {
    const trigger: fc.Arbitrary<server.ReturnTrigger> = fc.oneof(
      fc.record({ kind: fc.constant("words" as const), code: codes, text: fc.constant("—") }),
      fc
        .tuple(codes, fc.constantFrom(...server.triggerMeasures), limit)
        .map(([code, measure, bounds]) => ({ kind: "value" as const, code, measure, ...bounds })),
    );
    fc.assert(
      fc.property(fc.array(trigger), measured, fc.array(codes), (triggers, values, ticked) => {
        expect(page.triggersReached(triggers, values, ticked)).toEqual(
          server.triggersReached(triggers, values, ticked),
        );
      }),
    );
  });

  it("ticks the criteria that the server ticks", () => {
    const criterion = fc.record({
      code: codes,
      evidence: fc.oneof(
        fc.constant(null),
        fc.dictionary(fc.constantFrom(...server.triggerMeasures), limit),
      ),
    });
    fc.assert(
      fc.property(fc.array(criterion), measured, (criteria, values) => {
        expect(page.criteriaMet(criteria, values)).toEqual(server.criteriaMet(criteria, values));
      }),
    );
  });
});
