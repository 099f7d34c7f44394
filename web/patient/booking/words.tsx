import type { BookingPlaces } from "../../../server/booking/contract.ts";
import type { Language } from "../../i18n/areas.ts";
import { useLanguage, useText } from "../../i18n/i18n.ts";
import { clockTime, dayWords } from "../../i18n/time.ts";

type Words = BookingPlaces["places"][number]["name"];

/** The name in the reader's language; where it has none, the Chinese one. */
export function nameIn(words: Words, language: Language): string {
  return (language === "bo" ? words.bo : language === "en" ? words.en : null) ?? words.zh;
}

/** A name with the language that it really is in, for fonts and for those who listen. */
export function Name({ of }: { of: Words }) {
  const language = useLanguage();
  const text = nameIn(of, language);
  return text === of.zh && language !== "zh-CN" ? <span lang="zh-CN">{text}</span> : text;
}

type Placed = { place: string; placeNames?: Words };

/** Where to go, in the reader's language. A pass that was kept before places had names has only the Chinese one. */
export function placeIn({ place, placeNames }: Placed, language: Language): string {
  return placeNames ? nameIn(placeNames, language) : place;
}

/** The place with the language that its name is really in. */
export function Place({ of }: { of: Placed }) {
  return <Name of={of.placeNames ?? { zh: of.place, en: null, bo: null }} />;
}

/** `10:00–11:00`, kept on one line by word joiners. */
export function timeRange(from: string, to: string): string {
  return `${clockTime(from)}\u2060–\u2060${clockTime(to)}`;
}

/** A local day (`YYYY-MM-DD`) as an instant in its middle, for the words of time.ts. */
export function noonOf(day: string): string {
  return `${day}T12:00:00+08:00`;
}

/** The day in words, with its date also when it is today or tomorrow: nobody is to count. */
export function useDayWords(): (at: string) => string {
  const t = useText();
  return (at) => {
    const near = dayWords(at);
    const far = dayWords(at, 0);
    return near === far ? far : t("patient.booking.dayAndDate", { day: near, date: far });
  };
}

/** ¥25, or that it is free; the short form leaves out when it is paid. */
export function useFee(): (cents: number, short?: boolean) => string {
  const t = useText();
  return (cents, short) =>
    cents === 0
      ? t("patient.booking.noFee")
      : t(short ? "patient.booking.feeShort" : "patient.booking.fee", {
          amount: cents % 100 === 0 ? cents / 100 : (cents / 100).toFixed(2),
        });
}

/** A patient's name in the reader's letters. */
export function personName(
  person: { name: string; nameBo: string | null },
  language: Language,
): string {
  return language === "bo" ? (person.nameBo ?? person.name) : person.name;
}

/** `周敏华 主任医师` */
export function doctorWords(
  doctor: { name: string; title: string; titles?: Words } | null,
  language: Language,
): string {
  if (!doctor) return "";
  const title = doctor.titles ? nameIn(doctor.titles, language) : doctor.title;
  return [doctor.name, title].filter(Boolean).join(" ");
}
