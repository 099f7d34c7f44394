import type { Test } from "./request.ts";

/**
 * How few resources a test leaves, by what such parameters are like: the best one leads the query,
 * the planner decides about the others. Lower is fewer.
 */
export function rank(test: Test): number {
  switch (test.kind) {
    case "id":
      return 0;
    case "list":
      return 1;
    case "logical":
    case "of-type":
      return 2;
    case "reference":
      return test.values.length > 5 ? 12 : 10;
    case "token": {
      const [path] = test.paths;
      if (test.values.some(({ code }) => code === undefined)) return 60;
      if (path?.type === "Identifier" || path?.type === "ContactPoint") return 3;
      if (path?.slot.startsWith("Resource.")) return 50;
      return path?.type === "code" || path?.type === "boolean" || path?.type === "exists" ? 55 : 30;
    }
    case "uri":
      return test.paths[0]?.slot.startsWith("Resource.") ? 50 : 5;
    case "string":
      return test.match === "contains" ? 25 : 15;
    case "near":
      return 20;
    case "chain":
      return 22 + Math.min(...test.to.map((one) => rank(one.test))) / 10;
    case "has":
      return 24;
    case "composite":
      return 28;
    case "text":
      return 32;
    case "number":
      return 45;
    case "any":
      return 5 + Math.max(...test.tests.map(rank));
    case "date":
      return 52;
    case "updated":
      return 58;
    case "missing":
      return 65;
    case "value-set":
      return 40;
  }
}

/** Whether the index gives the keys of such a test in their order, so that a page reads no more than it shows. */
export function isInOrder(test: Test): boolean {
  const isSingle = "paths" in test && new Set(test.paths.map(({ slot }) => slot)).size === 1;
  if (test.kind === "token") {
    return isSingle && test.values.length === 1 && test.values[0]?.code !== undefined;
  }
  return (
    test.kind === "reference" &&
    isSingle &&
    test.values.length === 1 &&
    test.values[0]?.targets.length === 1
  );
}
