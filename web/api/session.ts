import { useQuery } from "@tanstack/react-query";
import type { SessionView } from "../../server/identity/contract.ts";
import { api, setCsrfToken } from "./client.ts";

export type StaffView = Extract<SessionView, { kind: "staff" }>;
export type PatientView = Extract<SessionView, { kind: "patient" }>;
export type GuestView = Extract<SessionView, { kind: "guest" }>;

export const sessionKey = ["session"] as const;
/** The number that signed in on this page, as typed; gone with the page and at sign-out. */
export const signedInPhoneKey = ["my", "phone"] as const;

export async function readSession(signal?: AbortSignal): Promise<SessionView> {
  const session = await api.get<SessionView>("/api/session", signal);
  setCsrfToken("csrfToken" in session ? session.csrfToken : "");
  return session;
}

/** Who is signed in here. */
export function useSession() {
  return useQuery({
    queryKey: sessionKey,
    queryFn: ({ signal }) => readSession(signal),
    staleTime: 60_000,
  });
}
