import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { importAnswer, importDetail, importList } from "../../server/fhir/bulk/contract.ts";
import type {
  connectionResult,
  faultList,
  keyAnswer,
  outsideAnswer,
  outsideBody,
  outsideList,
} from "../../server/records/connection-contract.ts";
import type { storeList } from "../../server/records/record-contract.ts";
import type { smartClients } from "../../server/smart/contract.ts";
import { ApiError, api, writeHeaders } from "../api/client.ts";
import { useWrite } from "../api/write.ts";

export type Imports = (typeof importList)["_output"];
export type Import = Imports["imports"][number];
export type ImportDetail = (typeof importDetail)["_output"];
type ImportAnswer = (typeof importAnswer)["_output"];
export type Systems = (typeof smartClients)["_output"];
export type Stores = (typeof storeList)["_output"];
export type OutsideList = (typeof outsideList)["_output"];
export type OutsideServer = OutsideList["servers"][number];
export type OutsideBody = (typeof outsideBody)["_input"];
export type TestResult = (typeof connectionResult)["_output"];
export type SourceFaults = (typeof faultList)["_output"]["faults"];
type OutsideAnswer = (typeof outsideAnswer)["_output"];

const openStates: readonly Import["state"][] = ["receiving", "waiting", "running"];
export const isOpen = ({ state }: Import) => openStates.includes(state);

/** Asked often while something is taken in, seldom otherwise. */
export const useImports = () =>
  useQuery({
    queryKey: ["connections", "imports"],
    queryFn: ({ signal }) => api.get<Imports>("/api/record-imports", signal),
    refetchInterval: (query) => (query.state.data?.imports.some(isOpen) ? 1500 : 60_000),
  });
export const useImport = (id: string, isRunning: boolean) =>
  useQuery({
    queryKey: ["connections", "imports", id, isRunning],
    queryFn: ({ signal }) => api.get<ImportDetail>(`/api/record-imports/${id}`, signal),
  });
export const useSystems = () =>
  useQuery({
    queryKey: ["connections", "systems"],
    queryFn: ({ signal }) => api.get<Systems>("/api/smart/clients", signal),
  });
export const useStores = () =>
  useQuery({
    queryKey: ["connections", "stores"],
    queryFn: ({ signal }) => api.get<Stores>("/api/record-stores", signal),
    refetchInterval: 60_000,
  });

export const useOutside = () =>
  useQuery({
    queryKey: ["connections", "outside"],
    queryFn: ({ signal }) => api.get<OutsideList>("/api/connections", signal),
    refetchInterval: 60_000,
  });
export const useSourceFaults = () =>
  useQuery({
    queryKey: ["connections", "faults"],
    queryFn: ({ signal }) =>
      api.get<(typeof faultList)["_output"]>("/api/connections/faults", signal),
    refetchInterval: 60_000,
  });

/** Whatever is changed here: afterwards the page is read again. */
function useChange<Variables, Answer>(
  write: (variables: Variables, key: string) => Promise<Answer>,
  onDone?: (answer: Answer) => void,
) {
  const client = useQueryClient();
  return useWrite(write, {
    onDone: (answer) => {
      onDone?.(answer);
      // Not waited for: a store that was just paused keeps its imports to itself.
      void client.invalidateQueries({ queryKey: ["connections"] });
    },
  });
}

export const usePause = () =>
  useChange(({ code, ...body }: { code: string; paused: boolean; reason?: string }, key) =>
    api.post(`/api/record-stores/${code}/paused`, body, key),
  );
export const useRegister = (onDone: () => void) =>
  useChange(
    (
      body: {
        name: string;
        kind: Systems["clients"][number]["kind"];
        scopes: string[];
        redirectUris: string[];
        jwks?: unknown;
      },
      key,
    ) => api.post("/api/smart/clients", body, key),
    onDone,
  );
export const useEndSystem = () =>
  useChange((id: string, key) => api.post(`/api/smart/clients/${id}/end`, {}, key));
/** A connection is saved after it was tried: with an id and a version it is changed. */
export const useSaveOutside = (onDone: () => void) =>
  useChange(
    ({ id, version, ...body }: OutsideBody & { id?: string; version?: number }, key) =>
      id === undefined
        ? api.post<OutsideAnswer>("/api/connections", body, key)
        : api.put<OutsideAnswer>(`/api/connections/${id}`, { ...body, version }, key),
    onDone,
  );
export const useTestOutside = () =>
  useChange((id: string, key) => api.post<OutsideAnswer>(`/api/connections/${id}/test`, {}, key));
export const usePauseOutside = () =>
  useChange(({ id, ...body }: { id: string; paused: boolean; reason?: string }, key) =>
    api.post<OutsideAnswer>(`/api/connections/${id}/paused`, body, key),
  );
export const useRemoveOutside = () =>
  useChange(({ id, version }: { id: string; version: number }, key) =>
    api.post(`/api/connections/${id}/remove`, { version }, key),
  );
export const useMakeKey = () =>
  useChange((_: null, key) =>
    api.post<(typeof keyAnswer)["_output"]>("/api/connections/key", {}, key),
  );
export const useCancelImport = () =>
  useChange((id: string, key) => api.post(`/api/record-imports/${id}/cancel`, {}, key));

const partBytes = 2 * 1024 * 1024;
const lineTries = 5;

/**
 * Sends a file in parts. The server says what it has after each, so that a part whose answer was lost is
 * neither missing nor there twice.
 */
export function useSendFile(onPart: (percent: number) => void) {
  return useChange(async (file: File, key) => {
    const begun = await api.post<ImportAnswer>(
      "/api/record-imports",
      { name: file.name.slice(0, 200), sizeBytes: file.size },
      key,
    );
    let found = begun.import;
    let failures = 0;
    while (found.state === "receiving" && found.received < file.size) {
      try {
        found = await sendPart(found.id, file, found.received);
        failures = 0;
      } catch (error) {
        failures += 1;
        if (!(error instanceof ApiError && error.isLine) || failures >= lineTries) throw error;
        await new Promise((resolve) => setTimeout(resolve, 1000 * failures));
      }
      onPart(Math.floor((found.received / file.size) * 100));
    }
    return found;
  });
}

async function sendPart(id: string, file: File, offset: number): Promise<Import> {
  const response = await fetch(`/api/record-imports/${id}/content?offset=${offset}`, {
    method: "PUT",
    headers: { ...writeHeaders(), "content-type": "application/octet-stream" },
    credentials: "same-origin",
    body: file.slice(offset, offset + partBytes),
  }).catch(() => null);
  const body = response ? await response.json().catch(() => null) : null;
  if (!response?.ok)
    throw new ApiError({
      code: body?.code ?? "page.no-line",
      title: body?.title ?? "",
      detail: body?.detail ?? "",
      status: response?.status ?? 0,
    });
  return (body as ImportAnswer).import;
}
