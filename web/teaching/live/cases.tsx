import { Button } from "../../design/components/button.tsx";
import { Status } from "../../design/components/status.tsx";
import { useText } from "../../i18n/i18n.ts";
import type { Lecture } from "../lecture.ts";
import { Stills } from "./stills.tsx";

/** Fresh pictures, and what was made ready of a case: shown item by item, to all at once. */
export function Cases({ lecture }: { lecture: Lecture }) {
  const t = useText();
  const { cases, live, acts } = lecture;
  return (
    <div className="stack">
      <Stills lecture={lecture} />
      {cases.length === 0 ? <p className="muted">{t("lecture.cases.none")}</p> : null}
      {cases.map((one) => (
        <section key={one.id} className="stack stack-2">
          <h2>{one.title}</h2>
          <p className="muted small">{[one.who, one.place].join(" · ")}</p>
          <ul className="hands">
            {one.items.map((item) => {
              const isShown = live.caseItem?.itemId === item.id || live.still === item.id;
              // A picture is shown as a still: one can draw on it.
              const show = () =>
                item.picture
                  ? acts.showStill(isShown ? null : item.id)
                  : acts.showCase(one.id, isShown ? null : item.id);
              return (
                <li key={item.id}>
                  <span className="grow">
                    {item.title}{" "}
                    {isShown ? <Status tone="good">{t("lecture.cases.shown")}</Status> : null}
                  </span>
                  <Button
                    size="small"
                    look={isShown ? "plain" : "soft"}
                    aria-label={`${t(isShown ? "lecture.cases.hide" : "lecture.cases.show")}：${item.title}`}
                    onClick={() => acts.run(show)}
                  >
                    {t(isShown ? "lecture.cases.hide" : "lecture.cases.show")}
                  </Button>
                </li>
              );
            })}
          </ul>
        </section>
      ))}
    </div>
  );
}
