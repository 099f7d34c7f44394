/** Own line icons on a 24 grid, 1.75 wide, as path data; drawn by `Icon`. Each goes with a word. */
export const home = "M4 11l8-7 8 7v9h-5.5v-6h-5v6H4z";
export const file = "M6 3.5h8l4 4v13H6zM14 3.5v4h4M9 12.5h6M9 16.5h6";
export const calendar = "M4 6h16v14.500H4zM4 10.500h16M8.500 3.500V8M15.500 3.500V8";
export const person =
  "M12 11.5a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20.5c.6-4 3.6-6 7.5-6s6.900 2 7.5 6";
export const thermometer =
  "M10 14.200V5.500a2 2 0 0 1 4 0v8.700a4.200 4.200 0 1 1-4 0zM12 10v7.500";
export const right = "M9 5l7 7-7 7";
export const testTube = "M9 3.500h6M10 3.500v14a2 2 0 0 0 4 0v-14M10 11h4";
/** A signpost: which way to go. */
export const compass = "M12 21V3.500M12 5h7l2 2.500-2 2.500h-7M12 11H5.500L3.500 13.500l2 2.500H12";
export const left = "M15 5l-7 7 7 7";
export const clock =
  "M12 20.500a8.500 8.500 0 1 0 0-17 8.500 8.500 0 0 0 0 17zM12 7.500V12l3 2.500";
export const check = "M4.500 12.500l5 5 10-11";
export const warning = "M12 4L2.800 20h18.400zM12 10v4.500M12 17.200v.3";
export const info =
  "M12 20.500a8.500 8.500 0 1 0 0-17 8.500 8.500 0 0 0 0 17zM12 11v5.500M12 7.700v.3";
export const phone =
  "M5 4h4l1.500 4.500-2.300 1.700c1 2.300 2.800 4.200 5.200 5.400l1.800-2.300L20 15v4c0 .8-.6 1.300-1.400 1.200C11.300 19.600 4.500 12.800 3.800 5.400 3.700 4.600 4.200 4 5 4z";
export const speaker =
  "M4 9.500v5h3.500L12 18.500v-13L7.500 9.500zM15.500 9a4.200 4.200 0 0 1 0 6M18 6.500a8 8 0 0 1 0 11";
export const camera = "M3 6.500h12v11H3zM15 10.500l6-3.500v10l-6-3.500z";
export const offline = "M4 19v-3M9 19v-4M3.500 4l17 17M14 19v-1M19 15V5M14 9.500V10";
export const eye =
  "M2.500 12C4.500 8 8 6 12 6s7.500 2 9.500 6c-2 4-5.500 6-9.500 6s-7.500-2-9.500-6zM12 14.800a2.800 2.800 0 1 0 0-5.600 2.800 2.800 0 0 0 0 5.600z";
export const print = "M7 8.500V4h10v4.500M7 17.500H4v-9h16v9h-3M7 14h10v6.500H7z";
export const retry = "M19.500 12a7.500 7.500 0 1 1-2.200-5.300L20 9.300M20 4.500v4.800h-4.800";
export const exit = "M14 4H5v16h9M10 12h10.500M16.500 8l4 4-4 4";
