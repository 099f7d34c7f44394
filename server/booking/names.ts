/** Names of places and titles for each language; null where none was given. Pure. */

type InWords = { zh: string; en: string | null; bo: string | null };

export const placeNamesOf = (row: {
  place: string;
  placeEn: string | null;
  placeBo: string | null;
}): InWords => ({ zh: row.place, en: row.placeEn, bo: row.placeBo });

export const titlesOf = (row: {
  doctorTitle: string | null;
  doctorTitleEn: string | null;
  doctorTitleBo: string | null;
}): InWords => ({ zh: row.doctorTitle ?? "", en: row.doctorTitleEn, bo: row.doctorTitleBo });
