/** What a browser says of itself, as its owner would name it. Pure. */
export const deviceForms = ["computer", "phone", "tablet", "other"] as const;
export type Device = {
  browser: string | null;
  system: string | null;
  form: (typeof deviceForms)[number];
};

/** Order decides: Edge says Chrome too, and everybody says Safari. */
const browsers: readonly [RegExp, string][] = [
  [/MicroMessenger\//, "微信 WeChat"],
  [/Edg(e|A|iOS)?\//, "Edge"],
  [/HuaweiBrowser\//, "Huawei"],
  [/OPR\/|Opera/, "Opera"],
  [/Firefox\/|FxiOS\//, "Firefox"],
  [/(Headless)?Chrome\/|CriOS\//, "Chrome"],
  [/Version\/.*Safari\//, "Safari"],
];
const systems: readonly [RegExp, string][] = [
  [/HarmonyOS|OpenHarmony/, "HarmonyOS"],
  [/Android/, "Android"],
  [/iPhone/, "iPhone"],
  [/iPad/, "iPad"],
  [/Windows/, "Windows"],
  [/Mac OS X|Macintosh/, "macOS"],
  [/CrOS/, "ChromeOS"],
  [/Linux|X11/, "Linux"],
];

/** @param userAgent the header of the sign-in; null when there was none */
export function deviceOf(userAgent: string | null): Device {
  const agent = userAgent ?? "";
  const first = (table: readonly [RegExp, string][]) =>
    table.find(([pattern]) => pattern.test(agent))?.[1] ?? null;
  const system = first(systems);
  const form = /iPad|Tablet|Android(?!.*Mobile)/.test(agent)
    ? "tablet"
    : /Mobile|iPhone/.test(agent)
      ? "phone"
      : system
        ? "computer"
        : "other";
  return { browser: first(browsers), system, form };
}
