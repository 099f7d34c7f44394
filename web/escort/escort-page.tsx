import { useEffect, useState } from "react";
import { keepPage } from "../api/keep-page.ts";
import { Button, buttonClass } from "../design/components/button.tsx";
import { useNow } from "../design/components/countdown.tsx";
import { Icon } from "../design/components/icon.tsx";
import { LanguageSwitch } from "../design/components/language-switch.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { check, compass, offline, phone } from "../design/icons.ts";
import { arrow } from "../design/icons-work.ts";
import { useLanguage, useText } from "../i18n/i18n.ts";
import { clockTime } from "../i18n/time.ts";
import { useEscort } from "./use-escort.ts";
import "./escort.css";

type House = { name: string; nameEn: string | null; nameBo: string | null };

/** The crew's phone: where to, whom to call, and the one thing to press next. */
export function EscortPage({ token }: { token: string }) {
  const t = useText();
  const language = useLanguage();
  const { view, waiting, error, online, press, share } = useEscort(token);
  const [sharing, setSharing] = useState<"asking" | "shared" | "refused" | null>(null);
  const now = useNow(10_000);
  useEffect(() => {
    document.title = t("escort.pageTitle");
  });
  useEffect(() => void keepPage("/escort"), []);
  const nameOf = (house: House) =>
    (language === "bo" ? house.nameBo : language === "en" ? house.nameEn : null) ?? house.name;

  const sharePosition = () => {
    setSharing("asking");
    navigator.geolocation.getCurrentPosition(
      ({ coords, timestamp }) => {
        setSharing("shared");
        share({
          at: new Date(timestamp).toISOString(),
          latitude: coords.latitude,
          longitude: coords.longitude,
          accuracyMetres: Number.isFinite(coords.accuracy)
            ? Math.min(coords.accuracy, 100_000)
            : null,
        });
      },
      () => setSharing("refused"),
      { enableHighAccuracy: true, timeout: 20_000, maximumAge: 15_000 },
    );
  };

  const ended = error?.code === "transfer.link";
  return (
    <main className="escort" id="main">
      <header className="row spread">
        <p className="escort-brand">{t("escort.brand")}</p>
        <LanguageSwitch />
      </header>
      {online ? null : (
        <Notice tone="warn" icon={offline} title={t("escort.offline.title")}>
          {t("escort.offline.how")}
        </Notice>
      )}
      {ended ? (
        <>
          <h1>{t("escort.ended.title")}</h1>
          <Notice tone="info" title={t("escort.ended.how")} />
        </>
      ) : (
        <ProblemNotice error={error} />
      )}
      {!view && !error && online ? <Skeleton lines={6} /> : null}
      {view && !ended ? (
        <>
          <section className="escort-to" aria-labelledby="escort-to">
            <p className="muted" id="escort-to">
              {t("escort.to")}
            </p>
            <h1>{nameOf(view.to)}</h1>
            <p>
              {view.department ? <strong>{nameOf(view.department)}</strong> : null}
              {view.to.address ? <span className="muted"> {view.to.address}</span> : null}
            </p>
            <p className="escort-times">
              <span className="strong">{t(`escort.state.${view.state}`)}</span>
              {view.departedAt && view.state === "in-transit" ? (
                <span className="figure">
                  {t("escort.since", {
                    time: clockTime(view.departedAt),
                    minutes: Math.max(0, Math.round((now - Date.parse(view.departedAt)) / 60_000)),
                  })}
                </span>
              ) : null}
              {view.expectedAt && view.state !== "arrived" ? (
                <span className="figure">
                  {t("escort.expected", { time: clockTime(view.expectedAt) })}
                </span>
              ) : null}
            </p>
            <p className="muted small">
              {view.plate} · {view.number}
            </p>
          </section>
          <div className="escort-do">
            {view.actions.map((action, n) => (
              <Button
                key={action}
                className="escort-button"
                look={n === 0 ? "primary" : "plain"}
                size="large"
                wide
                icon={action === "depart" ? arrow : check}
                onClick={() => press(action)}
              >
                {t(`escort.do.${action}`)}
              </Button>
            ))}
            {view.state === "arrived" ? (
              <Notice tone="good" title={t("escort.arrived.title")}>
                {t("escort.arrived.how")}
              </Notice>
            ) : (
              <Button
                className="escort-button"
                look="soft"
                size="large"
                wide
                icon={compass}
                busy={sharing === "asking"}
                onClick={sharePosition}
              >
                {t("escort.share")}
              </Button>
            )}
            <p role="status" className="small muted escort-told">
              {sharing === "refused"
                ? t("escort.share.refused")
                : waiting > 0
                  ? t("escort.waiting", { count: waiting })
                  : view.lastSharedAt
                    ? t("escort.share.last", { time: clockTime(view.lastSharedAt) })
                    : t("escort.share.how")}
            </p>
          </div>
          <nav className="escort-calls" aria-label={t("escort.calls")}>
            {view.to.phone ? <Call label={t("escort.call.to")} number={view.to.phone} /> : null}
            {(view.from.doctorPhone ?? view.from.phone) ? (
              <Call
                label={t("escort.call.from")}
                number={view.from.doctorPhone ?? view.from.phone ?? ""}
              />
            ) : null}
          </nav>
          <p className="muted small">{t("escort.ends")}</p>
        </>
      ) : null}
    </main>
  );
}

function Call({ label, number }: { label: string; number: string }) {
  return (
    <a
      className={buttonClass("plain", { wide: true, size: "large", className: "escort-button" })}
      href={`tel:${number.replaceAll(/[^\d+]/g, "")}`}
    >
      <Icon path={phone} />
      <span>
        {label} <span className="figure strong">{number}</span>
      </span>
    </a>
  );
}
