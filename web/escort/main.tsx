import { startPage } from "../design/start.tsx";
import { EscortPage } from "./escort-page.tsx";

await startPage(
  {
    "zh-CN": () => import("virtual:messages/escort/zh-CN"),
    bo: () => import("virtual:messages/escort/bo"),
    en: () => import("virtual:messages/escort/en"),
  },
  <EscortPage token={location.pathname.split("/")[2] ?? ""} />,
);
