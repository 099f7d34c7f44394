/**
 * Words printed on an opinion. The text of the opinion is Chinese; titles stand
 * in three languages so that the family and a later reader find their way.
 * Every Tibetan string awaits native review.
 */
import type { OpinionDocument } from "./document.ts";

export interface Label {
  readonly zh: string;
  readonly bo: string;
  readonly en: string;
}

const label = (zh: string, bo: string, en: string): Label => ({ zh, bo, en });

export const pdfTitle = label("远程会诊意见书", "རྒྱང་རིང་གྲོས་བཅོས་བསམ་འཆར།", "Remote Consult Opinion");

export const factLabels = {
  name: label("姓名", "མིང་།", "Name"),
  sexAge: label("性别、年龄", "ཕོ་མོ། ན་ཚོད།", "Sex, age"),
  identity: label("证件号", "ཐོབ་ཐང་ཨང་།", "ID, masked"),
  inviting: label("邀请方", "གདན་འདྲེན་བྱེད་མཁན།", "Inviting"),
  attending: label("经治医生", "སྨན་བཅོས་སྨན་པ།", "Attending"),
  invited: label("受邀方", "གདན་འདྲེན་ཞུས་པ།", "Invited"),
  requested: label("申请时间", "ཞུས་པའི་དུས་ཚོད།", "Requested"),
  session: label("会诊时间", "གྲོས་བཅོས་དུས་ཚོད།", "Consult held"),
} as const;

export const sectionLabels = {
  question: label("会诊问题", "དྲི་བ།", "Question"),
  findingsReviewed: label("已查阅的资料与所见", "བརྟག་དཔྱད་གནས་ཚུལ།", "Findings reviewed"),
  missingData: label("缺少的资料与局限", "མི་ཚང་བའི་གནས་ཚུལ།", "Missing data and limits"),
  diagnosticOpinion: label("诊断意见", "ནད་བརྟག་བསམ་འཆར།", "Diagnostic opinion"),
  testsAdvised: label("建议检查", "བརྟག་དཔྱད་གྲོས་འགོ", "Tests advised"),
  plan: label("处理建议", "སྨན་བཅོས་འཆར་གཞི།", "Plan"),
  transferConditions: label("转诊条件", "སྨན་ཁང་སྤོ་བའི་ཆ་རྐྱེན།", "When to transfer"),
  plainWords: label("给患者的话", "ནད་པར་བཤད་པ།", "In plain words"),
  doctors: label("会诊医生", "གྲོས་བཅོས་སྨན་པ།", "Doctors"),
  signature: label("电子签名", "གློག་རྡུལ་མཚན་རྟགས།", "Electronic signature"),
} as const;

export const sexWords: Record<OpinionDocument["patient"]["sex"], string> = {
  female: "女",
  male: "男",
  other: "其他",
  unknown: "不详",
};

export const urgencyWords: Record<OpinionDocument["consult"]["urgency"], string> = {
  emergency: "急诊会诊",
  urgent: "急会诊",
  routine: "普通会诊",
};

export const sentences = {
  empty: "（未填写）",
  unknownPerson: "身份不明",
  unknown: "不详",
  adviceOnly: "书面意见，未召开视频会诊",
  /** National Health Commission, telemedicine norms (2018). */
  invitingDecides: "本意见供邀请方参考，治疗由邀请方的经治医生决定。",
  verify: "扫码核验",
  verifyEn: "Scan to verify",
  signs: "签名",
  demo: "演示数据，人物均为虚构 · Demo data, people are invented",
  signedWith: (doctor: string) =>
    `本意见由${doctor}用本人保管的密钥电子签名。签名后内容有任何改动，核验页都会显示。`,
  key: "密钥指纹 Key (RFC 7638)",
  hash: "内容摘要 SHA-256 (RFC 8785)",
  signedAt: "签名时间 Signed",
  check: "核验网址 Check",
  document: "文件编号 Document",
  /** All printed times are Beijing time, wherever the reader is. */
  zone: "文中时间均为北京时间。",
} as const;
