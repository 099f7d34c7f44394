/** What a person sees when everything is up. */
import { renderUnicodeCompact } from "uqr";
import { z } from "zod";
import { ask } from "./health.ts";

const accountsAnswer = z.object({
  accounts: z.array(
    z.object({
      loginName: z.string().nullable(),
      phone: z.string().nullable(),
      name: z.string(),
      role: z.string(),
      institution: z.string().nullable(),
    }),
  ),
});

type Account = z.infer<typeof accountsAnswer>["accounts"][number];

export type GreetingInput = {
  /** As people open it. */
  readonly publicUrl: string;
  /** As this machine reaches the server. */
  readonly localUrl: string;
  readonly isLan: boolean;
  readonly demo: boolean;
  readonly notes: readonly string[];
};

export async function greet(input: GreetingInput): Promise<string> {
  const lines = ["", `  医联 Yilian is ready:  ${input.publicUrl}`, ""];
  if (input.isLan) {
    lines.push(
      ...renderUnicodeCompact(input.publicUrl, { border: 2 })
        .split("\n")
        .map((line) => `  ${line}`),
      "  Scan it with a phone in the same network. The certificate is this machine's own:",
      "  the browser warns once; go on to the page.",
      "",
    );
  }
  if (input.demo) lines.push(...accountLines(await demoAccounts(input.localUrl)), "");
  for (const note of input.notes) lines.push(`  ${note}`);
  lines.push("  Ctrl-C stops everything.", "");
  return lines.join("\n");
}

async function demoAccounts(localUrl: string): Promise<readonly Account[]> {
  const answer = await ask(`${localUrl}/api/demo/accounts`);
  if (answer?.status !== 200) return [];
  const parsed = accountsAnswer.safeParse(JSON.parse(answer.body));
  return parsed.success ? parsed.data.accounts : [];
}

function accountLines(accounts: readonly Account[]): string[] {
  if (accounts.length === 0) return ["  No demo accounts: the database holds data of its own."];
  const rows = accounts.map((account) => [
    account.loginName ?? account.phone ?? "",
    account.name,
    account.role,
    account.institution ?? "",
  ]);
  const widths = [0, 1, 2].map((column) =>
    Math.max(...rows.map((row) => displayWidth(row[column] ?? ""))),
  );
  return [
    "  Demo accounts (invented people; one click on the sign-in page):",
    ...rows.map((row) => `    ${row.map((cell, column) => pad(cell, widths[column])).join("  ")}`),
  ];
}

function pad(text: string, width: number | undefined): string {
  return width === undefined ? text : text + " ".repeat(width - displayWidth(text));
}

/** In terminal cells: Chinese takes two, Tibetan vowel signs none. */
function displayWidth(text: string): number {
  let width = 0;
  for (const letter of text) {
    if (/\p{Mark}/u.test(letter)) continue;
    width +=
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60]/.test(
        letter,
      )
        ? 2
        : 1;
  }
  return width;
}
