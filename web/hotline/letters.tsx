import { useQueryClient } from "@tanstack/react-query";
import { api } from "../api/client.ts";
import { useWrite } from "../api/write.ts";
import { Button } from "../design/components/button.tsx";
import { Empty } from "../design/components/empty.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { print } from "../design/icons.ts";
import { useLanguage, useText } from "../i18n/i18n.ts";
import { clockTime, dateTime, dayWords } from "../i18n/time.ts";
import { type Letter, useLetters } from "./queries.ts";
import { inWords } from "./words.ts";

/** Confirmations that go by post: one sheet each, printed together. */
export function Letters() {
  const t = useText();
  const client = useQueryClient();
  const letters = useLetters();
  const list = letters.data?.letters ?? [];
  const printed = useWrite(
    (ids: string[], key) =>
      api.post<{ left: number }>("/api/hotline/letters/printed", { ids }, key),
    { onDone: () => void client.invalidateQueries({ queryKey: ["hotline-call"] }) },
  );
  return (
    <main id="main" className="bench-main">
      <header className="row spread no-print">
        <h1 className="hotline-title">{t("hotline.letters.title", { count: list.length })}</h1>
        {list.length > 0 ? (
          <span className="row">
            <Button look="primary" icon={print} onClick={() => window.print()}>
              {t("hotline.letters.print")}
            </Button>
            <Button
              busy={printed.isPending}
              onClick={() => printed.mutate(list.map((one) => one.id))}
            >
              {t("hotline.letters.printed")}
            </Button>
          </span>
        ) : null}
      </header>
      {letters.isPending ? <Skeleton lines={4} /> : null}
      <ProblemNotice error={letters.error ?? printed.error} retry={() => void letters.refetch()} />
      {letters.data && list.length === 0 ? (
        <Empty icon={print} title={t("hotline.letters.none")}>
          {t("hotline.letters.noneHow")}
        </Empty>
      ) : null}
      {list.map((letter) => (
        <Sheet key={letter.id} letter={letter} />
      ))}
    </main>
  );
}

function Sheet({ letter }: { letter: Letter }) {
  const t = useText();
  const language = useLanguage();
  const { appointment } = letter;
  return (
    <article className="hotline-sheet">
      <address>
        {letter.address}
        <br />
        <strong>{appointment.patient.name}</strong>
      </address>
      <h2>{t("hotline.letters.heading")}</h2>
      <p className="hotline-when">
        {dayWords(appointment.startsAt, 0)} {clockTime(appointment.startsAt)}–
        {clockTime(appointment.endsAt)}
      </p>
      <p>
        {inWords(appointment.institution.name, language)} ·{" "}
        {inWords(appointment.placeNames, language)}
      </p>
      <p>
        {t("hotline.ticket", { ticket: appointment.ticket })} ·{" "}
        {t("hotline.code", { code: appointment.code })}
      </p>
      <p>{t("hotline.letters.bring")}</p>
      <p>
        {t("hotline.letters.cannot", {
          until: dateTime(appointment.cancelUntil),
          phone: appointment.institution.phone ?? "",
        })}
      </p>
    </article>
  );
}
