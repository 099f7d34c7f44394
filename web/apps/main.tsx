import { startPage } from "../design/start.tsx";
import { AuthorizePage } from "./authorize-page.tsx";

await startPage(
  {
    "zh-CN": () => import("virtual:messages/apps/zh-CN"),
    bo: () => import("virtual:messages/apps/bo"),
    en: () => import("virtual:messages/apps/en"),
  },
  <AuthorizePage />,
  { elder: true },
);
