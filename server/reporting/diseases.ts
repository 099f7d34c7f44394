/**
 * Notifiable diseases that a new database starts with (`notifiable_disease`); an authority's later decision
 * is a new dated row, not a release. Tibetan names await native review; an empty one is still to be written
 * and the Chinese one is shown.
 *
 * Source of classes: Law on Prevention and Treatment of Infectious Diseases, art. 3 (text of 2004 as amended
 * 2013); art. 4 manages SARS and pulmonary anthrax as Class A. `recalled` rows and all ICD-10 codes were
 * written from memory and are to be compared with the revised law in force since 2025-09-01.
 */
import type { DiseaseClass } from "./domain.ts";

export type StarterDisease = {
  code: string;
  validFrom: string;
  validUntil?: string;
  zh: string;
  en: string;
  bo?: string;
  icd10: string;
  diseaseClass: DiseaseClass;
  managedAsA?: boolean;
  /** Where an order asks for a time other than that of the class, in minutes. */
  reportMinutes?: number;
  source: string;
  recalled: boolean;
};

const law = { validFrom: "2004-12-01", source: "《传染病防治法》第三条", recalled: false };
type Row = readonly [code: string, zh: string, en: string, icd10: string, bo?: string];
const ofLaw = (diseaseClass: DiseaseClass, rows: readonly Row[]): StarterDisease[] =>
  rows.map(([code, zh, en, icd10, bo]) => ({
    code,
    zh,
    en,
    icd10,
    ...(bo ? { bo } : {}),
    diseaseClass,
    ...law,
  }));

/** Reported within 2 h without being managed as Class A (传染病信息报告管理规范, 2006 edition). */
const twoHours = {
  reportMinutes: 120,
  source: "传染病信息报告管理规范（2006）",
  recalled: true,
};

export const starterDiseases: readonly StarterDisease[] = [
  ...ofLaw("A", [
    ["plague", "鼠疫", "Plague", "A20", "བྱི་རིམས།"],
    ["cholera", "霍乱", "Cholera", "A00"],
  ]),
  {
    ...law,
    code: "sars",
    zh: "传染性非典型肺炎",
    en: "Severe acute respiratory syndrome",
    icd10: "U04",
    diseaseClass: "B",
    managedAsA: true,
    source: "《传染病防治法》第三条、第四条",
  },
  {
    ...law,
    code: "anthrax-pulmonary",
    zh: "肺炭疽",
    en: "Pulmonary anthrax",
    icd10: "A22.1",
    diseaseClass: "B",
    managedAsA: true,
    source: "《传染病防治法》第三条、第四条",
  },
  {
    ...law,
    ...twoHours,
    code: "poliomyelitis",
    zh: "脊髓灰质炎",
    en: "Poliomyelitis",
    icd10: "A80",
    diseaseClass: "B",
  },
  {
    ...law,
    ...twoHours,
    code: "avian-influenza",
    zh: "人感染高致病性禽流感",
    en: "Highly pathogenic avian influenza in humans",
    icd10: "J09",
    diseaseClass: "B",
  },
  ...ofLaw("B", [
    ["anthrax", "炭疽（肺炭疽除外）", "Anthrax other than pulmonary", "A22"],
    ["aids", "艾滋病", "AIDS", "B20"],
    ["hepatitis", "病毒性肝炎", "Viral hepatitis", "B19", "མཆིན་ཚད།"],
    ["measles", "麻疹", "Measles", "B05", "སིབ་བི།"],
    ["haemorrhagic-fever", "流行性出血热", "Epidemic haemorrhagic fever", "A98.5"],
    ["rabies", "狂犬病", "Rabies", "A82", "ཁྱི་སྨྱོན་གྱི་ནད།"],
    ["japanese-encephalitis", "流行性乙型脑炎", "Japanese encephalitis", "A83.0"],
    ["dengue", "登革热", "Dengue", "A90"],
    ["dysentery", "细菌性和阿米巴性痢疾", "Bacillary and amoebic dysentery", "A03"],
    ["tuberculosis", "肺结核", "Pulmonary tuberculosis", "A15", "གློ་གཅོང་།"],
    ["typhoid", "伤寒和副伤寒", "Typhoid and paratyphoid", "A01"],
    ["meningococcal", "流行性脑脊髓膜炎", "Meningococcal meningitis", "A39.0"],
    ["pertussis", "百日咳", "Pertussis", "A37"],
    ["diphtheria", "白喉", "Diphtheria", "A36"],
    ["neonatal-tetanus", "新生儿破伤风", "Neonatal tetanus", "A33"],
    ["scarlet-fever", "猩红热", "Scarlet fever", "A38"],
    ["brucellosis", "布鲁氏菌病", "Brucellosis", "A23"],
    ["gonorrhoea", "淋病", "Gonorrhoea", "A54"],
    ["syphilis", "梅毒", "Syphilis", "A53"],
    ["leptospirosis", "钩端螺旋体病", "Leptospirosis", "A27"],
    ["schistosomiasis", "血吸虫病", "Schistosomiasis", "B65"],
    ["malaria", "疟疾", "Malaria", "B54"],
  ]),
  {
    code: "h7n9",
    validFrom: "2013-11-01",
    zh: "人感染H7N9禽流感",
    en: "Avian influenza A(H7N9) in humans",
    icd10: "J09",
    diseaseClass: "B",
    source: "国家卫生计生委 2013 年通知",
    recalled: true,
  },
  {
    code: "covid-19",
    validFrom: "2020-01-20",
    validUntil: "2023-01-08",
    zh: "新型冠状病毒肺炎",
    en: "COVID-19",
    icd10: "U07.1",
    diseaseClass: "B",
    managedAsA: true,
    source: "国家卫生健康委 2020 年第 1 号公告",
    recalled: true,
  },
  {
    code: "covid-19",
    validFrom: "2023-01-08",
    zh: "新型冠状病毒感染",
    en: "COVID-19",
    icd10: "U07.1",
    diseaseClass: "B",
    source: "国家卫生健康委 2022 年第 7 号公告",
    recalled: true,
  },
  {
    code: "mpox",
    validFrom: "2023-09-20",
    zh: "猴痘",
    en: "Mpox",
    icd10: "B04",
    diseaseClass: "B",
    source: "国家卫生健康委 2023 年第 7 号公告",
    recalled: true,
  },
  ...ofLaw("C", [
    ["influenza", "流行性感冒", "Influenza", "J11", "ཆམ་རིམས།"],
    ["mumps", "流行性腮腺炎", "Mumps", "B26"],
    ["rubella", "风疹", "Rubella", "B06"],
    ["haemorrhagic-conjunctivitis", "急性出血性结膜炎", "Haemorrhagic conjunctivitis", "B30.3"],
    ["leprosy", "麻风病", "Leprosy", "A30"],
    ["typhus", "流行性和地方性斑疹伤寒", "Epidemic and endemic typhus", "A75"],
    ["kala-azar", "黑热病", "Kala-azar", "B55.0"],
    ["echinococcosis", "包虫病", "Echinococcosis", "B67"],
    ["filariasis", "丝虫病", "Filariasis", "B74"],
    [
      "infectious-diarrhoea",
      "其他感染性腹泻病",
      "Infectious diarrhoea other than cholera, dysentery, typhoid",
      "A09",
    ],
  ]),
  {
    code: "hand-foot-mouth",
    validFrom: "2008-05-02",
    zh: "手足口病",
    en: "Hand, foot and mouth disease",
    icd10: "B08.4",
    diseaseClass: "C",
    source: "卫生部 2008-05-02 决定",
    recalled: false,
  },
];
