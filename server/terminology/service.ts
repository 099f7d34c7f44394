/** Code systems that several capabilities look things up in. */
export { findIcd10, type Icd10Entry, isIcd10Code, searchIcd10 } from "./icd10.ts";
export { pinyinInitials } from "./pinyin-initials.ts";
