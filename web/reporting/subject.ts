import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useSearchParams } from "wouter";
import type { ConsultDetail } from "../../server/consult/contract.ts";
import { api } from "../api/client.ts";
import type { Subject } from "../workbench/patient-search.tsx";

/**
 * The person a form is about: the consult's that the address names, else whoever is picked. What the
 * consult knows is not typed again.
 */
export function useSubject() {
  const [params] = useSearchParams();
  const consultId = params.get("consult");
  const consult = useQuery({
    queryKey: ["consult", consultId],
    queryFn: ({ signal }) => api.get<ConsultDetail>(`/api/consults/${consultId}`, signal),
    enabled: consultId !== null,
  });
  const [picked, setPicked] = useState<Subject | null>(null);
  return { consultId, consult, subject: consult.data?.patient ?? picked, pick: setPicked };
}
