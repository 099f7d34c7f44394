import { type FormEvent, lazy, Suspense, useEffect, useRef, useState } from "react";
import { Button } from "../design/components/button.tsx";
import { useNow } from "../design/components/countdown.tsx";
import { TextArea } from "../design/components/field.tsx";
import { LanguageSwitch } from "../design/components/language-switch.tsx";
import { Notice } from "../design/components/notice.tsx";
import { Segmented } from "../design/components/segmented.tsx";
import { Status } from "../design/components/status.tsx";
import { offline } from "../design/icons.ts";
import { photo, qr } from "../design/icons-work.ts";
import { readQrFile } from "../design/qr-reader.ts";
import { useText } from "../i18n/i18n.ts";
import { dayTime } from "../i18n/time.ts";
import { type CardVerdict, checkCard } from "./check-card.ts";
import { checkPaper, looksLikePaper, type PaperVerdict } from "./check-paper.ts";
import { keepVerifier } from "./keep-verifier.ts";
import { useTrust } from "./use-trust.ts";
import { CardAnswer } from "./verdict.tsx";
import "./verify.css";

const QrScanner = lazy(async () => ({
  default: (await import("../design/components/qr-scanner.tsx")).QrScanner,
}));
const PaperAnswer = lazy(async () => {
  const part = await import("./paper-answer.tsx");
  await part.wordsReady;
  return { default: part.PaperAnswer };
});

const windows = ["24", "48", "72"] as const;
const dayMilliseconds = 86_400_000;
type Answer =
  | { kind: "card"; verdict: CardVerdict }
  | { kind: "paper"; verdict: PaperVerdict | null };

/** 16 letters and digits, with or without dashes: the number under a paper code. */
const isPaperNumber = (text: string) => /^[0-9A-Z]{16}$/i.test(text.replaceAll(/[\s-]/g, ""));

/** Checks a card or a paper code: by camera, from a picture, by pasting; without a line too. */
export function VerifyPage() {
  const t = useText();
  const { trust, reading, fresh, refresh } = useTrust();
  const now = useNow(30_000);
  const [chosen, setChosen] = useState<string | null>(null);
  const [scanning, setScanning] = useState(false);
  const [text, setText] = useState<string | null>(null);
  const [answer, setAnswer] = useState<Answer | null>(null);
  const windowHours = Number(chosen ?? trust?.policy.validityHours ?? 48);

  useEffect(() => {
    document.title = t("verifier.pageTitle");
  });
  useEffect(() => void keepVerifier(), []);
  useEffect(() => {
    // The keys are asked for first: “no keys” is said only when there are none.
    if (text === null || (!trust && reading)) return;
    let gone = false;
    const at = Date.now();
    const found: Promise<Answer> = looksLikePaper(text)
      ? checkPaper(text, trust, fresh, at).then((verdict) => ({ kind: "paper", verdict }))
      : isPaperNumber(text)
        ? Promise.resolve({ kind: "paper", verdict: null })
        : checkCard({ text, trust, fresh, windowHours, now: at }).then((verdict) => ({
            kind: "card",
            verdict,
          }));
    void found.then((made) => {
      if (!gone) setAnswer(made);
    });
    return () => {
      gone = true;
    };
  }, [text, trust, reading, fresh, windowHours]);

  const begin = () => {
    setText(null);
    setAnswer(null);
  };
  const take = (found: string) => {
    setAnswer(null);
    setText(found);
  };
  return (
    <main className="verify" id="main">
      <header className="row spread">
        <p className="verify-brand">{t("common.brand")}</p>
        <LanguageSwitch />
      </header>
      <h1>{t("verifier.title")}</h1>
      {text === null ? <p className="muted">{t("verifier.intro")}</p> : null}
      <Segmented
        label={t("verifier.window")}
        value={String(windowHours) as (typeof windows)[number]}
        options={windows.map((value) => ({ value, label: t("verifier.hours", { count: value }) }))}
        onChange={setChosen}
      />
      {text === null ? (
        <>
          {scanning ? (
            <Suspense fallback={<p role="status">{t("common.scan.opening")}</p>}>
              <QrScanner onFound={take} />
            </Suspense>
          ) : (
            <Button look="primary" size="large" wide icon={qr} onClick={() => setScanning(true)}>
              {t("verifier.start")}
            </Button>
          )}
          <Otherwise onFound={take} />
        </>
      ) : (
        <>
          {answer?.kind === "card" ? (
            <CardAnswer verdict={answer.verdict} windowHours={windowHours} now={now} />
          ) : answer?.kind === "paper" ? (
            <Suspense fallback={<p role="status">{t("verifier.checking")}</p>}>
              <PaperAnswer text={text} verdict={answer.verdict} now={now} />
            </Suspense>
          ) : (
            <p role="status">{t("verifier.checking")}</p>
          )}
          <Button
            look={answer?.kind === "paper" ? "plain" : "primary"}
            size="large"
            wide
            icon={qr}
            onClick={begin}
          >
            {t("verifier.next")}
          </Button>
        </>
      )}
      <footer className="verify-foot">
        {trust ? (
          <>
            <p className="muted small">
              {t("verifier.trustAt", { time: dayTime(trust.readAt, now) })}
            </p>
            {now - trust.readAt > dayMilliseconds ? (
              <Notice tone="warn">{t("verifier.trustOld")}</Notice>
            ) : null}
          </>
        ) : reading ? null : (
          <Notice tone="warn" icon={offline}>
            {t("verifier.trustNone")}
          </Notice>
        )}
        {fresh ? null : reading ? (
          <Status tone="quiet">{t("common.loading")}</Status>
        ) : (
          <Button onClick={() => void refresh()}>{t("verifier.update")}</Button>
        )}
      </footer>
    </main>
  );
}

/** Without a camera: a picture of the code, or its text. */
function Otherwise({ onFound }: { onFound: (text: string) => void }) {
  const t = useText();
  const file = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState("");
  const [noCode, setNoCode] = useState(false);
  const read = async (picked: File | undefined) => {
    if (!picked) return;
    setNoCode(false);
    const found = await readPicked(picked);
    if (found) onFound(found);
    else setNoCode(true);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (typed.trim()) onFound(typed.trim());
  };
  return (
    <>
      <input
        ref={file}
        type="file"
        accept="image/*,.smart-health-card"
        className="visually-hidden"
        tabIndex={-1}
        aria-hidden="true"
        onChange={(event) => {
          void read(event.target.files?.[0]);
          event.target.value = "";
        }}
      />
      <Button wide icon={photo} onClick={() => file.current?.click()}>
        {t("common.scan.picture")}
      </Button>
      {noCode ? <Notice tone="warn">{t("common.scan.noCode")}</Notice> : null}
      <details className="verify-paste">
        <summary>{t("verifier.paste")}</summary>
        <form className="stack" onSubmit={submit}>
          <TextArea
            label={t("verifier.pasteLabel")}
            value={typed}
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => setTyped(event.target.value)}
          />
          <Button type="submit" look="soft">
            {t("verifier.check")}
          </Button>
        </form>
      </details>
    </>
  );
}

/** A picture of a code, or the file of a card. */
async function readPicked(file: File): Promise<string | null> {
  if (!file.name.endsWith(".smart-health-card")) return readQrFile(file);
  try {
    const card = JSON.parse(await file.text()) as { verifiableCredential?: unknown[] };
    const [jws] = card.verifiableCredential ?? [];
    return typeof jws === "string" ? jws : null;
  } catch {
    return null;
  }
}
