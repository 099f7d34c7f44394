import { type FormEvent, lazy, Suspense, useEffect, useRef, useState } from "react";
import type { PacketRecord } from "../../server/transfer/packet.ts";
import { api } from "../api/client.ts";
import { keepPage } from "../api/keep-page.ts";
import { localStore } from "../api/local-store.ts";
import { Button } from "../design/components/button.tsx";
import { useNow } from "../design/components/countdown.tsx";
import { TextArea, TextField } from "../design/components/field.tsx";
import { LanguageSwitch } from "../design/components/language-switch.tsx";
import { Notice } from "../design/components/notice.tsx";
import { Status } from "../design/components/status.tsx";
import { lock, photo, qr } from "../design/icons-work.ts";
import { readQrFile } from "../design/qr-reader.ts";
import { useText } from "../i18n/i18n.ts";
import { joinParts, openPacket, type PacketPart, readPart } from "./open-packet.ts";
import { RecordSheet } from "./record-sheet.tsx";
import "./packet.css";

const QrScanner = lazy(async () => ({
  default: (await import("../design/components/qr-scanner.tsx")).QrScanner,
}));

const triesPlace = "packet:tries";
/** Three tries are free; then each wait is twice the one before, up to ten minutes. */
export const waitSeconds = (tries: number): number =>
  tries < 3 ? 0 : Math.min(600, 5 * 2 ** (tries - 3));
type Tries = { count: number; until: number };

const fromAddress = (): PacketPart[] => {
  const part = readPart(location.hash.slice(1));
  return part ? [part] : [];
};

/** Opens the record that travels with a patient: scan or paste its codes, type the code told by telephone. */
export function PacketPage() {
  const t = useText();
  const [parts, setParts] = useState<PacketPart[]>(fromAddress);
  const [record, setRecord] = useState<PacketRecord | null>(null);
  const [scanning, setScanning] = useState(false);
  const [strange, setStrange] = useState(false);
  const text = joinParts(parts);
  useEffect(() => {
    document.title = t("packet.pageTitle");
  });
  useEffect(() => {
    void keepPage("/packet", [
      import("qr/decode.js"),
      import("../design/components/qr-scanner.tsx"),
    ]);
    const moved = () => {
      setParts(fromAddress());
      setRecord(null);
    };
    addEventListener("hashchange", moved);
    return () => removeEventListener("hashchange", moved);
  }, []);

  const take = (found: string) => {
    const read = found
      .split(/\s+/)
      .map((one) => readPart(one))
      .filter((one) => one !== null);
    setStrange(read.length === 0);
    const [first] = read;
    if (!first) return;
    setParts((before) =>
      before[0]?.tag === first.tag && before[0].of === first.of
        ? [...before.filter(({ number }) => !read.some((one) => one.number === number)), ...read]
        : read,
    );
  };
  const begin = () => {
    history.replaceState(null, "", "/packet");
    setParts([]);
    setRecord(null);
    setScanning(false);
  };
  const of = parts[0]?.of ?? 0;
  const lacking = Array.from({ length: of }, (_, n) => n + 1).filter(
    (number) => !parts.some((part) => part.number === number),
  );

  if (record)
    return (
      <main className="packet packet-open" id="main">
        <RecordSheet record={record} />
        <Button wide icon={lock} onClick={begin}>
          {t("packet.shut")}
        </Button>
      </main>
    );
  return (
    <main className="packet" id="main">
      <header className="row spread">
        <p className="packet-brand">{t("common.brand")}</p>
        <LanguageSwitch />
      </header>
      <h1>{t("packet.title")}</h1>
      {text === null ? (
        <>
          <p className="muted">{t("packet.intro")}</p>
          {of > 0 ? (
            <Status tone="info">
              {t("packet.parts", { have: of - lacking.length, of, next: lacking.join("、") })}
            </Status>
          ) : null}
          {strange ? <Notice tone="warn">{t("packet.strange")}</Notice> : null}
          {scanning ? (
            <Suspense fallback={<p role="status">{t("common.scan.opening")}</p>}>
              <QrScanner onFound={take} />
            </Suspense>
          ) : (
            <Button look="primary" size="large" wide icon={qr} onClick={() => setScanning(true)}>
              {t("packet.scan")}
            </Button>
          )}
          <Otherwise onFound={take} />
        </>
      ) : (
        <CodeForm text={text} onOpen={setRecord} onOther={begin} />
      )}
      <p className="muted small">{t("packet.private")}</p>
    </main>
  );
}

/** Eight digits; wrong ones cost time, on this device, also after a reload. */
function CodeForm({
  text,
  onOpen,
  onOther,
}: {
  text: string;
  onOpen: (record: PacketRecord) => void;
  onOther: () => void;
}) {
  const t = useText();
  const [code, setCode] = useState("");
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState(false);
  const [tries, setTries] = useState<Tries>({ count: 0, until: 0 });
  const now = useNow(500);
  const left = Math.ceil((tries.until - now) / 1000);
  useEffect(() => {
    void localStore.read<Tries>(triesPlace).then((before) => before && setTries(before));
  }, []);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (busy || left > 0 || !/^\d{8}$/.test(code)) return;
    setBusy(true);
    setWrong(false);
    const found = await openPacket(text, code);
    setBusy(false);
    if (typeof found === "string") {
      const count = tries.count + 1;
      const next = { count, until: Date.now() + waitSeconds(count) * 1000 };
      setTries(next);
      void localStore.write(triesPlace, next);
      setWrong(true);
      setCode("");
      return;
    }
    void localStore.remove(triesPlace);
    onOpen(found);
    // With a line the house that sent it is told; without one nothing is lost.
    void api.post("/api/packets/opened", { proof: found.proof }).catch(() => {});
  };
  return (
    <form className="stack" onSubmit={(event) => void submit(event)}>
      <p>
        <Status tone="good">{t("packet.complete")}</Status>
      </p>
      <TextField
        label={t("packet.code")}
        hint={t("packet.codeHow")}
        className="packet-code"
        inputMode="numeric"
        autoComplete="off"
        maxLength={8}
        value={code}
        onChange={(event) => setCode(event.target.value.replaceAll(/\D/g, ""))}
      />
      {wrong ? (
        <Notice tone="bad" title={t("packet.wrong")}>
          {left > 0 ? t("packet.wait", { seconds: left }) : t("packet.wrongHow")}
        </Notice>
      ) : left > 0 ? (
        <Notice tone="warn">{t("packet.wait", { seconds: left })}</Notice>
      ) : null}
      <Button
        type="submit"
        look="primary"
        size="large"
        wide
        icon={lock}
        busy={busy}
        disabled={code.length !== 8 || left > 0}
      >
        {busy ? t("packet.opening") : t("packet.open")}
      </Button>
      <Button wide onClick={onOther}>
        {t("packet.other")}
      </Button>
    </form>
  );
}

/** Without a camera: a picture of a code, or its text. */
function Otherwise({ onFound }: { onFound: (text: string) => void }) {
  const t = useText();
  const file = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState("");
  const [noCode, setNoCode] = useState(false);
  const read = async (files: FileList | null) => {
    for (const picked of files ?? []) {
      const found = await readQrFile(picked);
      setNoCode(!found);
      if (found) onFound(found);
    }
  };
  return (
    <>
      <input
        ref={file}
        type="file"
        accept="image/*"
        multiple
        className="visually-hidden"
        tabIndex={-1}
        aria-hidden="true"
        onChange={(event) => void read(event.target.files)}
      />
      <Button wide icon={photo} onClick={() => file.current?.click()}>
        {t("common.scan.picture")}
      </Button>
      {noCode ? <Notice tone="warn">{t("common.scan.noCode")}</Notice> : null}
      <details className="packet-paste">
        <summary>{t("packet.paste")}</summary>
        <form
          className="stack"
          onSubmit={(event) => {
            event.preventDefault();
            if (typed.trim()) onFound(typed);
            setTyped("");
          }}
        >
          <TextArea
            label={t("packet.pasteLabel")}
            value={typed}
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => setTyped(event.target.value)}
          />
          <Button type="submit" look="soft">
            {t("packet.take")}
          </Button>
        </form>
      </details>
    </>
  );
}
