/** What other capabilities may ask of the directory. */
export {
  type Calendar,
  findAgreement,
  findCalendar,
  findInstitutions,
  findUsualInvited,
  type InstitutionRow,
} from "./repository.ts";
