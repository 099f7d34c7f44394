import { type FormEvent, useState } from "react";
import type { TestPurpose } from "../../server/sampling/domain.ts";
import { api } from "../api/client.ts";
import { useWrite } from "../api/write.ts";
import { Button } from "../design/components/button.tsx";
import { SelectField, TextField } from "../design/components/field.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Segmented } from "../design/components/segmented.tsx";
import { plus } from "../design/icons-work.ts";
import { useText } from "../i18n/i18n.ts";
import { checkResidentId, tidyId } from "../workbench/resident-id.ts";
import type { DraftBody, Person } from "./engine.ts";

const purposes = ["voluntary", "in-outpatient", "fever", "emergency", "surge"] as const;
const reasons = ["elder", "pregnant", "disabled", "child"] as const;
type Body = Omit<DraftBody, "kept">;
type Registered = { people: Person[] };

/** Somebody who is not on the list: the identity card, or a name and a telephone; or a group by its code. */
export function WalkIn({
  opened,
  onOpen,
  purpose: usual,
  before = null,
  onRegister,
  onRegistered,
}: {
  opened: boolean;
  onOpen: (opened: boolean) => void;
  purpose: TestPurpose;
  /** A registration of this phone that is put right: no group. */
  before?: Body | null;
  /** Registers one person, with a line or without; groups need one. */
  onRegister: (body: Body) => Promise<Person[]>;
  onRegistered: (people: Person[]) => void;
}) {
  const t = useText();
  const [how, setHow] = useState<"card" | "name" | "group">(
    before && !before.residentId ? "name" : "card",
  );
  const [card, setCard] = useState(before?.residentId ?? "");
  const [name, setName] = useState(before?.fullName ?? "");
  const [phone, setPhone] = useState(before?.phone ?? "");
  const [code, setCode] = useState("");
  const [purpose, setPurpose] = useState<TestPurpose>(before?.purpose ?? usual);
  const [priority, setPriority] = useState<Body["priority"]>(before?.priority ?? null);
  const [wrong, setWrong] = useState<"card" | "phone" | null>(null);
  const finished = (answer: Registered) => {
    setCard("");
    setName("");
    setPhone("");
    setCode("");
    onRegistered(answer.people);
  };
  const one = useWrite(async (body: Body) => ({ people: await onRegister(body) }), {
    onDone: finished,
  });
  const group = useWrite(
    (asked: string, key) =>
      api.post<Registered>("/api/sampling/group-walk-ins", { code: asked }, key),
    { onDone: finished },
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (how === "group") return group.mutate(code.trim());
    // Without a line nobody else looks: what cannot be right is said while the person still stands here.
    const mistake =
      how === "card" && checkResidentId(card).problem
        ? "card"
        : how === "name" && !/^[\d\s()+-]{6,20}$/u.test(phone.trim())
          ? "phone"
          : null;
    setWrong(mistake);
    if (!mistake)
      one.mutate({
        residentId: how === "card" ? tidyId(card) : null,
        fullName: name.trim(),
        phone: phone.trim() || null,
        birthDate: null,
        sex: null,
        purpose,
        priority,
      });
  };
  if (!opened)
    return (
      <Button icon={plus} wide onClick={() => onOpen(true)}>
        {t("sampling.walkIn")}
      </Button>
    );
  return (
    <form className="walk-in stack" onSubmit={submit}>
      <h2>{t(before ? "sampling.drafts.mend" : "sampling.walkIn")}</h2>
      <Segmented
        label={t("sampling.walkInHow")}
        value={how}
        onChange={setHow}
        options={[
          { value: "card", label: t("sampling.byCard") },
          { value: "name", label: t("sampling.byName") },
          ...(before ? [] : [{ value: "group" as const, label: t("sampling.byGroup") }]),
        ]}
      />
      {how === "group" ? (
        <TextField
          label={t("sampling.groupCode")}
          hint={t("sampling.groupCodeHow")}
          value={code}
          onChange={(event) => setCode(event.target.value)}
          autoCapitalize="characters"
          autoComplete="off"
          required
        />
      ) : (
        <>
          {how === "card" ? (
            <TextField
              label={t("sampling.card")}
              hint={t("sampling.cardHow")}
              value={card}
              onChange={(event) => setCard(event.target.value)}
              error={wrong === "card" ? t("sampling.cardWrong") : undefined}
              autoComplete="off"
              required
            />
          ) : null}
          <TextField
            label={t("sampling.name")}
            value={name}
            onChange={(event) => setName(event.target.value)}
            autoComplete="off"
            maxLength={80}
            required
          />
          {how === "name" ? (
            <TextField
              label={t("sampling.phone")}
              value={phone}
              onChange={(event) => setPhone(event.target.value)}
              error={wrong === "phone" ? t("sampling.phoneWrong") : undefined}
              inputMode="tel"
              autoComplete="off"
              required
            />
          ) : null}
          <SelectField
            label={t("sampling.purposeLabel")}
            value={purpose}
            onChange={(event) => setPurpose(event.target.value as TestPurpose)}
          >
            {purposes.map((value) => (
              <option key={value} value={value}>
                {t(`sampling.purpose.${value}`)}
              </option>
            ))}
          </SelectField>
          <SelectField
            label={t("sampling.priorityLabel")}
            value={priority ?? ""}
            onChange={(event) => setPriority((event.target.value || null) as Body["priority"])}
          >
            <option value="">{t("sampling.priority.none")}</option>
            {reasons.map((value) => (
              <option key={value} value={value}>
                {t(`sampling.priority.${value}`)}
              </option>
            ))}
          </SelectField>
        </>
      )}
      <ProblemNotice error={one.error ?? group.error} />
      <div className="row">
        <Button type="submit" look="primary" size="large" busy={one.isPending || group.isPending}>
          {t("sampling.register")}
        </Button>
        <Button size="large" onClick={() => onOpen(false)}>
          {t("sampling.close")}
        </Button>
      </div>
    </form>
  );
}
