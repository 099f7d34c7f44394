import type { ReactNode } from "react";
import { Link } from "wouter";
import { buttonClass } from "../../design/components/button.tsx";
import { Icon } from "../../design/components/icon.tsx";
import { left } from "../../design/icons.ts";
import { useLanguage, useText } from "../../i18n/i18n.ts";
import type { Person } from "./choices.ts";
import { personName } from "./words.tsx";

/** Above each page of the road: the way back, where one is on it, what is asked. */
export function StepHead({
  step,
  title,
  back,
  children,
}: {
  step?: 1 | 2 | 3;
  title: ReactNode;
  back: { href: string; label: string };
  children?: ReactNode;
}) {
  const t = useText();
  return (
    <header className="step-head">
      <div className="row spread no-print">
        <Link href={back.href} className={buttonClass("quiet")}>
          <Icon path={left} />
          <span>{back.label}</span>
        </Link>
        {step ? (
          <span className="muted small">{t("patient.booking.step", { step, count: 3 })}</span>
        ) : null}
      </div>
      <h1>{title}</h1>
      {children}
    </header>
  );
}

/** For whom, and the way to change it. `back` comes back to the page that asked. */
export function ForWhom({ person, back }: { person: Person | null; back: string }) {
  const t = useText();
  const language = useLanguage();
  const href = `/book/person?back=${encodeURIComponent(back)}`;
  return (
    <p className="for-whom">
      {person ? (
        <>
          <span>{t("patient.booking.forName", { name: personName(person, language) })}</span>
          <Link href={href} className={buttonClass("quiet")}>
            {t("patient.booking.otherPerson")}
          </Link>
        </>
      ) : (
        <Link href={href} className={buttonClass("soft")}>
          {t("patient.booking.whoFirst")}
        </Link>
      )}
    </p>
  );
}
