import { startPage } from "../design/start.tsx";
import { VerifyPage } from "./verify-page.tsx";

await startPage(
  {
    "zh-CN": () => import("virtual:messages/verifier/zh-CN"),
    bo: () => import("virtual:messages/verifier/bo"),
    en: () => import("virtual:messages/verifier/en"),
  },
  <VerifyPage />,
);
