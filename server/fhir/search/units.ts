/**
 * UCUM units of clinical measurements in base units, so that `5 g` finds `5000 mg`. A subset of UCUM
 * (https://ucum.org): atoms below with metric prefixes, `.`, `/`, exponents, powers of ten and
 * annotations. What is not understood is compared as it is written.
 */
export const UCUM = "http://unitsofmeasure.org";

export type BaseUnit = {
  /** Base units with exponents in one order, for example `g.m-3`. */
  readonly dimension: string;
  readonly factor: number;
  /** Added before the factor: temperatures. */
  readonly offset: number;
};
type Powers = Readonly<Record<string, number>>;

const PREFIXES: Readonly<Record<string, number>> = {
  G: 1e9,
  M: 1e6,
  k: 1e3,
  h: 1e2,
  da: 10,
  d: 1e-1,
  c: 1e-2,
  m: 1e-3,
  u: 1e-6,
  n: 1e-9,
  p: 1e-12,
  f: 1e-15,
};
/** Factor, base units, whether prefixes apply. */
const ATOMS: Readonly<Record<string, readonly [number, Powers, boolean]>> = {
  m: [1, { m: 1 }, true],
  g: [1, { g: 1 }, true],
  s: [1, { s: 1 }, true],
  mol: [1, { mol: 1 }, true],
  L: [1e-3, { m: 3 }, true],
  l: [1e-3, { m: 3 }, true],
  K: [1, { K: 1 }, true],
  eq: [1, { eq: 1 }, true],
  Pa: [1000, { g: 1, m: -1, s: -2 }, true],
  "m[Hg]": [133_322_387.415, { g: 1, m: -1, s: -2 }, true],
  "m[H2O]": [9_806_650, { g: 1, m: -1, s: -2 }, true],
  J: [1000, { g: 1, m: 2, s: -2 }, true],
  cal: [4184, { g: 1, m: 2, s: -2 }, true],
  Hz: [1, { s: -1 }, true],
  U: [1, { U: 1 }, true],
  "[iU]": [1, { iU: 1 }, true],
  "[IU]": [1, { iU: 1 }, true],
  osm: [1, { osm: 1 }, true],
  kat: [1, { kat: 1 }, true],
  min: [60, { s: 1 }, false],
  h: [3600, { s: 1 }, false],
  d: [86_400, { s: 1 }, false],
  wk: [604_800, { s: 1 }, false],
  mo: [2_629_800, { s: 1 }, false],
  a: [31_557_600, { s: 1 }, false],
  "%": [1e-2, {}, false],
  "[lb_av]": [453.592_37, { g: 1 }, false],
  "[oz_av]": [28.349_523_125, { g: 1 }, false],
  "[in_i]": [0.0254, { m: 1 }, false],
  "[ft_i]": [0.3048, { m: 1 }, false],
  "[pH]": [1, { pH: 1 }, false],
  "1": [1, {}, false],
};
const remembered = new Map<string, BaseUnit | undefined>();

/** @returns undefined for what is no unit that we convert */
export function baseUnitOf(
  system: string | undefined,
  code: string | undefined,
): BaseUnit | undefined {
  if (system !== UCUM || !code || code.length > 40) return undefined;
  if (remembered.has(code)) return remembered.get(code);
  const unit = parse(code);
  if (remembered.size > 2000) remembered.clear();
  remembered.set(code, unit);
  return unit;
}

export const inBaseUnit = (value: number, { factor, offset }: BaseUnit): number =>
  (value + offset) * factor;

function parse(code: string): BaseUnit | undefined {
  if (code === "Cel") return { dimension: "K", factor: 1, offset: 273.15 };
  if (code === "[degF]") return { dimension: "K", factor: 5 / 9, offset: 459.67 };
  const bare = code.replaceAll(/\{[^{}]*\}/g, "");
  let factor = 1;
  const powers: Record<string, number> = {};
  const terms = bare.split(/([./])/);
  let sign = 1;
  for (const [index, term] of terms.entries()) {
    if (term === "." || term === "/") {
      sign = term === "/" ? -1 : 1;
      continue;
    }
    if (term === "") {
      // Nothing before the first slash, or only an annotation.
      if (index > 0 && terms.length > index + 1) return undefined;
      continue;
    }
    const ten = /^10[*^]([+-]?\d{1,2})?$/.exec(term);
    if (ten) {
      factor *= 10 ** (sign * Number(ten[1] ?? 1));
      continue;
    }
    const match = /^(.*?[^\d+-])([+-]?\d)?$/.exec(term) ?? /^(1)()$/.exec(term);
    const atom = atomOf(match?.[1] ?? "");
    if (!atom) return undefined;
    const exponent = sign * Number(match?.[2] || 1);
    factor *= atom[0] ** exponent;
    for (const [base, power] of Object.entries(atom[1])) {
      powers[base] = (powers[base] ?? 0) + power * exponent;
    }
  }
  const dimension = Object.entries(powers)
    .filter(([, power]) => power !== 0)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([base, power]) => (power === 1 ? base : base + power))
    .join(".");
  return { dimension: dimension || "1", factor, offset: 0 };
}

function atomOf(text: string): readonly [number, Powers] | undefined {
  const whole = atomNamed(text);
  if (whole) return [whole[0], whole[1]];
  for (const [prefix, times] of Object.entries(PREFIXES)) {
    if (!text.startsWith(prefix)) continue;
    const atom = atomNamed(text.slice(prefix.length));
    if (atom?.[2]) return [atom[0] * times, atom[1]];
  }
  return undefined;
}

/** Units come from outside: `constructor` is none. */
const atomNamed = (text: string) => (Object.hasOwn(ATOMS, text) ? ATOMS[text] : undefined);
