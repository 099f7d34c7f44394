import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Plugin } from "vite";

/** `area` names the catalogue that the page loads before it can be used. */
type Budget = { page: string; area: string; limitKilobytes: number };

/** A catalogue is loaded lazily, one language of it, but before the page can be used. */
const isCatalogue = (moduleId: string | null, area: string) =>
  moduleId?.includes(`virtual:messages/${area}/`) ?? false;

/**
 * Fails the build when a page's first load of JavaScript is heavier than promised. Counted, gzipped:
 * the entry, everything it imports statically, and the heaviest language's catalogue of the page.
 */
export function budget(budgets: Budget[]): Plugin {
  let outDir = "";
  return {
    name: "yilian-budget",
    apply: "build",
    configResolved(config) {
      outDir = config.build.outDir;
    },
    writeBundle(_options, bundle) {
      const lines: string[] = [];
      const over: string[] = [];
      for (const { page, area, limitKilobytes } of budgets) {
        const entry = Object.values(bundle).find(
          (chunk) =>
            chunk.type === "chunk" &&
            chunk.isEntry &&
            chunk.facadeModuleId?.endsWith(`web/${page}`),
        );
        if (entry?.type !== "chunk") throw new Error(`No entry for ${page}`);
        const seen = new Set<string>();
        const catalogues: number[] = [0];
        const walk = (fileName: string) => {
          if (seen.has(fileName)) return;
          seen.add(fileName);
          const chunk = bundle[fileName];
          if (chunk?.type !== "chunk") return;
          for (const next of chunk.imports) walk(next);
          for (const next of chunk.dynamicImports) {
            const lazy = bundle[next];
            if (lazy?.type === "chunk" && isCatalogue(lazy.facadeModuleId, area)) {
              catalogues.push(size(next));
            }
          }
        };
        const size = (fileName: string) => gzipSync(readFileSync(join(outDir, fileName))).length;
        walk(entry.fileName);
        const bytes =
          [...seen].reduce((sum, fileName) => sum + size(fileName), 0) + Math.max(...catalogues);
        const kilobytes = Math.round(bytes / 100) / 10;
        lines.push(`${page}: ${kilobytes} kB of ${limitKilobytes} kB (gzip, first load)`);
        if (kilobytes > limitKilobytes) over.push(lines.at(-1)!);
      }
      writeFileSync(join(outDir, "budget.txt"), `${lines.join("\n")}\n`);
      this.info(lines.join("; "));
      if (over.length > 0) this.error(`First load over budget: ${over.join("; ")}`);
    },
  };
}
