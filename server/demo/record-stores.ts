/** Institutions of the demo that keep their records in a database of their own here. */
export const demoStores = ["sakya-chc", "xuhui-central"] as const;

/** Institutions that keep their records in another one's database: a store may host several. */
export const demoTenants = {
  "sakya-hospital": "sakya-chc",
  "zhabei-central": "xuhui-central",
} as const;
