import { uuid } from "../api/client.ts";

const placeKey = "yilian.teaching.place";
const made = new Map<string, string>();

/** This device's own name for one person, made once and kept: after a reload it is the same listener. */
export function deviceId(personId: string): string {
  const known = made.get(personId);
  if (known) return known;
  const key = `yilian.teaching.device.${personId}`;
  let id = uuid();
  try {
    id = localStorage.getItem(key) ?? id;
    localStorage.setItem(key, id);
  } catch {
    // A browser that keeps nothing is another device after each reload.
  }
  made.set(personId, id);
  return id;
}

export type Place = "person" | "site";

/** Whether this was last the screen of many, or somebody's own; the room of a clinic does not change each week. */
export function lastPlace(): Place {
  try {
    return localStorage.getItem(placeKey) === "site" ? "site" : "person";
  } catch {
    return "person";
  }
}

export function keepPlace(place: Place): void {
  try {
    localStorage.setItem(placeKey, place);
  } catch {
    // Asked again the next time.
  }
}
