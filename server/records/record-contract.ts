/** What the page of a federated record is told, as lines of JSON. */
import { z } from "zod";
import { uuid } from "../http/contract.ts";
import type { PartnerFault } from "./federation/fault.ts";

/** The one order of a record, everywhere. */
export const recordSections = [
  "warnings",
  "problems",
  "medicines",
  "results",
  "visits",
  "documents",
] as const;
export type RecordSection = (typeof recordSections)[number];

/** How a value stands; `critical` only where its source says so. */
export type ResultFlag = "usual" | "low" | "high" | "critical";
export type ResultRange = {
  readonly low: number | null;
  readonly high: number | null;
  /** `place`: by altitude and age, from our own table; `source`: as the laboratory printed it. */
  readonly from: "place" | "source";
};
export type ResultValue = {
  /** Values of one series are one trend, whoever measured them. */
  readonly series: string;
  readonly value: number | null;
  readonly text: string | null;
  readonly unit: string | null;
  readonly range: ResultRange | null;
  readonly flag: ResultFlag | null;
  readonly altitudeMetres: number | null;
};
/** Words of a diagnosis of which whoever wrote it was not sure. */
export const itemCertainties = ["unconfirmed", "provisional", "differential"] as const;
export type ItemCertainty = (typeof itemCertainties)[number];
export type ItemSource = {
  readonly code: string;
  readonly reference: string;
  readonly date: string | null;
};
export type RecordItem = {
  /** The same thing told by two institutions has the same key and is one item with two sources. */
  readonly key: string;
  readonly section: RecordSection;
  /** Type of the resource, or `CriticalValue`. */
  readonly kind: string;
  readonly title: string;
  readonly detail: string | null;
  /** Null: certain, or nobody says. */
  readonly certainty: ItemCertainty | null;
  /** Over, stopped, entered in error is never shown. */
  readonly isPast: boolean;
  readonly isHigh: boolean;
  readonly date: string | null;
  readonly result: ResultValue | null;
  /** Where the file of a document is read, and under what name it is kept; null: it has none that can be read here. */
  readonly file: { readonly path: string; readonly name: string } | null;
  /** Who answers for a critical value, and how far that is. */
  readonly receiver: { readonly name: string; readonly state: string } | null;
  readonly sources: readonly ItemSource[];
};

export type SourceView = {
  readonly code: string;
  readonly name: string;
  readonly nameBo: string | null;
  readonly nameEn: string | null;
  readonly isOwn: boolean;
  /** Last known copy of its index: when the locator last heard of the store. */
  readonly indexedAt: string | null;
  /** Types of resources that the locator knows of, only where nothing was withheld. */
  readonly kinds: readonly string[];
};
export type SourceState = "answered" | "withheld" | "nothing" | "down";
export type RecordEvent =
  | {
      readonly type: "start";
      readonly at: string;
      readonly patientId: string;
      /** No ID card is known: records that carry no number of the alliance stay apart; names are never enough. */
      readonly isUnjoined: boolean;
      readonly isEmergency: boolean;
      readonly sources: readonly SourceView[];
    }
  | { readonly type: "items"; readonly source: string; readonly items: readonly RecordItem[] }
  | {
      readonly type: "source";
      readonly source: string;
      readonly state: SourceState;
      readonly fault: PartnerFault | null;
      readonly tookMs: number;
      readonly resources: number;
      readonly withholds: boolean;
      readonly setAside: number;
      readonly otherPatient: number;
      /** It did not answer, and what is shown of it is the copy of that time. */
      readonly copyAt: string | null;
    }
  | { readonly type: "end"; readonly tookMs: number };

/** One source is asked again by its code; none: all that hold something. */
export const recordQuery = z.object({ source: z.string().max(80).optional() });
export const emergencyBody = z.object({
  reason: z.string().trim().min(4).max(500),
  source: z.string().max(80).optional(),
});
export const recordParams = z.object({ id: uuid });

export const storeParams = z.object({ code: z.string().max(80) });
export const pauseBody = z.object({
  paused: z.boolean(),
  /** Why, for whoever asks later. */
  reason: z.string().trim().max(300).optional(),
});
export const storeView = z.object({
  code: z.string(),
  name: z.string(),
  nameBo: z.string().nullable(),
  nameEn: z.string().nullable(),
  paused: z.boolean(),
  pausedAt: z.string().nullable(),
  /** Why it is paused, in the words of whoever did. */
  reason: z.string().nullable(),
  /** Whoever asks answers for it. */
  mayPause: z.boolean(),
});
export const storeList = z.object({ stores: z.array(storeView) });
