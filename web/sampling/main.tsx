import { startPage } from "../design/start.tsx";
import { App } from "./app.tsx";

await startPage(
  {
    "zh-CN": () => import("virtual:messages/sampling/zh-CN"),
    bo: () => import("virtual:messages/sampling/bo"),
    en: () => import("virtual:messages/sampling/en"),
  },
  <App />,
);
