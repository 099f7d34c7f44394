import { ask, inParallel, seeded } from "./client.ts";
import type { World } from "./world.ts";

export type Findings = { tubes: number; negative: number; other: number };

/** Results as they come: files of an instrument, a second person for what is not negative, release. */
export async function runLaboratory(options: {
  world: World;
  url: string;
  seed: number;
  log: (line: string) => void;
}): Promise<Findings> {
  const { world, url, log } = options;
  const [first, second] = world.analysts.map((one) => one.client);
  const random = seeded(options.seed);
  const tubes = await world.admin<{ code: string }[]>`
    select code from tube where state = 'received' order by received_at, code`;
  const findings: Findings = { tubes: tubes.length, negative: 0, other: 0 };
  for (let from = 0; from < tubes.length; from += 1_000) {
    const part = tubes.slice(from, from + 1_000);
    const lines = part.map(({ code }, index) => {
      const draw = random();
      const found =
        draw < 0.003 || (from === 0 && index === 0)
          ? "positive"
          : draw < 0.005
            ? "grey-zone"
            : draw < 0.006
              ? "single-target"
              : draw < 0.007
                ? "rejected"
                : "negative";
      if (found === "negative") findings.negative += 1;
      else findings.other += 1;
      return `${code},${found},${found === "rejected" ? "漏液" : ""}`;
    });
    const content = Buffer.from(`tube,result,reason\n${lines.join("\n")}\n`).toString("base64");
    const taken = await ask<{ plateId: string; taken: number; refused: unknown[] }>(
      url,
      first!,
      "POST",
      "/api/lab/imports",
      { fileName: `evening-${from}.csv`, content },
    );
    if (taken.taken !== part.length)
      throw new Error(`the laboratory refused ${JSON.stringify(taken.refused).slice(0, 300)}`);
    const rows = await world.admin<{ id: string; version: number }[]>`
      select id, version from lab_finding where plate_id = ${taken.plateId} and result not in ('negative', 'rejected')`;
    await inParallel(rows, 1, async (row) => {
      await ask(url, second!, "POST", `/api/lab/findings/${row.id}/confirm`, {
        version: row.version,
      });
    });
    await ask(url, first!, "POST", `/api/lab/plates/${taken.plateId}/release`, {});
    log(`laboratory: ${from + part.length} of ${tubes.length} tubes`);
  }
  return findings;
}
