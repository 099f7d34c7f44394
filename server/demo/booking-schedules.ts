/** Clinics of the demo: what is held where and when. Times are minutes of the institution's own day. */
import type { ServiceKind } from "../booking/domain.ts";

type Hours = readonly (readonly [start: number, end: number])[];
export type DemoSchedule = {
  institution: string;
  department: string;
  /** Login name of the doctor; a department's clinic has none. */
  doctor?: string;
  kind: ServiceKind;
  names: readonly [zh: string, en: string, bo: string];
  place: string;
  placeEn: string;
  placeBo: string;
  feeCents: number;
  segmentMinutes: 30 | 60;
  weekdays: readonly number[];
  hours: Hours;
  capacity: number;
  /** Seats of each segment on a public holiday; closed without. */
  holidayCapacity?: number;
  /** Days from the first day on which the doctor is away, and why. */
  away?: { afterDays: number; reason: string };
};

const minutes = (hour: number, minute = 0) => hour * 60 + minute;
const workdays = [1, 2, 3, 4, 5];
const withSaturday = [...workdays, 6];
const everyDay = [...withSaturday, 7];
const shanghaiDay: Hours = [
  [minutes(8), minutes(11, 30)],
  [minutes(13), minutes(17)],
];
const morning: Hours = [[minutes(8), minutes(11, 30)]];
const expert = ["专家门诊", "Expert clinic", "ཆེད་མཁས་སྨན་བཅོས།"] as const;
const ordinary = ["普通门诊", "General clinic", "སྤྱིར་བཏང་སྨན་བཅོས།"] as const;
const evening = ["夜门诊", "Evening clinic", "དགོང་མོའི་སྨན་བཅོས།"] as const;
const family = ["全科门诊", "Family doctor", "སྤྱི་ཁྱབ་སྨན་བཅོས།"] as const;
const duty = ["全科值班门诊", "Family doctor on duty", "སྤྱི་ཁྱབ་སྨན་བཅོས་ལས་རེས།"] as const;

export const demoSchedules: readonly DemoSchedule[] = [
  {
    institution: "xuhui-central",
    department: "haematology",
    doctor: "zhouminhua",
    kind: "clinic",
    names: expert,
    place: "门诊楼 3 层 305 诊室",
    placeEn: "Outpatient building, floor 3, room 305",
    placeBo: "སྨན་བཅོས་ཁང་ཐོག་ 3 བརྟག་དཔྱད་ཁང་ 305",
    feeCents: 3800,
    segmentMinutes: 30,
    weekdays: [1, 3, 5],
    hours: morning,
    capacity: 4,
  },
  {
    institution: "xuhui-central",
    department: "haematology",
    kind: "clinic",
    names: ordinary,
    place: "门诊楼 3 层 303 诊室",
    placeEn: "Outpatient building, floor 3, room 303",
    placeBo: "སྨན་བཅོས་ཁང་ཐོག་ 3 བརྟག་དཔྱད་ཁང་ 303",
    feeCents: 2200,
    segmentMinutes: 30,
    weekdays: withSaturday,
    hours: [[minutes(13), minutes(17)]],
    capacity: 4,
  },
  {
    institution: "xuhui-central",
    department: "gastroenterology",
    doctor: "wuqihang",
    kind: "clinic",
    names: expert,
    place: "门诊楼 4 层 411 诊室",
    placeEn: "Outpatient building, floor 4, room 411",
    placeBo: "སྨན་བཅོས་ཁང་ཐོག་ 4 བརྟག་དཔྱད་ཁང་ 411",
    feeCents: 3800,
    segmentMinutes: 30,
    weekdays: [2, 4, 6],
    hours: shanghaiDay,
    capacity: 4,
    away: { afterDays: 9, reason: "外出参加学术会议" },
  },
  {
    institution: "xuhui-central",
    department: "gastroenterology",
    kind: "clinic",
    names: ordinary,
    place: "门诊楼 4 层 408 诊室",
    placeEn: "Outpatient building, floor 4, room 408",
    placeBo: "སྨན་བཅོས་ཁང་ཐོག་ 4 བརྟག་དཔྱད་ཁང་ 408",
    feeCents: 2200,
    segmentMinutes: 30,
    weekdays: everyDay,
    hours: shanghaiDay,
    capacity: 6,
  },
  {
    institution: "xuhui-central",
    department: "nephrology",
    doctor: "shenyiming",
    kind: "clinic",
    names: ordinary,
    place: "门诊楼 4 层 402 诊室",
    placeEn: "Outpatient building, floor 4, room 402",
    placeBo: "སྨན་བཅོས་ཁང་ཐོག་ 4 བརྟག་དཔྱད་ཁང་ 402",
    feeCents: 2200,
    segmentMinutes: 30,
    weekdays: workdays,
    hours: [[minutes(13), minutes(17)]],
    capacity: 4,
  },
  {
    institution: "xuhui-central",
    department: "cardiology",
    doctor: "chenliming",
    kind: "clinic",
    names: expert,
    place: "门诊楼 2 层 215 诊室",
    placeEn: "Outpatient building, floor 2, room 215",
    placeBo: "སྨན་བཅོས་ཁང་ཐོག་ 2 བརྟག་དཔྱད་ཁང་ 215",
    feeCents: 3800,
    segmentMinutes: 30,
    weekdays: [1, 4],
    hours: morning,
    capacity: 4,
  },
  {
    institution: "xuhui-central",
    department: "cardiology",
    kind: "clinic",
    names: evening,
    place: "门诊楼 2 层 210 诊室",
    placeEn: "Outpatient building, floor 2, room 210",
    placeBo: "སྨན་བཅོས་ཁང་ཐོག་ 2 བརྟག་དཔྱད་ཁང་ 210",
    feeCents: 2200,
    segmentMinutes: 30,
    weekdays: everyDay,
    hours: [[minutes(17, 30), minutes(22)]],
    capacity: 4,
  },
  {
    institution: "xuhui-central",
    department: "rehabilitation",
    kind: "clinic",
    names: ordinary,
    place: "康复楼 1 层",
    placeEn: "Rehabilitation building, floor 1",
    placeBo: "ནུས་པ་སླར་གསོའི་ཁང་པ་ཐོག་ 1",
    feeCents: 2200,
    segmentMinutes: 60,
    weekdays: withSaturday,
    hours: shanghaiDay,
    capacity: 5,
  },
  {
    institution: "pengpu",
    department: "general",
    doctor: "wangjianguo",
    kind: "clinic",
    names: family,
    place: "2 层 全科 1 诊室",
    placeEn: "Floor 2, general practice room 1",
    placeBo: "ཐོག་ 2 སྤྱི་ཁྱབ་བརྟག་དཔྱད་ཁང་ 1",
    feeCents: 1200,
    segmentMinutes: 60,
    weekdays: workdays,
    hours: [
      [minutes(8), minutes(11)],
      [minutes(13), minutes(16)],
    ],
    capacity: 8,
  },
  {
    institution: "pengpu",
    department: "general",
    kind: "clinic",
    names: duty,
    place: "1 层 全科 3 诊室",
    placeEn: "Floor 1, general practice room 3",
    placeBo: "ཐོག་ 1 སྤྱི་ཁྱབ་བརྟག་དཔྱད་ཁང་ 3",
    feeCents: 1200,
    segmentMinutes: 60,
    weekdays: everyDay,
    hours: [
      [minutes(8), minutes(11)],
      [minutes(13), minutes(20)],
    ],
    capacity: 6,
    holidayCapacity: 4,
  },
  {
    institution: "zhabei-central",
    department: "fever",
    kind: "fever-clinic",
    names: ["发热门诊", "Fever clinic", "ཚ་བའི་སྨན་བཅོས།"],
    place: "发热门诊独立入口（共和新路侧）",
    placeEn: "Fever clinic's own entrance (Gonghe Xin Road side)",
    placeBo: "ཚ་བའི་སྨན་ཁང་གི་རང་སྒོ། （གུང་ཧེ་ཤིན་ལམ་གྱི་ཕྱོགས།）",
    feeCents: 2200,
    segmentMinutes: 60,
    weekdays: everyDay,
    hours: [[minutes(8), minutes(32)]],
    capacity: 4,
  },
  {
    institution: "zhabei-central",
    department: "medicine",
    kind: "clinic",
    names: ordinary,
    place: "门诊楼 2 层 内科",
    placeEn: "Outpatient building, floor 2, internal medicine",
    placeBo: "སྨན་བཅོས་ཁང་ཐོག་ 2 ནང་ནད་ཚན་ཁག",
    feeCents: 2200,
    segmentMinutes: 30,
    weekdays: withSaturday,
    hours: shanghaiDay,
    capacity: 6,
  },
  {
    institution: "sakya-chc",
    department: "general",
    doctor: "danzeng",
    kind: "clinic",
    names: family,
    place: "1 层 2 诊室",
    placeEn: "Floor 1, room 2",
    placeBo: "ཐོག་ 1 བརྟག་དཔྱད་ཁང་ 2",
    feeCents: 500,
    segmentMinutes: 30,
    weekdays: workdays,
    hours: [
      [minutes(9, 30), minutes(13)],
      [minutes(15, 30), minutes(18, 30)],
    ],
    capacity: 3,
  },
  {
    institution: "sakya-chc",
    department: "general",
    kind: "clinic",
    names: duty,
    place: "1 层 1 诊室",
    placeEn: "Floor 1, room 1",
    placeBo: "ཐོག་ 1 བརྟག་དཔྱད་ཁང་ 1",
    feeCents: 500,
    segmentMinutes: 60,
    weekdays: everyDay,
    hours: [
      [minutes(10), minutes(13)],
      [minutes(16), minutes(22)],
    ],
    capacity: 4,
    holidayCapacity: 3,
  },
  {
    institution: "jingan-dental",
    department: "child-dental",
    doctor: "dingjie",
    kind: "clinic",
    names: ["儿童口腔初诊", "First visit, children's dentistry", "བྱིས་པའི་ཁ་སོ་ཐེངས་དང་པོ།"],
    place: "2 层 儿童口腔 1 号椅",
    placeEn: "Floor 2, children's dentistry, chair 1",
    placeBo: "ཐོག་ 2 བྱིས་པའི་ཁ་སོའི་ཚན་ཁག རྐུབ་སྟེགས་ 1",
    feeCents: 2200,
    segmentMinutes: 30,
    weekdays: withSaturday,
    hours: [
      [minutes(8), minutes(11, 30)],
      [minutes(13), minutes(16, 30)],
    ],
    capacity: 2,
  },
  ...(
    [
      [
        "pengpu",
        "社区中心一楼门厅西侧",
        "Community centre, ground floor, west of the hall",
        "སྡེ་ཁུལ་ལྟེ་གནས་ཐོག་ 1 སྒོ་ཁང་གི་ནུབ་ཕྱོགས།",
      ],
      [
        "zhabei-central",
        "门诊楼东侧采样亭",
        "Sampling pavilion east of the outpatient building",
        "སྨན་བཅོས་ཁང་གི་ཤར་ཕྱོགས་ཀྱི་དཔེ་ཚད་ལེན་ཁང་།",
      ],
      [
        "xuhui-central",
        "门诊楼南广场采样亭",
        "Sampling pavilion on the south square",
        "སྨན་བཅོས་ཁང་གི་ལྷོ་ཐང་གི་དཔེ་ཚད་ལེན་ཁང་།",
      ],
    ] as const
  ).map(
    ([institution, place, placeEn, placeBo]): DemoSchedule => ({
      institution,
      department: "sampling",
      kind: "test",
      names: ["核酸采样", "Nucleic-acid test", "ནུས་པའི་སྐྱུར་བརྟག་དཔྱད།"],
      place,
      placeEn,
      placeBo,
      feeCents: 0,
      segmentMinutes: 60,
      weekdays: everyDay,
      hours: [[minutes(8), minutes(20)]],
      capacity: 8,
    }),
  ),
];

/** Numbers that an institution changed from the default, from its own day on. */
export const demoPolicies: readonly (readonly [
  institution: string,
  change: Readonly<{ hotlinePercent?: number; priorityPercent?: number; noShowBlockDays?: number }>,
])[] = [
  ["xuhui-central", { hotlinePercent: 10 }],
  // All who come to a community centre are its own residents.
  ["pengpu", { priorityPercent: 25, hotlinePercent: 20, noShowBlockDays: 30 }],
  ["sakya-chc", { priorityPercent: 0, hotlinePercent: 30, noShowBlockDays: 0 }],
  ["jingan-dental", { priorityPercent: 50 }],
];

/** Where the places lie, roughly; needed to find the nearest one. */
export const demoAddresses: readonly (readonly [
  institution: string,
  address: string,
  latitude: number,
  longitude: number,
])[] = [
  ["xuhui-central", "上海市徐汇区淮海中路 966 号", 31.2153, 121.4573],
  ["pengpu", "上海市静安区平顺路 525 号", 31.3056, 121.4507],
  ["zhabei-central", "上海市静安区中华新路 619 号", 31.2551, 121.4626],
  ["sakya-chc", "西藏自治区日喀则市萨迦县萨迦镇", 28.9009, 88.0227],
  ["jingan-dental", "上海市静安区康定路 1 号", 31.2344, 121.4479],
];

/** Residents signed with a family doctor: demo patient, institution, login name of the doctor. */
export const demoSigned: readonly (readonly [
  patient: string,
  institution: string,
  doctor: string,
])[] = [
  ["zhou", "pengpu", "wangjianguo"],
  ["dawa", "mabujia", "cirenzhuoma"],
];
