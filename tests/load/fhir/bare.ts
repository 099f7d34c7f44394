/**
 * What a read is measured against: a route of Fastify that sends the JSONB of a primary key and does
 * nothing else. No policies, no consent, no audit. A process of its own, as the server is.
 * Settings: DATABASE_URL, PORT.
 */
import Fastify from "fastify";
import postgres from "postgres";

const sql = postgres(process.env.DATABASE_URL!, { max: 6, onnotice: () => {} });
const app = Fastify();
app.get<{ Params: { key: string } }>("/:key", async ({ params }, reply) => {
  const [row] = await sql.unsafe(
    "SELECT content::text AS content FROM resource WHERE key = $1::text::bigint",
    [params.key],
    { prepare: true },
  );
  if (!row) return await reply.code(404).send();
  return await reply.type("application/fhir+json; charset=utf-8").send(row.content);
});
await app.listen({ port: Number(process.env.PORT), host: "127.0.0.1" });
process.on("SIGTERM", () => process.exit(0));
