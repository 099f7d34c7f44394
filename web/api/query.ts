import { onlineManager, QueryClient } from "@tanstack/react-query";
import { ApiError } from "./client.ts";

/** Reads again when the line or the window comes back; a refusal is not asked for twice. */
export function createQueryClient(): QueryClient {
  // A page that was opened without a line is to notice when there is one.
  onlineManager.setOnline(navigator.onLine);
  return new QueryClient({
    defaultOptions: {
      queries: {
        networkMode: "always",
        staleTime: 15_000,
        refetchOnReconnect: true,
        retry: (failures, error) =>
          failures < 2 && !(error instanceof ApiError && error.status >= 400 && error.status < 500),
        retryDelay: (failures) => Math.min(1000 * 2 ** failures, 8000),
      },
      mutations: { networkMode: "always" },
    },
  });
}
