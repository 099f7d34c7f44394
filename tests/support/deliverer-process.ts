/** A deliverer of notifications as a process of its own, so that a test can kill it. */
import { startDeliverer } from "../../server/fhir/subscriptions/deliverer.ts";
import { createServices } from "../../server/services.ts";

const { databaseUrl, recordsUrl, secrets, now } = JSON.parse(process.env.DELIVERER ?? "{}");
const services = createServices({
  databaseUrl,
  recordStoreUrl: async () => recordsUrl,
  secrets,
  demo: true,
  publicUrl: "http://localhost:8080",
  clock: () => new Date(now),
  poolSize: 2,
});
startDeliverer(services, { log: { warn: console.error }, tickMs: 50 });
// Its timer alone keeps nobody awake.
setInterval(() => {}, 1000);
