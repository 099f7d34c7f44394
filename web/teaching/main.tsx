import { startPage } from "../design/start.tsx";
import { TeachingApp } from "./teaching-app.tsx";

// A replay is read like a page; the room itself is dark, so that slides and faces are seen.
if (!location.pathname.endsWith("/replay")) document.documentElement.dataset.scene = "room";
// The headless library would add a style element of its own; base.css holds its one rule.
const mark = document.createElement("meta");
mark.id = "react-aria-pressable-style";
document.head.append(mark);

await startPage(
  {
    "zh-CN": () => import("virtual:messages/lecture/zh-CN"),
    bo: () => import("virtual:messages/lecture/bo"),
    en: () => import("virtual:messages/lecture/en"),
  },
  <TeachingApp />,
);
