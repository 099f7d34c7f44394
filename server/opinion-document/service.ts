/** The signed document of an opinion: its shape, and its print. */
export {
  createOpinionDocument,
  type OpinionDocument,
  opinionDocument,
  signingDoctor,
} from "./document.ts";
export { createOpinionPrinter, type OpinionPrinter } from "./pdf.ts";
