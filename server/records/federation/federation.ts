/** All partners of this process: their health, their tokens, our limits. */
import type { Resource } from "@medplum/fhirtypes";
import { askSource, type SourceRecord } from "./ask-source.ts";
import { type Breaker, createBreaker } from "./breaker.ts";
import type { KnownIdentifier } from "./check-entry.ts";
import type { Limits } from "./exchange.ts";
import { isIllness, PartnerError } from "./fault.ts";
import { createPartnerClient } from "./partner-client.ts";
import { createTokenKeeper } from "./partner-token.ts";
import type { RecordSource } from "./source.ts";

export type FederationLimits = Limits & {
  /** For everything that one source is asked for one patient. */
  readonly totalMs: number;
};
/** The page is complete or explained within 3 s (records issue): what is late is named instead. */
export const usualLimits: FederationLimits = {
  connectMs: 1000,
  answerMs: 2000,
  totalMs: 2700,
  bodyBytes: 8 * 1024 * 1024,
};

export type Question = {
  readonly source: RecordSource;
  readonly localIds: readonly string[];
  readonly identifiers: readonly KnownIdentifier[];
  readonly callerToken: string | null;
  readonly address: string | null;
  /** Somebody pressed "try again". */
  readonly isWanted: boolean;
  readonly onPage: (resources: readonly Resource[]) => void;
  /** What may be shown at all; left out: everything, for the source itself knows what it may tell. */
  readonly isShown?: (resource: Resource) => boolean;
  /** Ask for nothing but these types; left out: for all. */
  readonly only?: readonly string[] | undefined;
};
export type Outcome = {
  readonly record: SourceRecord | null;
  readonly error: PartnerError | null;
  readonly tookMs: number;
  readonly requests: number;
  /** Seconds for which every answer may be kept by its `Cache-Control`; null: it says nothing of it. */
  readonly keepSeconds: number | null;
};

export type Federation = { ask(question: Question): Promise<Outcome> };

export function createFederation(limits: FederationLimits = usualLimits): Federation {
  const breakers = new Map<string, Breaker>();
  const tokens = createTokenKeeper();
  const breakerOf = (source: RecordSource) => {
    const key = source.code || source.institutionId;
    const known = breakers.get(key) ?? createBreaker();
    breakers.set(key, known);
    return known;
  };
  return {
    /** Never throws for what a partner does: the outcome says it. */
    ask: async (question) => {
      const { source } = question;
      const startedAt = performance.now();
      const breaker = breakerOf(source);
      const client = createPartnerClient(source, {
        ...question,
        limits,
        totalMs: limits.totalMs,
        tokens,
      });
      const outcome = (record: SourceRecord | null, error: PartnerError | null): Outcome => ({
        record,
        error,
        tookMs: Math.round(performance.now() - startedAt),
        requests: client.requests,
        keepSeconds: client.keepSeconds,
      });
      if (!breaker.mayAsk(question.isWanted)) return outcome(null, new PartnerError("resting"));
      try {
        const record = await askSource(client, {
          ...question,
          base: source.base,
          types: question.only ?? source.types ?? null,
        });
        breaker.answered();
        return outcome(record, null);
      } catch (error) {
        const fault =
          error instanceof PartnerError ? error : new PartnerError("failed", { cause: error });
        if (isIllness(fault)) breaker.failed();
        else breaker.answered();
        return outcome(null, fault);
      }
    },
  };
}
