import type { Board } from "../../server/referral/board-contract.ts";
import { useText } from "../i18n/i18n.ts";

const kinds = ["visits", "up", "down"] as const;
const words = { visits: "loops.visits", up: "loops.ups", down: "loops.downs" } as const;

/** Where people are seen: the share of each level, with the numbers that it is made of. */
export function Levels({ board }: { board: Board }) {
  const t = useText();
  return (
    <section className="loops-card" aria-labelledby="loops-levels">
      <h2 id="loops-levels">{t("loops.levelTitle")}</h2>
      {kinds.map((kind) => {
        const total = board.levels.reduce((sum, one) => sum + one[kind], 0);
        let left = 0;
        return (
          <div key={kind} className="loops-level">
            <p className="row spread">
              <span className="strong">{t(words[kind])}</span>
              <span className="figure muted">{total}</span>
            </p>
            {total === 0 ? (
              <p className="muted small">
                {t(kind === "visits" ? "loops.noVisits" : "loops.noReferrals")}
              </p>
            ) : (
              <>
                <svg
                  viewBox="0 0 100 6"
                  preserveAspectRatio="none"
                  aria-hidden="true"
                  className="loops-bar"
                >
                  {board.levels.map((one) => {
                    const width = (one[kind] / total) * 100;
                    const x = left;
                    left += width;
                    return (
                      <rect
                        key={one.level}
                        x={x}
                        y={0}
                        width={width}
                        height={6}
                        data-level={one.level}
                      />
                    );
                  })}
                </svg>
                <ul className="loops-legend">
                  {board.levels.map((one) => (
                    <li key={one.level} data-level={one.level}>
                      <span>{t(`loops.level.${one.level}`)}</span>{" "}
                      <strong className="figure">
                        {t("loops.share", { percent: Math.round((one[kind] / total) * 100) })}
                      </strong>{" "}
                      <span className="muted figure">{one[kind]}</span>
                    </li>
                  ))}
                </ul>
              </>
            )}
          </div>
        );
      })}
      <p className="muted small">{t("loops.levelHow")}</p>
    </section>
  );
}
