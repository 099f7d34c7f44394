/** Paths of the extract as functions: `participant*.actor` visits each actor of a resource. */
type Json = Readonly<Record<string, unknown>>;

/**
 * @param item which of the first repeating elements on the way the value stands in; 0 where none repeats
 */
export type Visit = (value: unknown, item: number) => void;
export type Walk = (root: unknown, visit: Visit) => void;
type Step = (node: unknown, item: number, repeated: boolean, visit: Visit) => void;

const STEP = /^(\w+)(\*)?(?:@(\d+))?(?:\[(\w+)=([^\]]+)\])?$/;

/** @throws Error when the extract holds a path of another form: a mistake of its builder */
export function compilePath(steps: string): Walk {
  let next: Step = (value, item, _, visit) => visit(value, item);
  for (const text of split(steps).reverse()) next = compileStep(text, next);
  const first = next;
  return (root, visit) => first(root, 0, false, visit);
}

/** At dots outside brackets: a filter's value may hold one. */
const split = (steps: string): string[] => steps.match(/(?:[^.[]|\[[^\]]*\])+/g) ?? [];

function compileStep(text: string, next: Step): Step {
  const match = STEP.exec(text);
  if (!match) throw new Error(`not a step of a path: ${text}`);
  const [, name = "", , position, filterName, filterValue] = match;
  const matches = (value: unknown) =>
    filterName === undefined || (isObject(value) && value[filterName] === filterValue);
  return (node, item, repeated, visit) => {
    const value = isObject(node) ? node[name] : undefined;
    if (value === undefined || value === null) return;
    if (!Array.isArray(value)) {
      if (matches(value)) next(value, item, repeated, visit);
      return;
    }
    for (let index = 0; index < value.length; index += 1) {
      if (position !== undefined && index !== Number(position)) continue;
      const one: unknown = value[index];
      if (one !== null && matches(one)) next(one, repeated ? item : index, true, visit);
    }
  };
}

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
