import { describe, expect, it } from "vitest";
import {
  hidden,
  isFinal,
  planOf,
  revealed,
  waitMs,
} from "../../server/fhir/subscriptions/domain.ts";
import { extensions } from "../../server/fhir/subscriptions/names.ts";
import { topics, topicUrl } from "../../server/fhir/subscriptions/topics.ts";

const subscription = (more: object = {}, channel: object = {}) =>
  ({
    resourceType: "Subscription",
    criteria: topicUrl("resource-change"),
    channel: { type: "rest-hook", endpoint: "https://example.org/hook", ...channel },
    ...more,
  }) as never;
const criteria = (...list: string[]) => ({
  _criteria: {
    extension: list.map((valueString) => ({ url: extensions.filterCriteria, valueString })),
  },
});

describe("when a receiver is tried again", () => {
  it.each([
    [1, null, 0, 750],
    [1, null, 1, 1250],
    [2, null, 0.5, 2000],
    [5, null, 0.5, 16_000],
    [10, null, 0.5, 512_000],
    [11, null, 0.5, 900_000],
    [1000, null, 1, 1_125_000],
    [1, 120_000, 0.5, 120_000],
    [1, 0, 0.5, 1000],
    [1, 86_400_000, 0.5, 3_600_000],
  ])(
    "after %i failures, asked to wait %s, by chance %d: %i ms",
    (failures, asked, random, wait) => {
      expect(waitMs(failures, asked, random)).toBe(wait);
    },
  );

  it("is not at all when nothing can come of it", () => {
    for (const [fault, status, final] of [
      ["failed", 410, true],
      ["redirect", 307, true],
      ["private-address", null, true],
      ["insecure", null, true],
      ["failed", 404, false],
      ["refused", 401, false],
      ["timeout", null, false],
      ["unreachable", null, false],
    ] as const)
      expect(isFinal(fault, status), `${fault} ${status}`).toBe(final);
  });
});

describe("what a Subscription asks", () => {
  it("has bounds where it says nothing, and keeps within them where it says much", () => {
    expect(planOf(subscription())).toMatchObject({
      topic: "resource-change",
      types: null,
      filters: [],
      content: "empty",
      heartbeatSeconds: null,
      timeoutSeconds: 20,
      maxCount: 20,
      endsAt: null,
      isOff: false,
    });
    const extension = [
      { url: extensions.timeout, valueUnsignedInt: 3600 },
      { url: extensions.maxCount, valuePositiveInt: 100_000 },
      { url: extensions.heartbeatPeriod, valueUnsignedInt: 10_000_000 },
    ];
    expect(planOf(subscription({}, { extension }))).toMatchObject({
      timeoutSeconds: 30,
      maxCount: 100,
      heartbeatSeconds: 86_400,
    });
  });

  it("reads criteria, and the types that they name limit it", () => {
    const plan = planOf(
      subscription(
        criteria("Observation?patient=Patient/1,2&status=final", "?patient=3", "Condition?"),
      ),
    );
    expect(plan.types).toEqual(["Observation", "Condition"]);
    expect(plan.filters).toEqual([
      { type: "Observation", patients: ["1", "2"], ids: null, statuses: ["final"] },
      { type: null, patients: ["3"], ids: null, statuses: null },
      { type: "Condition", patients: null, ids: null, statuses: null },
    ]);
    expect(planOf(subscription({ criteria: `${topicUrl("result-change")}|1` })).types).toEqual(
      topics.find((one) => one.id === "result-change")?.types,
    );
  });

  it.each([
    "",
    "Observation",
    "?",
    "Nothing?_id=1",
    "?code=1",
    "?_id=1&_id=2",
    "?_id=",
    "?patient=a/b",
    `?_id=${"1,".repeat(60)}`,
  ])("refuses the criterion %j", (one) => {
    expect(() => planOf(subscription(criteria(one)))).toThrow();
  });

  it("hides what headers carry, and takes back what it hid", () => {
    const headers = ["Authorization: Bearer x", "X-Way: north"];
    expect(hidden(headers)).toEqual(["Authorization: ***", "X-Way: ***"]);
    const endpoint = new URL("https://a.example/hook");
    const before = { headers, endpoint: "https://a.example/hook?old" };
    expect(revealed({ headers: ["authorization: ***", "X-Way: south"], endpoint }, before)).toEqual(
      ["Authorization: Bearer x", "X-Way: south"],
    );
    for (const [name, to] of [
      ["X-New", "https://a.example/hook"],
      ["Authorization", "https://a.example/other"],
      ["Authorization", "https://b.example/hook"],
      ["Authorization", "https://a.example:8443/hook"],
    ] as const)
      expect(() => revealed({ headers: [`${name}: ***`], endpoint: new URL(to) }, before)).toThrow(
        "fhir.request",
      );
    expect(() => revealed({ headers: ["X-A: ***"], endpoint }, null)).toThrow("fhir.request");
  });
});
