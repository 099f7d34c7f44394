import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  check,
  date,
  doublePrecision,
  foreignKey,
  index,
  integer,
  jsonb,
  pgEnum,
  pgTable,
  primaryKey,
  real,
  smallint,
  text,
  unique,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { appointment, clinicSchedule, segment } from "../booking/schema.ts";
import { bytes, createdAt, id, instant } from "../db/columns.ts";
import { institution } from "../directory/schema.ts";
import { person } from "../identity/schema.ts";
import { patient } from "../patients/schema.ts";
import {
  courierRunStates,
  groupKinds,
  labResultKinds,
  personResultKinds,
  priorityReasons,
  recallCauses,
  recallStates,
  registrationSources,
  registrationStates,
  resultSources,
  samplingSteps,
  stationStates,
  testPurposes,
  tubeStates,
} from "./domain.ts";

export const testPurpose = pgEnum("test_purpose", testPurposes);
export const tubeState = pgEnum("tube_state", tubeStates);
export const registrationState = pgEnum("test_registration_state", registrationStates);
export const registrationSource = pgEnum("test_registration_source", registrationSources);
export const priorityReason = pgEnum("test_priority_reason", priorityReasons);
export const groupKind = pgEnum("sampling_group_kind", groupKinds);
export const stationState = pgEnum("sampling_station_state", stationStates);
export const courierRunState = pgEnum("courier_run_state", courierRunStates);
export const labResultKind = pgEnum("lab_result_kind", labResultKinds);
export const resultSource = pgEnum("lab_result_source", resultSources);
export const recallCause = pgEnum("recall_cause", recallCauses);
export const recallState = pgEnum("recall_state", recallStates);
export const personResultKind = pgEnum("person_result_kind", personResultKinds);
export const samplingStep = pgEnum("sampling_step", samplingSteps);

/** Who ordered a surge or programme, and who confirmed it: two persons. */
export const samplingOrder = pgTable(
  "sampling_order",
  {
    id: id(),
    institutionId: uuid("institution_id")
      .notNull()
      .references(() => institution.id),
    /** Number on the document. */
    number: text("number").notNull(),
    title: text("title").notNull(),
    purpose: testPurpose("purpose").notNull(),
    issuedOn: date("issued_on").notNull(),
    startsAt: instant("starts_at").notNull(),
    endsAt: instant("ends_at"),
    /** Whom it concerns: streets, companies, everyone exposed from … to …. */
    scope: text("scope").notNull(),
    guides: smallint("guides").notNull().default(0),
    transport: text("transport").notNull().default(""),
    authorisedBy: uuid("authorised_by")
      .notNull()
      .references(() => person.id),
    confirmedBy: uuid("confirmed_by").references(() => person.id),
    confirmedAt: instant("confirmed_at"),
    createdAt: createdAt(),
  },
  (table) => [
    unique().on(table.institutionId, table.number),
    check(
      "sampling_order_two_persons",
      sql`${table.confirmedBy} is null or ${table.confirmedBy} <> ${table.authorisedBy}`,
    ),
    check(
      "sampling_order_confirmed",
      sql`(${table.confirmedBy} is null) = (${table.confirmedAt} is null)`,
    ),
    check(
      "sampling_order_window",
      sql`${table.endsAt} is null or ${table.endsAt} > ${table.startsAt}`,
    ),
  ],
);

/** A place where people are sampled. Seats come from a booking schedule of kind `test`. */
export const samplingSite = pgTable(
  "sampling_site",
  {
    id: id(),
    institutionId: uuid("institution_id")
      .notNull()
      .references(() => institution.id),
    scheduleId: uuid("schedule_id")
      .unique()
      .references(() => clinicSchedule.id),
    orderId: uuid("order_id").references(() => samplingOrder.id),
    nameZh: text("name_zh").notNull(),
    nameEn: text("name_en").notNull(),
    nameBo: text("name_bo"),
    place: text("place").notNull(),
    placeEn: text("place_en"),
    placeBo: text("place_bo"),
    latitude: doublePrecision("latitude"),
    longitude: doublePrecision("longitude"),
    opensAt: instant("opens_at").notNull(),
    /** Null: it stays. */
    closesAt: instant("closes_at"),
    /** What people come for when they say nothing else. */
    purpose: testPurpose("purpose").notNull().default("voluntary"),
    /** Size of the tubes that are used unless the sampler takes another. */
    poolSize: smallint("pool_size").notNull().default(10),
    laboratoryId: uuid("laboratory_id")
      .notNull()
      .references(() => institution.id),
    /** Where feverish people are led, told by the guides. */
    feverPlace: text("fever_place").notNull(),
    feverPlaceEn: text("fever_place_en"),
    feverPlaceBo: text("fever_place_bo"),
    /** People who live around it: one site per 2,000–3,000 (domain.md). */
    population: integer("population"),
    createdAt: createdAt(),
  },
  (table) => [
    index().on(table.institutionId),
    check("sampling_site_pool", sql`${table.poolSize} in (1, 5, 10, 20)`),
    check(
      "sampling_site_window",
      sql`${table.closesAt} is null or ${table.closesAt} > ${table.opensAt}`,
    ),
  ],
);

/** One table with one sampler. */
export const samplingStation = pgTable(
  "sampling_station",
  {
    id: id(),
    siteId: uuid("site_id")
      .notNull()
      .references(() => samplingSite.id),
    number: smallint("number").notNull(),
    state: stationState("state").notNull().default("closed"),
    /** The lane for elders, pregnant and disabled people and small children. */
    priority: boolean("priority").notNull().default(false),
    samplerId: uuid("sampler_id").references(() => person.id),
    changedAt: instant("changed_at"),
    /** Samples per hour as last measured. */
    perHour: real("per_hour"),
    measuredAt: instant("measured_at"),
  },
  (table) => [
    unique().on(table.siteId, table.number),
    // Nobody sits at two open tables.
    uniqueIndex("sampling_station_sampler_once")
      .on(table.samplerId)
      .where(sql`${table.state} <> 'closed'`),
    check("sampling_station_number", sql`${table.number} between 1 and 500`),
  ],
);

/** Who works where. A new one ends the one before: a sampler sees the people of one site. */
export const samplingDuty = pgTable(
  "sampling_duty",
  {
    id: id(),
    personId: uuid("person_id")
      .notNull()
      .references(() => person.id),
    siteId: uuid("site_id")
      .notNull()
      .references(() => samplingSite.id),
    stationId: uuid("station_id").references(() => samplingStation.id),
    day: date("day").notNull(),
    startedAt: instant("started_at").notNull(),
    endedAt: instant("ended_at"),
    assignedBy: uuid("assigned_by").references(() => person.id),
  },
  (table) => [
    uniqueIndex("sampling_duty_once").on(table.personId).where(sql`${table.endedAt} is null`),
    index().on(table.siteId, table.day),
  ],
);

/** A family, company or class that comes together under one code. */
export const samplingGroup = pgTable(
  "sampling_group",
  {
    id: id(),
    code: text("code").notNull().unique(),
    kind: groupKind("kind").notNull(),
    name: text("name").notNull(),
    siteId: uuid("site_id")
      .notNull()
      .references(() => samplingSite.id),
    /** When they mean to come; null for a group that just walks in. */
    segmentId: uuid("segment_id").references(() => segment.id),
    day: date("day").notNull(),
    /** The phone or the member of staff that made it. */
    ownerPhoneIndex: bytes("owner_phone_index"),
    ownerPersonId: uuid("owner_person_id").references(() => person.id),
    closedAt: instant("closed_at"),
    createdAt: createdAt(),
  },
  (table) => [
    index().on(table.ownerPhoneIndex),
    index().on(table.siteId, table.day),
    check(
      "sampling_group_owner",
      sql`num_nonnulls(${table.ownerPhoneIndex}, ${table.ownerPersonId}) = 1`,
    ),
  ],
);

export const samplingGroupMember = pgTable(
  "sampling_group_member",
  {
    groupId: uuid("group_id")
      .notNull()
      .references(() => samplingGroup.id),
    patientId: uuid("patient_id")
      .notNull()
      .references(() => patient.id),
    joinedAt: instant("joined_at").notNull(),
    joinedByPhoneIndex: bytes("joined_by_phone_index"),
    joinedByPersonId: uuid("joined_by_person_id"),
  },
  (table) => [
    primaryKey({ columns: [table.groupId, table.patientId] }),
    index().on(table.patientId),
  ],
);

/** Somebody who is to be sampled. A confirmed appointment of a test makes one by itself. */
export const testRegistration = pgTable(
  "test_registration",
  {
    id: id(),
    patientId: uuid("patient_id")
      .notNull()
      .references(() => patient.id),
    siteId: uuid("site_id")
      .notNull()
      .references(() => samplingSite.id),
    institutionId: uuid("institution_id")
      .notNull()
      .references(() => institution.id),
    /** What the pass says: the appointment's code, or one of its own. */
    code: text("code").notNull(),
    source: registrationSource("source").notNull(),
    appointmentId: uuid("appointment_id")
      .unique()
      .references(() => appointment.id),
    groupId: uuid("group_id").references(() => samplingGroup.id),
    purpose: testPurpose("purpose").notNull(),
    /** Null: the ordinary lane. */
    priority: priorityReason("priority"),
    day: date("day").notNull(),
    /** When the person is expected, or came. */
    expectedAt: instant("expected_at").notNull(),
    state: registrationState("state").notNull().default("registered"),
    version: integer("version").notNull().default(1),
    stationId: uuid("station_id").references(() => samplingStation.id),
    arrivedAt: instant("arrived_at"),
    sampledAt: instant("sampled_at"),
    ledAwayAt: instant("led_away_at"),
    registeredBy: uuid("registered_by").references(() => person.id),
    createdAt: createdAt(),
  },
  (table) => [
    unique("test_registration_sampled").on(table.id, table.patientId, table.purpose),
    uniqueIndex("test_registration_one_a_day")
      .on(table.patientId, table.day)
      .where(sql`${table.state} in ('registered', 'waiting')`),
    uniqueIndex("test_registration_code").on(table.siteId, table.day, table.code),
    index().on(table.siteId, table.day, table.state, table.expectedAt),
    index().on(table.patientId),
    index().on(table.groupId),
  ],
);

/** Codes that an institution was given tubes for; everything else is foreign. */
export const tubeBatch = pgTable(
  "tube_batch",
  {
    id: id(),
    institutionId: uuid("institution_id")
      .notNull()
      .references(() => institution.id),
    size: smallint("size").notNull(),
    firstSerial: bigint("first_serial", { mode: "number" }).notNull(),
    lastSerial: bigint("last_serial", { mode: "number" }).notNull(),
    deliveredOn: date("delivered_on").notNull(),
  },
  (table) => [
    index().on(table.institutionId),
    check("tube_batch_size", sql`${table.size} in (1, 5, 10, 20)`),
    check("tube_batch_range", sql`${table.lastSerial} >= ${table.firstSerial}`),
  ],
);

/** A box on its way from a site to a laboratory, handed over with two names. */
export const courierRun = pgTable(
  "courier_run",
  {
    id: id(),
    siteId: uuid("site_id")
      .notNull()
      .references(() => samplingSite.id),
    institutionId: uuid("institution_id")
      .notNull()
      .references(() => institution.id),
    laboratoryId: uuid("laboratory_id")
      .notNull()
      .references(() => institution.id),
    courierId: uuid("courier_id")
      .notNull()
      .references(() => person.id),
    /** What is written on the box. */
    box: text("box").notNull(),
    state: courierRunState("state").notNull().default("collecting"),
    version: integer("version").notNull().default(1),
    openedAt: instant("opened_at").notNull(),
    pickedUpAt: instant("picked_up_at"),
    deliveredAt: instant("delivered_at"),
    /** Who of the laboratory signed for it. */
    receivedBy: uuid("received_by").references(() => person.id),
    /** What the laboratory counted; differs when one is missing. */
    receivedCount: smallint("received_count"),
    note: text("note").notNull().default(""),
  },
  (table) => [
    index().on(table.laboratoryId, table.state),
    index().on(table.institutionId, table.openedAt),
    check(
      "courier_run_times",
      sql`(${table.state} = 'collecting') = (${table.pickedUpAt} is null) and (${table.state} = 'delivered') = (${table.deliveredAt} is not null)`,
    ),
    check(
      "courier_run_two_persons",
      sql`${table.receivedBy} is null or ${table.receivedBy} <> ${table.courierId}`,
    ),
  ],
);

/** A tube with one or several persons' swabs. */
export const tube = pgTable(
  "tube",
  {
    id: id(),
    code: text("code").notNull().unique(),
    size: smallint("size").notNull(),
    state: tubeState("state").notNull().default("open"),
    version: integer("version").notNull().default(1),
    purpose: testPurpose("purpose").notNull(),
    /** For a swab after a recall: its person is alone in it. */
    retest: boolean("retest").notNull().default(false),
    siteId: uuid("site_id")
      .notNull()
      .references(() => samplingSite.id),
    stationId: uuid("station_id")
      .notNull()
      .references(() => samplingStation.id),
    institutionId: uuid("institution_id")
      .notNull()
      .references(() => institution.id),
    laboratoryId: uuid("laboratory_id")
      .notNull()
      .references(() => institution.id),
    openedBy: uuid("opened_by")
      .notNull()
      .references(() => person.id),
    openedAt: instant("opened_at").notNull(),
    /** Kept by the trigger of the members. */
    count: smallint("count").notNull().default(0),
    firstSampledAt: instant("first_sampled_at"),
    /** The laboratory has it until then. */
    labDueAt: instant("lab_due_at"),
    /** The result is out until then: the shortest clock of its members. */
    resultDueAt: instant("result_due_at"),
    sealedAt: instant("sealed_at"),
    sealedBy: uuid("sealed_by").references(() => person.id),
    runId: uuid("run_id").references(() => courierRun.id),
    pickedUpAt: instant("picked_up_at"),
    receivedAt: instant("received_at"),
    receivedBy: uuid("received_by").references(() => person.id),
    testingAt: instant("testing_at"),
    resultAt: instant("result_at"),
    voidReason: text("void_reason"),
    voidedAt: instant("voided_at"),
    voidedBy: uuid("voided_by").references(() => person.id),
    createdAt: createdAt(),
  },
  (table) => [
    unique("tube_of_members").on(table.id, table.size),
    index().on(table.siteId, table.state),
    index().on(table.laboratoryId, table.state),
    index().on(table.runId),
    index().on(table.stationId, table.openedAt),
    check("tube_size", sql`${table.size} in (1, 5, 10, 20)`),
    check("tube_count", sql`${table.count} between 0 and ${table.size}`),
    check("tube_retest_single", sql`not ${table.retest} or ${table.size} = 1`),
    check("tube_fever_single", sql`${table.purpose} <> 'fever' or ${table.size} = 1`),
    check("tube_void_says_why", sql`${table.state} <> 'void' or ${table.voidReason} is not null`),
    check(
      "tube_sealed",
      sql`(${table.sealedAt} is not null) or ${table.state} in ('open', 'collecting', 'void')`,
    ),
  ],
);

/** Why a person has to come again; what he is told is only: please test again. */
export const recall = pgTable(
  "recall",
  {
    id: id(),
    patientId: uuid("patient_id")
      .notNull()
      .references(() => patient.id),
    /** The tube whose result, or lack of one, asks for it; null for exposure. */
    tubeId: uuid("tube_id").references(() => tube.id),
    registrationId: uuid("registration_id").references(() => testRegistration.id),
    /** Which institution sees to it. */
    institutionId: uuid("institution_id")
      .notNull()
      .references(() => institution.id),
    cause: recallCause("cause").notNull(),
    /** The new swab is alone in its tube; follows from the cause. */
    single: boolean("single").notNull(),
    state: recallState("state").notNull().default("issued"),
    version: integer("version").notNull().default(1),
    issuedAt: instant("issued_at").notNull(),
    dueAt: instant("due_at").notNull(),
    taskOwnerId: uuid("task_owner_id").references(() => person.id),
    toldAt: instant("told_at"),
    /** sms, app, call, visit. */
    toldHow: text("told_how"),
    toldBy: uuid("told_by").references(() => person.id),
    retestTubeId: uuid("retest_tube_id").references(() => tube.id),
    sampledAt: instant("sampled_at"),
    endedAt: instant("ended_at"),
    note: text("note").notNull().default(""),
    createdAt: createdAt(),
  },
  (table) => [
    unique("recall_of_member").on(table.id, table.patientId, table.single),
    uniqueIndex("recall_once_per_tube")
      .on(table.tubeId, table.patientId)
      .where(sql`${table.tubeId} is not null and ${table.state} <> 'withdrawn'`),
    index("recall_open").on(table.patientId).where(sql`${table.state} in ('issued', 'told')`),
    index().on(table.institutionId, table.state, table.dueAt),
    index().on(table.retestTubeId),
    check("recall_single", sql`${table.single} = (${table.cause} <> 'void')`),
    check("recall_tube", sql`(${table.tubeId} is null) = (${table.cause} = 'exposure')`),
  ],
);

/**
 * A person's swab in a tube. Position and size decide how many fit; a registration has one swab that
 * counts; fever and re-tests are alone: constraints, not hopes.
 */
export const tubeMember = pgTable(
  "tube_member",
  {
    tubeId: uuid("tube_id").notNull(),
    patientId: uuid("patient_id").notNull(),
    /** The tube's own; the foreign key keeps it so. */
    size: smallint("size").notNull(),
    position: smallint("position").notNull(),
    registrationId: uuid("registration_id").notNull(),
    purpose: testPurpose("purpose").notNull(),
    recallId: uuid("recall_id"),
    recallSingle: boolean("recall_single"),
    stationId: uuid("station_id").notNull(),
    sampledAt: instant("sampled_at").notNull(),
    sampledBy: uuid("sampled_by")
      .notNull()
      .references(() => person.id),
    /** False once the tube is void: the swab counts for nothing. */
    active: boolean("active").notNull().default(true),
  },
  (table) => [
    primaryKey({ columns: [table.tubeId, table.patientId] }),
    unique().on(table.tubeId, table.position),
    uniqueIndex("tube_member_once").on(table.registrationId).where(sql`${table.active}`),
    index().on(table.patientId, table.sampledAt),
    index().on(table.stationId, table.sampledAt),
    foreignKey({
      name: "tube_member_tube",
      columns: [table.tubeId, table.size],
      foreignColumns: [tube.id, tube.size],
    }),
    foreignKey({
      name: "tube_member_registration",
      columns: [table.registrationId, table.patientId, table.purpose],
      foreignColumns: [testRegistration.id, testRegistration.patientId, testRegistration.purpose],
    }),
    foreignKey({
      name: "tube_member_recall",
      columns: [table.recallId, table.patientId, table.recallSingle],
      foreignColumns: [recall.id, recall.patientId, recall.single],
    }),
    check("tube_member_fits", sql`${table.position} between 1 and ${table.size}`),
    check("tube_member_fever_single", sql`${table.purpose} <> 'fever' or ${table.size} = 1`),
    check("tube_member_recall_single", sql`${table.recallSingle} is not true or ${table.size} = 1`),
    check(
      "tube_member_recall_whole",
      sql`(${table.recallId} is null) = (${table.recallSingle} is null)`,
    ),
  ],
);

/** What a laboratory found in a tube. Never changed: a correction is a new row that replaces one. */
export const labResult = pgTable(
  "lab_result",
  {
    id: id(),
    tubeId: uuid("tube_id")
      .notNull()
      .references(() => tube.id),
    laboratoryId: uuid("laboratory_id")
      .notNull()
      .references(() => institution.id),
    result: labResultKind("result").notNull(),
    method: text("method").notNull(),
    /** Ct values and the like, as the instrument gave them. */
    detail: jsonb("detail").notNull().default({}),
    testedAt: instant("tested_at").notNull(),
    reportedBy: uuid("reported_by")
      .notNull()
      .references(() => person.id),
    reportedAt: instant("reported_at").notNull(),
    source: resultSource("source").notNull(),
    /** File and line, or the report's identifier. */
    sourceRef: text("source_ref"),
    replacesId: uuid("replaces_id"),
    /** Why it was corrected, or why the tube was rejected. */
    reason: text("reason"),
    createdAt: createdAt(),
  },
  (table) => [
    foreignKey({
      name: "lab_result_replaces",
      columns: [table.replacesId],
      foreignColumns: [table.id],
    }),
    unique("lab_result_replaced_once").on(table.replacesId),
    uniqueIndex("lab_result_first").on(table.tubeId).where(sql`${table.replacesId} is null`),
    index().on(table.laboratoryId, table.reportedAt),
    check(
      "lab_result_says_why",
      sql`${table.reason} is not null or (${table.replacesId} is null and ${table.result} <> 'rejected')`,
    ),
  ],
);

/**
 * What a person may be told of a sample. Made by the result of the tube: negative for every member of a
 * negative tube; positive only from a tube of his own.
 */
export const personResult = pgTable(
  "person_result",
  {
    id: id(),
    patientId: uuid("patient_id").notNull(),
    registrationId: uuid("registration_id")
      .notNull()
      .references(() => testRegistration.id),
    tubeId: uuid("tube_id").notNull(),
    size: smallint("size").notNull(),
    single: boolean("single").notNull(),
    labResultId: uuid("lab_result_id")
      .notNull()
      .references(() => labResult.id),
    result: personResultKind("result").notNull(),
    sampledAt: instant("sampled_at").notNull(),
    /** A negative at once; a positive when somebody of the laboratory releases it. */
    releasedAt: instant("released_at"),
    releasedBy: uuid("released_by").references(() => person.id),
    /** A correction took it back; its card is revoked. */
    withdrawnAt: instant("withdrawn_at"),
    createdAt: createdAt(),
  },
  (table) => [
    uniqueIndex("person_result_once")
      .on(table.tubeId, table.patientId)
      .where(sql`${table.withdrawnAt} is null`),
    index().on(table.patientId, table.sampledAt),
    index().on(table.labResultId),
    foreignKey({
      name: "person_result_member",
      columns: [table.tubeId, table.patientId],
      foreignColumns: [tubeMember.tubeId, tubeMember.patientId],
    }),
    foreignKey({
      name: "person_result_tube",
      columns: [table.tubeId, table.size],
      foreignColumns: [tube.id, tube.size],
    }),
    check("person_result_single", sql`${table.single} = (${table.size} = 1)`),
    check("person_result_positive_single", sql`${table.result} <> 'positive' or ${table.single}`),
  ],
);

/** Every step that a phone sent, with what became of it: sent twice it is answered from here. */
export const samplingOp = pgTable(
  "sampling_op",
  {
    /** Made by the phone. */
    id: uuid("id").primaryKey(),
    personId: uuid("person_id")
      .notNull()
      .references(() => person.id),
    siteId: uuid("site_id")
      .notNull()
      .references(() => samplingSite.id),
    stationId: uuid("station_id"),
    step: samplingStep("step").notNull(),
    tubeCode: text("tube_code"),
    registrationId: uuid("registration_id"),
    /** When it was done, by the server's clock. */
    at: instant("at").notNull(),
    receivedAt: instant("received_at").notNull(),
    problem: text("problem"),
    /** E.g. in which tube the person already is. */
    detail: jsonb("detail").notNull().default({}),
    /** Somebody has seen to what could not be done. */
    settledAt: instant("settled_at"),
    settledBy: uuid("settled_by"),
  },
  (table) => [
    index().on(table.siteId, table.receivedAt),
    index("sampling_op_conflict")
      .on(table.siteId)
      .where(sql`${table.problem} is not null and ${table.settledAt} is null`),
  ],
);
