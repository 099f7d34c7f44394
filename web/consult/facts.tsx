import type { ReactNode } from "react";
import type { z } from "zod";
import type { attachmentView, ConsultDetail, vitals } from "../../server/consult/contract.ts";
import { Icon } from "../design/components/icon.tsx";
import { Status } from "../design/components/status.tsx";
import { file as fileIcon } from "../design/icons.ts";
import { upload } from "../design/icons-work.ts";
import { useText } from "../i18n/i18n.ts";
import { clockTime } from "../i18n/time.ts";
import { sizeWords } from "./words.ts";

/** A label and what was found; an empty one is left out, so that every line says something. */
export function Fact({ label, children }: { label: string; children: ReactNode }) {
  if (children === null || children === undefined || children === "") return null;
  return (
    <>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </>
  );
}

/** Measurements in one line, the altitude of the place beside the oxygen, because a range follows it. */
export function Vitals({
  values,
  usual,
}: {
  values: z.infer<typeof vitals>;
  usual: ConsultDetail["usualOxygen"];
}) {
  const t = useText();
  const {
    temperatureCelsius,
    systolicMmHg,
    diastolicMmHg,
    pulsePerMinute,
    breathsPerMinute,
    spo2Percent,
  } = values;
  const shown = [
    temperatureCelsius != null && ["T", `${temperatureCelsius} ℃`],
    systolicMmHg != null && ["BP", `${systolicMmHg}/${diastolicMmHg ?? "–"} mmHg`],
    pulsePerMinute != null && ["P", t("consult.vitals.perMinute", { count: pulsePerMinute })],
    breathsPerMinute != null && ["R", t("consult.vitals.perMinute", { count: breathsPerMinute })],
    values.weightKg != null && [t("consult.vitals.weightShort"), `${values.weightKg} kg`],
    values.heightCm != null && [t("consult.vitals.heightShort"), `${values.heightCm} cm`],
    values.consciousness != null && [t("consult.vitals.consciousnessShort"), values.consciousness],
  ].filter((entry): entry is [string, string] => Array.isArray(entry));
  if (shown.length === 0 && spo2Percent == null) return null;
  return (
    <span className="vitals figure">
      {shown.map(([name, value]) => (
        <span key={name}>
          {name} {value}
        </span>
      ))}
      {spo2Percent != null ? (
        <span>
          SpO₂ <strong>{spo2Percent}%</strong>{" "}
          {values.altitudeMetres != null && usual ? (
            <Status tone={spo2Percent < usual.low ? "warn" : "good"}>
              {t(spo2Percent < usual.low ? "consult.vitals.belowUsual" : "consult.vitals.usualAt", {
                metres: values.altitudeMetres,
                low: usual.low,
                high: usual.high,
              })}
            </Status>
          ) : values.altitudeMetres != null ? (
            <Status tone="quiet" icon={null}>
              {t("consult.vitals.measuredAt", { metres: values.altitudeMetres })}
            </Status>
          ) : null}{" "}
          {values.onOxygen ? t("consult.vitals.onOxygenShort") : null}
        </span>
      ) : null}
    </span>
  );
}

export function Diagnoses({ list }: { list: ConsultDetail["content"]["provisionalDiagnoses"] }) {
  if (list.length === 0) return null;
  return (
    <ul className="diagnoses">
      {list.map((entry) => (
        <li key={`${entry.code}${entry.text}`}>
          {entry.code ? <span className="code">{entry.code}</span> : null}
          <span>{entry.text}</span>
        </li>
      ))}
    </ul>
  );
}

/** Pictures and papers, each with what is still on its way said in words. */
export function Attachments({ list }: { list: z.infer<typeof attachmentView>[] }) {
  const t = useText();
  const shown = list.filter((item) => item.state !== "refused");
  if (shown.length === 0) return null;
  return (
    <ul className="files">
      {shown.map((item) => {
        const percent = Math.floor((item.receivedBytes / Math.max(1, item.sizeBytes)) * 100);
        if (item.state === "uploading") {
          return (
            <li key={item.id} className="file">
              <span className="file-sheet">
                <Icon path={upload} size="large" />
              </span>
              <span className="file-words">
                {t("consult.file.uploading", { name: item.name, percent })}
              </span>
            </li>
          );
        }
        const address = `/api/attachments/${item.id}`;
        return (
          <li key={item.id}>
            <a className="file" href={address} target="_blank" rel="noreferrer">
              {item.mediaType.startsWith("image/") ? (
                <img className="file-picture" src={address} alt="" loading="lazy" />
              ) : (
                <span className="file-sheet">
                  <Icon path={fileIcon} size="large" />
                </span>
              )}
              <span className="file-words">
                {item.name}
                <span className="muted"> {sizeWords(item.sizeBytes)}</span>
                <span className="muted"> {clockTime(item.createdAt)}</span>
                <span className="visually-hidden">{t("common.newWindow")}</span>
              </span>
            </a>
          </li>
        );
      })}
    </ul>
  );
}
