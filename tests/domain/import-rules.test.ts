import { describe, expect, it } from "vitest";
import { importsOf, objection } from "../../scripts/import-rules.ts";

const objectionTo = (from: string, statement: string) => {
  const [found] = importsOf(from, statement);
  if (!found) throw new Error(`no import seen in ${statement}`);
  return objection(found);
};

describe("direction of imports", () => {
  it.each([
    ["sfu/node.ts", 'import { x } from "../server/config.ts";'],
    ["sfu/node.ts", 'import type { X } from "../web/app.ts";'],
    ["server/app.ts", 'import { x } from "../sfu/protocol.ts";'],
    ["server/consult/service.ts", 'export * from "../../web/x.ts";'],
    ["web/room/join.ts", 'import { x } from "../../sfu/protocol.ts";'],
    ["web/room/join.ts", 'const x = await import("../../server/consult/domain.ts");'],
    ["web/room/join.ts", 'import { type X } from "../../sfu/protocol.ts";'],
    ["fhir-mappings/task.ts", 'import { x } from "../server/consult/domain.ts";'],
    ["fhir-mappings/task.ts", 'import { x } from "zod";'],
    ["server/consult/service.ts", 'import { x } from "../patients/repository.ts";'],
    ["server/consult/service.ts", 'import {\n  x,\n  y,\n} from "../patients/repository.ts";'],
    ["server/consult/service.ts", 'import "../patients/routes.ts";'],
    ["timeline/fold.ts", 'import { x } from "../server/teaching/domain.ts";'],
    ["timeline/fold.ts", 'import { z } from "zod";'],
    ["sfu/node.ts", 'import { x } from "../timeline/fold.ts";'],
  ])("refuses in %s: %s", (from, statement) => {
    expect(objectionTo(from, statement)).toBeTypeOf("string");
  });

  it.each([
    ["sfu/node.ts", 'import { x } from "./rooms/room.ts";'],
    ["sfu/node.ts", 'import pino from "pino";'],
    ["server/app.ts", 'import { x } from "./patients/routes.ts";'],
    ["server/consult/fhir.ts", 'import { x } from "../../fhir-mappings/task.ts";'],
    ["web/room/join.ts", 'import type { X } from "../../sfu/protocol.ts";'],
    ["web/room/join.ts", 'import type {\n  X,\n} from "../../server/consult/contract.ts";'],
    ["fhir-mappings/task.ts", 'import type { Task } from "@medplum/fhirtypes";'],
    ["fhir-mappings/task.ts", 'import { x } from "./codes.ts";'],
    ["server/consult/service.ts", 'import { x } from "../patients/service.ts";'],
    ["server/consult/service.ts", 'import type { X } from "../patients/repository.ts";'],
    ["server/consult/service.ts", 'import { x } from "../db/client.ts";'],
    ["server/consult/service.ts", 'import { x } from "../config.ts";'],
    ["timeline/fold.ts", 'import type { Stroke } from "../sfu/protocol.ts";'],
    ["web/teaching/live.tsx", 'import { x } from "../../timeline/fold.ts";'],
    ["server/teaching/live-service.ts", 'import { x } from "../../timeline/fold.ts";'],
    ["server/db/demo.ts", 'import { x } from "../patients/repository.ts";'],
  ])("allows in %s: %s", (from, statement) => {
    expect(objectionTo(from, statement)).toBeUndefined();
  });

  it("says where", () => {
    expect(importsOf("web/a.ts", '// one\nimport "./b.ts";')).toMatchObject([
      { line: 2, to: "web/b.ts" },
    ]);
  });
});
