/** What a speaker brought to the board lies under its own id. */
export const broughtAt = (id: string, version: "full" | "thin") =>
  `/api/teaching/stills/${id}/${version}`;
