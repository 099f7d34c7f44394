/** What other capabilities may ask of the directory. */
export {
  type Calendar,
  findAgreement,
  findCalendar,
  findInstitutions,
  type InstitutionRow,
} from "./repository.ts";
