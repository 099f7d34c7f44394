/** What React has itself since 18: the router's fallback for older ones stays out of every page's first load. */
export { useSyncExternalStore } from "react";
