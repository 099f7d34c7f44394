import { sql } from "drizzle-orm";
import { customType, timestamp, uuid } from "drizzle-orm/pg-core";

/** Primary key. Random: says nothing, and PostgreSQL 15 can make it. */
export const id = () => uuid("id").primaryKey().default(sql`gen_random_uuid()`);

/** An instant in UTC. */
export const instant = (name: string) => timestamp(name, { withTimezone: true, mode: "date" });

/** Audit stamp of the database's own clock; business rules never read it. */
export const createdAt = () => instant("created_at").notNull().default(sql`clock_timestamp()`);

/** Bytes: hashes, ciphertexts, blind indexes. */
export const bytes = customType<{ data: Buffer; driverData: Buffer }>({
  dataType: () => "bytea",
});
