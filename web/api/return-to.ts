import { useEffect } from "react";

/** Where the doors are; nobody is sent back to one. */
const doors = { staff: "/workbench/sign-in", patient: "/" } as const;
const parameter = "to";

/**
 * The page of ours that asked for a sign-in, as a path; null for anything else: an address of another origin, of
 * another scheme, or a door again (OWASP, Unvalidated Redirects and Forwards).
 */
export function returnPath(asked: string | null, origin: string): string | null {
  if (!asked?.startsWith("/")) return null;
  let found: URL;
  try {
    // As a browser would read it: "//evil", "/\evil" and "/<tab>/evil" are other hosts.
    found = new URL(asked, origin);
  } catch {
    return null;
  }
  if (found.origin !== origin) return null;
  const path = found.pathname + found.search + found.hash;
  // What is left of "/.//evil" after reading it once.
  if (path.startsWith("//") || Object.values<string>(doors).includes(found.pathname)) return null;
  return path;
}

/** The door, which brings back to the page one is on. */
export function signInAddress(who: keyof typeof doors): string {
  const here = location.pathname + location.search + location.hash;
  return `${doors[who]}?${new URLSearchParams({ [parameter]: here })}`;
}

/** Once somebody is signed in at the door: back to the page that asked for it. @returns whether one is on the way */
export function useReturn(isSignedIn: boolean): boolean {
  const to = returnPath(new URLSearchParams(location.search).get(parameter), location.origin);
  const atDoor = Object.values<string>(doors).includes(location.pathname);
  const goes = isSignedIn && atDoor && to !== null;
  useEffect(() => {
    if (goes) location.replace(to);
  }, [goes, to]);
  return goes;
}
