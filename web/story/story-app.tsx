import { lazy, Suspense, useEffect } from "react";
import { Route, Router, Switch } from "wouter";
import { Skeleton } from "../design/components/skeleton.tsx";
import { useText } from "../i18n/i18n.ts";
import { Scenes } from "./scenes.tsx";
import { StoryRoom } from "./story-room.tsx";
import "./story.css";

const Replay = lazy(() =>
  import("../surge/replay-page.tsx").then(async (page) => {
    await page.wordsReady;
    return { default: page.ReplayPage };
  }),
);
const Partner = lazy(() => import("./partner.tsx").then((page) => ({ default: page.Partner })));

const StoryLecture = lazy(() =>
  import("./story-lecture.tsx").then((page) => ({ default: page.StoryLecture })),
);
const LecturePartner = lazy(() =>
  import("./lecture-partner.tsx").then((page) => ({ default: page.LecturePartner })),
);

/** The demo's story: scenes that exist, each opening the right page as the right person. */
export function StoryApp() {
  const t = useText();
  useEffect(() => {
    document.title = t("story.pageTitle");
  });
  return (
    <Router base="/story">
      <Suspense fallback={<Skeleton />}>
        <Switch>
          <Route path="/partner">
            <Partner />
          </Route>
          <Route path="/lecturer">
            <LecturePartner />
          </Route>
          <Route path="/lecture">
            <StoryLecture />
          </Route>
          <Route path="/replay">
            <Replay />
          </Route>
          <Route path="/room">
            <StoryRoom />
          </Route>
          <Route>
            <Scenes />
          </Route>
        </Switch>
      </Suspense>
    </Router>
  );
}
