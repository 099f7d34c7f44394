/** What a laboratory system may send, as far as it is read: parsed at the edge, everything else is left alone. */
import type { Bundle, Resource } from "@medplum/fhirtypes";
import { z } from "zod";

const words = z.string().max(2000);
const coding = z.looseObject({ system: words.optional(), code: words.optional() });
const concept = z.looseObject({
  coding: z.array(coding).max(20).optional(),
  text: words.optional(),
});
const identifier = z.looseObject({ system: words.optional(), value: words.optional() });
const reference = z.looseObject({
  reference: words.optional(),
  identifier: identifier.optional(),
});
const extension = z.looseObject({ url: words, valueInteger: z.number().int().optional() });
const time = z.iso.datetime({ offset: true });

const specimen = z.looseObject({
  resourceType: z.literal("Specimen"),
  id: words.optional(),
  extension: z.array(extension).max(20).optional(),
  accessionIdentifier: identifier.optional(),
  identifier: z.array(identifier).max(20).optional(),
  status: words.optional(),
});
const observation = z.looseObject({
  resourceType: z.literal("Observation"),
  id: words.optional(),
  status: words,
  code: concept,
  effectiveDateTime: time.optional(),
  valueCodeableConcept: concept.optional(),
  dataAbsentReason: concept.optional(),
  method: concept.optional(),
  component: z
    .array(
      z.looseObject({
        code: concept,
        valueQuantity: z.looseObject({ value: z.number().min(0).max(60).optional() }).optional(),
      }),
    )
    .max(20)
    .optional(),
});
const other = z.looseObject({ resourceType: words, id: words.optional() });

export const diagnosticReport = z.looseObject({
  resourceType: z.literal("DiagnosticReport"),
  id: words.optional(),
  contained: z
    .array(z.union([specimen, observation, other]))
    .max(20)
    .optional(),
  identifier: z.array(identifier).max(20).optional(),
  status: words,
  code: concept,
  effectiveDateTime: time.optional(),
  issued: time.optional(),
  performer: z.array(reference).max(20).optional(),
  specimen: z.array(reference).max(20).optional(),
  result: z.array(reference).max(20).optional(),
  conclusion: words.optional(),
});

export const reportBundle = z.looseObject({
  resourceType: z.literal("Bundle"),
  type: z.enum(["transaction", "batch", "collection"]),
  entry: z
    .array(
      z.looseObject({
        fullUrl: words.optional(),
        resource: z.union([diagnosticReport, specimen, observation, other]),
      }),
    )
    .min(1)
    .max(1000),
});

/** The schemas above take what the maps read; the rest of a resource is not looked at. */
export const asResource = (parsed: unknown): Resource => parsed as Resource;
export type BundleEntry = NonNullable<Bundle["entry"]>[number];
