import { useText } from "../../i18n/i18n.ts";
import { changePreferences, usePreferences } from "../preferences.ts";
import "./language-switch.css";

/** Each language in its own script; pressing one changes the words at once. */
export function LanguageSwitch() {
  const t = useText();
  const { language } = usePreferences();
  return (
    <fieldset className="language-switch" aria-label={t("common.language")}>
      <button
        type="button"
        lang="zh-CN"
        aria-pressed={language === "zh-CN"}
        onClick={() => void changePreferences({ language: "zh-CN" })}
      >
        <span aria-hidden="true">中</span>
        <span className="visually-hidden">中文</span>
      </button>
      <button
        type="button"
        lang="bo"
        aria-label="བོད་སྐད།"
        aria-pressed={language === "bo"}
        onClick={() => void changePreferences({ language: "bo" })}
      >
        <TibetanWord />
      </button>
      <button
        type="button"
        lang="en"
        aria-pressed={language === "en"}
        onClick={() => void changePreferences({ language: "en" })}
      >
        <span aria-hidden="true">EN</span>
        <span className="visually-hidden">English</span>
      </button>
    </fieldset>
  );
}

/** བོད as a drawing, so that nobody fetches a 160 kB font for three letters. */
function TibetanWord() {
  return (
    <svg className="language-bo" viewBox="-10 -4 276 330" aria-hidden="true" focusable="false">
      <path d="M126 88L119 117L119 209L104 206Q96 192 88 185Q80 177 71 175Q62 172 50 172Q43 172 34 173Q25 173 17 175L6 165Q9 150 12 136Q14 126 17 117L8 117L15 88L126 88zM104 182Q103 167 101 153Q98 133 94 117L39 117Q33 126 28 136Q27 140 25 144Q29 143 33 142Q40 142 46 142Q60 142 72 147Q83 152 93 164Q98 171 104 182zM75 82Q61 70 51 62Q41 55 33 51Q26 47 20 45Q14 44 8 44Q4 44 1 44Q-3 45 -7 46L-2 17Q1 15 5 14Q9 14 13 14Q19 14 26 16Q33 18 40 24Q48 30 58 41Q61 44 63 47Q68 33 75 27Q82 20 94 19Q103 18 111 17Q119 17 126 15Q136 14 141 10Q146 6 149 0L159 11Q153 25 146 33Q138 41 125 44Q117 46 108 47Q100 48 94 48Q85 49 80 52Q76 54 73 58Q77 63 81 68L75 82zM248 88L241 117L174 117Q173 118 173 118Q168 128 164 137Q162 140 161 143Q167 142 172 142Q183 141 192 141Q208 141 219 146Q229 151 236 162Q243 174 246 194Q250 215 251 246Q253 277 253 321L237 312Q236 277 235 253Q233 228 231 213Q228 197 223 188Q218 179 209 175Q201 172 188 172Q180 172 172 172Q163 173 154 175L141 160Q144 143 148 126Q149 122 151 117L143 117L150 88L248 88z" />
    </svg>
  );
}
