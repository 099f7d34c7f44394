import { startPage } from "../design/start.tsx";
import { Messages } from "./messages.tsx";

await startPage(
  {
    "zh-CN": () => import("virtual:messages/demoMessages/zh-CN"),
    bo: () => import("virtual:messages/demoMessages/bo"),
    en: () => import("virtual:messages/demoMessages/en"),
  },
  <Messages />,
);
