/** Institutions of the demo that keep their records in a database of their own here. */
export const demoStores = ["sakya-chc", "xuhui-central"] as const;
