import { useQuery, useQueryClient } from "@tanstack/react-query";
import type {
  CallBody,
  PacketAnswer,
  TransferDetail,
  TransferSummary,
} from "../../server/transfer/contract.ts";
import { api } from "../api/client.ts";
import { useWrite } from "../api/write.ts";

const everyMs = 15_000;
const keyOf = (id: string) => ["referral", "transfer", id];

export const useTransfers = (limit: number) =>
  useQuery<{ transfers: TransferSummary[]; total: number }>({
    queryKey: ["referral", "transfers", limit],
    placeholderData: (before) => before,
    queryFn: ({ signal }) => api.get(`/api/transfers?limit=${limit}`, signal),
    refetchInterval: everyMs,
  });

export const useTransfer = (id: string) =>
  useQuery({
    queryKey: keyOf(id),
    queryFn: ({ signal }) => api.get<TransferDetail>(`/api/transfers/${id}`, signal),
    refetchInterval: everyMs,
  });

function useChange<Variables>(
  id: string,
  write: (variables: Variables, key: string) => Promise<TransferDetail>,
  done?: () => void,
) {
  const client = useQueryClient();
  return useWrite(write, {
    onDone: (answer) => {
      client.setQueryData(keyOf(id), answer);
      void client.invalidateQueries({ queryKey: ["referral", "transfers"] });
      done?.();
    },
  });
}

export const useAct = (id: string, done?: () => void) =>
  useChange(
    id,
    (body: { action: string; version: number } & Record<string, unknown>, key) =>
      api.post<TransferDetail>(`/api/transfers/${id}/actions`, body, key),
    done,
  );
export const useCall = (id: string, done?: () => void) =>
  useChange(
    id,
    (body: CallBody, key) => api.post<TransferDetail>(`/api/transfers/${id}/calls`, body, key),
    done,
  );
export const useTick = (id: string) =>
  useChange(id, (body: { code: string; ready: boolean }, key) =>
    api.put<TransferDetail>(`/api/transfers/${id}/ready`, body, key),
  );
export function useLink(id: string) {
  const client = useQueryClient();
  return useWrite(
    (_: null, key) => api.post<{ url: string }>(`/api/transfers/${id}/link`, {}, key),
    { onDone: () => client.invalidateQueries({ queryKey: keyOf(id) }) },
  );
}
export function usePacket(id: string) {
  const client = useQueryClient();
  return useWrite((_: null) => api.post<PacketAnswer>(`/api/transfers/${id}/packet`), {
    onDone: () => client.invalidateQueries({ queryKey: keyOf(id) }),
  });
}
