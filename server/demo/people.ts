/** Invented people of the demo: staff with their posts, and patients. Nobody of them exists. */
export type DemoPost = {
  institution: string;
  department?: string;
  roles: readonly string[];
  posted?: boolean;
};
export type DemoPerson = {
  loginName: string;
  name: string;
  nameBo?: string;
  nameEn?: string;
  title?: string;
  titleEn?: string;
  practisingSince?: string;
  posts: readonly DemoPost[];
  /** Scene of the demo story in which this account is the one to use. */
  scene?: number;
  /** What the person does in the story; key of the message catalogue (`demo.story.<key>`). */
  story: string;
};

export const demoPeople: readonly DemoPerson[] = [
  {
    loginName: "danzeng",
    name: "旦增",
    nameBo: "བསྟན་འཛིན།",
    nameEn: "Tenzin",
    title: "主治医师",
    titleEn: "Attending physician",
    practisingSince: "2014-07-01",
    posts: [{ institution: "sakya-chc", department: "general", roles: ["attending-doctor"] }],
    scene: 2,
    story: "attending",
  },
  {
    loginName: "lijia",
    name: "李佳",
    nameEn: "Li Jia",
    title: "主管护师",
    titleEn: "Consult coordinator",
    posts: [{ institution: "xuhui-central", department: "telemedicine", roles: ["consult-desk"] }],
    scene: 2,
    story: "desk",
  },
  {
    loginName: "zhouminhua",
    name: "周敏华",
    nameEn: "Zhou Minhua",
    title: "主任医师",
    titleEn: "Chief physician",
    practisingSince: "2001-08-01",
    posts: [{ institution: "xuhui-central", department: "haematology", roles: ["specialist"] }],
    scene: 3,
    story: "specialist",
  },
  {
    loginName: "wuqihang",
    name: "吴启航",
    nameEn: "Wu Qihang",
    title: "副主任医师",
    titleEn: "Associate chief physician",
    practisingSince: "2010-08-01",
    posts: [
      { institution: "xuhui-central", department: "gastroenterology", roles: ["specialist"] },
    ],
    story: "second-specialist",
  },
  {
    loginName: "shenyiming",
    name: "沈一鸣",
    nameEn: "Shen Yiming",
    title: "住院医师",
    titleEn: "Resident",
    practisingSince: "2025-08-01",
    posts: [
      { institution: "xuhui-central", department: "nephrology", roles: ["specialist", "observer"] },
    ],
    story: "resident",
  },
  {
    loginName: "lazhen",
    name: "拉珍",
    nameBo: "ལྷ་སྒྲོན།",
    nameEn: "Lhadron",
    posts: [{ institution: "xuhui-central", roles: ["interpreter"] }],
    story: "interpreter",
  },
  {
    loginName: "sunxiao",
    name: "孙晓",
    nameEn: "Sun Xiao",
    title: "实习医生",
    titleEn: "Intern",
    posts: [{ institution: "xuhui-central", department: "haematology", roles: ["observer"] }],
    story: "observer",
  },
  {
    loginName: "chenliming",
    name: "陈立明",
    nameEn: "Chen Liming",
    title: "副主任医师",
    titleEn: "Associate chief physician",
    practisingSince: "2009-07-01",
    posts: [
      {
        institution: "sakya-chc",
        department: "general",
        roles: ["attending-doctor"],
        posted: true,
      },
      { institution: "xuhui-central", department: "cardiology", roles: ["specialist"] },
    ],
    story: "posted",
  },
  {
    loginName: "deji",
    name: "德吉",
    nameBo: "བདེ་སྐྱིད།",
    nameEn: "Dekyi",
    title: "护士",
    titleEn: "Nurse",
    posts: [{ institution: "sakya-chc", department: "general", roles: ["nurse"] }],
    story: "nurse",
  },
  {
    loginName: "zhaxidunzhu",
    name: "扎西顿珠",
    nameBo: "བཀྲ་ཤིས་དོན་གྲུབ།",
    nameEn: "Tashi Dondrup",
    title: "主治医师",
    titleEn: "Attending physician",
    practisingSince: "2012-07-01",
    posts: [{ institution: "sakya-hospital", department: "medicine", roles: ["attending-doctor"] }],
    story: "county-doctor",
  },
  {
    loginName: "cirenzhuoma",
    name: "次仁卓玛",
    nameBo: "ཚེ་རིང་སྒྲོལ་མ།",
    nameEn: "Tsering Drolma",
    title: "医师",
    titleEn: "Physician",
    practisingSince: "2019-07-01",
    posts: [{ institution: "mabujia", department: "general", roles: ["community-doctor"] }],
    story: "township-doctor",
  },
  {
    loginName: "wangjianguo",
    name: "王建国",
    nameEn: "Wang Jianguo",
    title: "主治医师",
    titleEn: "Attending physician",
    practisingSince: "2008-07-01",
    posts: [
      {
        institution: "pengpu",
        department: "general",
        roles: ["community-doctor", "fever-doctor"],
      },
    ],
    story: "community-doctor",
  },
  {
    loginName: "hejing",
    name: "何静",
    nameEn: "He Jing",
    posts: [{ institution: "jingan-central", department: "telemedicine", roles: ["consult-desk"] }],
    story: "other-desk",
  },
  {
    loginName: "zhenglan",
    name: "郑岚",
    nameEn: "Zheng Lan",
    posts: [{ institution: "xuhui-central", roles: ["alliance-administrator"] }],
    story: "administrator",
  },
  {
    loginName: "shenruolan",
    name: "沈若兰",
    nameEn: "Shen Ruolan",
    title: "主任医师",
    titleEn: "Chief physician",
    practisingSince: "2003-07-01",
    posts: [
      { institution: "huadong", department: "rehabilitation", roles: ["clinical-administrator"] },
      { institution: "changzheng", roles: ["clinical-administrator"], posted: true },
    ],
    story: "clinical-administrator",
  },
  {
    loginName: "fangwenbo",
    name: "方文博",
    nameEn: "Fang Wenbo",
    title: "副主任医师",
    titleEn: "Associate chief physician",
    practisingSince: "2010-07-01",
    posts: [
      { institution: "rehab-3", department: "rehabilitation", roles: ["clinical-administrator"] },
      {
        institution: "zhabei-central",
        department: "medicine",
        roles: ["clinical-administrator"],
        posted: true,
      },
    ],
    story: "second-clinician",
  },
  {
    loginName: "luweihong",
    name: "陆蔚虹",
    nameEn: "Lu Weihong",
    posts: [{ institution: "xuhui-central", roles: ["record-administrator"] }],
    story: "record-administrator",
  },
  {
    loginName: "tongyafen",
    name: "童雅芬",
    nameEn: "Tong Yafen",
    posts: [{ institution: "pengpu", roles: ["record-administrator"] }],
    story: "record-administrator",
  },
  {
    loginName: "qinxuemei",
    name: "秦雪梅",
    nameEn: "Qin Xuemei",
    title: "主管护师",
    titleEn: "Referral coordinator",
    posts: [{ institution: "zhabei-central", department: "medicine", roles: ["referral-desk"] }],
    story: "referral-desk",
  },
  {
    loginName: "shihuifen",
    name: "施慧芬",
    nameEn: "Shi Huifen",
    title: "主管护师",
    titleEn: "Referral coordinator",
    posts: [
      {
        institution: "rehab-3",
        department: "rehabilitation",
        roles: ["referral-desk", "ward-doctor"],
      },
    ],
    story: "referral-desk",
  },
  {
    loginName: "pengyazhen",
    name: "彭雅珍",
    nameEn: "Peng Yazhen",
    title: "护师",
    titleEn: "Referral coordinator",
    posts: [{ institution: "rehab-4", department: "rehabilitation", roles: ["referral-desk"] }],
    story: "referral-desk",
  },
  {
    loginName: "hanshuzhen",
    name: "韩淑珍",
    nameEn: "Han Shuzhen",
    title: "医师",
    titleEn: "Doctor of the nursing home",
    posts: [
      {
        institution: "linfen-care",
        department: "nursing",
        roles: ["referral-desk", "community-doctor"],
      },
    ],
    story: "referral-desk",
  },
  {
    loginName: "gumingyuan",
    name: "顾明远",
    nameEn: "Gu Mingyuan",
    title: "副主任医师",
    titleEn: "Associate chief physician",
    practisingSince: "2009-07-01",
    posts: [{ institution: "zhabei-central", department: "medicine", roles: ["ward-doctor"] }],
    story: "ward-doctor",
  },
  {
    loginName: "basang",
    name: "巴桑",
    nameBo: "པ་སངས།",
    nameEn: "Pasang",
    posts: [{ institution: "sakya-chc", roles: ["public-health"] }],
    story: "public-health",
  },
  {
    loginName: "qimei",
    name: "其美",
    nameBo: "འཆི་མེད།",
    nameEn: "Chime",
    posts: [{ institution: "sakya-cdc", roles: ["district-cdc"] }],
    story: "district-cdc",
  },
  {
    loginName: "xuwenjuan",
    name: "徐文娟",
    nameEn: "Xu Wenjuan",
    posts: [{ institution: "xuhui-central", roles: ["public-health"] }],
    story: "public-health",
  },
  {
    loginName: "gaoyuan",
    name: "高远",
    nameEn: "Gao Yuan",
    posts: [{ institution: "xuhui-cdc", roles: ["district-cdc"] }],
    story: "district-cdc",
  },
  {
    loginName: "tangli",
    name: "唐莉",
    nameEn: "Tang Li",
    posts: [{ institution: "zhabei-central", roles: ["public-health"] }],
    story: "public-health",
  },
  {
    loginName: "jiangwei",
    name: "蒋巍",
    nameEn: "Jiang Wei",
    posts: [{ institution: "jingan-cdc", roles: ["district-cdc"] }],
    story: "district-cdc",
  },
  {
    loginName: "guxiaowen",
    name: "顾晓雯",
    nameEn: "Gu Xiaowen",
    posts: [{ institution: "xuhui-central", roles: ["schedule-administrator"] }],
    story: "schedule-administrator",
  },
  {
    loginName: "lumin",
    name: "陆敏",
    nameEn: "Lu Min",
    posts: [{ institution: "xuhui-central", roles: ["hotline-operator"] }],
    story: "hotline",
  },
  {
    loginName: "panyue",
    name: "潘悦",
    nameEn: "Pan Yue",
    posts: [{ institution: "zhabei-central", roles: ["hotline-operator"] }],
    scene: 5,
    story: "hotline",
  },
  {
    loginName: "qianfang",
    name: "钱芳",
    nameEn: "Qian Fang",
    posts: [{ institution: "pengpu", roles: ["helper"] }],
    story: "helper",
  },
  {
    loginName: "fangyun",
    name: "方芸",
    nameEn: "Fang Yun",
    title: "护师",
    titleEn: "Nurse",
    posts: [
      { institution: "zhabei-central", department: "fever", roles: ["nurse", "fever-nurse"] },
    ],
    story: "fever-nurse",
  },
  {
    loginName: "shaojun",
    name: "邵军",
    nameEn: "Shao Jun",
    title: "主治医师",
    titleEn: "Attending physician",
    practisingSince: "2012-07-01",
    posts: [{ institution: "zhabei-central", department: "fever", roles: ["fever-doctor"] }],
    story: "fever-doctor",
  },
  {
    loginName: "dingjie",
    name: "丁洁",
    nameEn: "Ding Jie",
    title: "主治医师",
    titleEn: "Dentist",
    practisingSince: "2015-07-01",
    posts: [{ institution: "jingan-dental", department: "child-dental", roles: ["specialist"] }],
    story: "dentist",
  },
  {
    loginName: "taoxiaohui",
    name: "陶晓慧",
    nameEn: "Tao Xiaohui",
    posts: [{ institution: "pengpu", department: "sampling", roles: ["sampler"] }],
    story: "sampler",
  },
  {
    loginName: "shilei",
    name: "石磊",
    nameEn: "Shi Lei",
    posts: [{ institution: "pengpu", department: "sampling", roles: ["sampler"] }],
    story: "sampler",
  },
  {
    loginName: "baoyun",
    name: "鲍芸",
    nameEn: "Bao Yun",
    posts: [{ institution: "zhabei-central", department: "sampling", roles: ["sampler"] }],
    story: "sampler",
  },
  {
    loginName: "yanping",
    name: "严萍",
    nameEn: "Yan Ping",
    posts: [
      {
        institution: "pengpu",
        department: "sampling",
        roles: ["sampling-lead", "surge-commander"],
      },
    ],
    story: "sampling-lead",
  },
  {
    loginName: "yuhong",
    name: "余虹",
    nameEn: "Yu Hong",
    posts: [
      {
        institution: "pengpu",
        department: "sampling",
        roles: ["sampling-lead", "surge-commander"],
      },
    ],
    story: "sampling-lead",
  },
  {
    loginName: "maqiang",
    name: "马强",
    nameEn: "Ma Qiang",
    posts: [{ institution: "pengpu", department: "sampling", roles: ["courier"] }],
    story: "courier",
  },
  {
    loginName: "qianwei",
    name: "钱伟",
    nameEn: "Qian Wei",
    posts: [{ institution: "jingan-central", roles: ["laboratory"] }],
    story: "laboratory",
  },
  {
    loginName: "liqing",
    name: "黎青",
    nameEn: "Li Qing",
    posts: [{ institution: "jingan-central", roles: ["laboratory"] }],
    story: "laboratory",
  },
  {
    loginName: "fanrong",
    name: "范蓉",
    nameEn: "Fan Rong",
    posts: [{ institution: "jingan-central", roles: ["public-health"] }],
    story: "public-health",
  },
  {
    loginName: "kangning",
    name: "康宁",
    nameEn: "Kang Ning",
    posts: [{ institution: "xuhui-central", roles: ["laboratory"] }],
    story: "laboratory",
  },
  {
    loginName: "caiyufen",
    name: "蔡玉芬",
    nameEn: "Cai Yufen",
    title: "主管护师",
    titleEn: "Head nurse",
    posts: [{ institution: "xuhui-central", department: "cardiology", roles: ["ward-nurse"] }],
    story: "ward-nurse",
  },
  {
    loginName: "hemin",
    name: "贺敏",
    nameEn: "He Min",
    title: "主管护师",
    titleEn: "Head nurse",
    posts: [
      {
        institution: "zhabei-central",
        department: "medicine",
        roles: ["ward-nurse", "surge-commander"],
      },
    ],
    story: "ward-nurse",
  },
  {
    loginName: "qiaoxuemei",
    name: "乔雪梅",
    nameEn: "Qiao Xuemei",
    title: "主管护师",
    titleEn: "Head nurse",
    posts: [{ institution: "rehab-3", department: "rehabilitation", roles: ["ward-nurse"] }],
    story: "ward-nurse",
  },
  {
    loginName: "zhuoga",
    name: "卓嘎",
    nameBo: "སྒྲོལ་དཀར།",
    nameEn: "Drolkar",
    title: "主管护师",
    titleEn: "Head nurse",
    posts: [{ institution: "sakya-hospital", department: "medicine", roles: ["ward-nurse"] }],
    story: "ward-nurse",
  },
  {
    loginName: "meihua",
    name: "梅华",
    nameEn: "Mei Hua",
    title: "主管护师",
    titleEn: "Bed coordinator",
    posts: [
      { institution: "changzheng", department: "trauma", roles: ["ward-nurse"] },
      { institution: "huadong", department: "rehabilitation", roles: ["ward-nurse"] },
    ],
    story: "bed-coordinator",
  },
];

export type DemoPatient = {
  key: string;
  fullName: string;
  fullNameBo?: string;
  sex: "female" | "male";
  /** Age in years on the base day, or an ID that carries the birth date. */
  ageYears?: number;
  residentId?: string;
  ethnicGroup: string;
  language: "zh-CN" | "bo";
  address: string;
  registeredBy: string;
  contacts: readonly {
    relation: "self" | "mother" | "father" | "child";
    name: string;
    phone: string;
    maySignIn: boolean;
  }[];
  scene?: number;
  story?: string;
};

export const demoPatients: readonly DemoPatient[] = [
  {
    key: "dawa",
    fullName: "达娃",
    fullNameBo: "ཟླ་བ།",
    sex: "female",
    ageYears: 9,
    ethnicGroup: "藏族",
    language: "bo",
    address: "西藏自治区萨迦县麻布加乡",
    registeredBy: "danzeng",
    contacts: [{ relation: "mother", name: "央金", phone: "13800138001", maySignIn: true }],
    scene: 4,
    story: "family",
  },
  {
    key: "zhaxi",
    fullName: "扎西",
    fullNameBo: "བཀྲ་ཤིས།",
    sex: "male",
    ageYears: 58,
    ethnicGroup: "藏族",
    language: "bo",
    address: "西藏自治区萨迦县萨迦镇",
    registeredBy: "zhaxidunzhu",
    contacts: [{ relation: "child", name: "边巴", phone: "13800138002", maySignIn: true }],
  },
  {
    key: "zhou",
    fullName: "周桂英",
    sex: "female",
    ageYears: 71,
    ethnicGroup: "汉族",
    language: "zh-CN",
    address: "上海市静安区彭浦新村",
    registeredBy: "wangjianguo",
    contacts: [{ relation: "self", name: "周桂英", phone: "13800138003", maySignIn: true }],
  },
  {
    key: "ciren",
    fullName: "次仁",
    fullNameBo: "ཚེ་རིང་།",
    sex: "male",
    ageYears: 44,
    ethnicGroup: "藏族",
    language: "bo",
    address: "西藏自治区萨迦县吉定镇",
    registeredBy: "danzeng",
    contacts: [],
  },
  {
    key: "luosang",
    fullName: "洛桑",
    fullNameBo: "བློ་བཟང་།",
    sex: "male",
    ageYears: 36,
    ethnicGroup: "藏族",
    language: "zh-CN",
    address: "西藏自治区萨迦县萨迦镇",
    registeredBy: "danzeng",
    contacts: [{ relation: "self", name: "洛桑", phone: "13800138004", maySignIn: true }],
    story: "patient",
  },
  {
    key: "shen",
    fullName: "沈秀兰",
    sex: "female",
    ageYears: 76,
    ethnicGroup: "汉族",
    language: "zh-CN",
    address: "上海市静安区彭浦新村闻喜路 251 弄 3 号 402 室",
    registeredBy: "wangjianguo",
    contacts: [
      { relation: "self", name: "沈秀兰", phone: "021-56881234", maySignIn: false },
      { relation: "child", name: "央宗", phone: "13800138005", maySignIn: true },
    ],
  },
  {
    key: "xu",
    fullName: "许阿宝",
    sex: "male",
    ageYears: 82,
    ethnicGroup: "汉族",
    language: "zh-CN",
    address: "上海市静安区彭浦新村三泉路 88 弄 12 号 101 室",
    registeredBy: "wangjianguo",
    contacts: [{ relation: "self", name: "许阿宝", phone: "021-56885678", maySignIn: false }],
  },
];
