import { useState } from "react";
import { api } from "../api/client.ts";
import { useWrite } from "../api/write.ts";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { TextField } from "../design/components/field.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { useText } from "../i18n/i18n.ts";
import { Choices } from "./choices.tsx";
import type { SearchAnswer } from "./queries.ts";
import { type NewPerson, RegisterForm } from "./register-form.tsx";
import { sexAndAge } from "./words.ts";

/** One box for a number, an ID or a name; Enter searches, a number chooses. */
export function StepPerson({
  onPerson,
  onRegister,
  busy,
  error,
}: {
  onPerson: (patientId: string, q: string) => void;
  onRegister: (person: NewPerson) => void;
  busy: boolean;
  error: unknown;
}) {
  const t = useText();
  const [q, setQ] = useState("");
  const [asked, setAsked] = useState("");
  const [found, setFound] = useState<SearchAnswer | null>(null);
  const [adding, setAdding] = useState(false);
  const search = useWrite(
    (text: string, key) => api.post<SearchAnswer>("/api/hotline/search", { q: text }, key),
    { onDone: setFound },
  );
  if (adding)
    return (
      <RegisterForm
        initialPhone={found?.by === "phone" ? asked : ""}
        initialName={found?.by === "name" ? asked : ""}
        initialId={found?.by === "resident-id" ? asked : ""}
        busy={busy}
        error={error}
        onSend={onRegister}
        onCancel={() => setAdding(false)}
      />
    );
  return (
    <Card strong title={t("hotline.person.title")}>
      <form
        className="hotline-search"
        onSubmit={(event) => {
          event.preventDefault();
          const text = q.trim();
          if (text === "") return;
          setAsked(text);
          setFound(null);
          search.mutate(text);
        }}
      >
        <TextField
          id="hotline-search"
          label={t("hotline.person.search")}
          hint={t("hotline.person.hint")}
          type="search"
          autoComplete="off"
          autoFocus
          value={q}
          onChange={(event) => setQ(event.target.value)}
        />
        <Button type="submit" look="primary" busy={search.isPending}>
          {t("hotline.person.find")} <kbd>↵</kbd>
        </Button>
      </form>
      <ProblemNotice error={search.error ?? error} />
      {found ? (
        <>
          <p role="status" className="muted small">
            {t("hotline.person.found", { count: found.people.length })}
          </p>
          <Choices
            key={asked}
            label={t("hotline.person.title")}
            busy={busy}
            options={[
              ...found.people.slice(0, 8).map((person) => ({
                id: person.id,
                label: (
                  <>
                    {person.name}
                    {person.nameBo ? <span lang="bo"> {person.nameBo}</span> : null}{" "}
                    <span className="muted">{sexAndAge(person, t)}</span>
                  </>
                ),
                hint: person.known
                  ? [person.residentIdMasked, person.phoneMasked, person.address]
                      .filter(Boolean)
                      .join(" · ")
                  : t("hotline.person.unknownHere"),
              })),
              { id: "new", label: t("hotline.person.new"), hint: t("hotline.person.newHint") },
            ]}
            onChoose={(id) => (id === "new" ? setAdding(true) : onPerson(id, asked))}
          />
        </>
      ) : null}
    </Card>
  );
}
