import { useQuery, useQueryClient } from "@tanstack/react-query";
import type {
  ImportAnswer,
  ImportPreview,
  Plate,
  PlateLine,
  RecallList,
  RecallView,
  ReceiveAnswer,
  Reception,
  ReleaseAnswer,
  ResultsWork,
  TubeAnswer,
} from "../../server/lab/contract.ts";
import type { RecallOutcome, RejectingProblem } from "../../server/lab/domain.ts";
import type { LabResultKind } from "../../server/sampling/domain.ts";
import { api } from "../api/client.ts";
import { useWrite } from "../api/write.ts";

const refetchInterval = 60_000;

export const useReception = () =>
  useQuery({
    queryKey: ["lab", "reception"],
    queryFn: ({ signal }) => api.get<Reception>("/api/lab/reception", signal),
    refetchInterval,
  });
export const useResults = () =>
  useQuery({
    queryKey: ["lab", "results"],
    queryFn: ({ signal }) => api.get<ResultsWork>("/api/lab/results", signal),
    refetchInterval,
  });
export const usePlate = (id: string) =>
  useQuery({
    queryKey: ["lab", "plate", id],
    queryFn: ({ signal }) => api.get<Plate>(`/api/lab/plates/${id}`, signal),
  });
export const useTube = (code: string) =>
  useQuery({
    queryKey: ["lab", "tube", code],
    queryFn: ({ signal }) =>
      api.get<TubeAnswer>(`/api/lab/tubes?code=${encodeURIComponent(code)}`, signal),
    enabled: code !== "",
    retry: false,
  });
export const useRecalls = (scope: "open" | "done") =>
  useQuery({
    queryKey: ["recall", scope],
    queryFn: ({ signal }) => api.get<RecallList>(`/api/recalls?scope=${scope}`, signal),
    refetchInterval,
  });

/** Whatever the laboratory does: afterwards its pages are read again. */
function useLabWrite<Variables, Answer>(
  write: (variables: Variables, key: string) => Promise<Answer>,
  onDone?: (answer: Answer, variables: Variables) => void,
) {
  const client = useQueryClient();
  return useWrite(write, {
    onDone: (answer: Answer, variables: Variables) => {
      onDone?.(answer, variables);
      void client.invalidateQueries({ queryKey: ["lab"] });
    },
  });
}

export const useSign = () =>
  useLabWrite(({ id, count }: { id: string; count: number }, key) =>
    api.post<{ ok: true }>(`/api/lab/runs/${id}/sign`, { count }, key),
  );
export const useClose = (onDone: (answer: { missing: string[] }) => void) =>
  useLabWrite(
    (id: string, key) => api.post<{ missing: string[] }>(`/api/lab/runs/${id}/close`, {}, key),
    onDone,
  );
export type Receive = {
  runId: string | null;
  code: string;
  problem: RejectingProblem | null;
  note: string;
  acceptLate?: boolean;
};
export const useReceive = (onDone: (answer: ReceiveAnswer) => void) =>
  useLabWrite(
    (body: Receive, key) => api.post<ReceiveAnswer>("/api/lab/tubes/receive", body, key),
    onDone,
  );
export const useLost = () =>
  useLabWrite((body: { code: string; note: string }, key) =>
    api.post<{ recalled: number }>("/api/lab/tubes/lost", body, key),
  );

export const useOpenPlate = (onDone: (plate: PlateLine) => void) =>
  useLabWrite((code: string, key) => api.post<PlateLine>("/api/lab/plates", { code }, key), onDone);
/** A step on a plate answers with the whole plate: it is shown at once. */
function usePlateWrite<Variables>(
  id: string,
  write: (variables: Variables, key: string) => Promise<Plate>,
  onDone?: () => void,
) {
  const client = useQueryClient();
  return useWrite(write, {
    onDone: (plate: Plate) => {
      client.setQueryData(["lab", "plate", id], plate);
      void client.invalidateQueries({ queryKey: ["lab", "results"] });
      onDone?.();
    },
  });
}
export const useLoad = (id: string, onDone?: () => void) =>
  usePlateWrite(
    id,
    (body: { code: string } | { next: number }, key) =>
      api.post<Plate>(`/api/lab/plates/${id}/tubes`, body, key),
    onDone,
  );
export type Reading = {
  findingId: string;
  version: number;
  result: LabResultKind;
  ctOrf?: number | null;
  ctN?: number | null;
  reason?: string | null;
};
export const useRead = (id: string) =>
  usePlateWrite(id, (body: { readings: Reading[]; restNegative?: boolean }, key) =>
    api.post<Plate>(`/api/lab/plates/${id}/readings`, body, key),
  );
export const useConfirm = (id: string) =>
  usePlateWrite(id, ({ findingId, version }: { findingId: string; version: number }, key) =>
    api.post<Plate>(`/api/lab/findings/${findingId}/confirm`, { version }, key),
  );
export const useWithdraw = (id: string) =>
  usePlateWrite(
    id,
    ({ findingId, ...body }: { findingId: string; version: number; reason: string }, key) =>
      api.post<Plate>(`/api/lab/findings/${findingId}/withdraw`, body, key),
  );
export const useRelease = (id: string, onDone: (answer: ReleaseAnswer) => void) =>
  useLabWrite(
    (_: null, key) => api.post<ReleaseAnswer>(`/api/lab/plates/${id}/release`, {}, key),
    onDone,
  );
export const useCorrect = (onDone: (plate: Plate) => void) =>
  useLabWrite(
    ({ code, ...body }: { code: string; result: LabResultKind; reason: string }, key) =>
      api.post<Plate>(`/api/lab/tubes/${code}/correct`, body, key),
    onDone,
  );

export type ResultFile = { fileName: string; content: string };
export const usePreview = () =>
  useWrite((file: ResultFile, key) =>
    api.post<ImportPreview>("/api/lab/imports/preview", file, key),
  );
export const useTake = (onDone: (answer: ImportAnswer) => void) =>
  useLabWrite(
    (file: ResultFile, key) => api.post<ImportAnswer>("/api/lab/imports", file, key),
    onDone,
  );

/** A step on a recall: afterwards the list is read again. */
function useRecallWrite<Variables, Answer>(
  write: (variables: Variables, key: string) => Promise<Answer>,
  onDone?: (answer: Answer) => void,
) {
  const client = useQueryClient();
  return useWrite(write, {
    onDone: (answer: Answer) => {
      onDone?.(answer);
      void client.invalidateQueries({ queryKey: ["recall"] });
    },
  });
}
export const useTakeRecall = () =>
  useRecallWrite(({ id, version }: { id: string; version: number }, key) =>
    api.post<RecallView>(`/api/recalls/${id}/take`, { version }, key),
  );
export const useRecordCall = () =>
  useRecallWrite(({ id, ...body }: { id: string; version: number; outcome: RecallOutcome }, key) =>
    api.post<RecallView>(`/api/recalls/${id}/calls`, body, key),
  );
export type Exposure = { siteId: string | null; from: string; to: string; note: string };
export const useExposurePreview = () =>
  useWrite((body: Exposure, key) =>
    api.post<{ people: number; already: number }>("/api/recalls/exposure/preview", body, key),
  );
export const useExposure = (onDone: (answer: { people: number }) => void) =>
  useRecallWrite(
    (body: Exposure, key) =>
      api.post<{ people: number; already: number }>("/api/recalls/exposure", body, key),
    onDone,
  );
