import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { QuietView } from "../../server/notices/centre-contract.ts";
import { api } from "../api/client.ts";
import { useWrite } from "../api/write.ts";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { TextField } from "../design/components/field.tsx";
import { Notice } from "../design/components/notice.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { useText } from "../i18n/i18n.ts";
import { minuteOf, wallTime } from "./minutes.ts";
import { quietKey, useQuiet } from "./queries.ts";

/** When I am not rung for what can wait. */
export function Quiet() {
  const t = useText();
  const found = useQuiet();
  return (
    <Card title={t("notices.quiet.title")}>
      <p className="muted">{t("notices.quiet.how")}</p>
      <ProblemNotice error={found.error} retry={() => void found.refetch()} />
      {found.data ? <Form quiet={found.data} /> : null}
    </Card>
  );
}

function Form({ quiet }: { quiet: QuietView }) {
  const t = useText();
  const client = useQueryClient();
  const [from, setFrom] = useState(wallTime(quiet.fromMinute));
  const [to, setTo] = useState(wallTime(quiet.toMinute));
  const save = useWrite(
    (body: { fromMinute: number; toMinute: number }, key) =>
      api.put<QuietView>("/api/notices/quiet", body, key),
    { onDone: (answer) => client.setQueryData(quietKey, answer) },
  );
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate({ fromMinute: minuteOf(from), toMinute: minuteOf(to) });
      }}
    >
      <div className="notices-times">
        <TextField
          label={t("notices.quiet.from")}
          type="time"
          required
          value={from}
          onChange={(event) => setFrom(event.target.value)}
        />
        <TextField
          label={t("notices.quiet.to")}
          type="time"
          required
          value={to}
          onChange={(event) => setTo(event.target.value)}
        />
      </div>
      <p className="muted small">
        {[quiet.own ? null : t("notices.quiet.house"), t("notices.quiet.same")]
          .filter(Boolean)
          .join(" · ")}
      </p>
      <p className="muted small">
        {t("notices.quiet.digest", {
          times: quiet.digestMinutes.map(wallTime).join(t("common.listSeparator")),
        })}
      </p>
      <ProblemNotice error={save.error} />
      {save.isSuccess ? <Notice tone="good" title={t("notices.quiet.saved")} /> : null}
      <div className="row">
        <Button type="submit" look="soft" busy={save.isPending}>
          {t("notices.quiet.save")}
        </Button>
      </div>
    </form>
  );
}
