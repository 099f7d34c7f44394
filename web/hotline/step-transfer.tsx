import { Card } from "../design/components/card.tsx";
import { Notice } from "../design/components/notice.tsx";
import { useText } from "../i18n/i18n.ts";
import { clockTime } from "../i18n/time.ts";
import { Choices } from "./choices.tsx";
import type { CallView, HotlineOverview } from "./queries.ts";

/** A red flag: the caller stays on the line until a nurse or 120 has it. */
export function StepTransfer({
  call,
  overview,
  onTransfer,
  onDone,
  busy,
}: {
  call: CallView;
  overview: HotlineOverview;
  onTransfer: (to: "nurse" | "120") => void;
  onDone: () => void;
  busy: boolean;
}) {
  const t = useText();
  const to = call.transferTo ?? call.route ?? "nurse";
  const number = (target: "nurse" | "120") =>
    target === "120" ? overview.emergencyNumber : (overview.nurseNumber ?? "—");
  if (call.state === "transferred")
    return (
      <Card strong title={t("hotline.transfer.waiting")}>
        <p className="hotline-number figure">{number(to)}</p>
        <p>
          {t(to === "120" ? "hotline.transfer.stay120" : "hotline.transfer.stayNurse", {
            time: call.transferAt ? clockTime(call.transferAt) : "",
          })}
        </p>
        <Choices
          label={t("hotline.transfer.waiting")}
          busy={busy}
          options={[{ id: "done", label: t("hotline.transfer.handedOver") }]}
          onChoose={onDone}
        />
      </Card>
    );
  const other = to === "120" ? "nurse" : "120";
  return (
    <Card strong title={t("hotline.transfer.title")}>
      <Notice tone="bad" title={t(`hotline.transfer.why.${to}`)}>
        {t("hotline.transfer.how")}
      </Notice>
      <p className="hotline-number figure">{number(to)}</p>
      <Choices
        label={t("hotline.transfer.title")}
        busy={busy}
        options={([to, other] as const).map((target) => ({
          id: target,
          label: t(`hotline.transfer.to.${target}`, { number: number(target) }),
        }))}
        onChoose={(target) => onTransfer(target as "nurse" | "120")}
      />
    </Card>
  );
}
