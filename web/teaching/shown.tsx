import { useEffect, useRef } from "react";
import { surfaceOf } from "../../timeline/fold.ts";
import { useText } from "../i18n/i18n.ts";
import type { Ink } from "../room/ink.tsx";
import { CaseSheet } from "./case-sheet.tsx";
import { versionOf } from "./layout.ts";
import { type Lecture, shownPage } from "./lecture.ts";
import { Sheet } from "./sheet.tsx";
import { StillSheet } from "./still-sheet.tsx";

const plain = { width: 16, height: 9 };

/**
 * What is shown now: a page of slides, a still or an item of a case, with what is drawn on it and where
 * somebody points. On a thin line the light version of a slide is fetched; the next page is fetched ahead.
 */
export function Shown({
  lecture,
  thin,
  ink,
  onPoint,
}: {
  lecture: Lecture;
  thin: boolean;
  ink?: Ink | null;
  onPoint?: ((at: [number, number] | null) => void) | null;
}) {
  const t = useText();
  const { live, decks } = lecture;
  const fetched = useRef(new Set<string>());
  const surface = surfaceOf(live);
  const shown = shownPage(decks, live.slide);
  const src = shown ? versionOf(shown.page, { isThin: thin, fetched: fetched.current }) : null;

  const next = shown?.deck.pages[shown.page.page];
  useEffect(() => {
    if (!next || live.still) return;
    const ahead = versionOf(next, { isThin: thin, fetched: fetched.current });
    if (fetched.current.has(ahead)) return;
    // After the page that is shown: on a thin line the two must not share it.
    const image = new Image();
    image.fetchPriority = "low";
    const begin = () => {
      image.src = ahead;
    };
    image.onload = () => fetched.current.add(ahead);
    const idle = setTimeout(begin, thin ? 3000 : 800);
    return () => clearTimeout(idle);
  }, [next, thin, live.still]);

  const pointers = lecture.pointers.filter(
    (one) => one.surface === surface && one.personId !== lecture.me.person.id,
  );
  if (live.caseItem) return <CaseSheet cases={lecture.cases} item={live.caseItem} thin={thin} />;
  if (live.still)
    return (
      <StillSheet
        stillId={live.still}
        cases={lecture.cases}
        state={live}
        thin={thin}
        pointers={pointers}
        ink={ink}
        onPoint={onPoint}
      />
    );
  return (
    <Sheet
      src={src}
      alt={
        shown
          ? t("lecture.slides.alt", {
              page: shown.page.page,
              title: shown.page.title ?? "",
            })
          : t("lecture.slides.notYet")
      }
      size={shown?.page ?? plain}
      strokes={surface ? (live.strokes[surface] ?? []) : []}
      pointers={pointers}
      ink={surface ? ink : null}
      onPoint={surface ? onPoint : null}
      onShown={(address) => fetched.current.add(address)}
    />
  );
}
