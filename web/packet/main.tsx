import { startPage } from "../design/start.tsx";
import { PacketPage } from "./packet-page.tsx";

await startPage(
  {
    "zh-CN": () => import("virtual:messages/packet/zh-CN"),
    bo: () => import("virtual:messages/packet/bo"),
    en: () => import("virtual:messages/packet/en"),
  },
  <PacketPage />,
);
