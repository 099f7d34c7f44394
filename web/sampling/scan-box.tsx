import { type FormEvent, lazy, Suspense, useEffect, useRef, useState } from "react";
import { Button } from "../design/components/button.tsx";
import { TextField } from "../design/components/field.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { camera } from "../design/icons.ts";
import { cameraOff } from "../design/icons-work.ts";
import { useText } from "../i18n/i18n.ts";

const QrScanner = lazy(async () => ({
  default: (await import("../design/components/qr-scanner.tsx")).QrScanner,
}));

/** The camera stays on from one person to the next, on this device. */
let cameraWanted = false;

/** One box for every code: by camera, by a handheld scanner, or typed. */
export function ScanBox({
  label,
  hint,
  action,
  busy,
  onText,
}: {
  label: string;
  hint: string;
  /** What the button beside it says; it finds, unless it does more. */
  action?: string;
  busy?: boolean;
  onText: (text: string) => void;
}) {
  const t = useText();
  const [text, setText] = useState("");
  const [looking, setLooking] = useState(cameraWanted);
  const input = useRef<HTMLInputElement>(null);
  // With a keyboard or a handheld scanner the next code can come at once; on a touch screen no keyboard pops up.
  // biome-ignore lint/correctness/useExhaustiveDependencies: when another thing is asked for
  useEffect(() => {
    if (matchMedia("(pointer: fine)").matches) input.current?.focus();
  }, [label]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() === "") return;
    onText(text);
    setText("");
  };
  const toggle = () => {
    cameraWanted = !looking;
    setLooking(!looking);
  };
  return (
    <section className="scan-box">
      {looking ? (
        <Suspense fallback={<Skeleton lines={3} />}>
          <QrScanner onFound={onText} />
        </Suspense>
      ) : null}
      <form onSubmit={submit} className="scan-form">
        <TextField
          ref={input}
          label={label}
          hint={hint}
          value={text}
          onChange={(event) => setText(event.target.value)}
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
          enterKeyHint="go"
        />
        <Button type="submit" look="soft" busy={busy} size="large">
          {action ?? t("sampling.find")}
        </Button>
      </form>
      <Button
        look={looking || action ? "plain" : "primary"}
        size="large"
        wide
        icon={looking ? cameraOff : camera}
        aria-pressed={looking}
        onClick={toggle}
      >
        {t(looking ? "sampling.cameraOff" : "sampling.cameraOn")}
      </Button>
    </section>
  );
}
