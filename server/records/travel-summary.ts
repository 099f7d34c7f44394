/** What the institutions hold of a patient who is being taken somewhere else, short enough to travel as a code on paper. */
import { and, desc, eq, gt } from "drizzle-orm";
import type { Origin } from "../audit/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import type { Services } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { ofPerson } from "../patients/service.ts";
import type { Federation } from "./federation/federation.ts";
import type { RecordItem, RecordSection, SourceView } from "./record-contract.ts";
import { beginRecord, locateRecord, streamRecord } from "./record-service.ts";
import { recordEmergency } from "./schema.ts";

/** Sections of the International Patient Summary that somebody at the door needs, in that order. */
export const travelSections = ["warnings", "problems", "medicines", "results"] as const;
export type TravelSection = (typeof travelSections)[number];
export type TravelItem = {
  readonly section: TravelSection;
  readonly text: string;
  /** Day, as its source wrote it. */
  readonly day: string | null;
  /** Names of the institutions that say it. */
  readonly from: string[];
};
/** Why an institution's part is missing, or missing in part. */
export const travelGaps = ["withheld", "partly-withheld", "no-answer", "copy"] as const;
export type TravelGap = (typeof travelGaps)[number];
export type TravelSummary = {
  /** Read past the patient's consent, in an emergency that the same doctor opened with a reason. */
  readonly emergency: boolean;
  /** Null: it was read. `not-allowed`: whoever makes the packet may not read records; `failed`: it could not be read. */
  readonly missing: "not-allowed" | "failed" | null;
  readonly items: TravelItem[];
  readonly gaps: { readonly name: string; readonly why: TravelGap }[];
};

/** As the record page tells a family: once an hour. So long an emergency that was opened still holds. */
const emergencyMs = 60 * 60_000;
const mostResults = 12;
const textMost = 120;

/**
 * The summary as far as consent goes; or past it, where the same person opened the record in an emergency within
 * the hour: making a packet never opens it by itself. What did not answer within the time of the record page is
 * named. Never throws for what a source does.
 * @param asked.hostedVia where a hosted store's own endpoint is reached from here
 */
export async function travelSummary(
  services: Services,
  federation: Federation,
  asked: { actor: StaffActor; origin: Origin; patientId: string; hostedVia: URL | null },
): Promise<TravelSummary> {
  const { actor, origin, patientId, hostedVia } = asked;
  const nothing = { emergency: false, items: [], gaps: [] };
  if (!actor.permissions.has("record.read")) return { ...nothing, missing: "not-allowed" };
  try {
    const begun = await services.db.withActor(actor, async (tx) => {
      const now = services.clock();
      const [open] = await tx
        .select({ reason: recordEmergency.reason })
        .from(recordEmergency)
        .where(
          and(
            ofPerson(recordEmergency.patientId, patientId),
            eq(recordEmergency.personId, actor.personId),
            gt(recordEmergency.openedAt, new Date(now.getTime() - emergencyMs)),
          ),
        )
        .orderBy(desc(recordEmergency.openedAt))
        .limit(1);
      const emergency = open && actor.permissions.has("record.emergency") ? open.reason : null;
      return beginRecord(
        services,
        { tx, actor, origin, now },
        { patientId, source: null, emergency },
      );
    });
    const opened = await locateRecord(services, begun, hostedVia);
    const items = new Map<string, RecordItem>();
    const names = new Map<string, SourceView>();
    const gaps: { name: string; why: TravelGap }[] = [];
    await streamRecord(services, federation, opened, (event) => {
      if (event.type === "start") for (const one of event.sources) names.set(one.code, one);
      if (event.type === "items") for (const one of event.items) items.set(one.key, one);
      if (event.type !== "source") return;
      const name = names.get(event.source)?.name ?? event.source;
      const why = gapOf(event);
      if (why) gaps.push({ name, why });
    });
    const nameOf = (code: string) =>
      names.get(code)?.name ?? begun.institutions.find((one) => one.slug === code)?.name ?? code;
    return {
      emergency: begun.question.emergency !== null,
      missing: null,
      items: travelItems([...items.values()], nameOf),
      gaps: gaps.toSorted((a, b) => a.name.localeCompare(b.name, "zh-CN")),
    };
  } catch (error) {
    // A patient in an ambulance does not wait for a record: the packet goes without it and says so.
    if (error instanceof DomainError && error.code === "permission.denied")
      return { ...nothing, missing: "not-allowed" };
    return { ...nothing, missing: "failed" };
  }
}

function gapOf(told: {
  state: string;
  withholds: boolean;
  copyAt: string | null;
}): TravelGap | null {
  if (told.copyAt !== null) return "copy";
  if (told.state === "down") return "no-answer";
  if (told.state === "withheld") return "withheld";
  return told.withholds ? "partly-withheld" : null;
}

/** What holds now: warnings, problems and medicines that are not over, and the newest results, high ones first. */
export function travelItems(
  items: readonly RecordItem[],
  nameOf: (code: string) => string,
): TravelItem[] {
  const newest = (a: RecordItem, b: RecordItem) => (b.date ?? "").localeCompare(a.date ?? "");
  const isTravelling = (section: RecordSection): section is TravelSection =>
    (travelSections as readonly string[]).includes(section);
  return travelSections.flatMap((section) =>
    items
      .filter((one) => one.section === section && (section === "results" || !one.isPast))
      .toSorted((a, b) => Number(b.isHigh) - Number(a.isHigh) || newest(a, b))
      .filter(isNewestOfSeries())
      .slice(0, section === "results" ? mostResults : items.length)
      .flatMap((one) =>
        isTravelling(one.section)
          ? {
              section: one.section,
              text: textOf(one).slice(0, textMost),
              day: one.date?.slice(0, 10) ?? null,
              from: [...new Set(one.sources.map(({ code }) => nameOf(code)))],
            }
          : [],
      ),
  );
}

/** Of a value that was measured again and again, the first one met. */
function isNewestOfSeries(): (item: RecordItem) => boolean {
  const seen = new Set<string>();
  return ({ result }) => {
    if (!result) return true;
    if (seen.has(result.series)) return false;
    seen.add(result.series);
    return true;
  };
}

function textOf({ title, detail, result }: RecordItem): string {
  if (!result) return [title, detail].filter(Boolean).join(" · ");
  const value = result.value ?? result.text;
  return [title, value, value === null ? null : result.unit]
    .filter((one) => one !== null)
    .join(" ");
}
