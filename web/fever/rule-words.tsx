import type { PolicyView, SaidView } from "../../server/fever/contract.ts";
import { Button } from "../design/components/button.tsx";
import { TextArea, TextField } from "../design/components/field.tsx";
import { useText } from "../i18n/i18n.ts";

const languages = ["zh", "en", "bo"] as const;
const langOf = { zh: "zh-CN", en: "en", bo: "bo" } as const;
type Area = PolicyView["areas"][number];

/** What will be asked and said, in each language; folded, so that versions stay a list. */
export function Asked({
  questions,
  said,
}: {
  questions: PolicyView["questions"];
  said: readonly SaidView[];
}) {
  const t = useText();
  return (
    <details>
      <summary>{t("fever.rules.preview")}</summary>
      <ol className="fever-asked">
        {questions.map((one) => (
          <li key={one.id}>
            {languages.map((language) => (
              <p key={language} lang={langOf[language]}>
                {one.text[language]}
                {one.hint[language] ? (
                  <span className="muted small"> {one.hint[language]}</span>
                ) : null}
              </p>
            ))}
          </li>
        ))}
      </ol>
      {said.length > 0 ? <h3>{t("fever.rules.said")}</h3> : null}
      {said.map((one) => (
        <div key={one.title.zh + one.how.zh} className="fever-said">
          {languages.map((language) => (
            <p key={language} lang={langOf[language]}>
              <strong>{one.title[language]}</strong> {one.how[language].replaceAll("\n", " ")}
            </p>
          ))}
        </div>
      ))}
    </details>
  );
}

/** Risk areas with a name for each language: what a Tibetan reads is not left in Chinese. */
export function Areas({
  areas,
  onChange,
}: {
  areas: readonly Area[];
  onChange: (areas: Area[]) => void;
}) {
  const t = useText();
  return (
    <div className="stack">
      {areas.map((area, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: an area is its place in the list
        <fieldset key={index} className="stack stack-2">
          <legend className="strong">{t("fever.rules.area", { number: index + 1 })}</legend>
          <div className="two-columns">
            {languages.map((language) => (
              <TextField
                key={language}
                label={t(`fever.rules.${language}`)}
                lang={langOf[language]}
                required
                maxLength={200}
                value={area[language]}
                onChange={(event) =>
                  onChange(
                    areas.map((one, at) =>
                      at === index ? { ...one, [language]: event.target.value } : one,
                    ),
                  )
                }
              />
            ))}
          </div>
          <Button
            look="quiet"
            className="align-start"
            onClick={() => onChange(areas.filter((_, at) => at !== index))}
          >
            {t("fever.rules.removeArea", { number: index + 1 })}
          </Button>
        </fieldset>
      ))}
      <Button
        className="align-start"
        onClick={() => onChange([...areas, { zh: "", en: "", bo: "" }])}
      >
        {t("fever.rules.addArea")}
      </Button>
    </div>
  );
}

/** One headline with what to do, in three languages. */
export function SaidFields({
  title,
  said,
  onChange,
}: {
  title: string;
  said: SaidView;
  onChange: (said: SaidView) => void;
}) {
  const t = useText();
  return (
    <details>
      <summary>{title}</summary>
      <div className="stack stack-2">
        {languages.map((language) => (
          <fieldset key={language} className="stack stack-2">
            <legend>{t(`fever.rules.${language}`)}</legend>
            <TextField
              label={t("fever.rules.heading")}
              lang={langOf[language]}
              required
              maxLength={200}
              value={said.title[language]}
              onChange={(event) =>
                onChange({ ...said, title: { ...said.title, [language]: event.target.value } })
              }
            />
            <TextArea
              label={t("fever.rules.what")}
              lang={langOf[language]}
              required
              maxLength={500}
              value={said.how[language]}
              onChange={(event) =>
                onChange({ ...said, how: { ...said.how, [language]: event.target.value } })
              }
            />
          </fieldset>
        ))}
      </div>
    </details>
  );
}
