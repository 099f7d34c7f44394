/** What other capabilities may ask of the directory. */
export { distanceMetres, type Position } from "./domain.ts";
export {
  type Calendar,
  findAgreement,
  findCalendar,
  findInstitutions,
  findUsualInvited,
  type InstitutionRow,
} from "./repository.ts";
export { listWhereabouts, positionOf, type Whereabouts } from "./whereabouts.ts";
