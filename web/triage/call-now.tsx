import { Link } from "wouter";
import { Button, buttonClass } from "../design/components/button.tsx";
import { Icon } from "../design/components/icon.tsx";
import { left, phone, warning } from "../design/icons.ts";
import { useLanguage, useText } from "../i18n/i18n.ts";
import { nameIn } from "../patient/booking/words.tsx";
import { ReadAloud } from "../patient/read-aloud.tsx";

type Words = { zh: string; en: string; bo: string | null };

/** 120 first and large; nothing else is asked. */
export function CallNow({
  reasons,
  onBack,
}: {
  reasons: readonly { key: string; words: Words }[];
  onBack?: () => void;
}) {
  const t = useText();
  const language = useLanguage();
  const why = reasons.map(({ words }) => nameIn(words, language));
  const what = [1, 2, 3].map((line) => t(`patient.triage.while.${line as 1 | 2 | 3}`));
  return (
    <main id="main" className="phone-page triage-page">
      <section className="fever-alarm" role="alert">
        <h1>
          <Icon path={warning} size="large" /> {t("patient.triage.outcome.emergency")}
        </h1>
        <ul className="triage-why">
          {reasons.map(({ key, words }) => (
            <li key={key}>{nameIn(words, language)}</li>
          ))}
        </ul>
        <a href="tel:120" className={buttonClass("danger", { wide: true, size: "large" })}>
          <Icon path={phone} />
          <span>{t("patient.triage.call120")}</span>
        </a>
        <ol className="triage-while">
          {what.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ol>
      </section>
      <ReadAloud text={[t("patient.triage.outcome.emergency"), ...why, ...what].join(". ")} />
      <div className="row">
        {onBack ? (
          <Button look="quiet" icon={left} onClick={onBack}>
            {t("patient.triage.wrong")}
          </Button>
        ) : null}
        <Link href="/" className={buttonClass("quiet")}>
          {t("patient.triage.toHome")}
        </Link>
      </div>
    </main>
  );
}
