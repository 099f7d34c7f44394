import type { WardFact } from "../referral/domain.ts";
import type { PlanTrigger, PlanWay, PlanWords } from "../referral/plan-domain.ts";

/** Ways of the two specialty alliances of the demo. Recalled from the named guidelines: a clinician has to look. */
type Evidence = Record<string, { atLeast?: number; atMost?: number }>;

export const alliancePathways: readonly {
  /** Name of the alliance; its members alone see the way. */
  alliance: string;
  code: string;
  direction: "up" | "down";
  names: readonly [zh: string, en: string, bo: string];
  /** National list of specialties: 20 trauma and critical care, 21 rehabilitation. */
  specialtyCodes: readonly string[];
  /** ICD-10 prefixes that a ward suggests it for; none: any. */
  diagnosisPrefixes?: readonly string[];
  /** Criteria that a ward looks up, by their code. */
  wardFacts?: Readonly<Record<string, WardFact>>;
  /** Houses that receive, by their short names, whoever is asked first first. */
  receivers: readonly (readonly [institution: string, department: string])[];
  wantedResults: readonly (readonly [zh: string, en: string, bo: string])[];
  followUpDays: readonly number[];
  returnTriggers?: readonly PlanTrigger[];
  source: string;
  criteria: readonly (readonly [
    code: string,
    zh: string,
    en: string,
    bo: string,
    evidence?: Evidence,
  ])[];
}[] = [
  {
    alliance: "急性创伤专科联盟",
    code: "trauma-up",
    direction: "up",
    names: ["严重创伤直送", "Major trauma, direct", "རྨས་སྐྱོན་ཚབས་ཆེན་ཐད་སྐྱེལ།"],
    specialtyCodes: ["20"],
    receivers: [
      ["changzheng", "trauma"],
      ["zhabei-central", "medicine"],
    ],
    wantedResults: [
      ["受伤机制与时间", "How and when it happened", "རྨས་པའི་རྒྱུ་རྐྱེན་དང་དུས་ཚོད།"],
      ["血型", "Blood group", "ཁྲག་རིགས།"],
      ["已做的影像", "Images that were taken", "བརྙན་པར་བླངས་ཟིན་པ།"],
    ],
    followUpDays: [],
    source: "现场创伤分诊国家指南（ACS-COT，2021），待创伤中心核对",
    criteria: [
      [
        "shock",
        "收缩压 ≤90 mmHg",
        "Systolic pressure ≤ 90 mmHg",
        "ཁྲག་ཤེད་སྟེང་གྲངས་ 90 མན།",
        { systolicMmHg: { atMost: 90 } },
      ],
      [
        "breathing",
        "呼吸 ≥30 次/分，或 ≤9 次/分",
        "Breathing ≥ 30 or ≤ 9 a minute",
        "དབུགས་སྐར་མར་ 30 ཡན་ནམ་ 9 མན།",
        { breathsPerMinute: { atLeast: 30, atMost: 9 } },
      ],
      [
        "oxygen",
        "血氧 ≤89%（平原）",
        "Oxygen ≤ 89% at low altitude",
        "ཁྲག་རྫས་འཚོ་རླུང་ 89% མན། (དམའ་ས།)",
      ],
      ["consciousness", "不能按指令动作", "Does not follow commands", "བཤད་པ་ལྟར་འགུལ་མི་ཐུབ།"],
      [
        "penetrating",
        "头、颈、躯干或四肢近端穿透伤",
        "Penetrating injury of head, neck, trunk or upper limbs",
        "མགོ་སྐེ་ལུས་སྟོད་སོགས་བརྟོལ་རྨས།",
      ],
      ["chest", "胸廓不稳或可疑连枷胸", "Unstable chest wall", "བྲང་ཁོག་མི་བརྟན་པ།"],
      ["pelvis", "可疑骨盆骨折", "Pelvic fracture suspected", "དཔྱི་རུས་ཆག་དོགས།"],
      [
        "long-bones",
        "两处以上长骨近端骨折",
        "Two or more proximal long-bone fractures",
        "རུས་རིང་གཉིས་ཡན་ཆག་པ།",
      ],
      [
        "amputation",
        "腕踝以上离断，或肢体无脉",
        "Amputation above wrist or ankle, or a limb without pulse",
        "ལག་ཚིགས་རྐང་ཚིགས་ཡན་ཆད་པའམ་འཕར་རྩ་མེད་པ།",
      ],
    ],
  },
  {
    alliance: "康复专科联盟",
    code: "rehabilitation-alliance-up",
    direction: "up",
    names: ["康复疑难上转", "Complex rehabilitation, up", "ནུས་པ་སླར་གསོ་དཀའ་ནད་ཡར་སྤོ།"],
    specialtyCodes: ["21"],
    receivers: [["huadong", "rehabilitation"]],
    wantedResults: [
      ["功能评定量表", "Scores of function", "ལུས་ནུས་དཔྱད་པའི་རེའུ་མིག"],
      ["已做的康复治疗", "Rehabilitation so far", "སླར་གསོ་བྱས་ཟིན་པ།"],
    ],
    followUpDays: [],
    source: "关于加快推进康复医疗工作发展的意见（国卫医发〔2021〕19 号），细则待核对",
    criteria: [
      [
        "stalled",
        "规范康复 4 周无进展",
        "No progress in 4 weeks of rehabilitation",
        "གཟའ་འཁོར་བཞིར་ཡར་རྒྱས་མེད་པ།",
      ],
      [
        "swallowing",
        "吞咽障碍，反复误吸",
        "Swallowing disorder with aspiration",
        "མིད་པར་དཀའ་ཞིང་ཡང་ཡང་འགོག་པ།",
      ],
      [
        "child",
        "儿童发育迟缓，需综合评估",
        "A child's delayed development",
        "བྱིས་པའི་འཚར་ལོངས་འགོར་བ།",
      ],
      [
        "intensive",
        "带管带机，需重症康复",
        "Needs rehabilitation in intensive care",
        "ཛ་དྲག་ལྟ་སྐྱོང་གི་སླར་གསོ་དགོས་པ།",
      ],
      [
        "spasticity",
        "痉挛需注射或手术",
        "Spasticity that needs injections or an operation",
        "ཉོག་འཁུམ་ལ་ཁབ་བམ་གཤག་བཅོས་དགོས་པ།",
      ],
    ],
  },
  {
    alliance: "康复专科联盟",
    code: "rehabilitation-alliance-down",
    direction: "down",
    names: ["康复接续下转", "Rehabilitation goes on nearer home", "ནུས་པ་སླར་གསོ་ཁྱིམ་ཉེར་མུ་མཐུད།"],
    specialtyCodes: ["21", "02"],
    diagnosisPrefixes: ["I60", "I61", "I63", "I69", "S06", "S72", "G81"],
    wardFacts: {
      stable: { fact: "stable-vitals", hours: 48 },
      "no-lines": { fact: "no-high-care-device" },
    },
    receivers: [
      ["rehab-3", "rehabilitation"],
      ["rehab-4", "rehabilitation"],
      ["pengpu", "general"],
    ],
    wantedResults: [
      ["功能评定量表", "Scores of function", "ལུས་ནུས་དཔྱད་པའི་རེའུ་མིག"],
      ["吞咽评估", "Swallowing assessment", "མིད་ནུས་བརྟག་དཔྱད།"],
    ],
    followUpDays: [7, 30, 90],
    returnTriggers: [
      {
        code: "fever",
        kind: "value",
        measure: "temperatureCelsius",
        atLeast: 38.5,
      },
      { code: "oxygen", kind: "value", measure: "spo2Percent", atMost: 90 },
      {
        code: "weaker",
        kind: "words",
        names: {
          zh: "肢体力量明显下降，或新出现说话、吞咽困难",
          en: "A limb is clearly weaker, or speaking or swallowing is newly difficult",
          bo: "ཡན་ལག་ནུས་པ་ཇེ་ཞན་སོང་བའམ་སྐད་ཆ་དང་མིད་པར་དཀའ་བ་གསར་བྱུང་།",
        },
      },
    ],
    source: "关于加快推进康复医疗工作发展的意见（国卫医发〔2021〕19 号），细则待核对",
    criteria: [
      ["stable", "生命体征平稳 48 小时", "Stable for 48 hours", "ཆུ་ཚོད་ 48 རིང་བརྟན་པོ།"],
      ["plan", "有康复计划和阶段目标", "A plan with stages", "སླར་གསོའི་འཆར་གཞི་དང་དམིགས་ཡུལ་ཡོད་པ།"],
      [
        "transfer",
        "可坐位或扶站转移",
        "Can sit, or stand with help",
        "འདུག་ཐུབ་པའམ་རོགས་བརྟེན་ནས་ལངས་ཐུབ་པ།",
      ],
      [
        "no-lines",
        "无需重症监护的管路",
        "No lines that need intensive care",
        "ཛ་དྲག་ལྟ་སྐྱོང་དགོས་པའི་སྦུ་གུ་མེད་པ།",
      ],
    ],
  },
];

const words = ([zh, en, bo]: readonly [string, string, string]): PlanWords => ({ zh, en, bo });

/** One of them as a version holds it. A house or department that is not there is left out. */
export function demoWay(
  one: (typeof alliancePathways)[number],
  find: (house: string, unit: string) => PlanWay["receivers"][number] | null,
): PlanWay {
  const receivers = one.receivers.flatMap(([house, unit]) => find(house, unit) ?? []);
  return {
    code: one.code,
    direction: one.direction,
    names: words(one.names),
    specialtyCodes: [...one.specialtyCodes],
    diagnosisPrefixes: [...(one.diagnosisPrefixes ?? [])],
    criteria: one.criteria.map(([code, zh, en, bo, evidence]) => ({
      code,
      names: { zh, en, bo },
      evidence: evidence ?? null,
      wardFact: one.wardFacts?.[code] ?? null,
    })),
    receivers,
    wantedResults: one.wantedResults.map(words),
    followUpDays: [...one.followUpDays],
    returnTriggers: [...(one.returnTriggers ?? [])],
    source: one.source,
    recalled: true,
  };
}
