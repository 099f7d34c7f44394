import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { PatientView } from "../../server/patients/contract.ts";
import { api } from "../api/client.ts";

/** Long enough that a name is typed in one go. */
const pauseMs = 300;

/** Patients of the own institution by name, ID or phone, asked for when the typing pauses. */
export function usePatientSearch() {
  const [typed, setTyped] = useState("");
  const [asked, setAsked] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setAsked(typed.trim()), pauseMs);
    return () => clearTimeout(timer);
  }, [typed]);
  const found = useQuery({
    queryKey: ["patient", "search", asked],
    queryFn: ({ signal }) =>
      api.get<{ patients: PatientView[] }>(`/api/patients?q=${encodeURIComponent(asked)}`, signal),
    enabled: asked !== "",
  });
  return { typed, setTyped, asked, found };
}
