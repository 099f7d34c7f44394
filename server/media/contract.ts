/** What the media board shows, and how it is asked. */
import { z } from "zod";
import { instant, line, uuid } from "../http/contract.ts";

const part = z.number().min(0);
const bps = z.number().min(0);

/** What a node tells of itself beside its heartbeat; kept as it came. */
export const nodeFigures = z.object({
  workers: z
    .array(z.object({ pid: z.number().int(), cpu: part, consumers: z.number().int() }))
    .max(256),
  /** Workers that there should be. */
  expectedWorkers: z.number().int(),
  people: z.number().int(),
  consumers: z.number().int(),
  inBps: bps,
  outBps: bps,
  links: z
    .array(
      z.object({
        node: z.string().max(300),
        state: z.string().max(20),
        ...{ inBps: bps, outBps: bps, loss: part },
      }),
    )
    .max(256),
});

export const boardNode = z.object({
  id: z.string(),
  publicUrl: z.string(),
  linkUrl: z.string(),
  region: z.string().nullable(),
  version: z.string(),
  workers: z.number().int(),
  rooms: z.number().int(),
  peers: z.number().int(),
  load: part,
  alive: z.boolean(),
  /** `asked`: ordered and not obeyed yet; `empty`: may be stopped now. */
  drain: z.enum(["no", "asked", "emptying", "empty"]),
  lastSeenAt: instant,
  figures: nodeFigures.nullable(),
});

export const lineSummary = z.object({
  org: z.string(),
  /** Beginning of the day, or of the five minutes when one day was asked for. */
  at: instant,
  samples: z.number().int(),
  /** Most people at a time. */
  people: z.number().int(),
  ...{ lossUp: part, lossDown: part, rttMs: part, concealed: part, thin: part, gone: part },
});

export const boardQuery = z.object({ days: z.coerce.number().int().min(1).max(70).default(1) });
export const mediaBoard = z.object({
  nodes: z.array(boardNode),
  alarms: z.array(
    z.object({
      kind: z.enum(["node-silent", "worker-died", "load-high", "link-down"]),
      nodeId: z.string(),
      detail: z.string(),
    }),
  ),
  lines: z.array(lineSummary),
  regions: z.array(z.object({ institutionId: uuid, region: z.string() })),
});
export const regionBody = z.object({ region: line(100).nullable() });
