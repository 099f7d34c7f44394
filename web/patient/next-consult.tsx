import { buttonClass } from "../design/components/button.tsx";
import { Icon } from "../design/components/icon.tsx";
import { Status } from "../design/components/status.tsx";
import { camera, clock } from "../design/icons.ts";
import { useText } from "../i18n/i18n.ts";
import type { MyConsult } from "./my-consults.ts";
import { nextWords } from "./next-words.ts";

/** The consult that comes next, on home: fetched when there is one. */
export function NextCard({ consult, several }: { consult: MyConsult; several: boolean }) {
  const t = useText();
  const words = nextWords(consult, t);
  return (
    <div className="next-card">
      <div className="next-body">
        <div className="row spread">
          <span className="muted">
            {words.day ? t("patient.next.day", { day: words.day }) : t("patient.next.soon")}
          </span>
          <Status tone={words.time ? "good" : "info"}>{t(`patient.state.${consult.state}`)}</Status>
        </div>
        <div className="next-main">
          <div className="grow">
            <h2>{words.title}</h2>
            <p className="muted">{words.where}</p>
            {several ? (
              <p className="muted">{t("patient.next.for", { name: consult.patientName })}</p>
            ) : null}
            {consult.doctors.length > 0 ? (
              <p className="muted">
                {t("patient.next.doctors", {
                  names: consult.doctors.join(t("common.listSeparator")),
                })}
              </p>
            ) : null}
          </div>
          {words.time ? (
            <p className="next-figure">
              <strong>{words.time}</strong>
              <span className="muted">{words.day}</span>
            </p>
          ) : null}
        </div>
        <p className="next-say">
          <Icon path={clock} />
          <span>{words.say}</span>
        </p>
      </div>
      {consult.mayEnterRoom ? (
        <div className="next-foot">
          <a
            className={buttonClass("primary", { wide: true, size: "large" })}
            href={`/room/${consult.id}`}
          >
            <Icon path={camera} />
            <span>{t("patient.next.enter")}</span>
          </a>
        </div>
      ) : null}
    </div>
  );
}
