import { useState } from "react";
import type { HelperAccount } from "../../server/helpers/contract.ts";
import { api } from "../api/client.ts";
import { useWrite } from "../api/write.ts";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { TextField } from "../design/components/field.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { useText } from "../i18n/i18n.ts";

/** An account for somebody who is to help and has none. The first password is shown here, once. */
export function NewHelperAccount({
  institution,
  onMade,
}: {
  institution: string;
  onMade: (personId: string) => void;
}) {
  const t = useText();
  const [name, setName] = useState("");
  const [loginName, setLoginName] = useState("");
  const [made, setMade] = useState<(HelperAccount & { name: string }) | null>(null);
  const open = useWrite(
    (body: { name: string; loginName: string }, key) =>
      api.post<HelperAccount>("/api/helpers/accounts", body, key),
    {
      onDone: (account) => {
        setMade({ ...account, name: name.trim() });
        setName("");
        setLoginName("");
        onMade(account.personId);
      },
    },
  );
  return (
    <Card title={t("hotline.helpers.account")}>
      {made ? (
        <Notice
          tone="good"
          title={t("hotline.helpers.accountMade", { name: made.name })}
          action={
            <Button onClick={() => setMade(null)}>{t("hotline.helpers.accountNoted")}</Button>
          }
        >
          <p>
            {t("hotline.helpers.login")} <strong className="figure">{made.loginName}</strong> ·{" "}
            {t("hotline.helpers.password")} <strong className="figure">{made.password}</strong>
          </p>
          <p>{t("hotline.helpers.accountOnce")}</p>
        </Notice>
      ) : null}
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          open.mutate({ name: name.trim(), loginName: loginName.trim().toLowerCase() });
        }}
      >
        <p className="muted">{t("hotline.helpers.accountHow", { institution })}</p>
        <div className="hotline-two">
          <TextField
            label={t("hotline.helpers.name")}
            hint={t("hotline.helpers.nameHow")}
            required
            maxLength={80}
            autoComplete="off"
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
          <TextField
            label={t("hotline.helpers.login")}
            hint={t("hotline.helpers.loginHow")}
            required
            minLength={3}
            maxLength={32}
            pattern="[a-zA-Z][a-zA-Z0-9.\-]*"
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            value={loginName}
            onChange={(event) => setLoginName(event.target.value)}
          />
        </div>
        <ProblemNotice error={open.error} />
        <Button type="submit" busy={open.isPending} className="align-start">
          {t("hotline.helpers.accountOpen")}
        </Button>
      </form>
    </Card>
  );
}
