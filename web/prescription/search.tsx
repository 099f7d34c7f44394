import { useState } from "react";
import { Button } from "../design/components/button.tsx";
import { TextField } from "../design/components/field.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { useLanguage, useText } from "../i18n/i18n.ts";
import { type Found, useMedicines } from "./queries.ts";
import { unitOf } from "./units.ts";
import { medicineName } from "./words.ts";

/** A medicine by Chinese name, initials, English or ATC; Enter takes the first. */
export function Search({
  prescription,
  onFound,
}: {
  prescription: string;
  onFound: (found: Found) => void;
}) {
  const t = useText();
  const language = useLanguage();
  const [typed, setTyped] = useState("");
  const found = useMedicines(typed.trim(), prescription);
  const list = typed.trim() === "" ? [] : (found.data?.medicines ?? []);
  const take = (one: Found) => {
    setTyped("");
    onFound(one);
  };
  return (
    <div className="stack">
      <TextField
        label={t("prescription.search")}
        hint={t("prescription.searchHint")}
        type="search"
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && list[0]) take(list[0]);
        }}
      />
      <ProblemNotice error={found.error} />
      {typed.trim() !== "" && found.data && list.length === 0 ? (
        <p className="muted">{t("prescription.nothingFound")}</p>
      ) : null}
      <ul className="rx-found">
        {list.map((one) => (
          <li key={one.code}>
            <Button look="plain" wide onClick={() => take(one)}>
              {medicineName(one, language)} {one.strength}{" "}
              <span className="muted small">
                {one.atc}{" "}
                {one.stock === null
                  ? ""
                  : one.stock > 0
                    ? t("prescription.inStock", { count: one.stock, unit: unitOf(one.unit, t) })
                    : t("prescription.outOfStock")}
              </span>
            </Button>
          </li>
        ))}
      </ul>
    </div>
  );
}
