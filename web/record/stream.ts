import type { RecordEvent } from "../../server/records/record-contract.ts";
import { readLines } from "../api/lines.ts";

/**
 * Reads a federated record line by line, as its sources answer.
 * @param emergency the reason, when consent is passed over
 * @throws ApiError
 */
export function readRecord(
  patientId: string,
  options: { source?: string | undefined; emergency: string | null; signal: AbortSignal },
  onEvent: (event: RecordEvent) => void,
): Promise<void> {
  const { source, emergency, signal } = options;
  const path = `/api/patients/${patientId}/record`;
  if (emergency !== null)
    return readLines(
      `${path}/emergency`,
      { signal, body: { reason: emergency, ...(source ? { source } : {}) } },
      onEvent,
    );
  const query = source ? `?source=${encodeURIComponent(source)}` : "";
  return readLines(path + query, { signal }, onEvent);
}
