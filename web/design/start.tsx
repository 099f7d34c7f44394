import { QueryClientProvider } from "@tanstack/react-query";
import { type ReactNode, StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { createQueryClient } from "../api/query.ts";
import { type CatalogueLoaders, defineCatalogue } from "../i18n/i18n.ts";
import { PageGuard } from "./components/page-guard.tsx";
import { startPreferences } from "./preferences.ts";
import "./base.css";

/** Begins a page: its words, the reader's choices, the cache, then the first paint. */
export async function startPage(
  catalogue: CatalogueLoaders,
  page: ReactNode,
  { elder = false } = {},
): Promise<void> {
  defineCatalogue(catalogue);
  await startPreferences({ elder });
  const root = document.getElementById("page");
  if (!root) throw new Error("No #page");
  createRoot(root).render(
    <StrictMode>
      <PageGuard>
        <QueryClientProvider client={createQueryClient()}>{page}</QueryClientProvider>
      </PageGuard>
    </StrictMode>,
  );
  // After the first paint: keeps the page itself for a reload without a line (not on plain HTTP).
  if ("serviceWorker" in navigator) navigator.serviceWorker.register("/sw.js").catch(() => {});
}
