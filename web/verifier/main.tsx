import { startPage } from "../design/start.tsx";
import { TeachingCheck } from "./teaching-check.tsx";
import { VerifyPage } from "./verify-page.tsx";

// The code of a credit certificate is in its address: /verify/teaching/XF….
const [, certificate] = /^\/verify\/teaching\/([^/]+)\/?$/.exec(location.pathname) ?? [];

await startPage(
  {
    "zh-CN": () => import("virtual:messages/verifier/zh-CN"),
    bo: () => import("virtual:messages/verifier/bo"),
    en: () => import("virtual:messages/verifier/en"),
  },
  certificate === undefined ? <VerifyPage /> : <TeachingCheck code={certificate} />,
);
