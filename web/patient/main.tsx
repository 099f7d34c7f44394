import { startPage } from "../design/start.tsx";
import { App } from "./app.tsx";

await startPage(
  {
    "zh-CN": () => import("virtual:messages/patient/zh-CN"),
    bo: () => import("virtual:messages/patient/bo"),
    en: () => import("virtual:messages/patient/en"),
  },
  <App />,
  { elder: true },
);
