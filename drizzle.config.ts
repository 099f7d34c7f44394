import { defineConfig } from "drizzle-kit";

/** Migrations are generated from the schemas of the capabilities and never edited after landing. */
export default defineConfig({
  dialect: "postgresql",
  schema: "./server/*/schema.ts",
  out: "./server/db/migrations",
});
