/** The slides of scene 8, set as a PDF like one that a specialist brings. */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const pages: readonly (readonly [title: string, ...lines: string[]])[] = [
  ["过敏性紫癜的诊断及治疗", "周敏华　徐汇区中心医院血液科", "给县乡两级医生"],
  [
    "怎样认",
    "双下肢对称性紫癜，高出皮面，压之不褪",
    "血小板正常",
    "腹痛、关节痛、血尿可以先后出现",
  ],
  ["什么时候要上转", "腹痛持续 6 小时或便血", "尿蛋白 ≥ 2+", "精神差、尿少、浮肿"],
  [
    "在当地怎样治",
    "卧床休息，停用可疑药物和食物",
    "腹型：糖皮质激素，缓解后减量",
    "不常规用抗生素",
  ],
  ["随访", "每周查尿，至少 6 个月", "血压每次都量", "家长知道什么时候要马上回来"],
];

/** @returns the PDF; its fonts are those of the printed opinions */
export async function storySlides(): Promise<Buffer> {
  // Loaded only here: the compiler and its fonts weigh 90 MB.
  const { NodeCompiler } = await import("@myriaddreamin/typst-ts-node-compiler");
  const { resolve } = createRequire(import.meta.url);
  const compiler = NodeCompiler.create({
    fontArgs: [{ fontPaths: [join(dirname(resolve("@embedpdf/fonts-sc")), "..", "fonts")] }],
  });
  const body = pages
    .map(
      ([title, ...lines]) => `= ${title}\n#v(1em)\n${lines.map((line) => `- ${line}`).join("\n")}`,
    )
    .join("\n#pagebreak()\n");
  return compiler.pdf({
    mainFileContent: `#set page(width: 25.4cm, height: 14.29cm, margin: 1.8cm)\n#set text(size: 24pt)\n#show heading: set text(size: 34pt, fill: rgb("#1e5b49"))\n${body}`,
  });
}
