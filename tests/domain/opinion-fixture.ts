/** An opinion document for tests; people are invented. */
import {
  createOpinionDocument,
  type OpinionDocument,
} from "../../server/opinion-document/document.ts";

export const specialistId = "3f7a0d5e-4c1b-4f0a-9d53-0a6b6a1f2c01";

const base = {
  documentId: "0b9a4b5e-6a5f-4a52-8c57-5d9f6e1f7a11",
  consult: {
    id: "5d2f3c1a-8f5b-4f6e-a4a4-0c8b7d6e5f41",
    number: "HZ202611220007",
    urgency: "urgent",
  },
  patient: {
    name: "次仁卓玛",
    nameBo: "ཚེ་རིང་སྒྲོལ་མ",
    sex: "female",
    ageYears: 9,
    ageMonths: 3,
    identityMasked: "540***********1020",
  },
  inviting: {
    id: "11111111-1111-4111-8111-111111111111",
    name: "萨迦县卫生服务中心",
    department: "儿科",
  },
  attendingDoctor: { name: "旦增平措", title: "主治医师" },
  invited: {
    id: "22222222-2222-4222-8222-222222222222",
    name: "徐汇区中心医院",
    department: "血液内科",
  },
  question: "双下肢紫癜伴腹痛 3 天，是否为过敏性紫癜？能否在县里继续治疗？",
  findingsReviewed:
    "远程视诊：双下肢伸侧对称性、可触及的紫癜。\n血小板 268×10⁹/L，凝血功能正常，尿常规阴性，SpO₂ 88%（4,300 m）。",
  missingData: "未做腹部超声；便潜血仅查一次；远程不能触诊腹部。",
  diagnosticOpinion: "过敏性紫癜（IgA 血管炎），混合型（皮肤、腹型），目前无肾脏受累证据。",
  diagnoses: [{ code: "D69.0", text: "过敏性紫癜" }],
  testsAdvised: "腹部超声除外肠套叠；便潜血每日 1 次共 3 天；尿常规每周 1 次，至少 6 个月。",
  plan: "卧床休息，暂禁食观察腹痛。\n泼尼松 1 mg/(kg·d)，腹痛缓解后减量。\n在萨迦县卫生服务中心继续治疗。",
  transferConditions: "持续剧烈腹痛、便血、血压升高、少尿或肉眼血尿时立即转诊。",
  plainWords:
    "孩子得的是过敏性紫癜，多数会好。在县里治疗就可以，肚子痛加重或大便带血要马上找医生。",
  doctors: [
    {
      personId: specialistId,
      name: "沈若兰",
      title: "主任医师",
      institution: "徐汇区中心医院",
      department: "血液内科",
      signs: true,
    },
    {
      personId: "3f7a0d5e-4c1b-4f0a-9d53-0a6b6a1f2c02",
      name: "顾一鸣",
      title: "副主任医师",
      institution: "徐汇区中心医院",
      department: "儿科",
      signs: false,
    },
  ],
  times: {
    requestedAt: "2026-11-22T02:10:00.000Z",
    sessionStartedAt: "2026-11-22T03:00:00.000Z",
    sessionEndedAt: "2026-11-22T03:25:00.000Z",
    issuedAt: "2026-11-22T03:28:41.120Z",
  },
} as const;

export function opinionFixture(
  change: Partial<Omit<OpinionDocument, "schema">> = {},
): OpinionDocument {
  return createOpinionDocument({ ...base, ...change });
}
