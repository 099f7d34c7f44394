import { startPage } from "../design/start.tsx";
import { StoryApp } from "./story-app.tsx";

await startPage(
  {
    "zh-CN": () => import("virtual:messages/story/zh-CN"),
    bo: () => import("virtual:messages/story/bo"),
    en: () => import("virtual:messages/story/en"),
  },
  <StoryApp />,
);
