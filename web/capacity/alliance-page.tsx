import { useState } from "react";
import type { BedUnitKind } from "../../server/capacity/domain.ts";
import type { StaffView } from "../api/session.ts";
import { Empty } from "../design/components/empty.tsx";
import { CheckField, SelectField } from "../design/components/field.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { Status } from "../design/components/status.tsx";
import { home } from "../design/icons.ts";
import { useLanguage, useText } from "../i18n/i18n.ts";
import { dayTime } from "../i18n/time.ts";
import { Away, Updated } from "./beds-page.tsx";
import { CapacityFrame } from "./frame.tsx";
import { type Alliance, useAlliance } from "./queries.ts";
import { inWords, kindWord, modeTone, unitKinds } from "./words.ts";

export { wordsReady } from "./frame.tsx";

type House = Alliance["institutions"][number];
type Place = House["departments"][number];

/** Where beds are free in the alliance, by house: counts and forecasts, nobody's name. */
export function AlliancePage({ session }: { session: StaffView }) {
  const t = useText();
  const language = useLanguage();
  const view = useAlliance();
  const [kind, setKind] = useState<BedUnitKind | "">("");
  const [department, setDepartment] = useState("");
  const [freeOnly, setFreeOnly] = useState(false);
  const departments = [
    ...new Set(
      (view.data?.institutions ?? []).flatMap((one) =>
        one.departments.map((place) => inWords(place.name, language)),
      ),
    ),
  ].sort((left, right) => left.localeCompare(right, language));
  const houses = (view.data?.institutions ?? []).flatMap((house) => {
    const places = house.departments
      .filter((one) => department === "" || inWords(one.name, language) === department)
      .map((one) => ({
        ...one,
        units: one.units.filter(
          (unit) =>
            (kind === "" || unit.kind === kind) &&
            (!freeOnly || (unit.free > 0 && unit.mode === "peace")),
        ),
      }))
      .filter((one) => one.units.length > 0);
    return places.length > 0 ? [{ ...house, departments: places }] : [];
  });
  return (
    <CapacityFrame
      session={session}
      title={t("capacity.alliance.title")}
      how={t("capacity.alliance.how")}
    >
      <div className="capacity-form">
        <SelectField
          label={t("capacity.alliance.kind")}
          value={kind}
          onChange={(event) => setKind(event.target.value as BedUnitKind | "")}
        >
          <option value="">{t("capacity.alliance.all")}</option>
          {unitKinds.map((one) => (
            <option key={one} value={one}>
              {t(kindWord(one))}
            </option>
          ))}
        </SelectField>
        <SelectField
          label={t("capacity.alliance.department")}
          value={department}
          onChange={(event) => setDepartment(event.target.value)}
        >
          <option value="">{t("capacity.alliance.all")}</option>
          {departments.map((one) => (
            <option key={one} value={one}>
              {one}
            </option>
          ))}
        </SelectField>
        <CheckField
          label={t("capacity.alliance.freeOnly")}
          checked={freeOnly}
          onChange={(event) => setFreeOnly(event.target.checked)}
        />
        {view.data ? (
          <span className="muted small">
            {t("capacity.alliance.at", { time: dayTime(view.data.at) })}
          </span>
        ) : null}
      </div>
      {view.isPending ? <Skeleton lines={8} /> : null}
      <ProblemNotice error={view.error} retry={() => void view.refetch()} />
      {view.data && houses.length === 0 ? (
        <Empty icon={home} title={t("capacity.alliance.none")}>
          {t("capacity.alliance.noneHow")}
        </Empty>
      ) : null}
      {houses.map((house) => (
        <HouseCard key={house.id} house={house} />
      ))}
    </CapacityFrame>
  );
}

const far = (metres: number) =>
  metres < 1000 ? `${metres} m` : `${(metres / 1000).toFixed(metres < 10_000 ? 1 : 0)} km`;

function HouseCard({ house }: { house: House }) {
  const t = useText();
  const language = useLanguage();
  const name = inWords(house.name, language);
  return (
    <section className="capacity-unit" aria-label={name}>
      <header className="row spread">
        <div className="row">
          <h2>{name}</h2>
          {house.own ? <Status tone="info">{t("capacity.alliance.own")}</Status> : null}
          {house.distanceMetres === null ? null : (
            <span className="muted">{far(house.distanceMetres)}</span>
          )}
        </div>
        {house.phone ? (
          <a className="capacity-phone" href={`tel:${house.phone}`}>
            {house.phone}
          </a>
        ) : null}
      </header>
      {house.departments.map((place) => (
        <PlaceTable key={place.departmentId} place={place} />
      ))}
    </section>
  );
}

function PlaceTable({ place }: { place: Place }) {
  const t = useText();
  const language = useLanguage();
  return (
    <div className="stack stack-2">
      <div className="row spread">
        <h3>{inWords(place.name, language)}</h3>
        <Away department={place} />
      </div>
      <ul className="capacity-rows">
        {place.units.map((unit) => (
          <li key={unit.unitId}>
            <span className="capacity-row-name">
              <span className="strong">{inWords(unit.name, language)}</span>{" "}
              <span className="muted small">{t(kindWord(unit.kind))}</span>{" "}
              {unit.clearing || unit.mode !== "peace" ? (
                <Status tone={modeTone[unit.mode]}>
                  {t(unit.clearing ? "capacity.clearing" : `capacity.mode.${unit.mode}`)}
                </Status>
              ) : null}
              <br />
              <Updated unit={unit} />
            </span>
            <dl className="capacity-numbers">
              <div data-main="">
                <dt>{t("capacity.figure.free")}</dt>
                <dd>
                  {unit.free} <small>{t("capacity.ofBeds", { count: unit.beds })}</small>
                </dd>
              </div>
              <div>
                <dt>{t("capacity.figure.priority")}</dt>
                <dd>{unit.priorityLeft}</dd>
              </div>
              <div>
                <dt>{t("capacity.figure.tomorrow")}</dt>
                <dd>{unit.freeTomorrow}</dd>
              </div>
              <div>
                <dt>{t("capacity.figure.threeDays")}</dt>
                <dd>{unit.freeInThreeDays}</dd>
              </div>
            </dl>
          </li>
        ))}
      </ul>
    </div>
  );
}
