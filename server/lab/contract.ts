/** What travels between the laboratory's pages and the server. */
import { z } from "zod";
import { instant, line, uuid } from "../http/contract.ts";
import { contactRelations } from "../patients/domain.ts";
import {
  labResultKinds,
  recallCauses,
  recallStates,
  resultSources,
  testPurposes,
  tubeSizes,
  tubeStates,
} from "../sampling/domain.ts";
import { rowProblems } from "./csv.ts";
import {
  findingStates,
  plateStates,
  recallOutcomes,
  receptionProblems,
  rejectingProblems,
} from "./domain.ts";

const version = z.number().int().positive();
const names = z.object({ zh: z.string(), en: z.string().nullable(), bo: z.string().nullable() });
const size = z.literal(tubeSizes);
const code = z.string().trim().min(1).max(60);
const result = z.enum(labResultKinds);
const words = (max: number) => z.string().trim().max(max);

export const tubeView = z.object({
  code: z.string(),
  size,
  count: z.number().int(),
  state: z.enum(tubeStates),
  purpose: z.enum(testPurposes),
  retest: z.boolean(),
  site: names,
  firstSampledAt: instant.nullable(),
  labDueAt: instant.nullable(),
  resultDueAt: instant.nullable(),
  receivedAt: instant.nullable(),
});
export type LabTube = z.infer<typeof tubeView>;

export const runView = z.object({
  id: uuid,
  state: z.enum(["in-transit", "delivered"]),
  box: z.string(),
  site: names,
  courier: z.string(),
  pickedUpAt: instant,
  deliveredAt: instant.nullable(),
  receivedBy: z.string().nullable(),
  receivedCount: z.number().int().nullable(),
  tubes: z.array(tubeView),
});
export type LabRun = z.infer<typeof runView>;

export const noteView = z.object({
  id: uuid,
  runId: uuid.nullable(),
  code: z.string(),
  problem: z.enum(receptionProblems),
  note: z.string(),
  /** Late, and tested all the same; `by` answers for it. */
  accepted: z.boolean(),
  at: instant,
  by: z.string(),
  settledAt: instant.nullable(),
});

export const receptionView = z.object({
  now: instant,
  runs: z.array(runView),
  notes: z.array(noteView),
  counts: z.object({
    inTransit: z.number().int(),
    transitLate: z.number().int(),
    atLab: z.number().int(),
    overdue: z.number().int(),
  }),
});
export type Reception = z.infer<typeof receptionView>;

export const signBody = z
  .object({ count: z.number().int().min(0).max(2000), note: words(200).default("") })
  .strict();
export const receiveBody = z
  .object({
    /** The box that is being unpacked; null for a tube that somebody brought. */
    runId: uuid.nullable(),
    code,
    /** Why it is rejected; null: it is as it should be. */
    problem: z.enum(rejectingProblems).nullable().default(null),
    note: words(200).default(""),
    /** Late, and tested all the same: whoever sends it answers for it, `note` says why. */
    acceptLate: z.boolean().default(false),
  })
  .strict();
/** `late`: nothing was done; it is rejected as late, or somebody answers for it. */
export const receiveOutcomes = ["received", "rejected", "already", "late"] as const;
export const receiveAnswer = z.object({
  outcome: z.enum(receiveOutcomes),
  extra: z.boolean(),
  tube: tubeView,
  /** People who were asked to come again. */
  recalled: z.number().int(),
  /** A late tube: the reader may answer for it. */
  mayAccept: z.boolean(),
});
export type ReceiveAnswer = z.infer<typeof receiveAnswer>;
export const missingAnswer = z.object({ missing: z.array(z.string()) });
export const lostBody = z.object({ code, note: line(200) }).strict();
export const lostAnswer = z.object({ recalled: z.number().int() });

export const findingView = z.object({
  id: uuid,
  version,
  tube: z.string(),
  size,
  count: z.number().int(),
  purpose: z.enum(testPurposes),
  retest: z.boolean(),
  resultDueAt: instant.nullable(),
  state: z.enum(findingStates),
  result: result.nullable(),
  method: z.string().nullable(),
  detail: z.record(z.string(), z.unknown()),
  testedAt: instant.nullable(),
  enteredBy: z.string(),
  enteredAt: instant,
  secondBy: z.string().nullable(),
  reason: z.string().nullable(),
  source: z.enum(resultSources),
  corrects: z.boolean(),
  /** A second person has to look. */
  needsSecond: z.boolean(),
  /** The reader may be that person. */
  mayConfirm: z.boolean(),
});
export type Finding = z.infer<typeof findingView>;

export const plateLine = z.object({
  id: uuid,
  version,
  code: z.string(),
  state: z.enum(plateStates),
  source: z.enum(resultSources),
  openedAt: instant,
  openedBy: z.string(),
  releasedAt: instant.nullable(),
  releasedBy: z.string().nullable(),
  waiting: z.number().int(),
  entered: z.number().int(),
  toConfirm: z.number().int(),
  released: z.number().int(),
  dueAt: instant.nullable(),
});
export type PlateLine = z.infer<typeof plateLine>;
export const plateView = plateLine.extend({ findings: z.array(findingView) });
export type Plate = z.infer<typeof plateView>;

export const resultsWork = z.object({
  now: instant,
  plates: z.array(plateLine),
  /** Received and on no plate, the nearest deadline first. */
  tubes: z.array(tubeView),
});
export type ResultsWork = z.infer<typeof resultsWork>;

export const plateBody = z.object({ code: line(40) }).strict();
/** One tube by its code, or as many as fit of those that are due first. */
export const loadBody = z.union([
  z.object({ code }).strict(),
  z.object({ next: z.number().int().min(1).max(96) }).strict(),
]);
const ct = z.number().min(0).max(60).nullable().default(null);
export const readingBody = z
  .object({
    readings: z
      .array(
        z
          .object({
            findingId: uuid,
            version,
            result,
            ctOrf: ct,
            ctN: ct,
            reason: words(200).nullable().default(null),
          })
          .strict(),
      )
      .max(400),
    /** Everything on the plate that was not read is negative. */
    restNegative: z.boolean().default(false),
    method: line(60).default("RT-PCR"),
    testedAt: instant.nullable().default(null),
  })
  .strict();
export const versionBody = z.object({ version }).strict();
export const withdrawBody = z.object({ version, reason: line(200) }).strict();
export const releaseAnswer = z.object({
  released: z.number().int(),
  /** Still on the plate: unread, or waiting for a second person. */
  waiting: z.number().int(),
  recalled: z.number().int(),
});
export type ReleaseAnswer = z.infer<typeof releaseAnswer>;
export const correctBody = z
  .object({
    result,
    reason: line(200),
    method: line(60).default("RT-PCR"),
    testedAt: instant.nullable().default(null),
  })
  .strict();

export const tubeQuery = z.object({ code });
export const resultLine = z.object({
  id: uuid,
  result,
  method: z.string(),
  testedAt: instant,
  reportedAt: instant,
  reportedBy: z.string(),
  source: z.enum(resultSources),
  reason: z.string().nullable(),
  replaced: z.boolean(),
});
export const tubeAnswer = z.object({
  tube: tubeView,
  results: z.array(resultLine),
  /** An open correction or reading. */
  finding: findingView.nullable(),
  plateId: uuid.nullable(),
  /** Only of somebody who is alone in the tube. */
  person: z.object({ name: z.string(), ageYears: z.number().int().nullable() }).nullable(),
});
export type TubeAnswer = z.infer<typeof tubeAnswer>;

export const importBody = z
  .object({
    fileName: line(120),
    /** The file's bytes, base64. */
    content: z.string().min(1).max(1_500_000),
  })
  .strict();
const refusedRow = z.object({
  line: z.number().int(),
  tube: z.string(),
  problem: z.enum(rowProblems),
  value: z.string(),
});
export const importPreview = z.object({
  rows: z.number().int(),
  encoding: z.enum(["utf-8", "gb18030"]),
  good: z.number().int(),
  unchanged: z.number().int(),
  counts: z.partialRecord(result, z.number().int()),
  refused: z.array(refusedRow),
  /** The same file was taken before: when. */
  takenAt: instant.nullable(),
});
export type ImportPreview = z.infer<typeof importPreview>;
export const importAnswer = z.object({
  plateId: uuid.nullable(),
  taken: z.number().int(),
  unchanged: z.number().int(),
  refused: z.array(refusedRow),
  repeated: z.boolean(),
});
export type ImportAnswer = z.infer<typeof importAnswer>;

export const recallListQuery = z.object({ scope: z.enum(["open", "done"]).default("open") });
export const recallView = z.object({
  id: uuid,
  version,
  state: z.enum(recallStates),
  cause: z.enum(recallCauses),
  single: z.boolean(),
  name: z.string(),
  code: z.string().nullable(),
  site: names.nullable(),
  place: z.string().nullable(),
  issuedAt: instant,
  dueAt: instant,
  owner: z.object({ id: uuid, name: z.string() }).nullable(),
  mine: z.boolean(),
  toldAt: instant.nullable(),
  toldHow: z.string().nullable(),
  sampledAt: instant.nullable(),
  contact: z
    .object({
      name: z.string().nullable(),
      relation: z.enum(contactRelations).nullable(),
      /** In full: it is there to be dialled. */
      phone: z.string().nullable(),
    })
    .nullable(),
  attempts: z.number().int(),
  lastAt: instant.nullable(),
  lastOutcome: z.enum(recallOutcomes).nullable(),
  language: z.enum(["zh-CN", "bo", "en"]),
  /** What is said, and nothing else. */
  words: z.object({ "zh-CN": z.string(), bo: z.string(), en: z.string() }),
});
export type RecallView = z.infer<typeof recallView>;
export const recallList = z.object({
  now: instant,
  recalls: z.array(recallView),
  counts: z.object({
    open: z.number().int(),
    untold: z.number().int(),
    overdue: z.number().int(),
  }),
});
export type RecallList = z.infer<typeof recallList>;
export const recallCallBody = z.object({ version, outcome: z.enum(recallOutcomes) }).strict();

/** Everybody who was sampled at a place in a time. */
export const exposureBody = z
  .object({ siteId: uuid.nullable(), from: instant, to: instant, note: line(300) })
  .strict()
  .refine((body) => Date.parse(body.from) < Date.parse(body.to), { path: ["to"] });
export const exposureAnswer = z.object({
  people: z.number().int(),
  /** Recalled already for this or another reason. */
  already: z.number().int(),
});
