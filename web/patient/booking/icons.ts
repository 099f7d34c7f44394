/** Icons of the booking pages, in the manner of `design/icons.ts`. */
export const pin =
  "M12 21c-4.500-5-6.500-8.200-6.500-11a6.500 6.500 0 0 1 13 0c0 2.800-2 6-6.500 11zM12 12.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5z";
export const bell = "M6 16.500V11a6 6 0 0 1 12 0v5.500l1.500 2h-15zM10 21h4";
export const plus = "M12 5v14M5 12h14";
