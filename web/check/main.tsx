import { startPage } from "../design/start.tsx";
import { CheckPage } from "./check-page.tsx";

await startPage(
  {
    "zh-CN": () => import("virtual:messages/check/zh-CN"),
    bo: () => import("virtual:messages/check/bo"),
    en: () => import("virtual:messages/check/en"),
  },
  <CheckPage />,
);
