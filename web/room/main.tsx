import { startPage } from "../design/start.tsx";
import { RoomApp } from "./room-app.tsx";

document.documentElement.dataset.scene = "room";
// The headless library would add a style element of its own; base.css holds its one rule.
const mark = document.createElement("meta");
mark.id = "react-aria-pressable-style";
document.head.append(mark);

await startPage(
  {
    "zh-CN": () => import("virtual:messages/room/zh-CN"),
    bo: () => import("virtual:messages/room/bo"),
    en: () => import("virtual:messages/room/en"),
  },
  <RoomApp />,
);
