import type { ConsultContent, ConsultDetail } from "../consult/contract.ts";
import { act, createConsult, recordConsent, setParticipants } from "../consult/service.ts";
import type { Services } from "../http/context.ts";
import { asDemo, type DemoIds, demoActor } from "./load.ts";
import { signAsDemo } from "./signature.ts";

/** The requests that the demo starts with; clinical contents are samples. */
export const dawaRequest = {
  urgency: "urgent",
  wantedSpecialty: "血液科",
  wantedTitle: "主任医师",
  wantedTime: "今天",
  reason: "县里没有血液科，腹痛是否需要转出无法判断。",
  purpose: "明确诊断，决定当地治疗还是上转。",
  question: "是否过敏性紫癜？腹痛是否要转出？当地能否治疗？",
  complaint: "双下肢紫癜 3 天，阵发腹痛 1 天",
  presentHistory:
    "两周前上呼吸道感染，服布洛芬混悬液 3 天。3 天前双小腿出现对称性、高出皮面的紫红色皮疹，压之不褪色；昨起脐周阵发腹痛，无呕吐，大便未见鲜血。",
  pastHistory: "青霉素皮疹史（2024，麻布加乡卫生院）。按时接种疫苗。",
  examination: "神清，双下肢伸侧对称性紫癜，膝踝压痛，无关节红肿。腹软，脐周轻压痛，无反跳痛。",
  vitals: {
    temperatureCelsius: 36.9,
    systolicMmHg: 96,
    diastolicMmHg: 60,
    pulsePerMinute: 104,
    breathsPerMinute: 24,
    spo2Percent: 88,
    weightKg: 26,
    altitudeMetres: 4300,
  },
  investigations: "血小板 286×10⁹/L；血红蛋白 148 g/L；尿蛋白 ±；大便隐血 +",
  provisionalDiagnoses: [{ code: "D69.0", text: "过敏性紫癜" }],
  treatmentSoFar: "卧床、补液，未用激素。",
  callbackPhone: "0892-8242120",
} satisfies ConsultContent;

const zhaxi = {
  urgency: "urgent",
  wantedSpecialty: "血液科",
  reason: "血红蛋白持续升高，伴头痛。",
  purpose: "是否需要放血治疗。",
  question: "高原红细胞增多症如何处理？是否需要转出？",
  complaint: "血红蛋白 226 g/L、头痛两周",
  presentHistory: "世居 4300 m，近半年头痛、乏力，唇甲发绀。",
  pastHistory: "吸烟 30 年。",
  examination: "多血质面容，球结膜充血，双肺呼吸音清。",
  vitals: {
    temperatureCelsius: 36.5,
    systolicMmHg: 148,
    diastolicMmHg: 94,
    pulsePerMinute: 88,
    spo2Percent: 80,
    altitudeMetres: 4300,
  },
  investigations: "血红蛋白 226 g/L；红细胞压积 68%",
  provisionalDiagnoses: [{ code: "D75.1", text: "继发性红细胞增多症" }],
  treatmentSoFar: "间断吸氧。",
  callbackPhone: "0892-8242020",
} satisfies ConsultContent;

const zhou = {
  urgency: "routine",
  wantedSpecialty: "康复科",
  reason: "术后康复方案需要上级医院评估。",
  purpose: "制定社区康复计划。",
  question: "右髋关节置换术后 4 周，社区康复强度如何安排？",
  complaint: "右髋置换术后 4 周，行走乏力",
  presentHistory: "4 周前跌倒致右股骨颈骨折，行人工关节置换，伤口愈合好，助行器行走 20 米。",
  pastHistory: "高血压 12 年，服氨氯地平。",
  examination: "切口愈合，右髋屈曲 80°，肌力 4 级。",
  vitals: {
    temperatureCelsius: 36.4,
    systolicMmHg: 136,
    diastolicMmHg: 78,
    pulsePerMinute: 76,
    spo2Percent: 97,
    altitudeMetres: 4,
  },
  investigations: "X 线：假体位置良好",
  provisionalDiagnoses: [{ code: "Z96.6", text: "具有矫形外科的关节植入物" }],
  treatmentSoFar: "踝泵、股四头肌等长收缩。",
  callbackPhone: "021-56914949",
} satisfies ConsultContent;

const ciren = {
  urgency: "urgent",
  wantedSpecialty: "心内科",
  reason: "活动后气促加重，当地无心脏超声。",
  purpose: "判断是否高原性心脏病。",
  question: "需要转出做心脏超声吗？",
  complaint: "活动后气促 1 个月",
  presentHistory: "近 1 个月上坡气促，夜间可平卧，无胸痛。",
  pastHistory: "无特殊。",
  examination: "颈静脉稍充盈，肺动脉瓣第二音亢进，双下肢轻度凹陷性水肿。",
  vitals: {
    temperatureCelsius: 36.6,
    systolicMmHg: 122,
    diastolicMmHg: 80,
    pulsePerMinute: 92,
    spo2Percent: 83,
    altitudeMetres: 4300,
  },
  investigations: "胸片：肺动脉段突出",
  provisionalDiagnoses: [{ code: "I27.2", text: "其他继发性肺动脉高压" }],
  treatmentSoFar: "吸氧、利尿。",
  callbackPhone: "0892-8242120",
} satisfies ConsultContent;

const luosang = {
  ...ciren,
  urgency: "routine",
  wantedSpecialty: "消化内科",
  question: "胃镜前能否先按胃溃疡治疗？",
  complaint: "上腹痛 2 个月",
  reason: "当地胃镜检修。",
  purpose: "制定治疗方案。",
  presentHistory: "2 个月来空腹上腹隐痛，进食缓解，无黑便。",
  examination: "上腹轻压痛。",
  investigations: "大便隐血阴性；碳 13 呼气试验阳性",
  provisionalDiagnoses: [{ code: "K25.9", text: "胃溃疡" }],
  treatmentSoFar: "铝碳酸镁咀嚼片。",
} satisfies ConsultContent;

/** The requests at the desk when the demo begins, and one consult that is already done. */
export async function loadDemoConsults(services: Services, ids: DemoIds): Promise<void> {
  await draft(services, ids, "danzeng", "dawa", dawaRequest);
  await send(services, ids, "zhaxidunzhu", "zhaxi", zhaxi);
  await send(services, ids, "wangjianguo", "zhou", zhou);
  const asked = await send(services, ids, "danzeng", "ciren", ciren);
  await asDemo(services, demoActor(ids, "lijia"), (work) =>
    act(services, work, asked.id, {
      action: "askMore",
      version: asked.version,
      reason: "请补充心电图（十二导联）。",
    }),
  );
  const done = await send(services, ids, "danzeng", "luosang", luosang);
  await finishDemoConsult(services, ids, done, { specialist: "wuqihang", acknowledge: true });
}

export async function draft(
  services: Services,
  ids: DemoIds,
  doctor: string,
  patient: string,
  content: ConsultContent,
): Promise<ConsultDetail> {
  const invitedInstitutionId = ids.institutions.get("xuhui-central")!;
  return asDemo(services, demoActor(ids, doctor), (work) =>
    createConsult(services, work, {
      patientId: ids.patients.get(patient)!,
      content: { ...content, invitedInstitutionId },
    }),
  );
}

async function send(
  services: Services,
  ids: DemoIds,
  doctor: string,
  patient: string,
  content: ConsultContent,
): Promise<ConsultDetail> {
  const created = await draft(services, ids, doctor, patient, content);
  return submitDemoConsult(services, ids, doctor, created);
}

/** Record the two consents that a request needs, and send it. */
export async function submitDemoConsult(
  services: Services,
  ids: DemoIds,
  doctor: string,
  created: ConsultDetail,
): Promise<ConsultDetail> {
  const actor = demoActor(ids, doctor);
  for (const kind of ["consult", "record-sharing"] as const) {
    await asDemo(services, actor, (work) =>
      recordConsent(services, work, created.id, {
        kind,
        given: true,
        method: "fingerprint",
        language: created.patient.language,
        textVersion: "2026-01",
        signerName: created.patient.contacts[0]?.name ?? created.patient.fullName ?? "本人",
        signerRelation: created.patient.contacts[0]?.relation ?? "self",
        witnessName: "德吉",
        reason: "患者家属以指印代签",
      }),
    );
  }
  return asDemo(services, actor, (work) =>
    act(services, work, created.id, { action: "submit", version: created.version }),
  );
}

/** Take a sent consult to its end without a meeting: advice in writing, signed, taken note of. */
export async function finishDemoConsult(
  services: Services,
  ids: DemoIds,
  sent: ConsultDetail,
  options: { specialist: string; acknowledge: boolean },
): Promise<void> {
  const specialistId = ids.people.get(options.specialist)!;
  await asDemo(services, demoActor(ids, "lijia"), (work) =>
    act(services, work, sent.id, { action: "adviseOnly", version: sent.version, specialistId }),
  );
  const signed = await signAsDemo(
    services,
    demoActor(ids, options.specialist, "xuhui-central"),
    sent.id,
    {
      findingsReviewed: "病史、体格检查、碳 13 呼气试验。",
      missingData: "未见胃镜资料。",
      diagnosticOpinion: "幽门螺杆菌感染相关消化性溃疡可能大，无报警症状。",
      diagnoses: [{ code: "K25.9", text: "胃溃疡" }],
      testsAdvised: "设备修复后择期胃镜；治疗结束 4 周后复查呼气试验。",
      plan: "根除治疗 14 天（质子泵抑制剂、铋剂、两种抗菌药，按当地药品目录选择），之后质子泵抑制剂 4 周。",
      transferConditions: "黑便、呕血、消瘦或疼痛加重，立即上转。",
      plainWords:
        "您的胃痛多半是胃里的一种细菌引起的，在萨迦就能治。按时吃药两周，戒酒少辣。拉黑便、呕血要马上来医院。",
    },
  );
  if (!options.acknowledge) return;
  await asDemo(services, demoActor(ids, "danzeng"), (work) =>
    act(services, work, sent.id, {
      action: "acknowledge",
      version: signed.version,
      treatmentDecision: "按会诊意见在当地根除治疗，四周后复查。",
    }),
  );
}

/** A meeting that can begin at once: accepted, people assigned. */
export async function openDemoRoom(
  services: Services,
  ids: DemoIds,
  sent: ConsultDetail,
): Promise<ConsultDetail> {
  const desk = demoActor(ids, "lijia");
  const accepted = await asDemo(services, desk, (work) =>
    act(services, work, sent.id, { action: "accept", version: sent.version }),
  );
  return asDemo(services, desk, (work) =>
    setParticipants(services, work, accepted.id, {
      participants: [
        { personId: ids.people.get("zhouminhua")!, role: "specialist", lead: true },
        { personId: ids.people.get("wuqihang")!, role: "specialist", lead: false },
        { personId: ids.people.get("lazhen")!, role: "interpreter", lead: false },
      ],
    }),
  );
}
