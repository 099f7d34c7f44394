import { useQueries } from "@tanstack/react-query";
import { Link } from "wouter";
import type { z } from "zod";
import type { myPrescriptions } from "../../../server/prescription/contract.ts";
import { api } from "../../api/client.ts";
import { useSession } from "../../api/session.ts";
import { buttonClass } from "../../design/components/button.tsx";
import { Empty } from "../../design/components/empty.tsx";
import { Icon } from "../../design/components/icon.tsx";
import { ProblemNotice } from "../../design/components/problem.tsx";
import { Skeleton } from "../../design/components/skeleton.tsx";
import { Status, type Tone } from "../../design/components/status.tsx";
import { file, left } from "../../design/icons.ts";
import { useLanguage, useText } from "../../i18n/i18n.ts";
import { dayTime } from "../../i18n/time.ts";
import { unitOf } from "../../prescription/units.ts";
import { lastMinute } from "../../prescription/valid-until.ts";
import { ReadAloud } from "../read-aloud.tsx";
import "./medicines.css";

type Mine = z.infer<typeof myPrescriptions>["prescriptions"][number];

const tones: Record<Mine["state"], Tone> = {
  draft: "quiet",
  "pending-review": "info",
  returned: "info",
  approved: "good",
  dispensed: "good",
  collected: "quiet",
  cancelled: "quiet",
  expired: "warn",
};

/** My medicines: where each prescription is, the code for collection, how each is taken. */
export function MedicinePages() {
  const t = useText();
  const session = useSession();
  const people = session.data?.kind === "patient" ? session.data.patients : [];
  const lists = useQueries({
    queries: people.map((one) => ({
      queryKey: ["my", "prescriptions", one.id],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        api.get<{ prescriptions: Mine[] }>(`/api/my/prescriptions/${one.id}`, signal),
    })),
  });
  const waits = lists.some((one) => one.isPending);
  const failed = lists.find((one) => one.isError);
  const all = lists.flatMap((one, at) =>
    (one.data?.prescriptions ?? []).map((each) => ({ ...each, who: people[at]?.name ?? "" })),
  );
  const sorted = all.toSorted((one, other) => other.signedAt.localeCompare(one.signedAt));
  return (
    <main id="main" className="phone-page">
      <Link href="/records" className={buttonClass("quiet", { className: "no-print align-start" })}>
        <Icon path={left} />
        <span>{t("patient.medicines.back")}</span>
      </Link>
      <h1>{t("patient.medicines.title")}</h1>
      {waits ? <Skeleton lines={5} /> : null}
      {failed ? <ProblemNotice error={failed.error} retry={() => void failed.refetch()} /> : null}
      {!waits && !failed && sorted.length === 0 ? (
        <Empty icon={file} title={t("patient.medicines.empty")}>
          {t("patient.medicines.emptyHow")}
        </Empty>
      ) : null}
      {sorted.map((one) => (
        <One key={one.id} one={one} several={people.length > 1} />
      ))}
    </main>
  );
}

function One({ one, several }: { one: Mine & { who: string }; several: boolean }) {
  const t = useText();
  const language = useLanguage();
  const how = one.deliveryState
    ? t(`patient.medicines.delivery.${one.deliveryState}`)
    : t(`patient.medicines.how.${one.state}`);
  const lines = one.lines.map(
    (line) =>
      `${language === "en" ? line.en : line.zh} ${line.strength}: ${t("prescription.line", {
        dose: line.dose,
        unit: unitOf(line.unit, t),
        frequency: t(`prescription.frequency.${line.frequency}`),
        days: line.days,
        quantity: line.quantity,
      })}${line.instructions ? ` ${line.instructions}` : ""}`,
  );
  const where = t("patient.medicines.where", { house: one.pharmacy ?? one.house });
  return (
    <section
      className="card my-medicines"
      aria-label={t("patient.medicines.from", { day: dayTime(one.signedAt) })}
    >
      <div className="row spread wrap">
        <strong>
          {several ? one.who : t("patient.medicines.from", { day: dayTime(one.signedAt) })}
        </strong>
        <Status tone={tones[one.state]}>{t(`patient.medicines.state.${one.state}`)}</Status>
      </div>
      <p>{how}</p>
      {one.trackingText ? <p>{one.trackingText}</p> : null}
      {one.code ? (
        <>
          <p className="muted">{t("patient.medicines.code")}</p>
          <p className="my-medicines-code figure">{one.code}</p>
          <p>{where}</p>
          <p className="muted">{t("patient.medicines.bring")}</p>
          {one.state === "approved" ? (
            <p className="muted">
              {t("patient.medicines.until", { at: lastMinute(one.validUntil) })}
            </p>
          ) : null}
        </>
      ) : null}
      <ul>
        {lines.map((text) => (
          <li key={text}>{text}</li>
        ))}
      </ul>
      <p className="muted small">
        {t("patient.medicines.by", { doctor: one.doctor, house: one.house })}
      </p>
      <ReadAloud
        text={[
          how,
          one.code ? `${t("patient.medicines.code")} ${one.code.split("").join(" ")}` : "",
          ...lines,
        ].join(". ")}
      />
    </section>
  );
}
