/** 《过敏性紫癜的诊断及治疗》: planned and announced through the services, with its quiz. The story's own lecture is live. */
import type { Services } from "../http/context.ts";
import { systemActor } from "../identity/service.ts";
import { teachingCatchment } from "../teaching/schema.ts";
import {
  actOnPlan,
  addPoll,
  draftSession,
  findOwnSession,
  type SlideStore,
} from "../teaching/service.ts";
import { bringSlides } from "./lecture-slides.ts";
import { asDemo, type DemoIds, demoActor } from "./load.ts";
import { addStoryCase } from "./story-case.ts";

export const demoLecture = "过敏性紫癜的诊断及治疗";
const afterDays = 1;
/** 15:00 in Shanghai. */
const startHourUtc = 7;

/** How many live where the two Sakya houses look after people. Source: brief (county 47,000); the township is recalled. */
const catchments = [
  {
    institution: "sakya-chc",
    inhabitants: 47_000,
    source: "萨迦县常住人口约 4.7 万",
    recalled: false,
  },
  {
    institution: "sakya-hospital",
    inhabitants: 47_000,
    source: "萨迦县常住人口约 4.7 万",
    recalled: false,
  },
  {
    institution: "mabujia",
    inhabitants: 4_000,
    source: "麻布加乡约 4 千人（凭记忆）",
    recalled: true,
  },
  {
    institution: "xuhui-central",
    inhabitants: 1_110_000,
    source: "徐汇区常住人口约 111 万",
    recalled: true,
  },
] as const;

const quiz = [
  {
    question: "过敏性紫癜与血小板减少性紫癜，最先看哪一项区分？",
    options: ["血小板计数", "血红蛋白", "C 反应蛋白", "抗“O”"],
    choice: "single" as const,
    right: [0],
  },
  {
    question: "没有肾损害的过敏性紫癜患儿，尿常规至少随访多久？",
    options: ["2 周", "1 个月", "6 个月", "不需要随访"],
    choice: "single" as const,
    right: [2],
  },
  {
    question: "下列哪些情况应立即上转？（多选）",
    options: ["便血或剧烈腹痛持续不缓解", "只有双下肢紫癜", "尿蛋白 ≥ 2+", "怀疑肠套叠"],
    choice: "multiple" as const,
    right: [0, 2, 3],
  },
];

/**
 * Loaded once; a database that has it stays as it is.
 * @param slides with it the lecture has its slides and the girl's case, and can go live at once
 */
export async function loadDemoTeaching(
  services: Services,
  ids: DemoIds,
  slides?: SlideStore,
): Promise<void> {
  const house = (slug: string) => ids.institutions.get(slug)!;
  const person = (login: string) => ids.people.get(login)!;
  const teacher = demoActor(ids, "zhouminhua");
  if (await asDemo(services, teacher, (work) => findOwnSession(work, demoLecture))) return;
  const now = services.clock();
  await services.db.withActor(systemActor("demo"), async (tx) => {
    await tx
      .insert(teachingCatchment)
      .values(
        catchments.map(({ institution, ...one }) => ({
          ...one,
          institutionId: house(institution),
          validFrom: "2026-01-01",
        })),
      )
      .onConflictDoNothing();
  });
  const day = new Date(now.getTime() + afterDays * 86_400_000);
  day.setUTCHours(startHourUtc, 0, 0, 0);
  const shanghai = house("xuhui-central");
  const drafted = await asDemo(services, teacher, (work) =>
    draftSession(work, {
      title: demoLecture,
      titleBo: "ཚ་འཕྲད་ཀྱི་སྨུག་ཐིག་ནད་ཀྱི་བརྡ་དང་བཅོས་ཐབས།",
      titleEn: "Allergic purpura: diagnosis and treatment",
      topic:
        "给县、乡两级医生：怎样认出过敏性紫癜，腹型和肾型怎么处理，什么时候转，转回后怎么随访。附 3 道小测验。",
      departmentId: null,
      seriesId: null,
      languages: ["zh-CN", "bo"],
      startsAt: day.toISOString(),
      lengthMinutes: 60,
      points: 1,
      minimumPresencePercent: 80,
      minimumQuizPercent: 60,
      record: true,
      recordingWords: null,
      speakers: [
        { personId: person("zhouminhua"), institutionId: shanghai, role: "presenter" },
        { personId: person("wuqihang"), institutionId: shanghai, role: "co-host" },
        { personId: person("lazhen"), institutionId: shanghai, role: "interpreter" },
      ],
      audience: [
        { kind: "institution", institutionId: house("sakya-chc") },
        { kind: "institution", institutionId: house("mabujia") },
      ],
    }),
  );
  for (const question of quiz)
    await asDemo(services, teacher, (work) => addPoll(work, drafted.id, question));
  await asDemo(services, teacher, (work) =>
    actOnPlan(work, drafted.id, { action: "plan", version: drafted.version }),
  );
  if (slides) await equipDemoLecture(services, ids, slides, drafted.id);
}

/** The girl's case, agreed to in private and looked at by a second person, and the slides. */
export async function equipDemoLecture(
  services: Services,
  ids: DemoIds,
  slides: SlideStore,
  sessionId: string,
): Promise<void> {
  const teacher = demoActor(ids, "zhouminhua");
  await addStoryCase(services, ids, teacher, sessionId);
  await bringSlides(services, slides, teacher, { sessionId, title: demoLecture });
}
