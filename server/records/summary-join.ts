/** Resources of several stores as resources of one: ids that do not meet, references that still hold. Pure. */
import type { Resource } from "@medplum/fhirtypes";

export type JoinedPart = {
  /** Address of the store, without a slash at the end. */
  readonly base: string;
  /** Ids of the patient there. */
  readonly localIds: readonly string[];
  readonly resources: readonly Resource[];
};

/**
 * @param keyOf the same key is the same thing told by two institutions: the first is taken; null: unlike any other
 */
export function joinResources(
  parts: readonly JoinedPart[],
  {
    patientId,
    newId,
    keyOf,
  }: {
    readonly patientId: string;
    readonly newId: () => string;
    readonly keyOf: (resource: Resource) => string | null;
  },
): Resource[] {
  const known = new Set<string>();
  return parts.flatMap(({ base, localIds, resources }) => {
    const ids = new Map<string, string>(
      resources.map((one) => [`${one.resourceType}/${one.id ?? ""}`, newId()] as const),
    );
    const change = (reference: string): string => {
      const relative = reference.startsWith(`${base}/`)
        ? reference.slice(base.length + 1)
        : reference;
      const bare = relative.replace(/\/_history\/[^/]+$/, "");
      const [type, id = ""] = bare.split("/");
      if (type === "Patient" && localIds.includes(id)) return `Patient/${patientId}`;
      if (ids.has(bare)) return `${type}/${ids.get(bare)}`;
      return /^[A-Z][A-Za-z]+\/[A-Za-z0-9.-]{1,64}$/.test(bare) ? `${base}/${relative}` : reference;
    };
    return resources.flatMap((resource): Resource[] => {
      if (resource.resourceType === "Patient") return [];
      const key = keyOf(resource);
      if (key !== null && known.has(key)) return [];
      if (key !== null) known.add(key);
      const name = `${resource.resourceType}/${resource.id ?? ""}`;
      const copy = referred(resource, change);
      return [
        {
          ...copy,
          id: ids.get(name)!,
          // Where it came from stays with it.
          meta: { ...copy.meta, source: `${base}/${name}` },
        } as Resource,
      ];
    });
  });
}

function referred<Value>(value: Value, change: (reference: string) => string): Value {
  if (Array.isArray(value)) return value.map((one) => referred(one, change)) as Value;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [
      key,
      key === "reference" && typeof one === "string" ? change(one) : referred(one, change),
    ]),
  ) as Value;
}
