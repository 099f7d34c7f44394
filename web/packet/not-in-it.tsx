import type { Lacking } from "../../server/transfer/packet.ts";
import { Notice } from "../design/components/notice.tsx";
import { useText } from "../i18n/i18n.ts";

/** What of the institutions' records a travelling record does not have, house by house and why. */
export function NotInIt({ lacking }: { lacking: Lacking }) {
  const t = useText();
  const said = [
    ...(lacking.missing ? [t(`packet.summary.missing.${lacking.missing}`)] : []),
    ...lacking.gaps.map(({ name, why }) => t(`packet.summary.gap.${why}`, { name })),
    ...(lacking.more > 0 ? [t("packet.summary.more", { count: lacking.more })] : []),
  ];
  return said.length > 0 ? (
    <Notice tone="warn" live={false} title={t("packet.summary.gaps")}>
      <ul className="record-gaps">
        {said.map((one) => (
          <li key={one}>{one}</li>
        ))}
      </ul>
    </Notice>
  ) : null;
}
