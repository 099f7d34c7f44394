import { lazy, Suspense, useState } from "react";
import { asApiError } from "../../api/client.ts";
import { Button } from "../../design/components/button.tsx";
import { TextField } from "../../design/components/field.tsx";
import { ProblemNotice } from "../../design/components/problem.tsx";
import { camera } from "../../design/icons.ts";
import { useText } from "../../i18n/i18n.ts";
import { dayTime } from "../../i18n/time.ts";
import type { AppointmentView } from "../my-appointments.ts";
import { canScan } from "./barcode.ts";
import { useStep } from "./writes.ts";

const ScanCode = lazy(() => import("./scan-code.tsx").then((page) => ({ default: page.ScanCode })));

/** The code in what the QR on the door holds: the bare code, or an address that ends in it. */
export function placeCodeIn(scanned: string): string {
  const words = scanned.trim();
  if (!/^https?:\/\//i.test(words)) return words;
  try {
    const url = new URL(words);
    return url.searchParams.get("place") ?? url.pathname.split("/").filter(Boolean).at(-1) ?? "";
  } catch {
    return words;
  }
}

/** "I am here": the code on the door, typed or scanned. Before it opens it says from when. */
export function CheckIn({ appointment, now }: { appointment: AppointmentView; now: number }) {
  const t = useText();
  const [code, setCode] = useState("");
  const [missing, setMissing] = useState(false);
  const [scanning, setScanning] = useState(false);
  const arrive = useStep<{ place: string }>("check-in");
  const opens = Date.parse(appointment.checkInFrom);
  const refused = arrive.error ? asApiError(arrive.error).code : null;
  if (opens > now && refused !== "booking.too-early") {
    return (
      <p className="muted no-print">
        {t("patient.booking.checkInFrom", { time: dayTime(opens, now) })}
      </p>
    );
  }
  const send = (place: string) => {
    setMissing(place === "");
    if (place !== "") arrive.mutate({ id: appointment.id, place });
  };
  return (
    <section className="check-in no-print" aria-labelledby="check-in-title">
      <h2 id="check-in-title">{t("patient.booking.checkInTitle")}</h2>
      <p className="muted">{t("patient.booking.checkInHow")}</p>
      <form
        className="stack stack-2"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          send(code.trim());
        }}
      >
        <TextField
          label={t("patient.booking.placeCode")}
          value={code}
          maxLength={20}
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
          error={missing ? t("patient.booking.placeCodeMissing") : undefined}
          onChange={(event) => setCode(event.target.value.toUpperCase())}
        />
        <ProblemNotice error={arrive.error} />
        <Button look="primary" size="large" wide type="submit" busy={arrive.isPending}>
          {t("patient.booking.checkIn")}
        </Button>
        {canScan() && !scanning ? (
          <Button wide icon={camera} onClick={() => setScanning(true)}>
            {t("patient.booking.scan")}
          </Button>
        ) : null}
      </form>
      {scanning ? (
        <Suspense fallback={null}>
          <ScanCode
            onFound={(words) => {
              setScanning(false);
              const place = placeCodeIn(words).slice(0, 20);
              setCode(place);
              send(place);
            }}
            onClose={() => setScanning(false)}
          />
        </Suspense>
      ) : null}
    </section>
  );
}
