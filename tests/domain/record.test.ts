import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toFhirAppointment } from "../../fhir-mappings/appointment.ts";
import { toFhirEncounter } from "../../fhir-mappings/encounter.ts";
import { isPrivateAddress, withinBase } from "../../server/records/federation/address.ts";
import { createBreaker } from "../../server/records/federation/breaker.ts";
import { judgeEntry } from "../../server/records/federation/check-entry.ts";
import { retryAfterMs, retryDelayMs } from "../../server/records/federation/retry.ts";
import { joiningIdentifiers, patientsIn } from "../../server/records/locator.ts";
import type { RecordItem } from "../../server/records/record-contract.ts";
import { itemsOf } from "../../server/records/record-items.ts";
import { createMerge } from "../../server/records/record-merge.ts";
import { ageAt } from "../../server/records/record-results.ts";
import {
  emptyOwn,
  type OwnState,
  itemsOf as ownItems,
  withOwnEvent,
} from "../../web/patient/record/own-state.ts";
import { emptyRecord, sectionOf, seriesOf, withEvent } from "../../web/record/state.ts";

const loinc = "http://loinc.org";
const at = (source: string, altitudeMetres: number | null = 4) => ({
  source,
  altitudeMetres,
  birthDate: "2017-01-01",
});
const saturation = (value: number, date: string, more: object = {}) => ({
  resourceType: "Observation" as const,
  id: `o${value}${date}`,
  status: "final" as const,
  code: { coding: [{ system: loinc, code: "59408-5" }], text: "血氧饱和度" },
  effectiveDateTime: date,
  valueQuantity: { value, unit: "%" },
  ...more,
});
const allergy = (id: string, text: string, more: object = {}) => ({
  resourceType: "AllergyIntolerance" as const,
  id,
  patient: { reference: "Patient/p" },
  code: { text },
  reaction: [{ manifestation: [{ text: "皮疹" }] }],
  ...more,
});

describe("items of a record", () => {
  it("judges a saturation by where and at which age it was measured", () => {
    const flag = (value: number, altitude: number | null, more = {}) =>
      itemsOf(saturation(value, "2026-11-20", more), at("a", altitude))[0]?.result?.flag ?? null;
    expect([flag(88, 4300), flag(84, 4300), flag(93, 4300)]).toEqual(["usual", "low", "high"]);
    expect([flag(88, 4), flag(97, 4)]).toEqual(["low", "usual"]);
    // Between the bands, or where nobody says where: the number stands alone.
    expect([flag(88, 2500), flag(88, null)]).toEqual([null, null]);
    // A printed sea-level range does not speak at 4,300 m.
    const printed = { referenceRange: [{ low: { value: 95 }, high: { value: 100 } }] };
    expect(flag(88, 4300, printed)).toBe("usual");
    const interpretation = [{ coding: [{ code: "LL" }] }];
    expect(flag(60, 4300, { interpretation })).toBe("critical");
    const atHome = {
      extension: [
        {
          url: "https://yilian.example.org/fhir/StructureDefinition/altitude-metres",
          valueInteger: 4300,
        },
      ],
    };
    expect(flag(88, 4, atHome)).toBe("usual");
  });

  it("leaves out what was entered in error, and says what is past", () => {
    expect(
      itemsOf(
        allergy("a", "青霉素", { verificationStatus: { coding: [{ code: "entered-in-error" }] } }),
        at("a"),
      ),
    ).toEqual([]);
    expect(
      itemsOf({ ...saturation(1, "2026-01-01"), status: "entered-in-error" }, at("a")),
    ).toEqual([]);
    const [refuted] = itemsOf(
      allergy("a", "青霉素", { verificationStatus: { coding: [{ code: "refuted" }] } }),
      at("a"),
    );
    expect(refuted).toMatchObject({ isPast: true, isHigh: false });
    expect(itemsOf({ resourceType: "Basic", code: {} }, at("a"))).toEqual([]);
  });

  it("shows by its words what no map can read: an allergy is hidden by no code", () => {
    const odd = {
      clinicalStatus: { coding: [{ system: "urn:his", code: "A1" }] },
      criticality: "low",
    };
    const [unread] = itemsOf(allergy("a", "青霉素", odd) as never, at("a"));
    expect(unread).toMatchObject({
      section: "warnings",
      title: "青霉素",
      detail: "皮疹",
      isHigh: true,
      isPast: false,
    });
    // What is read elsewhere is the same thing.
    expect(unread!.key).toBe(itemsOf(allergy("b", "青霉素"), at("b"))[0]!.key);
    expect(itemsOf(allergy("a", "青霉素", { code: undefined }) as never, at("a"))[0]!.title).toBe(
      "—",
    );
    const problem = (more: object) =>
      itemsOf(
        {
          resourceType: "Condition",
          id: "c",
          subject: { reference: "Patient/p" },
          code: { text: "哮喘" },
          ...more,
        } as never,
        at("a"),
      );
    expect(problem({ clinicalStatus: { coding: [{ code: "quiet" }] } })).toMatchObject([
      { title: "哮喘", isPast: false, certainty: null },
    ]);
    expect(
      problem({
        clinicalStatus: { coding: [{ code: "quiet" }] },
        verificationStatus: { coding: [{ code: "refuted" }] },
      }),
    ).toEqual([]);
    for (const [code, certainty] of [
      ["provisional", "provisional"],
      ["differential", "differential"],
      ["unconfirmed", "unconfirmed"],
      ["confirmed", null],
    ] as const)
      expect(problem({ verificationStatus: { coding: [{ code }] } })).toMatchObject([
        { certainty },
      ]);
  });

  it("tells what was fetched, and not what was never given", () => {
    const dispense = (more: object) =>
      itemsOf(
        {
          resourceType: "MedicationDispense",
          id: "d",
          medicationCodeableConcept: { text: "氨氯地平片" },
          quantity: { value: 28, unit: "片" },
          dosageInstruction: [{ text: "5 mg，每日一次" }],
          whenHandedOver: "2026-11-01T02:00:00Z",
          ...more,
        } as never,
        at("a"),
      );
    expect(dispense({ status: "completed" })).toMatchObject([
      {
        section: "medicines",
        title: "氨氯地平片",
        detail: "5 mg，每日一次 · 28 片",
        isPast: true,
        date: "2026-11-01T02:00:00Z",
      },
    ]);
    expect(dispense({ status: "in-progress" })).toMatchObject([{ isPast: false }]);
    for (const status of ["declined", "cancelled", "entered-in-error"])
      expect(dispense({ status }), status).toEqual([]);
    const vaccine = (more: object) =>
      itemsOf(
        {
          resourceType: "Immunization",
          id: "v",
          status: "completed",
          vaccineCode: { text: "麻腮风疫苗" },
          occurrenceDateTime: "2020-05",
          ...more,
        } as never,
        at("a"),
      );
    expect(vaccine({})).toMatchObject([{ title: "麻腮风疫苗", date: "2020-05", isPast: true }]);
    expect(vaccine({ status: "not-done" })).toEqual([]);
    expect(vaccine({ occurrenceDateTime: undefined, occurrenceString: "小时候" })).toMatchObject([
      { date: null, detail: "小时候" },
    ]);
  });

  it("keeps a saturation one trend, whichever of its two codes a house uses", () => {
    const general = { code: { coding: [{ system: loinc, code: "2708-6" }] } };
    const series = (more: object) =>
      itemsOf(saturation(88, "2026-11-20", more), at("a"))[0]!.result!.series;
    expect(series(general)).toBe(series({}));
    const [by] = itemsOf(
      {
        ...saturation(88, "2026-11-20"),
        effectiveDateTime: undefined,
        effectivePeriod: { end: "2026-11-21" },
      } as never,
      at("a"),
    );
    expect(by).toMatchObject({ date: "2026-11-21" });
  });

  it("tells visits and opinions of the alliance once, whichever of its two houses answers", () => {
    const consult = {
      consultId: "c1",
      number: "HZ1",
      patientId: "p",
      participants: [],
      state: "signed",
      signedAt: new Date("2026-11-20T03:00:00Z"),
      startedAt: new Date("2026-11-20T02:00:00Z"),
      endedAt: new Date("2026-11-20T02:30:00Z"),
      scheduledStart: new Date("2026-11-20T02:00:00Z"),
      scheduledEnd: new Date("2026-11-20T02:30:00Z"),
      invitingInstitutionId: "i1",
    } as const;
    const meeting = toFhirEncounter(consult)!;
    const [here] = itemsOf(meeting, at("a"));
    expect(here).toMatchObject({
      section: "visits",
      title: "远程会诊",
      date: "2026-11-20T02:00:00.000Z",
      isPast: true,
    });
    expect(itemsOf({ ...meeting, id: "other" }, at("b"))[0]!.key).toBe(here!.key);
    const opinion = (source: string) =>
      itemsOf(
        {
          resourceType: "Composition",
          id: "d1",
          identifier: { system: "s", value: "d1" },
          status: "final",
          type: { text: "x" },
          date: "2026-11-20T03:00:00Z",
          author: [{ display: "周" }],
          title: "远程会诊意见书",
          section: [
            {
              title: "处理建议",
              text: { status: "generated", div: "<div><p>血氧 &lt; 90% 时转诊</p></div>" },
            },
          ],
        },
        at(source),
      )[0]!;
    expect(opinion("a")).toMatchObject({
      section: "documents",
      detail: "处理建议：血氧 < 90% 时转诊",
      sources: [{ code: "a", reference: "Composition/d1", date: "2026-11-20T03:00:00Z" }],
    });
    expect(opinion("b").key).toBe(opinion("a").key);
    // What came about is told by its visit, what did not is none.
    expect(itemsOf(toFhirAppointment(consult)!, at("a"))).toEqual([]);
    expect(
      itemsOf(
        toFhirAppointment({ ...consult, state: "scheduled", signedAt: null, startedAt: null })!,
        at("a"),
      ),
    ).toMatchObject([{ section: "visits", isPast: false, date: "2026-11-20T02:00:00.000Z" }]);
  });

  it("knows completed years, also from a year alone", () => {
    expect(ageAt("2017-06-15", "2026-06-14")).toBe(8);
    expect(ageAt("2017-06-15", "2026-06-15T00:00:00Z")).toBe(9);
    expect(ageAt("2017", "2026-01-01")).toBe(9);
    expect([ageAt(null, "2026"), ageAt("2017", undefined), ageAt("2027", "2026")]).toEqual([
      null,
      null,
      null,
    ]);
  });
});

describe("one record of many", () => {
  const ofTwo = () => [
    ...itemsOf(allergy("1", "青霉素", { recordedDate: "2024-01-01" }), at("a")),
    ...itemsOf(allergy("9", " 青霉素", { recordedDate: "2025-02-02" }), at("b")),
  ];
  it("is the same thing by what it says or by its number, with both sources kept", () => {
    const merge = createMerge();
    const merged = merge.add(ofTwo().map((one) => ({ ...one })));
    expect(merged).toHaveLength(1);
    expect(merged[0]).toMatchObject({ date: "2025-02-02" });
    expect(merged[0]!.sources.map((one) => one.code)).toEqual(["a", "b"]);
    expect(merge.add(ofTwo())).toEqual([]);
    const numbered = (id: string, text: string, source: string) =>
      itemsOf(allergy(id, text, { identifier: [{ system: "urn:a", value: "7" }] }), at(source));
    expect(
      createMerge().add([...numbered("1", "青霉素", "a"), ...numbered("2", "青霉素类", "b")]),
    ).toHaveLength(1);
    expect(
      createMerge().add([
        ...itemsOf(allergy("1", "青霉素"), at("a")),
        ...itemsOf(allergy("1", "头孢"), at("b")),
      ]),
    ).toHaveLength(2);
  });

  it("does not depend on who answers first, and loses no source", () => {
    const all = ["a", "b", "c", "d"].flatMap((source) => [
      ...itemsOf(allergy(`x${source}`, source < "c" ? "青霉素" : "头孢"), at(source)),
      ...itemsOf(saturation(88, "2026-11-20"), at(source)),
    ]);
    const fold = (items: RecordItem[]) => {
      const merge = createMerge();
      const known = new Map<string, RecordItem>();
      for (const one of items) for (const item of merge.add([one])) known.set(item.key, item);
      return [...known]
        .map(([key, one]) => [
          key,
          one.title,
          one.sources
            .map((s) => s.code)
            .sort()
            .join(),
        ])
        .sort();
    };
    const expected = fold(all);
    fc.assert(
      fc.property(fc.shuffledSubarray(all, { minLength: all.length }), (some) => {
        expect(fold(some)).toEqual(expected);
      }),
    );
  });

  it("tells a copy anew when its source is asked again; what others said too stays", () => {
    const told = (source: string, copyAt: string | null) =>
      ({
        type: "source",
        source,
        state: copyAt ? "down" : "answered",
        fault: copyAt ? "busy" : null,
        tookMs: 1,
        resources: 0,
        withholds: false,
        setAside: 0,
        otherPatient: 0,
        copyAt,
      }) as const;
    const start = (...codes: string[]) =>
      ({
        type: "start",
        at: "",
        patientId: "p",
        isUnjoined: false,
        isEmergency: false,
        sources: codes.map((code) => ({
          code,
          name: code,
          nameBo: null,
          nameEn: null,
          isOwn: false,
          indexedAt: null,
          kinds: [],
        })),
      }) as const;
    const both = [...itemsOf(allergy("1", "青霉素"), at("a"))];
    const also = [...itemsOf(allergy("2", "青霉素"), at("b"))];
    const alone = [...itemsOf(allergy("3", "头孢"), at("b"))];
    let state = withEvent(emptyRecord, start("a", "b"), false);
    for (const [source, items] of [
      ["a", both],
      ["b", [...also, ...alone]],
    ] as const)
      state = withEvent(state, { type: "items", source, items }, false);
    state = withEvent(state, told("a", null), false);
    state = withEvent(state, told("b", "2026-11-22T06:05:00.000Z"), false);
    expect([...state.items.values()].map((one) => one.title)).toEqual(["青霉素", "头孢"]);
    const again = withEvent(state, start("b"), true);
    expect([...again.items.values()].map((one) => one.title)).toEqual(["青霉素"]);
    const answered = withEvent(withEvent(state, told("b", null), true), start("b"), true);
    expect(answered.items.size).toBe(2);
  });

  it("is told to the person's phone the same way; an earlier reading stays until the next is whole", () => {
    const item = (key: string, date: string) =>
      ({ key, date, section: "problems", title: key, sources: ["a"] }) as never;
    const start = {
      type: "start",
      patientId: "p",
      at: "",
      sources: [{ code: "a", name: "a", nameBo: null, nameEn: null, knownAt: null }],
    } as const;
    const keys = (state: OwnState) => ownItems(state).map((one) => one.key);
    let state = withOwnEvent(emptyOwn, start);
    expect(state).toMatchObject({ isOpen: true, isWhole: false, sources: [{ state: null }] });
    state = withOwnEvent(state, { type: "items", items: [item("x", "2026-01-01"), item("y", "")] });
    state = withOwnEvent(state, { type: "source", source: "a", state: "answered" });
    state = withOwnEvent(state, { type: "items", items: [item("z", "2026-02-01")] });
    expect(keys(state)).toEqual(["z", "x", "y"]);
    state = withOwnEvent(withOwnEvent(state, { type: "end" }), start);
    state = withOwnEvent(state, { type: "items", items: [item("x", "2026-01-01")] });
    expect(keys(state)).toEqual(["z", "x", "y"]);
    state = withOwnEvent(state, { type: "end" });
    expect(keys(state)).toEqual(["x"]);
    expect(state.isWhole).toBe(true);
  });

  it("is told to the page: what holds first, trends with the own usual value, a source asked again alone", () => {
    const values = [87, 88, 90, 89, 80].flatMap((value, n) =>
      itemsOf(saturation(value, `2026-11-1${n}`), at("a", 4300)),
    );
    const source = (state: "down" | "answered") =>
      ({
        type: "source",
        source: "b",
        state,
        fault: null,
        tookMs: 1,
        resources: 0,
        withholds: false,
        setAside: 0,
        otherPatient: 0,
        copyAt: null,
      }) as const;
    const view = (code: string) => ({
      code,
      name: code,
      nameBo: null,
      nameEn: null,
      isOwn: false,
      indexedAt: null,
      kinds: [],
    });
    const start = (codes: string[]) =>
      ({
        type: "start",
        at: "",
        patientId: "p",
        isUnjoined: false,
        isEmergency: false,
        sources: codes.map(view),
      }) as const;
    let state = withEvent(emptyRecord, start(["a", "b"]), false);
    state = withEvent(
      state,
      { type: "items", source: "a", items: [...values, ...ofTwo().slice(0, 1)] },
      false,
    );
    state = withEvent(state, source("down"), false);
    const [trend] = seriesOf(state);
    expect(trend).toMatchObject({ own: 88.5 });
    expect(trend!.latest.result).toMatchObject({ value: 80, flag: "low" });
    state = withEvent(state, start(["b"]), true);
    expect(state.sources.map((one) => [one.code, one.outcome])).toEqual([
      ["a", null],
      ["b", null],
    ]);
    expect(state.items.size).toBe(6);
    state = withEvent(state, { type: "items", source: "b", items: ofTwo().slice(1) }, true);
    state = withEvent(state, source("answered"), true);
    expect(
      sectionOf(state, "warnings")[0]!
        .sources.map((one) => one.code)
        .sort(),
    ).toEqual(["a", "b"]);
    expect(state.sources[1]!.outcome?.state).toBe("answered");
    expect(
      seriesOf(
        withEvent(emptyRecord, { type: "items", source: "a", items: values.slice(0, 3) }, false),
      )[0]!.own,
    ).toBeNull();
  });
});

describe("whose entry it is", () => {
  it.each([
    ["other-patient", { resourceType: "Patient", id: "q" }],
    ["other-patient", { resourceType: "Condition", subject: { reference: "Patient/q" } }],
    [
      "other-patient",
      { resourceType: "Condition", subject: { reference: "https://elsewhere/fhir/Patient/p" } },
    ],
    ["other-patient", { resourceType: "Task", for: { reference: "Patient/q/_history/2" } }],
    ["invalid", { resourceType: "Condition", subject: { reference: "Patient/p" }, code: [] }],
    ["invalid", { resourceType: "__proto__" }],
    ["invalid", null],
    ["invalid", "Patient"],
    ["beside", { resourceType: "Organization", name: "院" }],
    ["good", { resourceType: "Condition", subject: { reference: "https://a/fhir/Patient/p" } }],
    ["good", { resourceType: "Patient", id: "p" }],
    [
      "good",
      {
        resourceType: "Appointment",
        status: "proposed",
        participant: [{ actor: { reference: "Patient/p" }, status: "accepted" }],
      },
    ],
    [
      "other-patient",
      {
        resourceType: "Appointment",
        status: "proposed",
        participant: [{ actor: { reference: "Patient/q" }, status: "accepted" }],
      },
    ],
  ])("%s", (verdict, resource) => {
    expect(judgeEntry(resource, "p", "https://a/fhir")).toBe(verdict);
  });
});

describe("the locator", () => {
  it("joins by numbers of the country or the alliance that are in use, by nothing else", () => {
    const id = "urn:oid:2.16.156.10011.1.3";
    expect(
      joiningIdentifiers([
        { system: id, value: "1" },
        { system: "urn:yilian:patient", value: "2" },
        { use: "old", system: id, value: "3" },
        { system: "urn:hospital", value: "4" },
        { value: "5" },
        { system: id, value: " " },
        null,
      ]).map((one) => one.value),
    ).toEqual(["1", "2"]);
    expect(joiningIdentifiers("x")).toEqual([]);
  });

  it("reads kinds without their numbers, and who is gone", () => {
    const row = { deleted: false, patients: ["p"], identifiers: null };
    const found = patientsIn([
      { ...row, type: "Observation", id: "1" },
      { ...row, type: "Observation", id: "2" },
      { ...row, type: "Condition", id: "3", deleted: true },
      { ...row, type: "Patient", id: "q", patients: ["q"], deleted: true },
    ]);
    expect([...found.get("p")!.kinds]).toEqual(["Observation"]);
    expect(found.get("p")!.identifiers).toBeNull();
    expect(found.get("q")).toMatchObject({ isGone: true, identifiers: [] });
  });
});

describe("patience", () => {
  it("waits as long as it is asked to, within the time that there is", () => {
    expect(retryDelayMs(1, 1000, 2000, 0)).toBe(1000);
    expect(retryDelayMs(1, 1900, 2000, 0)).toBeNull();
    expect(retryDelayMs(3, null, 9999, 0)).toBeNull();
    expect(retryDelayMs(2, null, 9999, 0.5)).toBe(200);
    const now = new Date("2026-11-22T00:00:00Z");
    expect(retryAfterMs("2", now)).toBe(2000);
    expect(retryAfterMs("Sun, 22 Nov 2026 00:00:05 GMT", now)).toBe(5000);
    expect([retryAfterMs("soon", now), retryAfterMs(undefined, now)]).toEqual([null, null]);
  });

  it("rests after failures, lets one question try, and rests again when it fails", () => {
    let now = 0;
    const breaker = createBreaker({ failures: 2, restMs: 100, now: () => now });
    breaker.failed();
    expect(breaker.mayAsk()).toBe(true);
    breaker.failed();
    expect([breaker.mayAsk(), breaker.isResting]).toEqual([false, true]);
    now = 100;
    expect([breaker.mayAsk(), breaker.mayAsk(), breaker.mayAsk(true)]).toEqual([
      true,
      false,
      false,
    ]);
    breaker.failed();
    expect(breaker.mayAsk()).toBe(false);
    expect(breaker.mayAsk(true)).toBe(true);
    breaker.answered();
    expect([breaker.mayAsk(), breaker.mayAsk()]).toEqual([true, true]);
  });
});

describe("addresses", () => {
  it("stay within the registered base", () => {
    const base = "https://a.example/x/fhir";
    expect(withinBase(base, `${base}/Patient?_id=1`).href).toBe(`${base}/Patient?_id=1`);
    expect(withinBase(base, `${base}?page=2`).href).toBe(`${base}?page=2`);
    for (const link of [
      "https://a.example/x/other",
      "https://a.example/x/fhirx/Patient",
      "https://a.example:444/x/fhir/Patient",
      "http://a.example/x/fhir/Patient",
      `${base}/../admin`,
      `${base}/%2e%2e/admin`,
      `${base}/a%2fb`,
      "https://u:p@a.example/x/fhir/Patient",
      "https://b.example/x/fhir/Patient",
      "http://[",
    ])
      expect(() => withinBase(base, link), link).toThrow("off-origin");
  });

  it("of the open internet are told from those inside", () => {
    for (const inside of [
      "127.0.0.1",
      "10.1.2.3",
      "172.31.0.1",
      "192.168.1.1",
      "169.254.169.254",
      "100.64.0.1",
      "0.0.0.0",
      "::1",
      "::",
      "fe80::1",
      "fd00::1",
      "::ffff:10.0.0.1",
      "::ffff:7f00:1",
      "not an address",
    ])
      expect(isPrivateAddress(inside), inside).toBe(true);
    for (const open of ["1.1.1.1", "172.32.0.1", "2606:4700::1111", "::ffff:8.8.8.8"])
      expect(isPrivateAddress(open), open).toBe(false);
  });
});
