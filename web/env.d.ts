/// <reference types="vite/client" />

declare module "virtual:messages/*" {
  const messages: import("@lingui/core").Messages;
  export default messages;
}

/** The same, without what a lecture's stream does not have: subtitles, several sounds, encryption. */
declare module "hls.js/light" {
  export { default } from "hls.js";
}
