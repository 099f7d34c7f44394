import { useState } from "react";
import type { StaffView } from "../api/session.ts";
import { Segmented } from "../design/components/segmented.tsx";
import { useText } from "../i18n/i18n.ts";
import { BillsPart } from "./bills.tsx";
import { DaysPart } from "./days.tsx";
import { PricesPart } from "./prices.tsx";
import { UnbilledPart } from "./unbilled.tsx";
import "./billing.css";

export { wordsReady } from "./words.ts";

const parts = ["desk", "days", "prices"] as const;
type Part = (typeof parts)[number];

/** The cashier's work: what is to be billed, what is to be paid, how the days compare, what things cost. */
export function BillingPage({ session }: { session: StaffView }) {
  const t = useText();
  const isCashier = session.permissions.includes("billing.cashier");
  const [part, setPart] = useState<Part>(isCashier ? "desk" : "prices");
  return (
    <main id="main" className="billing">
      <header className="row spread wrap">
        <h1>{t("billing.title")}</h1>
        {isCashier ? (
          <Segmented
            label={t("billing.part")}
            hideLabel
            value={part}
            options={parts.map((value) => ({ value, label: t(`billing.part.${value}`) }))}
            onChange={setPart}
          />
        ) : null}
      </header>
      {part === "desk" ? (
        <>
          <UnbilledPart />
          <BillsPart />
        </>
      ) : part === "days" ? (
        <DaysPart />
      ) : (
        <PricesPart personId={session.person.id} />
      )}
    </main>
  );
}
