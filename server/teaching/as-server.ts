import { actingAs } from "../db/client.ts";
import type { Work } from "../http/context.ts";
import type { Actor } from "../identity/domain.ts";

const server: Actor = { kind: "system", reason: "teaching", language: "zh-CN" };

/**
 * What the server finds out or writes by itself within somebody's step, after it asked whether the step is
 * theirs: how many are here, what follows for others.
 */
export const asServer = <Result>(
  { tx, actor }: Pick<Work, "tx" | "actor">,
  work: () => Promise<Result>,
): Promise<Result> => actingAs(tx, { during: server, after: actor }, work);
