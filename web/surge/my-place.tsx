import { Notice } from "../design/components/notice.tsx";
import { useText } from "../i18n/i18n.ts";
import { clockTime } from "../i18n/time.ts";
import { useMyPlaces } from "./queries.ts";
import "./my-place.css";

/** Which station, how many are ahead, when: the largest thing on the pass while somebody waits. */
export function MyPlace({ registrationId }: { registrationId: string }) {
  const t = useText();
  const places = useMyPlaces();
  const place = places.data?.places.find((one) => one.registrationId === registrationId);
  if (!place) return null;
  const { station } = place;
  return (
    <section className="my-place" aria-live="polite">
      {station !== null && place.movedFrom !== null ? (
        <Notice
          tone="info"
          live={false}
          title={t("patient.test.place.moved", { from: place.movedFrom, to: station })}
        >
          {t("patient.test.place.movedHow")}
        </Notice>
      ) : null}
      {station === null ? (
        <>
          <h2>{t("patient.test.place.hall")}</h2>
          <p>{t("patient.test.place.hallHow")}</p>
        </>
      ) : (
        <h2>
          {t(place.called ? "patient.test.place.called" : "patient.test.place.go", {
            number: station,
          })}
        </h2>
      )}
      <p className="my-place-ahead">
        {place.ahead === 0
          ? t("patient.test.place.next")
          : t("patient.test.place.ahead", { count: place.ahead })}
      </p>
      {place.expectedAt && place.ahead > 0 ? (
        <p>{t("patient.test.place.expected", { time: clockTime(place.expectedAt) })}</p>
      ) : null}
    </section>
  );
}
