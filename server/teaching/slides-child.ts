/**
 * The process that opens a stranger's PDF: pdfium as WebAssembly, alone, without environment, files or network beyond
 * its own code (node --permission). `slides-render.ts` starts one a deck, gives it the bytes on standard input and
 * reads frames from standard output: four bytes of length, JSON, and so many bytes of pixels as the JSON says.
 */
import { once } from "node:events";
import { writeSync } from "node:fs";
import { PDFiumLibrary } from "@hyzyla/pdfium";

const [maximumPages, pixels] = process.argv.slice(2).map(Number) as [number, number];

async function send(frame: object, data: Uint8Array = new Uint8Array()): Promise<void> {
  const json = Buffer.from(JSON.stringify({ ...frame, bytes: data.byteLength }));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(json.length);
  process.stdout.write(Buffer.concat([length, json]));
  if (!process.stdout.write(data)) await once(process.stdout, "drain");
}

/** Ends with a reason that the parent tells; everything else that goes wrong is "broken". */
function refuse(reason: string): never {
  const json = Buffer.from(JSON.stringify({ refused: reason, bytes: 0 }));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(json.length);
  writeSync(1, Buffer.concat([length, json]));
  process.exit(0);
}

const reasonOf = (error: unknown) =>
  error instanceof Error && /password|security|encrypt/i.test(error.message)
    ? "encrypted"
    : "broken";

const chunks: Buffer[] = [];
for await (const chunk of process.stdin as AsyncIterable<Buffer>) chunks.push(chunk);
const library = await PDFiumLibrary.init();
const deck = await library
  .loadDocument(Buffer.concat(chunks))
  .catch((error: unknown) => refuse(reasonOf(error)));
const count = deck.getPageCount();
if (count < 1) refuse("empty");
if (count > maximumPages) refuse("pages");
await send({ pages: count });
for (let index = 0; index < count; index += 1) {
  try {
    const page = deck.getPage(index);
    // Before it is drawn: drawing lets go of what the text is read from.
    const text = page.getText();
    const { originalWidth, originalHeight } = page.getOriginalSize();
    const most = Math.max(originalWidth, originalHeight, 1);
    const size = (one: number) => Math.max(1, Math.round((one * pixels) / most));
    const drawn = await page.render({
      width: size(originalWidth),
      height: size(originalHeight),
      // Forms may hold scripts; slides need none.
      renderFormFields: false,
      transparent: false,
    });
    await send({ page: index + 1, width: drawn.width, height: drawn.height, text }, drawn.data);
  } catch {
    refuse("broken");
  }
}
await send({ done: true });
