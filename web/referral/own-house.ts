import { useDirectory } from "../consult/queries.ts";

/** The house that writes: its name and height, because ranges follow it. */
export function useOwnHouse(institutionId: string) {
  return useDirectory().data?.institutions.find((one) => one.id === institutionId);
}
