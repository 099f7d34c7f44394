import type { TransferDetail } from "../../server/transfer/contract.ts";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Qr } from "../design/components/qr.tsx";
import { Status } from "../design/components/status.tsx";
import { phone, print } from "../design/icons.ts";
import { lock } from "../design/icons-work.ts";
import { useText } from "../i18n/i18n.ts";
import { dateTime, shortTime } from "../i18n/time.ts";
import { NotInIt } from "../packet/not-in-it.tsx";
import { usePacket } from "./queries.ts";

/** The sealed record: made by the sender, printed on A5, its code shown once and told by telephone. */
export function PacketCard({ one }: { one: TransferDetail }) {
  const t = useText();
  const packet = usePacket(one.id);
  const made = packet.data;
  return (
    <Card title={t("transfer.packet")}>
      <p className="muted">{t("transfer.packet.how")}</p>
      {one.mayMakePacket ? (
        <div className="row">
          <Button
            look={made ? "plain" : "soft"}
            icon={lock}
            busy={packet.isPending}
            onClick={() => packet.mutate(null)}
          >
            {t(made || one.packets.length > 0 ? "transfer.packet.again" : "transfer.packet.make")}
          </Button>
          {made ? (
            <Button look="primary" icon={print} onClick={() => window.print()}>
              {t("transfer.packet.print")}
            </Button>
          ) : null}
        </div>
      ) : null}
      <ProblemNotice error={packet.error} />
      {made ? (
        <>
          <Notice tone="warn" icon={phone} title={t("transfer.packet.code")}>
            <span className="transfer-code figure">
              {made.code.slice(0, 4)} {made.code.slice(4)}
            </span>
            <span className="small">{t("transfer.packet.codeHow")}</span>
          </Notice>
          <NotInIt lacking={made.lacking} />
          <section className="packet-sheet" aria-label={t("transfer.packet.sheet")}>
            <header>
              <p className="strong">{t("transfer.packet.sheet")}</p>
              <p className="small">
                {one.number} · {one.from.name} → {one.to.name} · {dateTime(made.madeAt)}
              </p>
              <p className="small">
                {t("transfer.packet.open", { address: made.url.split("#")[0] ?? "" })}
              </p>
            </header>
            <div className="packet-codes">
              {made.parts.map((part, n) => (
                <figure key={part}>
                  <Qr
                    value={part}
                    label={t("transfer.packet.part", { n: n + 1, of: made.parts.length })}
                  />
                  <figcaption className="small figure">
                    {n + 1} / {made.parts.length}
                  </figcaption>
                </figure>
              ))}
            </div>
          </section>
          <p className="small">
            <a href={made.url}>{t("transfer.packet.link")}</a>
          </p>
        </>
      ) : null}
      <ul className="transfer-steps">
        {one.packets.map((kept) => (
          <li key={kept.madeAt}>
            {t("transfer.packet.made", { name: kept.madeBy, time: shortTime(kept.madeAt) })}{" "}
            {kept.openedAt ? (
              <Status tone="good">
                {t("transfer.packet.opened", { time: shortTime(kept.openedAt) })}
              </Status>
            ) : (
              <Status tone="quiet">{t("transfer.packet.unopened")}</Status>
            )}
          </li>
        ))}
      </ul>
    </Card>
  );
}
