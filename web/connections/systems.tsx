import { type FormEvent, useState } from "react";
import { asApiError } from "../api/client.ts";
import { Button } from "../design/components/button.tsx";
import { TextArea, TextField } from "../design/components/field.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Segmented } from "../design/components/segmented.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { Status } from "../design/components/status.tsx";
import { plus } from "../design/icons-work.ts";
import { useText } from "../i18n/i18n.ts";
import { dateTime } from "../i18n/time.ts";
import { type Systems as List, useEndSystem, useRegister, useSystems } from "./queries.ts";

type Kind = List["clients"][number]["kind"];
const kinds: readonly Kind[] = ["system", "public-app", "confidential-app"];
const words = (text: string) => text.split(/\s+/).filter((one) => one !== "");

/** Systems without a person that sign in here by a signed assertion, and apps that people open. */
export function Systems() {
  const t = useText();
  const systems = useSystems();
  const [making, setMaking] = useState(false);
  return (
    <section className="connections-card" aria-labelledby="connections-systems">
      <header className="row spread">
        <h2 id="connections-systems">{t("connections.systems")}</h2>
        <Button look="soft" icon={plus} aria-expanded={making} onClick={() => setMaking(!making)}>
          {t("connections.register")}
        </Button>
      </header>
      <p className="muted">{t("connections.systemsHow")}</p>
      {systems.data ? (
        <p className="connections-address">
          {t("connections.tokenUrl")} {systems.data.tokenUrl}
        </p>
      ) : null}
      {making ? <Register onDone={() => setMaking(false)} /> : null}
      {systems.isPending ? <Skeleton lines={3} /> : null}
      <ProblemNotice error={systems.error} retry={() => void systems.refetch()} />
      {systems.data?.clients.length === 0 ? (
        <p className="muted">{t("connections.noSystems")}</p>
      ) : null}
      <ul className="connections-list">
        {systems.data?.clients.map((one) => (
          <SystemRow key={one.id} system={one} />
        ))}
      </ul>
    </section>
  );
}

function Register({ onDone }: { onDone: () => void }) {
  const t = useText();
  const register = useRegister(onDone);
  const [unreadable, setUnreadable] = useState(false);
  const [kind, setKind] = useState<Kind>("system");
  const isApp = kind !== "system";
  const faults = register.error ? asApiError(register.error).errors : [];
  const isFaulty = (name: string) => faults.some(({ path }) => path.startsWith(name));
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? "").trim();
    const common = {
      name: text("name"),
      kind,
      scopes: words(text("scopes")),
      redirectUris: words(text("redirectUris")),
    };
    if (kind === "public-app") {
      register.mutate(common);
      return;
    }
    let jwks: unknown = null;
    try {
      jwks = JSON.parse(text("jwks"));
    } catch {
      // Said beside the field.
    }
    setUnreadable(jwks === null);
    if (jwks === null) return;
    // A single key is a set of one.
    const keys =
      typeof jwks === "object" && !("keys" in (jwks as object)) ? { keys: [jwks] } : jwks;
    register.mutate({ ...common, jwks: keys });
  };
  return (
    <form className="connections-form" onSubmit={submit}>
      <Segmented
        label={t("connections.kind")}
        hint={t(`connections.kindHow.${kind}`)}
        value={kind}
        onChange={setKind}
        options={kinds.map((value) => ({ value, label: t(`connections.kind.${value}`) }))}
      />
      <TextField
        name="name"
        label={t("connections.systemName")}
        minLength={2}
        maxLength={100}
        required
      />
      <TextField
        key={isApp ? "app" : "system"}
        name="scopes"
        label={t("connections.scopes")}
        hint={t(isApp ? "connections.scopesHowApp" : "connections.scopesHow")}
        error={isFaulty("scopes") ? t("connections.scopesWrong") : undefined}
        defaultValue={isApp ? "patient/*.rs" : "system/*.rs"}
        required
      />
      {isApp ? (
        <TextArea
          name="redirectUris"
          label={t("connections.redirectUris")}
          hint={t("connections.redirectUrisHow")}
          error={isFaulty("redirectUris") ? t("connections.redirectUrisWrong") : undefined}
          rows={2}
          required
        />
      ) : null}
      {kind === "public-app" ? null : (
        <TextArea
          name="jwks"
          label={t("connections.jwks")}
          hint={t("connections.jwksHow")}
          error={unreadable ? t("connections.jwksUnreadable") : undefined}
          rows={6}
          required
        />
      )}
      <ProblemNotice error={register.error} />
      <Button type="submit" look="primary" busy={register.isPending}>
        {t("connections.register")}
      </Button>
    </form>
  );
}

function SystemRow({ system }: { system: List["clients"][number] }) {
  const t = useText();
  const end = useEndSystem();
  const [sure, setSure] = useState(false);
  return (
    <li>
      <div className="row spread">
        <div>
          <h3>{system.name}</h3>
          <p className="muted connections-address">{system.id}</p>
          <p className="muted">
            {t(`connections.kind.${system.kind}`)} · {system.scopes.join(" ")} ·{" "}
            {dateTime(system.createdAt)}
          </p>
          {system.redirectUris.length > 0 ? (
            <p className="muted connections-address">{system.redirectUris.join(" ")}</p>
          ) : null}
        </div>
        <div className="row">
          <Status tone={system.disabledAt ? "quiet" : "good"}>
            {t(system.disabledAt ? "connections.ended" : "connections.inUse")}
          </Status>
          {system.disabledAt ? null : sure ? (
            <>
              <span>{t("connections.endSure")}</span>
              <Button look="danger" busy={end.isPending} onClick={() => end.mutate(system.id)}>
                {t("connections.endNow")}
              </Button>
              <Button look="quiet" onClick={() => setSure(false)}>
                {t("connections.keep")}
              </Button>
            </>
          ) : (
            <Button
              look="quiet"
              aria-label={t("connections.endOf", { name: system.name })}
              onClick={() => setSure(true)}
            >
              {t("connections.end")}
            </Button>
          )}
        </div>
      </div>
      <ProblemNotice error={end.error} />
    </li>
  );
}
