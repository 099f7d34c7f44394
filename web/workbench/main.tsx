import { startPage } from "../design/start.tsx";
import { App } from "./app.tsx";

// The headless library would add a style element of its own; base.css holds its one rule.
const mark = document.createElement("meta");
mark.id = "react-aria-pressable-style";
document.head.append(mark);

await startPage(
  {
    "zh-CN": () => import("virtual:messages/workbench/zh-CN"),
    bo: () => import("virtual:messages/workbench/bo"),
    en: () => import("virtual:messages/workbench/en"),
  },
  <App />,
);
