import { type FormEvent, useState } from "react";
import { Button } from "../design/components/button.tsx";
import { TextField } from "../design/components/field.tsx";
import { undo } from "../design/icons-work.ts";
import { useText } from "../i18n/i18n.ts";
import { clockTime } from "../i18n/time.ts";
import type { Person, Tube } from "./engine.ts";
import { tubeWords } from "./tube-code.ts";

/** The tube in the hand: how many are in it, who, and what can still be undone. */
export function TubeCard({
  tube,
  people,
  quiet,
  onUndo,
  onSeal,
  onVoid,
}: {
  tube: Tube;
  people: readonly Person[];
  /** Somebody is being read back: nothing else is to be pressed. */
  quiet: boolean;
  onUndo: (registration: string) => void;
  onSeal: () => void;
  onVoid: (reason: string) => void;
}) {
  const t = useText();
  const [asking, setAsking] = useState<"seal" | "void" | null>(null);
  const [reason, setReason] = useState("");
  const full = tube.count >= tube.size;
  const members = [...tube.members].reverse();
  const nameOf = (registration: string) =>
    people.find((one) => one.registrationId === registration)?.name ?? "";
  const sendVoid = (event: FormEvent) => {
    event.preventDefault();
    if (reason.trim() === "") return;
    onVoid(reason.trim());
    setAsking(null);
  };
  return (
    <section className="tube" aria-label={t("sampling.tube", { code: tube.code })}>
      <div className="row spread">
        <p>
          <span className="muted">{t("sampling.openTube")}</span>
          <br />
          <span className="strong figure">{tubeWords(tube.code)}</span>
        </p>
        <p className="tube-count">
          <strong>{tube.count}</strong>
          <span className="muted">
            {" / "}
            {tube.size}
          </span>
        </p>
      </div>
      <div className="tube-dots" aria-hidden="true">
        {Array.from({ length: tube.size }, (_, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: places in a tube
          <i key={index} data-full={index < tube.count || undefined} />
        ))}
      </div>
      {quiet ? null : asking === "seal" && !full ? (
        <div className="stack stack-2">
          <p className="strong">
            {t("sampling.sealEarly", { count: tube.count, size: tube.size })}
          </p>
          <div className="row">
            <Button look="primary" size="large" onClick={onSeal}>
              {t("sampling.sealYes", { count: tube.count })}
            </Button>
            <Button size="large" onClick={() => setAsking(null)}>
              {t("sampling.goOn")}
            </Button>
          </div>
        </div>
      ) : asking === "void" ? (
        <form className="stack stack-2" onSubmit={sendVoid}>
          <p className="strong">{t("sampling.voidAsk", { count: tube.count })}</p>
          <TextField
            label={t("sampling.voidReason")}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
            maxLength={200}
          />
          <div className="row">
            <Button type="submit" look="danger" size="large">
              {t("sampling.voidYes")}
            </Button>
            <Button size="large" onClick={() => setAsking(null)}>
              {t("sampling.voidNo")}
            </Button>
          </div>
        </form>
      ) : (
        <div className="row spread">
          <Button
            look={full ? "primary" : "soft"}
            size="large"
            disabled={tube.count === 0}
            onClick={() => (full ? onSeal() : setAsking("seal"))}
          >
            {t("sampling.seal")}
          </Button>
          <Button look="quiet" onClick={() => setAsking("void")}>
            {t("sampling.void")}
          </Button>
        </div>
      )}
      {members.length > 0 && !quiet ? (
        <details className="tube-members">
          <summary>{t("sampling.inTube", { count: members.length })}</summary>
          <ul>
            {members.map((member) => (
              <li key={member.registrationId} className="row spread">
                <span>
                  {nameOf(member.registrationId)}{" "}
                  <span className="muted small figure">{clockTime(member.sampledAt)}</span>
                </span>
                <Button
                  look="quiet"
                  icon={undo}
                  aria-label={t("sampling.undoOf", { name: nameOf(member.registrationId) })}
                  onClick={() => onUndo(member.registrationId)}
                >
                  {t("sampling.undo")}
                </Button>
              </li>
            ))}
          </ul>
        </details>
      ) : null}
    </section>
  );
}
