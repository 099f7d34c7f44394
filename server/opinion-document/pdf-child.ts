/**
 * The process that typesets: it alone loads the compiler and the fonts (about
 * 90 MB), is started by `pdf.ts` when an opinion is printed and ends when idle.
 * It gets no environment, so no secrets, and reads no network.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { NodeCompiler } from "@myriaddreamin/typst-ts-node-compiler";

export type PdfTemplate = "opinion" | "summary" | "certificate";
export interface PdfRequest {
  readonly id: number;
  readonly template: PdfTemplate;
  /** JSON of the template's data. */
  readonly data: string;
  /** Seconds since 1970, written as the PDF's date: the same opinion gives the same bytes. */
  readonly timestamp: number;
}
export type PdfAnswer =
  | { readonly id: number; readonly pdf: Uint8Array }
  | { readonly id: number; readonly error: string };

const { resolve } = createRequire(import.meta.url);
const folderOf = (file: string) => dirname(resolve(file));
const tibetan = (weight: string) =>
  folderOf(`@expo-google-fonts/noto-serif-tibetan/${weight}/index.js`);

const compiler = NodeCompiler.create({
  workspace: import.meta.dirname,
  fontArgs: [
    {
      fontPaths: [
        join(folderOf("@embedpdf/fonts-sc"), "..", "fonts"),
        tibetan("400Regular"),
        tibetan("700Bold"),
      ],
    },
  ],
});
const templateOf = (name: PdfTemplate) =>
  readFileSync(join(import.meta.dirname, `${name}.typ`), "utf8");
const templates: Readonly<Record<PdfTemplate, string>> = {
  opinion: templateOf("opinion"),
  summary: templateOf("summary"),
  certificate: templateOf("certificate"),
};

/**
 * PDF/A-2b, because both sides archive for 15 years and more. It forbids a character
 * that no font can draw: a rare name must not stop an opinion, so it is then printed
 * as plain PDF with an empty box in that place.
 */
function typeset(template: PdfTemplate, data: string, creationTimestamp: number): Buffer {
  const source = { mainFileContent: templates[template], inputs: { data } };
  try {
    return compiler.pdf(source, { pdfStandard: "a-2b", creationTimestamp });
  } catch (error) {
    if (!String(error).includes("could not be displayed")) throw error;
    return compiler.pdf(source, { pdfStandard: "1.7", creationTimestamp });
  }
}

function render({ id, template, data, timestamp }: PdfRequest): PdfAnswer {
  try {
    return { id, pdf: new Uint8Array(typeset(template, data, timestamp)) };
  } catch (error) {
    return { id, error: String(error) };
  } finally {
    compiler.evictCache(10);
  }
}

process.on("message", (request: PdfRequest) => process.send?.(render(request)));
process.on("disconnect", () => process.exit(0));
