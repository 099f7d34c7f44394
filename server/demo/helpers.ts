/** A registered helper of the demo with the words of two elders, through the services that staff use. */
import { recordConsent, registerHelper } from "../helpers/service.ts";
import type { Services } from "../http/context.ts";
import { asDemo, type DemoIds, demoActor } from "./load.ts";

/** 钱芳 helps in 彭浦新村; the family doctor heard both elders agree. For a database without helpers. */
export async function loadDemoHelpers(services: Services, ids: DemoIds): Promise<void> {
  const doctor = demoActor(ids, "wangjianguo");
  const helper = await asDemo(services, doctor, (work) =>
    registerHelper(work, {
      personId: ids.people.get("qianfang")!,
      kind: "volunteer",
      area: "彭浦新村第三居委会",
    }),
  );
  for (const [key, words] of [
    ["zhou", "我同意钱芳帮我约号、改号和退号。"],
    ["xu", "我没有手机，同意钱芳替我约号，约好了来告诉我。"],
  ] as const)
    await asDemo(services, doctor, (work) =>
      recordConsent(work, helper.id, {
        patientId: ids.patients.get(key)!,
        method: "spoken",
        words,
        witnessName: "居委会 马建芬",
      }),
    );
}
