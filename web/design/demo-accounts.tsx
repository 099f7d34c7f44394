import { useQuery } from "@tanstack/react-query";
import type { z } from "zod";
import type { demoAccount } from "../../server/identity/contract.ts";
import { api } from "../api/client.ts";
import { useWrite } from "../api/write.ts";
import { addWords, i18n, useText } from "../i18n/i18n.ts";
import { Icon } from "./components/icon.tsx";
import { ProblemNotice } from "./components/problem.tsx";
import { Skeleton } from "./components/skeleton.tsx";
import { right } from "./icons.ts";
import "./demo-accounts.css";

const words = {
  "zh-CN": () => import("virtual:messages/demo/zh-CN"),
  bo: () => import("virtual:messages/demo/bo"),
  en: () => import("virtual:messages/demo/en"),
};

type Account = z.infer<typeof demoAccount>;

/** The invented people of the demo, one press each; the server lists them only while demo data are loaded. */
export function DemoAccounts({
  kind,
  onEntered,
}: {
  kind: "staff" | "patient";
  onEntered: () => unknown;
}) {
  const t = useText();
  const accounts = useQuery({
    queryKey: ["session", "demo-accounts"],
    queryFn: async ({ signal }) => {
      const [answer] = await Promise.all([
        api.get<{ accounts: Account[] }>("/api/demo/accounts", signal),
        addWords(words),
      ]);
      return answer;
    },
  });
  const enter = useWrite(
    ({ loginName, phone }: Pick<Account, "loginName" | "phone">, key) =>
      api.post("/api/session/demo", loginName ? { loginName } : { phone: phone ?? "" }, key),
    { onDone: onEntered },
  );
  const shown = (accounts.data?.accounts ?? []).filter(
    (account) => (kind === "staff") === (account.loginName !== null),
  );
  const groups = Map.groupBy
    ? Map.groupBy(shown, (account) => account.institution ?? "")
    : shown.reduce((map, account) => {
        const name = account.institution ?? "";
        return map.set(name, [...(map.get(name) ?? []), account]);
      }, new Map<string, Account[]>());
  // A code that is new on the server still reads as a sentence.
  const wordsOf = (group: "role" | "story", code: string) => {
    const id = `demo.${group}.${code}`;
    const found = i18n._(id);
    return found === id ? t(`demo.${group}.other`) : found;
  };
  if (accounts.isError) return null;
  return (
    <section className="demo-accounts" aria-labelledby="demo-title">
      <h2 id="demo-title">{t("demo.title")}</h2>
      <p className="muted small">{t("demo.note")}</p>
      {accounts.isPending ? <Skeleton lines={6} /> : null}
      {[...groups].map(([institution, members]) => (
        <div key={institution} className="demo-group">
          {institution ? <h3>{institution}</h3> : null}
          <ul>
            {members.map((account) => (
              <li key={account.loginName ?? account.phone}>
                <button
                  type="button"
                  className="demo-account"
                  onClick={() => enter.mutate(account)}
                  disabled={enter.isPending}
                >
                  <span className="grow">
                    <span className="strong">{account.name}</span>{" "}
                    <span className="muted">{wordsOf("role", account.role)}</span>
                    <span className="demo-story">{wordsOf("story", account.story)}</span>
                  </span>
                  <Icon path={right} />
                </button>
              </li>
            ))}
          </ul>
        </div>
      ))}
      <ProblemNotice error={enter.error} />
    </section>
  );
}
