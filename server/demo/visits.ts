/** The demo's family doctor receives by video from the first start on; later the doctor opens it on the page. */
import type { Services } from "../http/context.ts";
import { setDuty } from "../visit/service.ts";
import { asDemo, type DemoIds, demoActor } from "./load.ts";

export async function loadDemoVisits(services: Services, ids: DemoIds): Promise<void> {
  if (!ids.people.has("wangjianguo")) return;
  await asDemo(services, demoActor(ids, "wangjianguo"), (work) => setDuty(work, { open: true }));
}
