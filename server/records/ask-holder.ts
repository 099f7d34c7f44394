/** One holder is asked: what it turned out to hold is remembered, what went wrong is counted. */
import type { Services } from "../http/context.ts";
import { PartnerError } from "./federation/fault.ts";
import type { Federation, Outcome, Question } from "./federation/federation.ts";
import { type Holder, noteAnswer } from "./locator-service.ts";
import { noteFaults } from "./source-faults.ts";

/** Never throws for what a source does; one that its institution paused is not asked. */
export async function askHolder(
  services: Services,
  federation: Federation,
  holder: Holder,
  question: Question,
): Promise<Outcome> {
  if (holder.outside?.pausedAt)
    return {
      record: null,
      error: new PartnerError("paused"),
      tookMs: 0,
      requests: 0,
      keepSeconds: null,
    };
  const outcome = await federation.ask(question);
  await noteFaults(services, holder, outcome);
  if (holder.store.kind === "remote" && outcome.record)
    await noteAnswer(services, holder, { identifiers: question.identifiers, ...outcome.record });
  return outcome;
}
