import type { PaperCodeView } from "../../server/cards/contract.ts";
import { Qr } from "../design/components/qr.tsx";
import { useText } from "../i18n/i18n.ts";
import { isoDate } from "../i18n/time.ts";
import "./paper-card.css";

/** The paper code as it is printed: an A6 card with big words, without any result. */
export function PaperCard({ code }: { code: PaperCodeView }) {
  const t = useText();
  return (
    <article className="paper-card">
      <h2>{t("paperCard.title")}</h2>
      <div className="paper-card-who">
        <p>
          <span className="paper-card-term">{t("paperCard.name")}</span>
          <strong className="paper-card-name">{code.nameMasked}</strong>
        </p>
        {code.idLastFour ? (
          <p>
            <span className="paper-card-term">{t("paperCard.id")}</span>
            <strong className="figure">{code.idLastFour}</strong>
          </p>
        ) : null}
        <p>
          <span className="paper-card-term">{t("paperCard.until")}</span>
          <strong className="figure">{isoDate(code.expiresAt)}</strong>
        </p>
      </div>
      <Qr value={code.text} label={t("paperCard.qr", { name: code.nameMasked })} />
      <p className="paper-card-number figure">{code.number.replace(/(.{4})(?=.)/g, "$1 ")}</p>
      <p className="paper-card-how">{t("paperCard.how")}</p>
      <p className="paper-card-small">{t("paperCard.noResult")}</p>
    </article>
  );
}
