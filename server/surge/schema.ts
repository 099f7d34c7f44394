import { sql } from "drizzle-orm";
import {
  bigserial,
  boolean,
  check,
  index,
  integer,
  jsonb,
  pgEnum,
  pgTable,
  real,
  smallint,
  text,
  unique,
  uuid,
} from "drizzle-orm/pg-core";
import { createdAt, id, instant } from "../db/columns.ts";
import { institution } from "../directory/schema.ts";
import { person } from "../identity/schema.ts";
import { patient } from "../patients/schema.ts";
import {
  samplingOrder,
  samplingSite,
  samplingStation,
  testRegistration,
} from "../sampling/schema.ts";
import { placeStates, surgeStates } from "./domain.ts";

export const surgeState = pgEnum("surge_state", surgeStates);
export const surgePlaceState = pgEnum("surge_place_state", placeStates);

/** Many stations for one evening, opened by one form under one order. */
export const surge = pgTable(
  "surge",
  {
    id: id(),
    institutionId: uuid("institution_id")
      .notNull()
      .references(() => institution.id),
    /** One order opens one surge: two forms at once open it once. */
    orderId: uuid("order_id")
      .notNull()
      .unique("surge_of_order")
      .references(() => samplingOrder.id),
    state: surgeState("state").notNull().default("planned"),
    version: integer("version").notNull().default(1),
    title: text("title").notNull(),
    expectedPeople: integer("expected_people").notNull(),
    startsAt: instant("starts_at").notNull(),
    endsAt: instant("ends_at").notNull(),
    /** Swabs that one station is planned for, per hour; what is measured takes its place. */
    plannedPerHour: smallint("planned_per_hour").notNull(),
    poolSize: smallint("pool_size").notNull(),
    /** How many may stand before one table; whoever comes more waits in the hall. */
    queueLimit: smallint("queue_limit").notNull(),
    guides: smallint("guides").notNull(),
    transport: text("transport").notNull(),
    feverPlace: text("fever_place").notNull(),
    laboratoryId: uuid("laboratory_id")
      .notNull()
      .references(() => institution.id),
    /** As the form said: name, place, stations, of them for the priority lane. */
    places: jsonb("places").$type<SurgePlaceForm[]>().notNull(),
    preparedBy: uuid("prepared_by")
      .notNull()
      .references(() => person.id),
    openedBy: uuid("opened_by").references(() => person.id),
    openedAt: instant("opened_at"),
    closingBy: uuid("closing_by").references(() => person.id),
    closingAt: instant("closing_at"),
    stoodDownAt: instant("stood_down_at"),
    balancedAt: instant("balanced_at"),
    createdAt: createdAt(),
  },
  (table) => [
    index().on(table.institutionId, table.startsAt),
    check("surge_window", sql`${table.endsAt} > ${table.startsAt}`),
    check("surge_planned_per_hour", sql`${table.plannedPerHour} between 60 and 100`),
    check("surge_pool", sql`${table.poolSize} in (1, 5, 10, 20)`),
    check("surge_queue_limit", sql`${table.queueLimit} between 5 and 200`),
    check(
      "surge_opened",
      sql`(${table.openedAt} is null) = (${table.state} in ('planned', 'withdrawn'))`,
    ),
  ],
);

export type SurgePlaceForm = { name: string; place: string; stations: number; priority: number };

/** The sites of a surge. People are spread over the stations of the site where they are. */
export const surgeSite = pgTable(
  "surge_site",
  {
    siteId: uuid("site_id")
      .primaryKey()
      .references(() => samplingSite.id),
    surgeId: uuid("surge_id")
      .notNull()
      .references(() => surge.id),
  },
  (table) => [index().on(table.surgeId)],
);

/** What is known of a station while people are spread: its queue and its measured pace. */
export const surgeStation = pgTable(
  "surge_station",
  {
    stationId: uuid("station_id")
      .primaryKey()
      .references(() => samplingStation.id),
    surgeId: uuid("surge_id")
      .notNull()
      .references(() => surge.id),
    siteId: uuid("site_id")
      .notNull()
      .references(() => samplingSite.id),
    number: smallint("number").notNull(),
    /** Somebody takes swabs there; follows sampling_station. */
    open: boolean("open").notNull().default(false),
    priority: boolean("priority").notNull().default(false),
    /** Never fewer than stand there: the counter of who is sent, corrected by counting. */
    queue: smallint("queue").notNull().default(0),
    queueLimit: smallint("queue_limit").notNull(),
    perHour: real("per_hour").notNull(),
    /** Swabs that the pace was measured from; 0: it is the planned one. */
    measured: smallint("measured").notNull().default(0),
  },
  (table) => [
    unique().on(table.siteId, table.number),
    index().on(table.surgeId),
    check("surge_station_queue", sql`${table.queue} between 0 and ${table.queueLimit}`),
    check("surge_station_pace", sql`${table.perHour} > 0`),
  ],
);

/** Somebody's place: at which station, in which order. One registration has one. */
export const surgePlace = pgTable(
  "surge_place",
  {
    registrationId: uuid("registration_id")
      .primaryKey()
      .references(() => testRegistration.id),
    surgeId: uuid("surge_id")
      .notNull()
      .references(() => surge.id),
    siteId: uuid("site_id").notNull(),
    patientId: uuid("patient_id")
      .notNull()
      .references(() => patient.id),
    /** Who stays together: a family's group, else the person alone. */
    party: uuid("party").notNull(),
    /** The one ordered source of the queue. */
    number: bigserial("number", { mode: "number" }).notNull(),
    priority: boolean("priority").notNull(),
    state: surgePlaceState("state").notNull().default("waiting"),
    /** Null: in the hall, until there is room before a table. */
    stationId: uuid("station_id").references(() => surgeStation.stationId),
    arrivedAt: instant("arrived_at").notNull(),
    assignedAt: instant("assigned_at"),
    /** Near the table; from now on nobody sends this person elsewhere. */
    calledAt: instant("called_at"),
    movedAt: instant("moved_at"),
    movedFrom: uuid("moved_from"),
    moves: smallint("moves").notNull().default(0),
    endedAt: instant("ended_at"),
  },
  (table) => [
    index("surge_place_queue")
      .on(table.stationId, table.priority, table.number)
      .where(sql`${table.state} = 'waiting'`),
    index("surge_place_hall")
      .on(table.siteId)
      .where(sql`${table.state} = 'waiting' and ${table.stationId} is null`),
    index().on(table.patientId),
    index().on(table.surgeId, table.movedAt),
    index("surge_place_party").on(table.party),
    check(
      "surge_place_called",
      sql`${table.calledAt} is null or ${table.stationId} is not null or ${table.state} <> 'waiting'`,
    ),
    check("surge_place_ended", sql`(${table.endedAt} is null) = (${table.state} = 'waiting')`),
  ],
);
