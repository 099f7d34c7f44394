import { useState } from "react";
import type { StaffView } from "../api/session.ts";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { Countdown } from "../design/components/countdown.tsx";
import { Empty } from "../design/components/empty.tsx";
import { Icon } from "../design/components/icon.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { Status } from "../design/components/status.tsx";
import { home } from "../design/icons.ts";
import { plus } from "../design/icons-work.ts";
import { useLanguage, useText } from "../i18n/i18n.ts";
import { dayTime } from "../i18n/time.ts";
import { AbsencesPage } from "./absences-page.tsx";
import { BedPanel } from "./bed-panel.tsx";
import { CouldGo } from "./could-go.tsx";
import { CapacityFrame } from "./frame.tsx";
import {
  type Bed,
  type Department,
  type Unit,
  useBeds,
  useChangeUnit,
  useConfirmCounts,
} from "./queries.ts";
import { SwitchPage } from "./switch-page.tsx";
import { UnitForm } from "./unit-form.tsx";
import { bedLook, inWords, kindWord, modeTone } from "./words.ts";

export { wordsReady } from "./frame.tsx";

/** The beds of the own house, and beside them who is away and the switch. */
export function BedsPage({ session, what }: { session: StaffView; what: string | null }) {
  if (what === "absences" && session.permissions.includes("capacity.manage"))
    return <AbsencesPage session={session} />;
  if (
    what === "switch" &&
    ["capacity.switch", "capacity.manage"].some((one) => session.permissions.includes(one))
  )
    return <SwitchPage session={session} />;
  return <BedMap session={session} />;
}

function BedMap({ session }: { session: StaffView }) {
  const t = useText();
  const language = useLanguage();
  const beds = useBeds();
  const reopen = useChangeUnit();
  const [making, setMaking] = useState(false);
  const [opened, setOpened] = useState<string | null>(null);
  const manages = session.permissions.includes("capacity.manage");
  return (
    <CapacityFrame
      session={session}
      title={t("capacity.beds.title")}
      aside={
        manages ? (
          <Button look="soft" icon={plus} aria-expanded={making} onClick={() => setMaking(!making)}>
            {t("capacity.unit.new")}
          </Button>
        ) : undefined
      }
    >
      {manages ? null : <p className="muted">{t("capacity.readOnly")}</p>}
      {making && beds.data ? (
        <UnitForm departments={beds.data.allDepartments} onDone={() => setMaking(false)} />
      ) : null}
      {beds.isPending ? <Skeleton lines={8} /> : null}
      <ProblemNotice error={beds.error} retry={() => void beds.refetch()} />
      {beds.data?.departments.length === 0 ? (
        <Empty icon={home} title={t("capacity.beds.none")}>
          {t("capacity.beds.noneHow")}
        </Empty>
      ) : null}
      {session.permissions.includes("referral.ward") ? <CouldGo session={session} /> : null}
      {beds.data ? <Awaited departments={beds.data.departments} onOpen={setOpened} /> : null}
      {beds.data?.departments.map((department) => (
        <section key={department.departmentId} className="capacity-department">
          <header className="row spread">
            <h2>{inWords(department.name, language)}</h2>
            <Away department={department} />
          </header>
          {department.units.map((unit) => (
            <UnitCard
              key={unit.unitId}
              unit={unit}
              departmentId={department.departmentId}
              today={beds.data.today}
              manages={manages}
              opened={opened}
              onOpen={setOpened}
            />
          ))}
        </section>
      ))}
      {manages && beds.data && beds.data.closedUnits.length > 0 ? (
        <Card title={t("capacity.unit.closed")}>
          <ul className="capacity-lines">
            {beds.data.closedUnits.map((one) => (
              <li key={one.id} className="row spread">
                <span>
                  {inWords(one.department, language)} · {inWords(one.name, language)}
                </span>
                <Button
                  look="quiet"
                  busy={reopen.isPending}
                  onClick={() => reopen.mutate({ id: one.id, active: true })}
                >
                  {t("capacity.unit.reopen")}
                  <span className="visually-hidden"> {inWords(one.name, language)}</span>
                </Button>
              </li>
            ))}
          </ul>
          <ProblemNotice error={reopen.error} />
        </Card>
      ) : null}
    </CapacityFrame>
  );
}

/** Who is awaited, the soonest over first. */
function Awaited({
  departments,
  onOpen,
}: {
  departments: readonly Department[];
  onOpen: (bedId: string) => void;
}) {
  const t = useText();
  const language = useLanguage();
  const held = departments
    .flatMap((one) => one.units.flatMap((unit) => unit.bedList.map((bed) => ({ unit, bed }))))
    .flatMap(({ unit, bed }) =>
      bed.state === "held" && bed.hold ? [{ unit, bed, hold: bed.hold }] : [],
    )
    .sort((left, right) => left.hold.until.localeCompare(right.hold.until));
  if (held.length === 0) return null;
  return (
    <Card title={t("capacity.awaited")}>
      <ul className="capacity-lines">
        {held.map(({ unit, bed, hold }) => (
          <li key={hold.id} className="row spread">
            <span>
              <strong>
                {inWords(unit.name, language)} {t("capacity.bed", { label: bed.label })}
              </strong>{" "}
              {hold.patient?.name}{" "}
              <span className="muted">
                {t("capacity.hold.by", { holder: inWords(hold.heldBy, language) })} ·{" "}
                {t(`capacity.hold.for.${hold.purpose}`)}
              </span>
            </span>
            <span className="row">
              <Countdown dueAt={hold.until} />
              <Button look="quiet" onClick={() => onOpen(bed.id)}>
                {t("capacity.awaited.open")}
                <span className="visually-hidden"> {bed.label}</span>
              </Button>
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

/** Whether somebody is away, and what it means for the beds. */
export function Away({
  department,
}: {
  department: Pick<Department, "absent" | "uncovered" | "staffedFree">;
}) {
  const t = useText();
  if (department.absent === 0) return null;
  return department.uncovered > 0 ? (
    <Status tone="warn">
      {t("capacity.staffed", { count: department.staffedFree, absent: department.uncovered })}
    </Status>
  ) : (
    <Status tone="info">{t("capacity.absentCovered", { count: department.absent })}</Status>
  );
}

/** When the ward last said so; what is old says what to do. */
export function Updated({ unit }: { unit: Pick<Unit, "updatedAt" | "stale"> }) {
  const t = useText();
  const time = dayTime(unit.updatedAt);
  return unit.stale ? (
    <Status tone="warn">{t("capacity.stale", { time })}</Status>
  ) : (
    <span className="muted small">{t("capacity.updated", { time })}</span>
  );
}

export function Figures({ unit }: { unit: Omit<Unit, "bedList"> }) {
  const t = useText();
  return (
    <dl className="capacity-figures">
      <div data-main="">
        <dt>{t("capacity.figure.free")}</dt>
        <dd>
          {unit.free} <small>{t("capacity.ofBeds", { count: unit.beds })}</small>
        </dd>
      </div>
      <div>
        <dt>{t("capacity.figure.occupied")}</dt>
        <dd>{unit.occupied}</dd>
      </div>
      <div>
        <dt>{t("capacity.figure.held")}</dt>
        <dd>{unit.held}</dd>
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
  );
}

function UnitCard({
  unit,
  departmentId,
  today,
  manages,
  opened,
  onOpen,
}: {
  unit: Unit;
  departmentId: string;
  today: string;
  manages: boolean;
  opened: string | null;
  onOpen: (bedId: string | null) => void;
}) {
  const t = useText();
  const language = useLanguage();
  const confirm = useConfirmCounts();
  const change = useChangeUnit();
  const chosen = unit.bedList.find((one) => one.id === opened) ?? null;
  const name = inWords(unit.name, language);
  return (
    <section className="capacity-unit" aria-label={name}>
      <header className="row spread">
        <div className="row">
          <h3>{name}</h3>
          <span className="muted small">{t(kindWord(unit.kind))}</span>
          {unit.clearing ? (
            <Status tone="warn">{t("capacity.clearing")}</Status>
          ) : unit.mode === "peace" ? null : (
            <Status tone={modeTone[unit.mode]}>{t(`capacity.mode.${unit.mode}`)}</Status>
          )}
        </div>
        <div className="row">
          <Updated unit={unit} />
          {manages ? (
            <Button
              look="quiet"
              busy={confirm.isPending}
              onClick={() => confirm.mutate(unit.unitId)}
            >
              {t("capacity.confirmCounts")}
              <span className="visually-hidden"> {name}</span>
            </Button>
          ) : null}
          {manages && unit.occupied + unit.held === 0 ? (
            <Button
              look="quiet"
              busy={change.isPending}
              onClick={() => change.mutate({ id: unit.unitId, active: false })}
            >
              {t("capacity.unit.close")}
              <span className="visually-hidden"> {name}</span>
            </Button>
          ) : null}
        </div>
      </header>
      <Figures unit={unit} />
      <ProblemNotice error={confirm.error ?? change.error} />
      <ul className="bed-map">
        {unit.bedList.map((bed) => (
          <li key={bed.id}>
            <BedButton
              bed={bed}
              opened={bed.id === opened}
              onOpen={() => onOpen(bed.id === opened ? null : bed.id)}
            />
          </li>
        ))}
      </ul>
      {unit.mode === "closed-for-disinfection" ? (
        <Notice tone="warn" live={false} title={t("capacity.mode.closed-for-disinfection")} />
      ) : null}
      {chosen ? (
        <BedPanel
          key={`${chosen.id} ${chosen.state}`}
          bed={chosen}
          unit={unit}
          departmentId={departmentId}
          today={today}
          manages={manages}
          onClose={() => onOpen(null)}
        />
      ) : null}
    </section>
  );
}

/** One bed: its number, a sign, a word, a colour; and who is in it or until when it is held. */
function BedButton({ bed, opened, onOpen }: { bed: Bed; opened: boolean; onOpen: () => void }) {
  const t = useText();
  const { tone, icon } = bedLook[bed.state];
  const who = bed.stay?.patient ?? bed.hold?.patient ?? null;
  return (
    <button
      type="button"
      className={`bed bed-${tone}`}
      aria-expanded={opened}
      onClick={onOpen}
      data-state={bed.state}
    >
      <span className="bed-top">
        <span className="bed-label">{t("capacity.bed", { label: bed.label })}</span>
        <span className="bed-state">
          <Icon path={icon} size="small" />
          {t(`capacity.state.${bed.state}`)}
        </span>
      </span>
      {who ? <span className="bed-who">{who.name}</span> : null}
      {bed.state === "out-of-use" && bed.reason ? (
        <span className="bed-who muted small">{bed.reason}</span>
      ) : null}
      {bed.state === "held" && bed.hold ? <Countdown dueAt={bed.hold.until} /> : null}
    </button>
  );
}
