import { useState } from "react";
import { Link } from "wouter";
import type { PatientView } from "../../api/session.ts";
import { Empty } from "../../design/components/empty.tsx";
import { TextField } from "../../design/components/field.tsx";
import { Icon } from "../../design/components/icon.tsx";
import { ProblemNotice } from "../../design/components/problem.tsx";
import { Segmented } from "../../design/components/segmented.tsx";
import { Skeleton } from "../../design/components/skeleton.tsx";
import { Status } from "../../design/components/status.tsx";
import { calendar, right } from "../../design/icons.ts";
import { usePreferences } from "../../design/preferences.ts";
import { useLanguage, useText } from "../../i18n/i18n.ts";
import { clockTime, dayTime, isoDate } from "../../i18n/time.ts";
import { ReadAloud } from "../read-aloud.tsx";
import { personOf, useRemembered } from "./choices.ts";
import { type Department, type Doctor, type Place, usePlaces } from "./queries.ts";
import { ForWhom, StepHead } from "./step-head.tsx";
import { doctorWords, Name, nameIn } from "./words.tsx";

type Spot = { place: Place; department: Department };
const crowdTones = { green: "good", amber: "warn", busy: "quiet" } as const;

/** Where to: what was chosen last, what is free soonest, then everything, by hospital or by doctor. */
export function ChoosePlace({ session }: { session: PatientView | null }) {
  const t = useText();
  const language = useLanguage();
  const { elder } = usePreferences();
  const places = usePlaces();
  const { remembered } = useRemembered();
  const [by, setBy] = useState<"place" | "doctor">("place");
  const [sought, setSought] = useState("");

  const spots = (places.data?.places ?? []).flatMap((place) =>
    place.departments.map((department): Spot => ({ place, department })),
  );
  const last = spots.find(({ department }) => department.id === remembered?.departmentId);
  const soonest = spots
    .filter((spot) => spot.department.nextFree && spot !== last)
    .toSorted((a, b) => Date.parse(a.department.nextFree!) - Date.parse(b.department.nextFree!))[0];
  const words = sought.trim().toLowerCase();
  const fits = (...texts: (string | null)[]) =>
    words === "" || texts.some((text) => text?.toLowerCase().includes(words));
  const namesOf = ({ name }: { name: Place["name"] }) => [name.zh, name.en, name.bo];
  const found = spots.filter(({ place, department }) =>
    fits(...namesOf(place), place.otherName, ...namesOf(department)),
  );
  const doctors = spots.flatMap((spot) =>
    spot.department.doctors
      .filter((doctor) => fits(doctor.name, ...namesOf(spot.place), ...namesOf(spot.department)))
      .map((doctor) => ({ ...spot, doctor })),
  );
  const shownPlaces = [...new Set(found.map(({ place }) => place))].toSorted((a, b) =>
    nameIn(a.name, language).localeCompare(nameIn(b.name, language), language),
  );
  const aloud = [
    t("patient.booking.where"),
    ...[last, soonest]
      .filter((spot) => spot !== undefined)
      .map(({ place, department }) =>
        [
          nameIn(department.name, language),
          nameIn(place.name, language),
          department.nextFree
            ? t("patient.booking.earliest", { time: dayTime(department.nextFree) })
            : "",
        ].join(" "),
      ),
  ].join(". ");

  return (
    <main id="main" className="phone-page">
      <StepHead
        step={1}
        title={t("patient.booking.where")}
        back={{ href: "/", label: t("patient.tab.home") }}
      >
        <ForWhom person={personOf(session, remembered)} back="/book" />
      </StepHead>
      {elder ? <ReadAloud text={aloud} /> : null}
      {places.isPending ? <Skeleton lines={6} /> : null}
      {places.isError ? (
        <ProblemNotice error={places.error} retry={() => void places.refetch()} />
      ) : null}
      {places.data && spots.length === 0 ? (
        <Empty icon={calendar} title={t("patient.booking.noPlaces")}>
          {t("patient.booking.noPlacesHow")}
        </Empty>
      ) : null}
      {last ? (
        <section>
          <h2 className="section-title">{t("patient.booking.lastTime")}</h2>
          <ul className="list">
            <SpotRow spot={last} withPlace />
          </ul>
        </section>
      ) : null}
      {soonest ? (
        <section>
          <h2 className="section-title">{t("patient.booking.soonest")}</h2>
          <ul className="list">
            <SpotRow spot={soonest} withPlace />
          </ul>
        </section>
      ) : null}
      {spots.length > 0 ? (
        <section className="stack">
          {elder ? null : (
            <div className="seek">
              <Segmented
                label={t("patient.booking.by")}
                hideLabel
                value={by}
                onChange={setBy}
                options={[
                  { value: "place", label: t("patient.booking.byPlace") },
                  { value: "doctor", label: t("patient.booking.byDoctor") },
                ]}
              />
              <TextField
                label={t("patient.booking.seek")}
                type="search"
                value={sought}
                onChange={(event) => setSought(event.target.value)}
              />
            </div>
          )}
          {by === "place"
            ? shownPlaces.map((place) => (
                <PlaceSection
                  key={place.id}
                  place={place}
                  spots={found.filter((spot) => spot.place === place)}
                />
              ))
            : null}
          {by === "doctor" && doctors.length > 0 ? (
            <ul className="list">
              {doctors.map(({ doctor, ...spot }) => (
                <SpotRow
                  key={doctor.id + spot.department.id}
                  spot={spot}
                  doctor={doctor}
                  withPlace
                />
              ))}
            </ul>
          ) : null}
          {(by === "place" ? found : doctors).length === 0 ? (
            <p className="muted" role="status">
              {t("patient.booking.foundNothing", { words: sought.trim() })}
            </p>
          ) : null}
        </section>
      ) : null}
    </main>
  );
}

/** How full it will be today, hours of one kind together; nothing where every hour is the same. */
function CrowdForecast({ forecast }: { forecast: Place["forecast"] }) {
  const t = useText();
  const spans: { from: string; crowd: Place["forecast"][number]["crowd"] }[] = [];
  for (const { at, crowd } of forecast)
    if (spans.at(-1)?.crowd !== crowd) spans.push({ from: at, crowd });
  if (spans.length < 2) return null;
  return (
    <p className="muted small">
      {t("patient.booking.forecast", {
        spans: spans
          .slice(1)
          .map(({ from, crowd }) =>
            t("patient.booking.forecastSpan", {
              time: clockTime(from),
              crowd: t(`patient.booking.forecastCrowd.${crowd}`),
            }),
          )
          .join(t("common.listSeparator")),
      })}
    </p>
  );
}

function PlaceSection({ place, spots }: { place: Place; spots: readonly Spot[] }) {
  const t = useText();
  const { elder } = usePreferences();
  return (
    <section className="place">
      <div className="row spread place-head">
        <h2>
          <Name of={place.name} />
        </h2>
        {place.crowd && !elder ? (
          <Status tone={crowdTones[place.crowd]}>
            {t(`patient.booking.crowd.${place.crowd}`)}
          </Status>
        ) : null}
      </div>
      {elder ? null : <CrowdForecast forecast={place.forecast} />}
      {place.address && !elder ? <p className="muted small">{place.address}</p> : null}
      <ul className="list">
        {spots.map((spot) => (
          <SpotRow key={spot.department.id} spot={spot} />
        ))}
      </ul>
    </section>
  );
}

function SpotRow({
  spot: { place, department },
  doctor,
  withPlace,
}: {
  spot: Spot;
  doctor?: Doctor;
  withPlace?: boolean;
}) {
  const t = useText();
  const language = useLanguage();
  const query = new URLSearchParams();
  if (doctor) query.set("doctor", doctor.id);
  // A doctor's own first free seat is not known here: the strip shows it.
  else if (department.nextFree) query.set("day", isoDate(department.nextFree));
  return (
    <li>
      <Link
        href={`/book/${department.id}${query.size > 0 ? `?${query}` : ""}`}
        className="list-row"
      >
        <span className="grow">
          <span className="strong">
            {doctor ? <span>{doctorWords(doctor, language)}</span> : <Name of={department.name} />}
          </span>
          {withPlace ? (
            <span className="muted small row-line">
              {doctor ? (
                <>
                  <Name of={department.name} /> ·{" "}
                </>
              ) : null}
              <Name of={place.name} />
            </span>
          ) : null}
        </span>
        {doctor ? null : department.nextFree ? (
          <span className="earliest small figure">
            {t("patient.booking.earliest", { time: dayTime(department.nextFree) })}
          </span>
        ) : (
          <span className="muted small">{t("patient.booking.noneFree")}</span>
        )}
        <Icon path={right} />
      </Link>
    </li>
  );
}
