import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import type { Plugin } from "vite";

const text = /\.(js|css|html|svg|json|webmanifest)$/;
/** Below this a packet is a packet. */
const LEAST_BYTES = 1024;
/** 11 packs a few per cent better and takes ten times as long. */
const BROTLI_QUALITY = 9;

/** Packs each file of the pages once, when it is built, so that the server needs not pack it for every reader. */
export function precompress(): Plugin {
  let outDir = "";
  return {
    name: "yilian-precompress",
    apply: "build",
    configResolved(config) {
      outDir = config.build.outDir;
    },
    writeBundle(_options, bundle) {
      for (const name of Object.keys(bundle).filter((one) => text.test(one))) {
        const path = join(outDir, name);
        const plain = readFileSync(path);
        if (plain.length < LEAST_BYTES) continue;
        const params = {
          [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY,
          [constants.BROTLI_PARAM_SIZE_HINT]: plain.length,
        };
        writeFileSync(`${path}.br`, brotliCompressSync(plain, { params }));
        writeFileSync(`${path}.gz`, gzipSync(plain, { level: 9 }));
      }
    },
  };
}
