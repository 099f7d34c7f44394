/** Icons of the fever road, apart from those that every page of the phone fetches. */
export { person } from "../../design/icons.ts";
export const home = "M6 20.500V3.500h9v17M15 6l4 1.500v13M3.500 20.500h17M12 12h.01";
export const shield =
  "M4 9c5-2 11-2 16 0v4c0 3.500-3.500 6-8 6s-8-2.500-8-6zM4 10L2.500 8.500M20 10l1.500-1.500M8 12h8M8 15h8";
export const walk =
  "M13 6a1.800 1.800 0 1 0 0-3.600A1.800 1.800 0 0 0 13 6zM9 21l2.500-6-2-2.500 1.500-5 3 2.500 3 1M11 7.500L7.500 9.500 7 13M11.500 15l3 2 1 4";
