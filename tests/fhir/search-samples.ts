/**
 * For each search parameter of R4 a resource that has a value at its path, a query that finds it and
 * one that does not: made from the definitions, not by hand.
 */
import {
  type ParameterEntry,
  type PathEntry,
  parametersOf,
} from "../../server/fhir/search/definitions.ts";
import { hash32 } from "../../server/fhir/search/hash.ts";
import type { TestResource } from "./search-store.ts";

type Json = Record<string, unknown>;
/** A value and what a query says to find it, and to miss it. */
type Sample = { readonly value: unknown; readonly hit: string; readonly miss: string };

export type Case = {
  readonly type: string;
  readonly code: string;
  readonly resource: TestResource;
  readonly hit: string;
  readonly miss: string;
};

const system = "urn:sample:system";
const ucum = "http://unitsofmeasure.org";

/** One case per path of a parameter, so that every alternative is tried. */
export function casesOf(type: string): Case[] {
  return parametersOf(type)
    .filter(({ code }) => code !== "_lastUpdated")
    .flatMap((parameter) => casesOfParameter(type, parameter));
}

function casesOfParameter(type: string, parameter: ParameterEntry): Case[] {
  const name = (index: number) => `s${Math.abs(hash32(`${type} ${parameter.code} ${index}`))}`;
  if (parameter.code === "_id") {
    const resource = { resourceType: type, id: name(0) };
    return [{ type, code: "_id", resource, hit: name(0), miss: "nobody" }];
  }
  if (parameter.composites) {
    return parameter.composites.map((components, index) => {
      const resource: TestResource = { resourceType: type, id: name(index) };
      const parts = components.map((component) => {
        const [path] = component.paths;
        if (!path) throw new Error(`${type} ${parameter.code}: no path`);
        const sample = sampleOf(component.type, path, [], `${type}${parameter.code}`);
        place(resource, path.steps, sample.value);
        return sample;
      });
      return {
        type,
        code: parameter.code,
        resource,
        hit: parts.map(({ hit }) => hit).join("$"),
        miss: parts.map(({ hit, miss }, n) => (n === parts.length - 1 ? miss : hit)).join("$"),
      };
    });
  }
  return parameter.paths.map((path, index) => {
    const resource: TestResource = { resourceType: type, id: name(index) };
    const targets = path.only ? [path.only] : (parameter.targets ?? []);
    const sample = sampleOf(parameter.type, path, targets, `${type}${parameter.code}${index}`);
    place(resource, path.steps, sample.value);
    return { type, code: parameter.code, resource, hit: sample.hit, miss: sample.miss };
  });
}

/** Puts a value at a path, with arrays and filters as its steps say. */
export function place(resource: Json, steps: string, value: unknown): void {
  let at: Json = resource;
  const parts = steps.match(/(?:[^.[]|\[[^\]]*\])+/g) ?? [];
  for (const [index, part] of parts.entries()) {
    const [, name = "", many, position, filter, wanted] =
      /^(\w+)(\*)?(?:@(\d+))?(?:\[(\w+)=([^\]]+)\])?$/.exec(part) ?? [];
    const isLast = index === parts.length - 1;
    const child = isLast
      ? value
      : ((many || position ? (at[name] as Json[])?.[0] : at[name]) ?? {});
    if (filter && typeof child === "object" && child !== null) (child as Json)[filter] = wanted;
    at[name] = many || position ? [child] : child;
    at = child as Json;
  }
}

function sampleOf(
  kind: string,
  path: PathEntry,
  targets: readonly string[],
  unique: string,
): Sample {
  const make = samples[kind];
  if (!make) throw new Error(`no sample for ${kind}`);
  return make(path, targets, unique);
}

type Make = (path: PathEntry, targets: readonly string[], unique: string) => Sample;

const token: Make = (path, _targets, unique) => {
  const code = `c-${unique}`;
  const coding = { system, code };
  const full = { hit: `${system}|${code}`, miss: `urn:other|${code}` };
  switch (path.type) {
    case "CodeableConcept":
      return { value: { coding: [{ code: "other" }, coding] }, ...full };
    case "Coding":
      return { value: coding, ...full };
    case "Identifier":
      return { value: { system, value: code }, ...full };
    case "ContactPoint":
      return { value: { value: code }, hit: code, miss: `${code}x` };
    case "boolean":
      return { value: true, hit: "true", miss: "false" };
    case "exists":
      return path.steps.endsWith("DateTime")
        ? { value: "2024-01-01", hit: "true", miss: "false" }
        : { value: true, hit: "true", miss: "false" };
    case "code":
      return {
        value: code,
        hit: path.system ? `${path.system}|${code}` : code,
        miss: `urn:other|${code}`,
      };
    default:
      return { value: code, hit: code, miss: `${code}x` };
  }
};

const string: Make = (path, _targets, unique) => {
  const text = `Wörd ${unique}`;
  const found = { hit: text.toLowerCase(), miss: `x${unique}` };
  if (path.type === "HumanName") return { value: { family: text }, ...found };
  if (path.type === "Address") return { value: { city: text }, ...found };
  return { value: text, ...found };
};

const uri: Make = (_path, _targets, unique) => {
  const value = `http://sample.example/${unique}`;
  return { value, hit: value, miss: `${value}/x` };
};

const date: Make = (path) => {
  const found = { hit: "2019-05-06", miss: "2019-05-07" };
  switch (path.type) {
    case "Period":
      return {
        value: { start: "2019-05-06T08:00:00+08:00", end: "2019-05-06T09:00:00+08:00" },
        ...found,
      };
    case "Timing":
      return { value: { event: ["2019-05-06T08:00:00+08:00"] }, ...found };
    case "instant":
    case "dateTime":
      return { value: "2019-05-06T08:00:00+08:00", ...found };
    default:
      return { value: "2019-05-06", ...found };
  }
};

const number: Make = (path) =>
  path.type === "Range"
    ? { value: { low: { value: 3 }, high: { value: 4 } }, hit: "gt3.5", miss: "gt4.5" }
    : { value: 7, hit: "7", miss: "8" };

const quantity: Make = (path) => {
  const amount = { value: 1.5, system: ucum, code: "kg", unit: "kg" };
  const found = { hit: `1500|${ucum}|g`, miss: `1500|${ucum}|kg` };
  switch (path.type) {
    case "Range":
      return {
        value: { low: amount, high: { ...amount, value: 2 } },
        hit: `gt1600|${ucum}|g`,
        miss: `gt2100|${ucum}|g`,
      };
    case "Money":
      return {
        value: { value: 1.5, currency: "CNY" },
        hit: "1.5|urn:iso:std:iso:4217|CNY",
        miss: "1.5|urn:iso:std:iso:4217|EUR",
      };
    case "SampledData":
      return {
        value: { origin: { ...amount, value: 1 }, period: 10, dimensions: 1, data: "0 1 2" },
        hit: `ge3000|${ucum}|g`,
        miss: `gt3000|${ucum}|g`,
      };
    default:
      return { value: amount, ...found };
  }
};

const reference: Make = (path, targets, unique) => {
  const target = `${targets[0] ?? "Patient"}/r-${unique.replaceAll(/[^A-Za-z0-9]/g, "").slice(0, 60)}`;
  const address = `http://sample.example/${unique}`;
  switch (path.type) {
    case "canonical":
    case "uri":
      return {
        value: path.type === "canonical" ? `${address}|1` : address,
        hit: address,
        miss: `${address}x`,
      };
    case "Attachment":
      return { value: { url: address }, hit: address, miss: `${address}x` };
    case "Resource":
      return {
        value: { resourceType: "Composition", id: "inside" },
        hit: "Composition/inside",
        miss: "Composition/outside",
      };
    default:
      return { value: { reference: target }, hit: target, miss: `${target}x` };
  }
};

const special: Make = () => ({
  value: { latitude: 29, longitude: 88 },
  hit: "29|88.01|10|km",
  miss: "29|89|10|km",
});

const samples: Readonly<Record<string, Make>> = {
  token,
  string,
  uri,
  date,
  number,
  quantity,
  reference,
  special,
};
