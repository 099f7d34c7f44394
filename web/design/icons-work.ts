/** Icons of workbench and room, apart from those that the patient's phone fetches too. */
export const arrow = "M4 12h15M13 6l6 6-6 6";
export const close = "M5.500 5.500l13 13M18.500 5.500l-13 13";
export const search =
  "M10.500 17a6.500 6.500 0 1 0 0-13 6.500 6.500 0 0 0 0 13zM15.300 15.300L20.500 20.500";
export const microphone =
  "M12 14.500a3 3 0 0 0 3-3v-5a3 3 0 0 0-6 0v5a3 3 0 0 0 3 3zM6 11.500a6 6 0 0 0 12 0M12 17.500v3.500";
export const microphoneOff =
  "M9 9.500V6.500a3 3 0 0 1 6 0v5c0 .4-.1.8-.2 1.200M6 11.500a6 6 0 0 0 9 5.200M18 11.500c0 .8-.1 1.500-.4 2.200M12 17.500v3.500M4 4l16 16";
export const cameraOff = "M7 6.500h8v7.500M15 10.500l6-3.500v10l-4-2.300M3 6.500v11h12M4 4l16 16";
export const photo =
  "M4 7.500h3.500L9 5h6l1.500 2.500H20v12H4zM12 16.500a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7z";
export const pen = "M4 20l1-4.500L16.500 4 20 7.500 8.500 19zM14 6.500l3.500 3.500";
export const screen = "M3.500 5h17v11h-17zM8.500 20h7M12 16v4";
export const chat = "M4 5h16v11.500h-9L7 20v-3.500H4z";
export const qr =
  "M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h2.500v2.500H14zM18 18h2v2h-2zM14 19v1M19.500 14v1.500";
export const more = "M5.500 12h.01M12 12h.01M18.500 12h.01";
export const hangUp =
  "M3 14.500c5-5.500 13-5.500 18 0l-2.500 2.800-3.700-2v-2.400c-1.800-.6-3.800-.6-5.600 0v2.400l-3.700 2z";
export const line = "M4 19v-3M9 19v-6M14 19V9.500M19 19V5";
export const thinLine = "M4 19v-3M9 19v-6M14 19v-1M19 19v-1";
export const lock = "M5.500 10.500h13v10h-13zM8.500 10.500V7.500a3.500 3.500 0 0 1 7 0v3";
export const upload = "M12 16V4.500M7 9l5-5 5 5M4 16.500v4h16v-4";
export const plus = "M12 5v14M5 12h14";
export const shield =
  "M12 3.500l7.500 2.500v6c0 4.500-3 7-7.500 8.500-4.500-1.500-7.500-4-7.500-8.500V6zM8.500 12l2.500 2.500 4.500-5";
export const key =
  "M8 16.500a4 4 0 1 1 3.500-6h9v3.500h-2.500v2.500h-3.500V14h-3A4 4 0 0 1 8 16.500zM7.800 12.500h.01";
export const hand =
  "M8 13V6.500a1.500 1.500 0 0 1 3 0V12V4.500a1.500 1.500 0 0 1 3 0V12V6.500a1.500 1.500 0 0 1 3 0V15c0 4-2 6-5 6s-4-1.500-5.500-4L4 13.500c1-1.500 2.500-1.200 4 .8";
export const undo = "M9 5L4 10l5 5M4 10h10a5.500 5.500 0 0 1 0 11h-3";
export const send = "M4 4.500l17 7.500-17 7.500 2.500-7.500zM6.500 12H13";
export const minus = "M5 12h14";
export const pin = "M9 4h6l-1 6 3 3v2H7v-2l3-3zM12 15v6";
export const record = "M12 19a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6z";
export const slides = "M3.500 4h17v12h-17zM12 16v4M8 20h8M7.500 8h9M7.500 11.500h6";
export const ear =
  "M7 20.500a3.500 3.500 0 0 0 6-2.500c0-3.500 4.500-4.500 4.500-9a5.800 5.800 0 0 0-11.500 0M9 9.500a3 3 0 0 1 6 0c0 2-2.500 2.500-2.500 4.500";
export const poll = "M4 20.500V12h4v8.500zM10 20.500V5h4v15.500zM16 20.500V9h4v11.500zM3 20.500h18";
export const people =
  "M9 11a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7zM2.500 20c.5-3.800 3-5.800 6.500-5.800s6 2 6.500 5.800M15.500 4.300a3.500 3.500 0 0 1 0 6.500M18 14.700c2 .8 3.200 2.600 3.500 5.300";
export const download = "M12 4v11.500M7 11l5 5 5-5M4 16.500v4h16v-4";
export const play = "M7 4.500l12 7.500-12 7.500z";
export const pause = "M8 5v14M16 5v14";
export const eyeOff =
  "M2.500 12C4.500 8 8 6 12 6c1.500 0 2.900.3 4.100.8M21.500 12c-2 4-5.500 6-9.500 6-1.500 0-2.900-.3-4.100-.8M4 20L20 4";
