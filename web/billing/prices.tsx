import { useState } from "react";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { CheckField, SelectField, TextField } from "../design/components/field.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { Status } from "../design/components/status.tsx";
import { useLanguage, useText } from "../i18n/i18n.ts";
import { isoDate } from "../i18n/time.ts";
import { type PriceCategory, priceCategories } from "./categories.ts";
import { nameOf } from "./names.ts";
import { type Price, useAct, usePrices } from "./queries.ts";
import { fenOf, yuan } from "./yuan.ts";

/** What things cost. What one person proposes another approves. */
export function PricesPart({ personId }: { personId: string }) {
  const t = useText();
  const list = usePrices();
  const proposed = list.data?.prices.filter((one) => one.state === "proposed") ?? [];
  const approved = list.data?.prices.filter((one) => one.state === "approved") ?? [];
  return (
    <>
      <Card title={t("billing.proposals")}>
        {list.isPending ? <Skeleton lines={3} /> : null}
        <ProblemNotice error={list.error} retry={() => void list.refetch()} />
        {list.data && proposed.length === 0 ? (
          <p className="muted">{t("billing.proposalsEmpty")}</p>
        ) : null}
        <ul className="billing-rows">
          {proposed.map((one) => (
            <Proposal key={one.id} one={one} own={one.proposedBy === personId} />
          ))}
        </ul>
      </Card>
      <Propose known={approved} />
      <Card title={t("billing.prices")}>
        <ul className="billing-rows">
          {approved.map((one) => (
            <li key={one.id} className="row spread wrap">
              <PriceWords one={one} />
            </li>
          ))}
        </ul>
      </Card>
    </>
  );
}

function PriceWords({ one }: { one: Price }) {
  const t = useText();
  const language = useLanguage();
  return (
    <>
      <span>
        <strong>{nameOf(one.name, language)}</strong>{" "}
        <span className="muted figure">{one.code}</span>
      </span>
      <span className="row wrap">
        <span className="figure">{yuan(one.unitFen)}</span>
        <span className="muted">
          {one.validUntil
            ? t("billing.fromUntil", { from: one.validFrom, until: one.validUntil })
            : t("billing.from", { from: one.validFrom })}
        </span>
        <Status tone={one.insured ? "info" : "quiet"}>
          {t(one.insured ? "billing.insured" : "billing.notInsured")}
        </Status>
      </span>
    </>
  );
}

function Proposal({ one, own }: { one: Price; own: boolean }) {
  const t = useText();
  const act = useAct();
  const judge = (verdict: "approved" | "withdrawn") =>
    act.mutate({ path: `/api/billing/prices/${one.id}`, body: { verdict } });
  return (
    <li className="stack">
      <div className="row spread wrap">
        <PriceWords one={one} />
      </div>
      <div className="row wrap">
        {own ? (
          <span className="muted">{t("billing.otherApproves")}</span>
        ) : (
          <Button look="primary" busy={act.isPending} onClick={() => judge("approved")}>
            {t("billing.approve")}
          </Button>
        )}
        <Button look="quiet" busy={act.isPending} onClick={() => judge("withdrawn")}>
          {t("billing.withdraw")}
        </Button>
      </div>
      <ProblemNotice error={act.error} />
    </li>
  );
}

const blank = { code: "", zh: "", en: "", bo: "", amount: "" };

function Propose({ known }: { known: readonly Price[] }) {
  const t = useText();
  const [typed, setTyped] = useState(blank);
  const [category, setCategory] = useState<PriceCategory>("consultation");
  const [insured, setInsured] = useState(true);
  const [validFrom, setValidFrom] = useState(isoDate(Date.now()));
  const act = useAct(() => setTyped(blank));
  const unitFen = fenOf(typed.amount);
  const isWrong = typed.amount !== "" && unitFen === null;
  const set = (key: keyof typeof blank) => (event: { target: { value: string } }) =>
    setTyped({ ...typed, [key]: event.target.value });
  /** A code that is known brings its words along. */
  const setCode = (event: { target: { value: string } }) => {
    const code = event.target.value;
    const found = known.find((one) => one.code === code);
    setTyped({ ...typed, code, ...found?.name });
    if (found) {
      setCategory(found.category);
      setInsured(found.insured);
    }
  };
  const isReady = unitFen !== null && [typed.code, typed.zh, typed.en, typed.bo].every(Boolean);
  return (
    <Card title={t("billing.propose")}>
      <form
        className="billing-propose"
        onSubmit={(event) => {
          event.preventDefault();
          const { code, zh, en, bo } = typed;
          act.mutate({
            path: "/api/billing/prices",
            body: { code, category, name: { zh, en, bo }, unitFen, insured, validFrom },
          });
        }}
      >
        <TextField
          label={t("billing.code")}
          hint={t("billing.codeHint")}
          maxLength={60}
          list="billing-codes"
          value={typed.code}
          onChange={setCode}
        />
        <datalist id="billing-codes">
          {[...new Set(known.map((one) => one.code))].map((code) => (
            <option key={code} value={code} />
          ))}
        </datalist>
        <SelectField
          label={t("billing.category")}
          value={category}
          onChange={(event) =>
            setCategory(priceCategories.find((one) => one === event.target.value) ?? category)
          }
        >
          {priceCategories.map((value) => (
            <option key={value} value={value}>
              {t(`billing.category.${value}`)}
            </option>
          ))}
        </SelectField>
        <TextField
          label={t("billing.nameZh")}
          maxLength={80}
          value={typed.zh}
          onChange={set("zh")}
        />
        <TextField
          label={t("billing.nameEn")}
          maxLength={80}
          value={typed.en}
          onChange={set("en")}
        />
        <TextField
          label={t("billing.nameBo")}
          maxLength={80}
          value={typed.bo}
          onChange={set("bo")}
        />
        <TextField
          label={t("billing.unitPrice")}
          error={isWrong ? t("billing.noPrice") : undefined}
          inputMode="decimal"
          value={typed.amount}
          onChange={set("amount")}
        />
        <TextField
          label={t("billing.validFrom")}
          type="date"
          value={validFrom}
          onChange={(event) => setValidFrom(event.target.value)}
        />
        <CheckField
          label={t("billing.insuredLabel")}
          checked={insured}
          onChange={(event) => setInsured(event.target.checked)}
        />
        <Button type="submit" busy={act.isPending} disabled={!isReady}>
          {t("billing.proposeNow")}
        </Button>
        <ProblemNotice error={act.error} />
      </form>
    </Card>
  );
}
