import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { z } from "zod";
import type { sitePeople } from "../../../server/teaching/live-contract.ts";
import { api } from "../../api/client.ts";
import { useWrite } from "../../api/write.ts";
import { Button } from "../../design/components/button.tsx";
import { CheckField, TextField } from "../../design/components/field.tsx";
import { ProblemNotice } from "../../design/components/problem.tsx";
import { Skeleton } from "../../design/components/skeleton.tsx";
import { useText } from "../../i18n/i18n.ts";
import type { Lecture } from "../lecture.ts";

type Change = { tick: { personId: string } | { name: string } } | { remove: string };
type SitePeople = z.infer<typeof sitePeople>;

/** Who sits in front of this screen: ticked once, it is attendance; a wrong tick is taken back. */
export function Names({ lecture }: { lecture: Lecture }) {
  const t = useText();
  const cache = useQueryClient();
  const path = `/api/teaching/sessions/${lecture.session.id}/site-people`;
  const queryKey = ["teaching", lecture.session.id, "site-people"];
  const [name, setName] = useState("");
  const found = useQuery({
    queryKey,
    queryFn: ({ signal }) => api.get<SitePeople>(path, signal),
  });
  const change = useWrite(
    (one: Change, key: string) =>
      "tick" in one
        ? api.post<SitePeople>(path, one.tick, key)
        : api.delete<SitePeople>(`${path}/${one.remove}`, key),
    { onDone: (answer) => void cache.setQueryData(queryKey, answer) },
  );
  const underWay = change.isPending ? change.variables : null;
  if (found.isPending) return <Skeleton lines={5} />;
  if (found.isError)
    return <ProblemNotice error={found.error} retry={() => void found.refetch()} />;
  const ticks = found.data.ticks.filter((tick) => tick.removedAt === null);
  const others = ticks.filter((tick) => tick.personId === null);
  return (
    <section className="stack">
      <div>
        <h2>{t("lecture.names.title")}</h2>
        <p className="muted small">{t("lecture.names.how")}</p>
        <p className="strong" role="status">
          {t("lecture.names.count", { count: ticks.length })}
        </p>
      </div>
      <ProblemNotice error={change.error} />
      <div className="names-list">
        {found.data.staff.map((person) => {
          const tick = ticks.find((one) => one.personId === person.personId);
          return (
            <CheckField
              key={person.personId}
              label={person.name}
              checked={isTicked(person.personId, tick, underWay)}
              onChange={() =>
                change.mutate(tick ? { remove: tick.id } : { tick: { personId: person.personId } })
              }
            />
          );
        })}
        {others.map((tick) => (
          <CheckField
            key={tick.id}
            label={tick.name}
            checked
            onChange={() => change.mutate({ remove: tick.id })}
          />
        ))}
      </div>
      <form
        className="talk-form"
        onSubmit={(event) => {
          event.preventDefault();
          const words = name.trim();
          if (!words) return;
          setName("");
          change.mutate({ tick: { name: words } });
        }}
      >
        <div className="grow">
          <TextField
            label={t("lecture.names.other")}
            autoComplete="off"
            maxLength={60}
            value={name}
            onChange={({ target }) => setName(target.value)}
          />
        </div>
        <Button type="submit">{t("lecture.names.add")}</Button>
      </form>
    </section>
  );
}

/** What was pressed counts at once; the answer confirms it a moment later. */
function isTicked(
  personId: string,
  tick: { id: string } | undefined,
  underWay: Change | null,
): boolean {
  if (underWay && "tick" in underWay && "personId" in underWay.tick)
    if (underWay.tick.personId === personId) return true;
  if (underWay && "remove" in underWay && underWay.remove === tick?.id) return false;
  return tick !== undefined;
}
