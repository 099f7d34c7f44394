/** Institutions of the demo. Names are of the newspaper pages; all people are invented. */
export type DemoInstitution = {
  slug: string;
  kind:
    | "hospital"
    | "community-centre"
    | "county-centre"
    | "township-clinic"
    | "rehabilitation-hospital"
    | "specialty-institute"
    | "disease-control"
    | "nursing-home";
  level: "tertiary" | "secondary" | "primary";
  names: readonly (readonly [language: "zh-CN" | "en" | "bo", name: string])[];
  phone: string;
  /** Invented: no exchange has numbers that begin with 0000. */
  helpPhone: string;
  altitudeMetres: number;
  calendar: "CN" | "CN-54";
  /** Local hours of working days; Sakya starts later: the sun is two hours behind the clock. */
  hours: readonly (readonly [startMinute: number, endMinute: number])[];
  departments: readonly (readonly [slug: string, zh: string, en: string, specialtyCode: string])[];
};

const shanghai = {
  altitudeMetres: 4,
  calendar: "CN",
  hours: [
    [8 * 60, 11 * 60 + 30],
    [13 * 60, 17 * 60],
  ],
} as const;
const sakya = {
  altitudeMetres: 4300,
  calendar: "CN-54",
  hours: [
    [9 * 60 + 30, 13 * 60],
    [15 * 60 + 30, 18 * 60 + 30],
  ],
} as const;
const community: DemoInstitution["departments"] = [["general", "全科", "General practice", "02"]];

export const demoInstitutions: readonly DemoInstitution[] = [
  {
    slug: "xuhui-central",
    kind: "hospital",
    level: "tertiary",
    names: [
      ["zh-CN", "徐汇区中心医院"],
      ["zh-CN", "复旦大学附属中山医院徐汇医院"],
      ["zh-CN", "上海徐汇云医院"],
      ["en", "Xuhui Central Hospital"],
      ["bo", "ཤུའུ་ཧུའེ་ཆུས་ལྟེ་བའི་སྨན་ཁང་།"],
    ],
    phone: "021-31270810",
    helpPhone: "021-0000-1001",
    ...shanghai,
    departments: [
      ["haematology", "血液科", "Haematology", "03.06"],
      ["gastroenterology", "消化内科", "Gastroenterology", "03.02"],
      ["nephrology", "肾内科", "Nephrology", "03.05"],
      ["cardiology", "心内科", "Cardiology", "03.04"],
      ["rehabilitation", "康复科", "Rehabilitation", "21"],
      ["telemedicine", "远程会诊中心", "Telemedicine centre", "50"],
      ["sampling", "核酸采样点", "Nucleic-acid sampling", "30"],
    ],
  },
  {
    slug: "sakya-chc",
    kind: "county-centre",
    level: "primary",
    names: [
      ["zh-CN", "萨迦县卫生服务中心"],
      ["en", "Sakya County Health Centre"],
      ["bo", "ས་སྐྱ་རྫོང་འཕྲོད་བསྟེན་ཞབས་ཞུ་ལྟེ་གནས།"],
    ],
    phone: "0892-8242120",
    helpPhone: "0892-0000-1002",
    ...sakya,
    departments: [
      ["general", "全科", "General practice", "02"],
      ["paediatrics", "儿科", "Paediatrics", "07"],
    ],
  },
  {
    slug: "sakya-hospital",
    kind: "hospital",
    level: "secondary",
    names: [
      ["zh-CN", "萨迦县人民医院"],
      ["en", "Sakya County People's Hospital"],
      ["bo", "ས་སྐྱ་རྫོང་མི་དམངས་སྨན་ཁང་།"],
    ],
    phone: "0892-8242020",
    helpPhone: "0892-0000-1003",
    ...sakya,
    departments: [["medicine", "内科", "Internal medicine", "03"]],
  },
  {
    slug: "mabujia",
    kind: "township-clinic",
    level: "primary",
    names: [
      ["zh-CN", "麻布加乡卫生院"],
      ["en", "Mabujia Township Clinic"],
      ["bo", "མ་བུ་བྱ་ཤང་འཕྲོད་བསྟེན་ཁང་།"],
    ],
    phone: "0892-8243111",
    helpPhone: "0892-0000-1004",
    ...sakya,
    departments: community,
  },
  {
    slug: "pengpu",
    kind: "community-centre",
    level: "primary",
    names: [
      ["zh-CN", "彭浦新村社区卫生服务中心"],
      ["en", "Pengpu Xincun Community Health Centre"],
      ["bo", "ཕེང་ཕུའུ་གྲོང་གསར་སྡེ་ཁུལ་འཕྲོད་བསྟེན་ཞབས་ཞུའི་ལྟེ་གནས།"],
    ],
    phone: "021-56914949",
    helpPhone: "021-0000-1005",
    ...shanghai,
    departments: [...community, ["sampling", "核酸采样点", "Nucleic-acid sampling", "30"]],
  },
  {
    slug: "linfen",
    kind: "community-centre",
    level: "primary",
    names: [
      ["zh-CN", "临汾社区卫生服务中心"],
      ["en", "Linfen Community Health Centre"],
      ["bo", "ལིན་ཧྥེན་སྡེ་ཁུལ་འཕྲོད་བསྟེན་ཞབས་ཞུའི་ལྟེ་གནས།"],
    ],
    phone: "021-56880011",
    helpPhone: "021-0000-1006",
    ...shanghai,
    departments: community,
  },
  {
    slug: "nanjing-west",
    kind: "community-centre",
    level: "primary",
    names: [
      ["zh-CN", "南京西路社区卫生服务中心"],
      ["en", "Nanjing West Road Community Health Centre"],
      ["bo", "ནན་ཅིན་ནུབ་ལམ་སྡེ་ཁུལ་འཕྲོད་བསྟེན་ཞབས་ཞུའི་ལྟེ་གནས།"],
    ],
    phone: "021-62180022",
    helpPhone: "021-0000-1007",
    ...shanghai,
    departments: community,
  },
  {
    slug: "gonghexin",
    kind: "community-centre",
    level: "primary",
    names: [
      ["zh-CN", "共和新路社区卫生服务中心"],
      ["en", "Gonghexin Road Community Health Centre"],
      ["bo", "གུང་ཧེ་ཤིན་ལམ་སྡེ་ཁུལ་འཕྲོད་བསྟེན་ཞབས་ཞུའི་ལྟེ་གནས།"],
    ],
    phone: "021-56330033",
    helpPhone: "021-0000-1008",
    ...shanghai,
    departments: community,
  },
  {
    slug: "zhabei-central",
    kind: "hospital",
    level: "secondary",
    names: [
      ["zh-CN", "静安区闸北中心医院"],
      ["en", "Zhabei Central Hospital"],
      ["bo", "ཅིན་ཨན་ཆུས་ཀྲ་པེ་ལྟེ་གནས་སྨན་ཁང་།"],
    ],
    phone: "021-56628584",
    helpPhone: "021-0000-1009",
    ...shanghai,
    departments: [
      ["fever", "发热门诊", "Fever clinic", "16.01"],
      ["medicine", "内科", "Internal medicine", "03"],
      ["sampling", "核酸采样点", "Nucleic-acid sampling", "30"],
    ],
  },
  {
    slug: "jingan-central",
    kind: "hospital",
    level: "secondary",
    names: [
      ["zh-CN", "静安区中心医院"],
      ["en", "Jing'an Central Hospital"],
      ["bo", "ཅིན་ཨན་ཆུས་ལྟེ་གནས་སྨན་ཁང་།"],
    ],
    phone: "021-62474530",
    helpPhone: "021-0000-1010",
    ...shanghai,
    departments: [
      ["medicine", "内科", "Internal medicine", "03"],
      ["telemedicine", "远程会诊中心", "Telemedicine centre", "50"],
    ],
  },
  {
    slug: "jingan-dental",
    kind: "specialty-institute",
    level: "primary",
    names: [
      ["zh-CN", "静安区牙病防治所"],
      ["en", "Jing'an Dental Institute"],
      ["bo", "ཅིན་ཨན་ཆུས་སོ་ནད་འགོག་བཅོས་ཁང་།"],
    ],
    phone: "021-62533600",
    helpPhone: "021-0000-1011",
    ...shanghai,
    departments: [["child-dental", "儿童口腔", "Children's dentistry", "12"]],
  },
  {
    slug: "changzheng",
    kind: "hospital",
    level: "tertiary",
    names: [
      ["zh-CN", "长征医院"],
      ["en", "Changzheng Hospital"],
      ["bo", "ཁྲང་ཀྲེང་སྨན་ཁང་།"],
    ],
    phone: "021-81886999",
    helpPhone: "021-0000-1012",
    ...shanghai,
    departments: [["trauma", "急诊创伤", "Trauma", "20"]],
  },
  {
    slug: "huadong",
    kind: "hospital",
    level: "tertiary",
    names: [
      ["zh-CN", "华东医院"],
      ["en", "Huadong Hospital"],
      ["bo", "ཧྭ་ཏུང་སྨན་ཁང་།"],
    ],
    phone: "021-62483180",
    helpPhone: "021-0000-1013",
    ...shanghai,
    departments: [["rehabilitation", "康复科", "Rehabilitation", "21"]],
  },
  {
    slug: "rehab-3",
    kind: "rehabilitation-hospital",
    level: "secondary",
    names: [
      ["zh-CN", "上海市第三康复医院"],
      ["en", "Shanghai Third Rehabilitation Hospital"],
      ["bo", "ཧྲང་ཧའེ་ནུས་པ་སླར་གསོའི་སྨན་ཁང་ཨང་གསུམ་པ།"],
    ],
    phone: "021-56100020",
    helpPhone: "021-0000-1014",
    ...shanghai,
    departments: [["rehabilitation", "康复科", "Rehabilitation", "21"]],
  },
  {
    slug: "rehab-4",
    kind: "rehabilitation-hospital",
    level: "secondary",
    names: [
      ["zh-CN", "上海市第四康复医院"],
      ["en", "Shanghai Fourth Rehabilitation Hospital"],
      ["bo", "ཧྲང་ཧའེ་ནུས་པ་སླར་གསོའི་སྨན་ཁང་ཨང་བཞི་པ།"],
    ],
    phone: "021-62562200",
    helpPhone: "021-0000-1015",
    ...shanghai,
    departments: [["rehabilitation", "康复科", "Rehabilitation", "21"]],
  },
  {
    // Invented: the pages name no nursing home.
    slug: "linfen-care",
    kind: "nursing-home",
    level: "primary",
    names: [
      ["zh-CN", "临汾颐和护理院"],
      ["en", "Linfen Yihe Nursing Home"],
      ["bo", "ལིན་ཧྥུན་དབྱི་ཧེ་ནད་གཡོག་ཁང་།"],
    ],
    phone: "021-56770088",
    helpPhone: "021-0000-1020",
    ...shanghai,
    departments: [["nursing", "护理科", "Nursing", "21"]],
  },
  {
    slug: "xuhui-cdc",
    kind: "disease-control",
    level: "secondary",
    names: [
      ["zh-CN", "徐汇区疾病预防控制中心"],
      ["en", "Xuhui District CDC"],
      ["bo", "ཤུའུ་ཧུའེ་ཆུས་ནད་འགོག་ལྟེ་གནས།"],
    ],
    phone: "021-54010001",
    helpPhone: "021-0000-1016",
    ...shanghai,
    departments: [["surveillance", "传染病防治科", "Infectious diseases", "50"]],
  },
  {
    slug: "jingan-cdc",
    kind: "disease-control",
    level: "secondary",
    names: [
      ["zh-CN", "静安区疾病预防控制中心"],
      ["en", "Jing'an District CDC"],
      ["bo", "ཅིན་ཨན་ཆུས་ནད་འགོག་ལྟེ་གནས།"],
    ],
    phone: "021-56310001",
    helpPhone: "021-0000-1017",
    ...shanghai,
    departments: [["surveillance", "传染病防治科", "Infectious diseases", "50"]],
  },
  {
    slug: "sakya-cdc",
    kind: "disease-control",
    level: "secondary",
    names: [
      ["zh-CN", "萨迦县疾病预防控制中心"],
      ["en", "Sakya County CDC"],
      ["bo", "ས་སྐྱ་རྫོང་ནད་འགོག་ལྟེ་གནས།"],
    ],
    phone: "0892-8242300",
    helpPhone: "0892-0000-1018",
    ...sakya,
    departments: [["surveillance", "传染病防治科", "Infectious diseases", "50"]],
  },
];

export const demoAlliances: readonly {
  name: string;
  nameEn: string;
  kind: "city-medical-group" | "county-community" | "specialty" | "telemedicine-network";
  lead: string;
  members: readonly string[];
}[] = [
  {
    name: "徐汇云医院远程医疗网",
    nameEn: "Xuhui Cloud Hospital network",
    kind: "telemedicine-network",
    lead: "xuhui-central",
    members: ["xuhui-central", "sakya-chc", "sakya-hospital", "mabujia", "pengpu"],
  },
  {
    name: "萨迦县医共体",
    nameEn: "Sakya county medical community",
    kind: "county-community",
    lead: "sakya-hospital",
    members: ["sakya-hospital", "sakya-chc", "mabujia"],
  },
  {
    name: "静安区中部医联体",
    nameEn: "Jing'an middle alliance",
    kind: "city-medical-group",
    lead: "zhabei-central",
    members: ["zhabei-central", "pengpu", "linfen", "gonghexin", "rehab-3", "linfen-care"],
  },
  {
    name: "急性创伤专科联盟",
    nameEn: "Acute trauma alliance",
    kind: "specialty",
    lead: "changzheng",
    members: ["changzheng", "zhabei-central", "jingan-central"],
  },
  {
    name: "康复专科联盟",
    nameEn: "Rehabilitation alliance",
    kind: "specialty",
    lead: "huadong",
    members: ["huadong", "rehab-3", "rehab-4", "pengpu"],
  },
];

/** Who may invite whom to remote consults. */
export const demoAgreements: readonly (readonly [inviting: string, invited: string])[] = [
  ["sakya-chc", "xuhui-central"],
  ["sakya-hospital", "xuhui-central"],
  ["mabujia", "xuhui-central"],
  ["mabujia", "sakya-hospital"],
  ["pengpu", "xuhui-central"],
  ["pengpu", "zhabei-central"],
];

/**
 * Public holidays, a starter table to be replaced each year by the announced one.
 * Sources: State Council holiday notices (national days); Tibet Autonomous Region's own days.
 * Lunar and Tibetan dates of coming years are recalled and marked so until announced.
 */
export const demoHolidays: readonly (readonly [
  calendar: "CN" | "CN-54",
  day: string,
  zh: string,
  en: string,
  bo: string | null,
])[] = [
  ["CN", "2027-01-01", "元旦", "New Year's Day", "གསར་ལོ།"],
  ["CN", "2027-02-05", "春节（除夕）", "Spring Festival eve", null],
  ["CN", "2027-02-06", "春节", "Spring Festival", null],
  ["CN", "2027-02-07", "春节", "Spring Festival", null],
  ["CN", "2027-02-08", "春节", "Spring Festival", null],
  ["CN", "2027-05-01", "劳动节", "Labour Day", null],
  ["CN", "2027-10-01", "国庆节", "National Day", null],
  ["CN-54", "2027-02-07", "藏历新年", "Losar", "ལོ་གསར།"],
  ["CN-54", "2027-02-08", "藏历新年", "Losar", "ལོ་གསར།"],
  ["CN-54", "2027-02-09", "藏历新年", "Losar", "ལོ་གསར།"],
  ["CN-54", "2026-12-03", "燃灯节（甘丹昂曲）", "Ganden Ngachoe", "དགའ་ལྡན་ལྔ་མཆོད།"],
];

/** To which CDC the reports of an institution go, and the duty telephone that an urgent alarm is sent to. */
export const demoReporting: readonly (readonly [
  institution: string,
  cdc: string | null,
  dutyPhone: string,
])[] = [
  ["xuhui-central", "xuhui-cdc", "13800138091"],
  ["sakya-chc", "sakya-cdc", "13800138092"],
  ["sakya-hospital", "sakya-cdc", "13800138093"],
  ["mabujia", "sakya-cdc", "13800138094"],
  ["zhabei-central", "jingan-cdc", "13800138095"],
  ["jingan-central", "jingan-cdc", "13800138096"],
  ["pengpu", "jingan-cdc", "13800138097"],
  ["xuhui-cdc", null, "13800138081"],
  ["jingan-cdc", null, "13800138082"],
  ["sakya-cdc", null, "13800138083"],
];
