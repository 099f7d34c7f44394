/** Who acts, and what roles may do. Pure. */
export const sessionKinds = ["staff", "patient", "guest"] as const;
export type SessionKind = (typeof sessionKinds)[number];

/**
 * Whoever makes a request. `system` is this server before anyone is known (sign-in, outbox);
 * `job` is a worker that acts on a clock.
 */
export type Actor =
  | {
      kind: "staff";
      personId: string;
      institutionId: string;
      permissions: ReadonlySet<string>;
      sessionId: string;
      name: string;
      language: Language;
    }
  | {
      kind: "patient";
      phoneIndex: Buffer;
      patientIds: readonly string[];
      sessionId: string;
      language: Language;
    }
  | {
      kind: "guest";
      guestId: string;
      consultId: string;
      sessionId: string;
      name: string;
      language: Language;
    }
  | {
      /** A registered system of an institution outside: it acts in its institution's name. */
      kind: "house";
      clientId: string;
      institutionId: string;
      name: string;
      language: Language;
    }
  | { kind: "system"; reason: string; language: Language }
  | { kind: "job"; task: string; language: Language };
export type StaffActor = Extract<Actor, { kind: "staff" }>;
export type HouseActor = Extract<Actor, { kind: "house" }>;
export type PatientActor = Extract<Actor, { kind: "patient" }>;
export type GuestActor = Extract<Actor, { kind: "guest" }>;

export const languages = ["zh-CN", "bo", "en"] as const;
export type Language = (typeof languages)[number];

/** Ways in which a member of staff proves identity once more (a locked screen, a signing key). */
export const proofs = ["password", "password-and-code", "passkey"] as const;
export type Proof = (typeof proofs)[number];

/**
 * Which proofs an account accepts. Once there is a second factor a password alone proves nothing any
 * more; a passkey proves possession and, because user verification is required, the person as well.
 */
export function proofsOf(factors: { totp: boolean; passkey: boolean }): Proof[] {
  if (!factors.totp && !factors.passkey) return ["password"];
  return [
    ...(factors.passkey ? (["passkey"] as const) : []),
    ...(factors.totp ? (["password-and-code"] as const) : []),
  ];
}

export const permissions = [
  "patient.read",
  "patient.register",
  /** Join two registrations of one person, and take it back. */
  "patient.join",
  "consult.request",
  "consult.desk",
  "consult.opinion",
  "consult.room",
  "consult.interpret",
  "consult.observe",
  "critical-value.raise",
  "critical-value.receive",
  "infectious-report.report",
  "infectious-report.receive",
  "infectious-report.file",
  /** Schedules, capacity, release and penalties of the institution. */
  "booking.manage",
  /** The day's clinic: who comes, call, pass, delay, stop. */
  "booking.clinic",
  /** Book for others. */
  "booking.assist",
  /** Take priority seats for signed residents. */
  "booking.priority",
  /** Book for elders who agreed to it, as a registered helper. */
  "booking.help",
  /** Take over calls with a red flag from the hotline. */
  "hotline.triage",
  /** Write and publish versions of the hotline's red-flag questions. */
  "hotline.rules",
  /** Register helpers and end it. */
  "helper.manage",
  /** Hand out a paper code to people without a phone. */
  "paper-code.issue",
  /** Scan a paper code and see whose it is. */
  "paper-code.check",
  /** Print the signed card of a released result for somebody without a phone. */
  "card.print",
  /** How long results and paper codes count, from a day on. */
  "card.policy",
  /** The desk of a fever clinic: arrivals, temperatures, rooms, lifting a block. */
  "fever.triage",
  /** The doctor of a fever clinic or sentinel room: sees, samples, diagnoses, excludes. */
  "fever.see",
  /** Bring somebody to a higher fever clinic, and receive: the vehicle register. */
  "fever.transfer",
  /** Write and publish versions of the pre-triage questionnaire. */
  "fever.rules",
  /** Take swabs at the site where one works. */
  "sampling.collect",
  /** Sites, stations, duties, orders and recalls of the institution. */
  "sampling.lead",
  /** Carry tubes from sites to laboratories. */
  "sampling.courier",
  /** Sign for boxes and tubes that arrive. */
  "lab.receive",
  /** Results, corrections, releases. */
  "lab.report",
  /** Open many stations for one evening, watch their board, stand them down. */
  "surge.command",
  /** Refer a patient up or down: write it, send it, take it back. */
  "referral.request",
  /** The desk that referrals come to: accept, return, pass on, receive. */
  "referral.desk",
  /** The ward: ready to go down, discharge with a plan. */
  "referral.ward",
  /** Follow up who came home. */
  "referral.follow-up",
  /** The board of open loops: numbers of the alliance, no names. */
  "referral.board",
  /** The same of every house, whatever alliance it is in. */
  "referral.board-all",
  /** Write and publish versions of the ways of the alliances that the own house is in. */
  "pathway.manage",
  /** What the own house has ready when somebody is brought in. */
  "transfer.ready-list",
  /** Free beds of the alliance as counts; who lies where in the own house. */
  "capacity.view",
  /** Beds of the own wards: admit, discharge, clean, close; who is away. */
  "capacity.manage",
  /** Order a switch between peace and emergency, and confirm another's. */
  "capacity.switch",
  /** Read clinical records: the institution's own, and others' as consent lets. */
  "record.read",
  /** Open records past what the patient withheld, in an emergency, with a reason; the patient is told. */
  "record.emergency",
  /** Write the institution's own clinical records. */
  "record.write",
  /** The institution's record store: imports, connections, pausing. */
  "record.manage",
  /** Ask the triage questions for a patient at hand. */
  "triage.assess",
  /** Decide otherwise than a rule, after examining the patient. */
  "triage.overrule",
  /** Write, test and publish versions of the triage rules. */
  "triage.rules",
  /** Plan broadcasts and courses of the own house. */
  "teaching.plan",
  /** Stand in front: present, lead, sit on the panel. */
  "teaching.present",
  /** Listen to broadcasts that the own house is invited to. */
  "teaching.attend",
  /** Judge as a second person whether a case gives its patient away. */
  "teaching.review",
  /** Policy, statistics and deletion of the own house's broadcasts. */
  "teaching.manage",
  /** The board of media nodes: look, drain. */
  "media.manage",
  /** See patients of the own house by video: queue, room, decision, note. */
  "visit.conduct",
  /** Write prescriptions and sign them, for visits of one's own house. */
  "prescription.write",
  /** Look at other people's prescriptions as a pharmacist: approve or return. */
  "prescription.review",
  /** Fill approved prescriptions, hand them out, keep the pharmacy's stock. */
  "prescription.dispense",
  /** Import, write and publish versions of the house's formulary. */
  "formulary.manage",
  /** See prices, preview and issue invoices of the own house. */
  "billing.issue",
  /** Take cash, cancel invoices, give money back, compare days with the providers. */
  "billing.cashier",
  /** Propose prices of the own house, and approve what another proposed. */
  "billing.prices",
  "directory.manage",
  "alliance.view",
] as const;
export type Permission = (typeof permissions)[number];

/** The roles that every new database starts with; an administrator changes rows, not code. */
export const initialRoles: readonly {
  code: string;
  zh: string;
  en: string;
  bo: string;
  permissions: readonly Permission[];
}[] = [
  {
    code: "attending-doctor",
    zh: "经治医生",
    en: "Attending doctor",
    bo: "སྨན་བཅོས་སྨན་པ།",
    permissions: [
      "billing.issue",
      "prescription.write",
      "referral.request",
      "referral.desk",
      "referral.ward",
      "referral.follow-up",
      "patient.read",
      "patient.register",
      "consult.request",
      "consult.room",
      "critical-value.raise",
      "critical-value.receive",
      "infectious-report.report",
      "record.read",
      "record.emergency",
      "record.write",
      "capacity.view",
      "triage.assess",
      "triage.overrule",
      "teaching.plan",
      "teaching.present",
      "teaching.attend",
    ],
  },
  {
    code: "specialist",
    zh: "会诊专家",
    en: "Specialist",
    bo: "ཆེད་མཁས་སྨན་པ།",
    permissions: [
      "referral.ward",
      "referral.request",
      "patient.read",
      "consult.opinion",
      "consult.room",
      "critical-value.raise",
      "critical-value.receive",
      "infectious-report.report",
      "booking.clinic",
      "record.read",
      "record.emergency",
      "record.write",
      "capacity.view",
      "triage.assess",
      "triage.overrule",
      "teaching.plan",
      "teaching.present",
      "teaching.attend",
    ],
  },
  {
    code: "consult-desk",
    zh: "会诊受理台",
    en: "Consult desk",
    bo: "གྲོས་བཅོས་སྣེ་ལེན་ཁང་།",
    permissions: [
      "referral.desk",
      "transfer.ready-list",
      "patient.read",
      "consult.desk",
      "capacity.view",
    ],
  },
  {
    code: "referral-desk",
    zh: "转诊协调员",
    en: "Referral coordinator",
    bo: "གནས་སྤོ་འབྲེལ་མཐུད་པ།",
    permissions: [
      "patient.read",
      "referral.desk",
      "transfer.ready-list",
      "booking.assist",
      "capacity.view",
    ],
  },
  {
    code: "ward-doctor",
    zh: "病区医生",
    en: "Ward doctor",
    bo: "ནད་ཁང་གི་སྨན་པ།",
    permissions: [
      "patient.read",
      "referral.ward",
      "referral.request",
      "record.read",
      "capacity.view",
      "critical-value.receive",
      "teaching.present",
      "teaching.attend",
    ],
  },
  {
    code: "interpreter",
    zh: "口译",
    en: "Interpreter",
    bo: "སྐད་སྒྱུར་བ།",
    permissions: ["consult.interpret", "consult.room", "teaching.attend"],
  },
  {
    code: "observer",
    zh: "旁听（实习、住院医生）",
    en: "Observer",
    bo: "ཉན་མཁན།",
    permissions: ["consult.observe", "consult.room", "teaching.attend"],
  },
  {
    code: "community-doctor",
    zh: "社区医生",
    en: "Community doctor",
    bo: "སྡེ་ཁུལ་སྨན་པ།",
    permissions: [
      "visit.conduct",
      "billing.issue",
      "prescription.write",
      "referral.request",
      "referral.desk",
      "referral.follow-up",
      "patient.read",
      "patient.register",
      "consult.request",
      "consult.room",
      "critical-value.raise",
      "critical-value.receive",
      "infectious-report.report",
      "booking.assist",
      "booking.priority",
      "booking.clinic",
      "hotline.triage",
      "hotline.rules",
      "helper.manage",
      "paper-code.issue",
      "paper-code.check",
      "card.print",
      "record.read",
      "record.emergency",
      "record.write",
      "capacity.view",
      "triage.assess",
      "triage.overrule",
      "triage.rules",
      "teaching.plan",
      "teaching.present",
      "teaching.attend",
    ],
  },
  {
    code: "nurse",
    zh: "护士",
    en: "Nurse",
    bo: "སྨན་ཞབས།",
    permissions: [
      "patient.read",
      "patient.register",
      "critical-value.raise",
      "critical-value.receive",
      "booking.clinic",
      "booking.assist",
      "hotline.triage",
      "hotline.rules",
      "paper-code.issue",
      "paper-code.check",
      "card.print",
      "record.read",
      "capacity.view",
      "triage.assess",
      "teaching.attend",
    ],
  },
  {
    code: "fever-nurse",
    zh: "发热门诊护士",
    en: "Fever-clinic nurse",
    bo: "ཚ་བའི་སྨན་ཁང་གི་སྨན་ཞབས།",
    permissions: [
      "patient.read",
      "patient.register",
      "critical-value.raise",
      "critical-value.receive",
      "booking.clinic",
      "booking.assist",
      "fever.triage",
      "fever.transfer",
      "record.read",
      "capacity.view",
      "triage.assess",
      "teaching.attend",
    ],
  },
  {
    code: "fever-doctor",
    zh: "发热门诊医生",
    en: "Fever-clinic doctor",
    bo: "ཚ་བའི་སྨན་ཁང་གི་སྨན་པ།",
    permissions: [
      "billing.issue",
      "prescription.write",
      "referral.request",
      "patient.read",
      "patient.register",
      "critical-value.raise",
      "critical-value.receive",
      "infectious-report.report",
      "booking.clinic",
      "fever.triage",
      "fever.see",
      "fever.transfer",
      "fever.rules",
      "hotline.rules",
      "record.read",
      "record.emergency",
      "record.write",
      "capacity.view",
      "triage.assess",
      "triage.overrule",
      "triage.rules",
      "teaching.present",
      "teaching.attend",
    ],
  },
  {
    code: "ward-nurse",
    zh: "病区护士长",
    en: "Head nurse of a ward",
    bo: "ནད་ཁང་གི་སྨན་ཞབས་འགན་འཛིན།",
    permissions: [
      "patient.read",
      "patient.register",
      "record.read",
      "critical-value.receive",
      "capacity.view",
      "capacity.manage",
      "teaching.attend",
    ],
  },
  {
    code: "pharmacist",
    zh: "药师",
    en: "Pharmacist",
    bo: "སྨན་སྦྱོར་བ།",
    permissions: [
      "prescription.review",
      "prescription.dispense",
      "formulary.manage",
      "patient.read",
      "record.read",
      "teaching.attend",
    ],
  },
  {
    code: "cashier",
    zh: "收费员",
    en: "Cashier",
    bo: "དངུལ་བསྡུ་མི།",
    permissions: ["billing.issue", "billing.cashier", "billing.prices", "patient.read"],
  },
  {
    code: "sampler",
    zh: "采样员",
    en: "Sampler",
    bo: "དཔེ་ཚད་ལེན་མཁན།",
    permissions: ["sampling.collect", "patient.register", "paper-code.check"],
  },
  {
    code: "sampling-lead",
    zh: "采样点负责人",
    en: "Site lead",
    bo: "དཔེ་ཚད་ལེན་སའི་འགན་འཁུར་བ།",
    permissions: ["sampling.collect", "sampling.lead", "patient.register", "paper-code.check"],
  },
  {
    code: "courier",
    zh: "转运员",
    en: "Courier",
    bo: "སྐྱེལ་འདྲེན་པ།",
    permissions: ["sampling.courier"],
  },
  {
    code: "laboratory",
    zh: "检验科",
    en: "Laboratory",
    bo: "བརྟག་དཔྱད་ཁང་།",
    permissions: [
      "lab.receive",
      "lab.report",
      "critical-value.raise",
      "infectious-report.report",
      "teaching.attend",
    ],
  },
  {
    code: "hotline-operator",
    zh: "热线接线员",
    en: "Hotline operator",
    bo: "ཁ་པར་ལེན་མཁན།",
    permissions: ["patient.read", "patient.register", "booking.assist", "paper-code.issue"],
  },
  {
    code: "helper",
    zh: "帮办员",
    en: "Registered helper",
    bo: "རོགས་རམ་པ།",
    permissions: ["booking.help", "paper-code.issue"],
  },
  {
    code: "public-health",
    zh: "防保科",
    en: "Public-health department",
    bo: "སྤྱི་པའི་འཕྲོད་བསྟེན་ཚན་ཁག",
    permissions: [
      "infectious-report.receive",
      "capacity.view",
      "capacity.switch",
      "teaching.attend",
    ],
  },
  {
    code: "district-cdc",
    zh: "区疾控中心",
    en: "District CDC",
    bo: "ཆུས་ནད་འགོག་ལྟེ་གནས།",
    permissions: ["infectious-report.file"],
  },
  {
    code: "schedule-administrator",
    zh: "排班管理员",
    en: "Schedule administrator",
    bo: "སྨན་བཅོས་དུས་ཚོད་དོ་དམ་པ།",
    permissions: ["booking.manage", "booking.clinic"],
  },
  {
    code: "alliance-administrator",
    zh: "医联体管理员",
    en: "Alliance administrator",
    bo: "སྨན་བཅོས་མཐུན་ཚོགས་དོ་དམ་པ།",
    permissions: [
      "referral.board",
      "transfer.ready-list",
      "directory.manage",
      "alliance.view",
      "booking.manage",
      "helper.manage",
      "surge.command",
      "record.manage",
      "card.policy",
      "capacity.view",
      "capacity.switch",
      "teaching.manage",
      "teaching.attend",
      "media.manage",
    ],
  },
  {
    code: "clinical-administrator",
    zh: "临床管理员",
    en: "Clinical administrator",
    bo: "སྨན་བཅོས་དོ་དམ་པ།",
    permissions: [
      "billing.prices",
      "formulary.manage",
      "pathway.manage",
      "triage.rules",
      "transfer.ready-list",
      "referral.board",
      "teaching.plan",
      "teaching.present",
      "teaching.attend",
      "teaching.review",
      "teaching.manage",
    ],
  },
  {
    code: "record-administrator",
    zh: "病历管理员",
    en: "Record administrator",
    bo: "ནད་ཐོ་དོ་དམ་པ།",
    permissions: [
      "record.read",
      "record.write",
      "record.manage",
      "patient.read",
      "patient.join",
      "teaching.review",
    ],
  },
  {
    code: "health-commission",
    zh: "卫健委",
    en: "Health commission",
    bo: "འཕྲོད་བསྟེན་ཨུ་ཡོན་ལྷན་ཁང་།",
    permissions: [
      "referral.board",
      "referral.board-all",
      "alliance.view",
      "surge.command",
      "card.policy",
      "capacity.view",
      "capacity.switch",
      "teaching.manage",
      "teaching.attend",
      "media.manage",
    ],
  },
  {
    code: "surge-commander",
    zh: "大规模采样指挥",
    en: "Surge commander",
    bo: "དཔེ་ཚད་ལེན་པ་རྒྱ་ཆེན་གྱི་བཀོད་འདོམས་པ།",
    permissions: ["surge.command", "capacity.view", "capacity.switch"],
  },
];
