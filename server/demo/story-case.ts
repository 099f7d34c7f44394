/** The girl's case for scene 8: without who she is, agreed to by her mother in private, looked at by a second person. */
import type { Services } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { systemActor } from "../identity/service.ts";
import { patientInstitution } from "../patients/schema.ts";
import { localDay } from "../patients/service.ts";
import { actOnCase, buildCase, recordConsent } from "../teaching/service.ts";
import { dawaRequest } from "./consults.ts";
import { asDemo, type DemoIds, demoActor } from "./load.ts";

const dayMs = 86_400_000;
/** The rash began so long ago, as the request says. */
const onsetDaysAgo = 3;

/** Made by the services that people use; a database without her has no case. */
export async function addStoryCase(
  services: Services,
  ids: DemoIds,
  teacher: StaffActor,
  sessionId: string,
): Promise<void> {
  const patientId = ids.patients.get("dawa");
  if (!patientId) return;
  // By scene 8 the house has seen her in its room; whoever opens this scene first finds her there too.
  await services.db.withActor(systemActor("demo"), async (tx) => {
    await tx
      .insert(patientInstitution)
      .values({ patientId, institutionId: teacher.institutionId, source: "consult" })
      .onConflictDoNothing();
  });
  // In private, while it is planned: before anybody listens.
  await asDemo(services, teacher, (work) =>
    recordConsent(work, sessionId, {
      patientId,
      given: true,
      replay: true,
      method: "signature",
      language: "bo",
      textVersion: "2026-11",
      signerName: "央金",
      signerRelation: "mother",
      signature: {
        strokes: [
          [
            [20, 60],
            [60, 20],
            [100, 70],
            [150, 30],
          ],
        ],
      },
      present: "周敏华、央金、拉珍（口译）",
      withoutObservers: true,
    }),
  );
  const { complaint, presentHistory, examination, investigations } = dawaRequest;
  const made = await asDemo(services, teacher, (work) =>
    buildCase(
      services,
      null,
      work,
      sessionId,
      {
        patientId,
        title: "一例腹型过敏性紫癜",
        dayZero: localDay(new Date(work.now.getTime() - onsetDaysAgo * dayMs)),
        codes: ["D69.0"],
        texts: [
          { title: "主诉和经过", text: `${complaint}。${presentHistory}` },
          { title: "查体和检查", text: `${examination}${investigations}。` },
          { title: "讨论", text: "在当地治，还是要上转？激素用不用，怎样随访？" },
        ],
        keys: [],
        stills: [],
      },
      [],
    ),
  );
  const read = await asDemo(services, teacher, (work) =>
    actOnCase(services, work, made.id, {
      action: made.needsReview ? "askReview" : "release",
      version: made.version,
      confirmed: true,
    }),
  );
  if (read.state !== "review-asked") return;
  await asDemo(services, demoActor(ids, "luweihong"), (work) =>
    actOnCase(services, work, made.id, {
      action: "approve",
      version: read.version,
      note: "看过，认不出是谁。",
    }),
  );
}
