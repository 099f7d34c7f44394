import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useRef, useState } from "react";
import { api } from "../api/client.ts";
import { Button } from "../design/components/button.tsx";
import { CheckField, SelectField, TextField } from "../design/components/field.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { useText } from "../i18n/i18n.ts";
import {
  type OutsideBody,
  type OutsideList,
  type OutsideServer,
  type TestResult,
  useMakeKey,
  useSaveOutside,
} from "./queries.ts";

type Kind = "none" | "credentials" | "signed-jwt";

/** Address and sign-in of a server: tried by itself, or tried and saved. */
export function OutsideForm({
  of,
  ownKey,
  onDone,
}: {
  /** The connection that is changed; null: a new one. */
  of: OutsideServer | null;
  ownKey: OutsideList["key"];
  onDone: () => void;
}) {
  const t = useText();
  const form = useRef<HTMLFormElement>(null);
  // What was read when the form was opened: a change of somebody else meanwhile is refused, not overwritten.
  const [version] = useState(of?.version);
  const [kind, setKind] = useState<Kind>(of?.signIn?.kind ?? "none");
  const save = useSaveOutside(onDone);
  const test = useMutation({
    mutationFn: (body: unknown) => api.post<TestResult>("/api/connections/test", body),
  });
  const read = (): OutsideBody => {
    const data = new FormData(form.current ?? undefined);
    const text = (name: string) => String(data.get(name) ?? "").trim();
    const common = {
      tokenUrl: text("tokenUrl"),
      clientId: text("clientId"),
      scope: text("scope"),
    };
    const secret = text("clientSecret");
    return {
      name: text("name"),
      base: text("base"),
      privateNetwork: data.get("private") === "on",
      signIn:
        kind === "none"
          ? null
          : kind === "credentials"
            ? { kind, ...common, ...(secret ? { clientSecret: secret } : {}) }
            : { kind, ...common },
      cacheMinutes: Number(text("cacheMinutes") || 0),
    };
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    test.reset();
    save.mutate({ ...read(), ...(of && version !== undefined ? { id: of.id, version } : {}) });
  };
  const tryIt = () => {
    if (form.current?.reportValidity() === false) return;
    save.reset();
    const { base, privateNetwork, signIn } = read();
    test.mutate({ base, privateNetwork, signIn });
  };
  return (
    <form ref={form} className="connections-form" onSubmit={submit}>
      <TextField
        name="name"
        label={t("connections.outside.name")}
        hint={t("connections.outside.nameHow")}
        defaultValue={of?.name ?? ""}
        maxLength={80}
        required
      />
      <TextField
        name="base"
        type="url"
        label={t("connections.test.base")}
        placeholder="https://"
        defaultValue={of?.base ?? ""}
        maxLength={500}
        required
      />
      <CheckField
        name="private"
        label={t("connections.test.private")}
        defaultChecked={of?.privateNetwork ?? false}
      />
      <SelectField
        label={t("connections.test.signIn")}
        value={kind}
        onChange={(event) => setKind(event.target.value as Kind)}
      >
        <option value="none">{t("connections.test.none")}</option>
        <option value="credentials">{t("connections.test.credentials")}</option>
        <option value="signed-jwt">{t("connections.outside.jwt")}</option>
      </SelectField>
      {kind === "signed-jwt" ? <OwnKey ownKey={ownKey} /> : null}
      {kind === "none" ? null : (
        <SignIn kind={kind} of={of} hasSecret={of?.signIn?.kind === "credentials"} />
      )}
      <TextField
        name="cacheMinutes"
        type="number"
        inputMode="numeric"
        min={0}
        max={1440}
        label={t("connections.outside.cache")}
        hint={t("connections.outside.cacheHow")}
        defaultValue={of?.cacheMinutes ?? 0}
        required
      />
      <ProblemNotice error={save.error ?? test.error} />
      {test.data ? <Answer result={test.data} /> : null}
      <div className="row">
        <Button type="submit" look="primary" busy={save.isPending}>
          {t("connections.outside.save")}
        </Button>
        {of === null ? (
          <Button look="soft" busy={test.isPending} onClick={tryIt}>
            {t("connections.test.now")}
          </Button>
        ) : null}
        <Button look="quiet" onClick={onDone}>
          {t("connections.outside.cancel")}
        </Button>
      </div>
    </form>
  );
}

function SignIn({
  kind,
  of,
  hasSecret,
}: {
  kind: Exclude<Kind, "none">;
  of: OutsideServer | null;
  hasSecret: boolean;
}) {
  const t = useText();
  return (
    <>
      <TextField
        name="tokenUrl"
        type="url"
        label={t("connections.test.tokenUrl")}
        defaultValue={of?.signIn?.tokenUrl ?? ""}
        maxLength={500}
        required
      />
      <TextField
        name="clientId"
        label={t("connections.test.clientId")}
        defaultValue={of?.signIn?.clientId ?? ""}
        maxLength={200}
        autoComplete="off"
        required
      />
      {kind === "credentials" ? (
        <TextField
          name="clientSecret"
          type="password"
          autoComplete="off"
          label={t("connections.test.clientSecret")}
          hint={hasSecret ? t("connections.outside.secretKept") : undefined}
          maxLength={500}
          required={!hasSecret}
        />
      ) : null}
      <TextField
        name="scope"
        label={t("connections.test.scope")}
        defaultValue={of?.signIn?.scope ?? "system/*.rs"}
        maxLength={500}
      />
    </>
  );
}

/** What the other side registers before it knows us. */
function OwnKey({ ownKey }: { ownKey: OutsideList["key"] }) {
  const t = useText();
  const make = useMakeKey();
  const key = make.data?.key ?? ownKey;
  return (
    <div className="connections-key">
      <h3>{t("connections.outside.key")}</h3>
      <p className="muted">{t("connections.outside.keyHow")}</p>
      {key ? (
        <>
          <p className="connections-address">{key.address}</p>
          <pre className="connections-jwks">{JSON.stringify(key.jwks, null, 1)}</pre>
        </>
      ) : (
        <Button look="soft" busy={make.isPending} onClick={() => make.mutate(null)}>
          {t("connections.outside.keyMake")}
        </Button>
      )}
      <ProblemNotice error={make.error} />
    </div>
  );
}

function Answer({ result }: { result: TestResult }) {
  const t = useText();
  if (result.fault)
    return (
      <Notice
        tone="warn"
        title={t(`connections.test.fault.${result.fault}`, { status: result.status ?? "—" })}
      />
    );
  return (
    <Notice
      tone="good"
      title={t("connections.test.good", {
        software: result.software ?? "FHIR",
        version: result.version ?? "",
        count: result.types ?? 0,
        ms: result.tookMs,
      })}
    >
      {result.hasEverything === null
        ? null
        : t(
            result.hasEverything ? "connections.outside.everything" : "connections.outside.perType",
          )}
    </Notice>
  );
}
