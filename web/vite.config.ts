import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { budget } from "./build/budget-plugin.ts";
import { messages } from "./build/messages-plugin.ts";
import { precompress } from "./build/precompress-plugin.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** One build of every page. Hashed assets, no inline script or style: the pages run under a strict CSP. */
export default defineConfig({
  root: here("."),
  base: "/",
  publicDir: here("./public"),
  resolve: {
    alias: {
      "@lingui/message-utils/compileMessage": here("./i18n/no-compiler.ts"),
      "use-sync-external-store/shim/index.js": here("./build/use-sync-external-store.ts"),
    },
  },
  plugins: [
    messages(),
    react(),
    budget([
      { page: "index.html", area: "patient", limitKilobytes: 100 },
      { page: "workbench/index.html", area: "workbench", limitKilobytes: 250 },
      { page: "sampling/index.html", area: "sampling", limitKilobytes: 120 },
      { page: "room/index.html", area: "room", limitKilobytes: 250 },
      { page: "verifier/index.html", area: "verifier", limitKilobytes: 100 },
      { page: "apps/index.html", area: "apps", limitKilobytes: 100 },
      { page: "escort/index.html", area: "escort", limitKilobytes: 100 },
      { page: "packet/index.html", area: "packet", limitKilobytes: 130 },
      { page: "teaching/index.html", area: "lecture", limitKilobytes: 120 },
    ]),
    precompress(),
  ],
  build: {
    outDir: here("./dist"),
    emptyOutDir: true,
    target: ["chrome109", "safari16", "firefox115"],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
    reportCompressedSize: false,
    rollupOptions: {
      output: {
        // What every page needs at once travels in one file: small ones compress badly.
        codeSplitting: {
          groups: [
            {
              name: "base",
              test: /[\\/]web[\\/](i18n[\\/](i18n|time)|api[\\/](client|query|session)|design[\\/](start|preferences|icons|components[\\/](icon|button|notice|problem|skeleton|status)))\.tsx?$/,
            },
          ],
        },
      },
      input: {
        patient: here("./index.html"),
        workbench: here("./workbench/index.html"),
        room: here("./room/index.html"),
        check: here("./check/index.html"),
        sampling: here("./sampling/index.html"),
        kiosk: here("./kiosk/index.html"),
        story: here("./story/index.html"),
        messages: here("./demo-messages/index.html"),
        verifier: here("./verifier/index.html"),
        apps: here("./apps/index.html"),
        escort: here("./escort/index.html"),
        packet: here("./packet/index.html"),
        teaching: here("./teaching/index.html"),
      },
    },
  },
});
