import { startPage } from "../design/start.tsx";
import { CallScreenPage } from "./call-screen.tsx";

await startPage(
  {
    "zh-CN": () => import("virtual:messages/kiosk/zh-CN"),
    bo: () => import("virtual:messages/kiosk/bo"),
    en: () => import("virtual:messages/kiosk/en"),
  },
  <CallScreenPage id={location.pathname.split("/")[2] ?? ""} />,
);
