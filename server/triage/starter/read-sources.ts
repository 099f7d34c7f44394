import type { Source } from "../grammar.ts";

const readOn = "2026-11-22";
const read = (name: string, year: number, address: string): Source => ({
  name,
  year,
  recalled: false,
  address,
  readOn,
});
/** A page that does not say of which year it is: the year it was read. */
const undated = (name: string, address: string): Source => read(name, 2026, address);

/**
 * What was read beside the rules, page by page; a rule names one of these only when the page states what the
 * rule asks or measures. Most are pages that report a guideline and are named as such: the guideline's own
 * text wins over them. docs/triage-sources.md says what was compared.
 */
export const readSources = {
  newsRead: read(
    "RCP NEWS2, chart 1: the scoring system (a copy on Scribd)",
    2017,
    "https://scribd.com/document/584338409/NEWS2-Chart-1-The-NEWS-scoring-system-0-0",
  ),
  chestRead: read(
    "NICE CG95 Recent-onset chest pain, as reported by GPnotebook",
    2016,
    "https://gpnotebook.com/pages/respiratory-and-chest-medicine/assessment-and-diagnosis-of-recent-onset-chest-pain-or-discomfort-of-suspected-cardiac-origin/initial-assessment-and-referral-to-hospital-of-possible-acute-chest-pain-of-cardiac-origin",
  ),
  embolismRead: undated(
    "NHS 111 Wales: Pulmonary embolism",
    "https://111.wales.nhs.uk/Encyclopaedia/p/article/pulmonaryembolism",
  ),
  fastRead: read(
    "Stroke Association (UK): the FAST test and TIA",
    2015,
    "https://www.stroke.org.uk/take-action/act-fast",
  ),
  beFastRead: read(
    "BE FAST, as reported by Eastside Neuro Institute",
    2022,
    "https://www.eastsideneuroinstitute.org/articles/be-fast-recognize-the-signs-and-symptoms-of-stroke",
  ),
  thunderRead: read(
    "NICE NG228 Subarachnoid haemorrhage, as reported by EMbeds",
    2022,
    "https://embeds.co.uk/2022/11/24/sah-nice-2022/",
  ),
  headNhsRead: undated(
    "NHS: Head injury and concussion, as shown by Chadsmoor Medical Practice",
    "https://www.chadsmoormedicalpractice.nhs.uk/index.php?id=nhs-health-az&category=M&condition=minor-head-injury",
  ),
  headNiceRead: undated(
    "NICE Head injury: whom to send to hospital, as reported by NASGP",
    "https://www.nasgp.org.uk/resource/nice-head-injury/",
  ),
  coRead: read(
    "CenterPoint Energy: carbon monoxide, as reported by ABC13",
    2018,
    "https://abc13.com/carbon-monoxide-poisoning-tips-centerpoint/3072727/",
  ),
  trafficRead: undated(
    "NICE Fever in under 5s: traffic light table, as reported by NASGP",
    "https://www.nasgp.org.uk/clinical-guidelines/paediatrics/traffic-light-system-for-identifying-risk-of-serious-illness/",
  ),
  infantRead: undated(
    "NHS Frimley Healthier Together: fever in children",
    "https://frimley-healthiertogether.nhs.uk/parentscarers/worried-your-child-unwell/fever-high-temperature/fever-high-temperature-children-over-3-months-age",
  ),
  infantColdRead: undated(
    "NHS Healthier Together (HRCH): fever, red signs",
    "https://healthiertogether.hrch.nhs.uk/parentscarers/worried-your-child-unwell/fever-high-temperature",
  ),
  feverFitRead: undated(
    "NHS Rayleigh and District PCN: if your child has a fever",
    "https://rayleighanddistrictpcn.nhs.uk/local-support-advice/childrens-health-matters/what-to-do-if-your-child-has-a-fever",
  ),
  meningitisRead: undated(
    "NHS: Meningitis, as reported by St Catharine's College",
    "https://caths.cam.ac.uk/meningitis",
  ),
  purpuraRead: undated(
    "NHS Hackney and City Health Visiting: the glass test",
    "https://hackneyandcityhealthvisiting.nhs.uk/your-child/common-concerns/",
  ),
  imciRead: undated(
    "WHO IMCI: cut-offs of fast breathing, as taught by OppiaMobile",
    "https://content.oppia-mobile.org/mod/page/view.php?id=5081",
  ),
  newbornRead: read(
    "Newborn danger signs up to two months, as taught by OppiaMobile",
    2017,
    "https://content.oppia-mobile.org/mod/page/view.php?id=5071",
  ),
  chemoRead: undated(
    "NHS East and North Hertfordshire: acute oncology, alert card",
    "https://www.enherts-tr.nhs.uk/patients-visitors/our-services/chemotherapy-lister-macmillan-cancer-centre/what-is-acute-oncology/",
  ),
  sepsisRead: read(
    "Sepsis-3 with qSOFA, as reported by Brundage Group",
    2016,
    "https://brundagegroup.com/tips/sepsis-3/",
  ),
  pressureRead: undated(
    "县乡高血压分级诊疗：急诊转诊标准（zyqjg.com 转载）",
    "https://zyqjg.com/article-18161-2.html",
  ),
  preeclampsiaRead: read(
    "NICE NG133 Hypertension in pregnancy, 1.1.1",
    2019,
    "https://www.nice.org.uk/guidance/ng133/chapter/Recommendations",
  ),
  pregnantPressureRead: read(
    "Hesperian: Where There Is No Doctor, danger signs in pregnancy",
    2011,
    "https://ewb.seedsnet.in/modules/en-hesperian_health/en_wtnd_2011_full/page296.html",
  ),
  dangerSignsRead: undated(
    "GLOWM: Danger signs in pregnancy",
    "https://www.glowm.com/welfare-of-women/title/danger-signs-in-pregnancy/id/163",
  ),
  ectopicRead: undated(
    "NHS Health for Under 5s: Ectopic pregnancy",
    "https://healthforunder5s.co.uk/sections/pregnancy/ectopic-pregnancy",
  ),
  anaphylaxisRead: undated(
    "nidirect (Northern Ireland): Anaphylaxis",
    "https://www.nidirect.gov.uk/conditions/anaphylaxis",
  ),
  giBleedRead: read(
    "NHS 111 Wales: Vomiting blood",
    2023,
    "https://111.wales.nhs.uk/Encyclopaedia/v/article/vomitingblood",
  ),
  ketoacidosisRead: undated(
    "NHS: Diabetic ketoacidosis, as shown by Corfe Castle Surgery",
    "https://corfecastlesurgery.co.uk/health-a-z/?condition=diabetic-ketoacidosis%2F",
  ),
  lowSugarRead: undated(
    "St John (New Zealand): Diabetes, first aid",
    "https://alerts.stjohn.org.nz/first-aid/first-aid-library/diabetes",
  ),
  hypoglycaemiaRead: read(
    "ADA Standards of Care, table 6.3: classes of hypoglycaemia",
    2017,
    "https://care.diabetesjournals.org/highwire/markup/51411/expansion",
  ),
  childDiabetesRead: read(
    "NICE NG18 Diabetes in children, as reported by Guidelines",
    2023,
    "https://www.guidelines.co.uk/diabetes/nice-type-1-diabetes-in-children-guideline/252660.article",
  ),
  traumaRead: read(
    "National guideline for field triage, as reported by Brundage Group",
    2021,
    "https://brundagegroup.com/tips/national-guideline-for-the-field-triage-of-injured-patients/",
  ),
  ottawaRead: undated(
    "Ottawa knee and ankle rules, as reported by Pulse",
    "https://www.pulsetoday.co.uk/clinical-feature/clinical-areas/musculoskeletal-and-rheumatology/toolbox-ottawa-knee-and-ankle-rules/",
  ),
  burnsRead: undated(
    "NHS Greater Glasgow and Clyde: Burns and scalds",
    "https://rhc.nhsggc.org.uk/home/about-your-childs-health-information-resources/concerned-about-accidents-and-injuries/burns-and-scalds",
  ),
  rabiesRead: read(
    "狂犬病暴露预防处置工作规范（2023年版），据 TOOM 舆情监测转述",
    2023,
    "https://news.bangkaow.com/info/202309/1244786.html",
  ),
  poisonRead: undated(
    "NHS: Poisoning, as shown by Richmond GP Alliance",
    "https://richmondgpalliance.co.uk/health-a-z/?condition=poisoning%2F",
  ),
  caudaRead: undated(
    "NHS Norfolk and Waveney: Got back pain?",
    "https://norfolkandwaveneycommunityhealth.nhs.uk/msk/refer-yourself/systmconnect/got-back-pain/",
  ),
  torsionRead: read(
    "Fern House Surgery (NHS): Testicular torsion",
    2025,
    "https://www.fernhousesurgery.co.uk/News/45ec7942-6385-4f51-823b-11185ee7e73d",
  ),
  asthmaRead: undated(
    "Moreton doctors (NHS): What to do in an asthma attack",
    "https://moretondoctors.nhs.uk/practice_news/what-to-do-when-suffering-an-asthma-attack/",
  ),
  breathRead: undated(
    "ESR (New Zealand): when to seek medical attention",
    "https://covidtraining.esr.cri.nz/modules/02/when_to_seek_medical_attention.html",
  ),
  altitudeRead: undated(
    "Tan Tock Seng Hospital: Altitude illness",
    "https://www.ttsh.com.sg/patient-guide/find-care/diseases-conditions/page.aspx?dcid=325",
  ),
  dehydrationRead: undated(
    "NHS South Yorkshire Healthier Together: Diarrhoea and vomiting",
    "https://sybhealthiertogether.nhs.uk/professionals/safety-netting-documents-parents/diarrhoea-andor-vomiting-advice-sheet/diarrhoea-and-vomiting",
  ),
  feedingRead: undated(
    "NHS North East Healthier Together: Diarrhoea and vomiting",
    "https://nenc-healthiertogether.nhs.uk/professionals/parent-advice-sheets/diarrhoea-and-vomiting-gastroenteritis",
  ),
  surgicalBellyRead: undated(
    "Child Healthcare (South Africa): signs of a surgical cause",
    "https://childhealthcare.co.za/diarrhoea/the-complications-of-acute-diarrhoea/what-signs-suggest-that-the-diarrhoea-may-have-a-surgical-cause/",
  ),
  snakeRead: undated(
    "NHS 111 Wales: Snake bites",
    "https://111.wales.nhs.uk/encyclopaedia/s/article/snakebites",
  ),
  swallowedRead: undated(
    "NHS North East Healthier Together: Swallowed a foreign object",
    "https://nenc-healthiertogether.nhs.uk/parentscarers/worried-your-child-unwell/swallowed-foreign-object",
  ),
  limbRead: undated(
    "Health New Zealand: Acute limb ischaemia",
    "https://info.health.nz/conditions-treatments/blood/peripheral-vascular-disease/acute-limb-ischaemia",
  ),
  retentionRead: undated(
    "healthdirect (Australia): Urinary retention",
    "https://www.healthdirect.gov.au/urinary-retention",
  ),
  bellyRead: undated(
    "Portsmouth City Council with the NHS: Stomach ache",
    "https://healthandcare.portsmouth.gov.uk/stomach-ache/",
  ),
  appendixRead: undated(
    "HSE (Ireland): Appendicitis, symptoms",
    "https://www2.hse.ie/conditions/appendicitis/symptoms.html",
  ),
  eyeChemicalRead: undated(
    "HealthInfo (New Zealand): Chemicals in the eye",
    "https://www.healthinfo.org.nz/chemicals-in-eyes.htm",
  ),
  eyePainRead: undated(
    "NHS: Eye injuries, as reported by Wessex Medical",
    "https://www.wessex-medical.com/product-category/consumables/eye-wash/",
  ),
  lensRead: undated(
    "Medical Optics (Ireland): urgent symptoms",
    "https://www.medicaloptics.ie/information-on-urgent-symptoms/",
  ),
  psychosisRead: undated(
    "University of Oxford, Occupational Health: urgent support",
    "https://occupationalhealth.admin.ox.ac.uk/mental-health-employee-guide",
  ),
  aortaRead: read(
    "HSE (Ireland): Aortic dissection, symptoms",
    2022,
    "https://www2.hse.ie/conditions/aortic-dissection/symptoms-of-aortic-dissection",
  ),
  chokeRead: undated(
    "University of British Columbia: Don't choke, treatment in hospital",
    "https://dontchoke.ubc.ca/saving-lives/treatment-in-hospital/",
  ),
  thrombosisRead: undated(
    "NHS: Deep vein thrombosis (beta site)",
    "https://beta.nhs.uk/conditions/deep-vein-thrombosis-dvt/",
  ),
  kidneyRead: undated(
    "NHS: Kidney infection",
    "https://nhs.uk/conditions/kidney-infection/treatment",
  ),
  deafRead: read(
    "NICE QS185 Hearing loss, statement 2: sudden onset",
    2019,
    "https://nice.org.uk/guidance/qs185/chapter/Quality-statement-2-Sudden-onset-of-hearing-loss",
  ),
  toothOutRead: read(
    "NHS: Knocked-out tooth, as reported by Zana",
    2016,
    "https://zana.com/a/broken-knocked-tooth-introduction.818",
  ),
  fractureRead: undated(
    "St John Ambulance: Broken bones and fractures",
    "https://www.sja.org.uk/get-advice/first-aid-advice/bones-and-muscle-injuries/broken-bones-and-fractures/",
  ),
  footRead: undated(
    "NICE NG19 Diabetic foot problems, as reported by GPnotebook",
    "https://gpnotebook.com/en-GB/pages/diabetes-and-endocrinology/referral-criteria-from-primary-care-diabetic-diabetes-foot",
  ),
  selfHarmRead: read(
    "WHO mhGAP recommendations on self-harm, table in PLoS Medicine",
    2011,
    "https://pmc.ncbi.nlm.nih.gov/articles/PMC3217030/table/pmed-1001122-t004",
  ),
  headacheRead: read(
    "Headache red flags (modified SNOOP4), table in CMAJ",
    2023,
    "https://pmc.ncbi.nlm.nih.gov/articles/PMC9888545/table/t1-195e153",
  ),
  backRead: undated(
    "Lower back pain red flags, GPnotebook",
    "https://gpnotebook.com/pages/orthopaedics/lower-back-pain-red-flags",
  ),
  mountainRead: undated(
    "Qinghai score of chronic mountain sickness, article in PMC",
    "https://pmc.ncbi.nlm.nih.gov/articles/PMC3752419",
  ),
  severityRead: undated(
    "急诊病人病情分级标准（zhuangpeitu.com 转载）",
    "https://m.zhuangpeitu.com/article/201805562.html",
  ),
  sugarReferralRead: undated(
    "糖尿病双向转诊标准（mdjjksjc.com 转载）",
    "https://mdjjksjc.com/html/2016/1022/60420775.shtm",
  ),
  hyperosmolarRead: read(
    "JBDS guideline on the hyperosmolar hyperglycaemic state",
    2022,
    "https://pmc.ncbi.nlm.nih.gov/articles/PMC10107355",
  ),
  sugarFollowUpRead: undated(
    "糖尿病综合管理规范：随访评估（wenke99.com 转载）",
    "https://m.wenke99.com/p-13798564.html",
  ),
  vomitRead: undated(
    "HSE (Ireland): Hyperemesis gravidarum",
    "https://www2.hse.ie/conditions/child-health/hyperemesis-gravidarum/what-is-hyperemesis-gravidarum.html",
  ),
  jointRead: undated(
    "Versus Arthritis: Septic arthritis",
    "https://versusarthritis.org/about-arthritis/conditions/septic-arthritis",
  ),
  babyDiarrhoeaRead: undated(
    "NHS Bridgwater Bay Health: Diarrhoea and vomiting",
    "https://bridgwaterbayhealth.nhs.uk/diarrhoea-and-vomiting",
  ),
  haematuriaRead: read(
    "NICE NG12 Suspected cancer: haematuria, as reported by GPnotebook",
    2015,
    "https://gpnotebook.com/en-IE/pages/surgery/microscopic-haematuria-urgent-nice-cancer-guidance",
  ),
  anginaRead: undated(
    "NICE and ESC: characteristics of angina, table in Open Heart",
    "https://openheart.bmj.com/highwire/markup/137081/expansion",
  ),
  lowMoodRead: undated(
    "HSE (Ireland): Depression, diagnosis",
    "https://www2.hse.ie/conditions/mental-health/clinical-depression/clinical-depression-diagnosis.html",
  ),
  epiglottitisRead: undated(
    "NHS: Epiglottitis, as reported by Clear Chemist",
    "https://clearchemist.co.uk/az-health/epiglottitis/symptoms-of-epiglottitis",
  ),
  skinPeelRead: undated(
    "NHS 111 Wales: Stevens-Johnson syndrome",
    "https://111.wales.nhs.uk/stevensjohnsonsyndrome",
  ),
  plagueRead: undated(
    "Larimer County Health: Plague",
    "https://www.larimer.org/health/communicable-disease/animal-borne-diseases/plague",
  ),
  altitudeDaysRead: undated(
    "NHS: Altitude sickness, as reported by Zana",
    "https://www.zana.com/c/mountain-sickness.994",
  ),
  twiceAboveRead: undated(
    "连续两次随访控制不满意：转诊，2周内随访（miaoshou.net）",
    "https://www.miaoshou.net/article/oJL9pnRQQYGkaXg6.html",
  ),
  pregnantReferralRead: read(
    "NHS Lothian RefHelp: Hypertension in pregnancy",
    2023,
    "https://apps.nhslothian.scot/refhelp/guidelines/pregnancy/hypertension-in-pregnancy-2",
  ),
  coughWeeksRead: undated("结核病防治核心知识（yaozui.com 转载）", "https://yaozui.com/p/218684"),
  soreThroatRead: undated(
    "GP surgery page: Sore throat",
    "https://www.gpdq.co.uk/symptoms/sore-throat/",
  ),
} as const;
