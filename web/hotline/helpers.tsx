import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { HelperConsentMethod, HelperKind } from "../../server/helpers/domain.ts";
import { api } from "../api/client.ts";
import { useWrite } from "../api/write.ts";
import { Button } from "../design/components/button.tsx";
import { Card } from "../design/components/card.tsx";
import { Empty } from "../design/components/empty.tsx";
import { SelectField, TextField } from "../design/components/field.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { Status } from "../design/components/status.tsx";
import { person as personIcon } from "../design/icons.ts";
import { useText } from "../i18n/i18n.ts";
import { dateTime } from "../i18n/time.ts";
import { Choices } from "./choices.tsx";
import { NewHelperAccount } from "./helper-account.tsx";
import { type Helper, type SearchAnswer, useHelpers } from "./queries.ts";
import { sexAndAge } from "./words.ts";

/** Registered helpers of this house, with each elder's word: how, when, who was there. */
export function Helpers({ institution }: { institution: string }) {
  const t = useText();
  const client = useQueryClient();
  const helpers = useHelpers();
  const again = () => void client.invalidateQueries({ queryKey: ["helpers"] });
  const [personId, setPersonId] = useState("");
  const [kind, setKind] = useState<HelperKind>("volunteer");
  const [area, setArea] = useState("");
  const register = useWrite((body: object, key) => api.post("/api/helpers", body, key), {
    onDone: again,
  });
  const list = helpers.data?.helpers ?? [];
  const candidates = helpers.data?.candidates ?? [];
  return (
    <main id="main" className="bench-main">
      <h1 className="hotline-title">{t("hotline.helpers.title")}</h1>
      {helpers.isPending ? <Skeleton lines={4} /> : null}
      <ProblemNotice error={helpers.error} retry={() => void helpers.refetch()} />
      {helpers.data && list.length === 0 ? (
        <Empty icon={personIcon} title={t("hotline.helpers.none")}>
          {t("hotline.helpers.noneHow")}
        </Empty>
      ) : null}
      {list.map((one) => (
        <HelperCard
          key={one.id}
          helper={one}
          mayEnd={helpers.data?.mayRegister ?? false}
          onChanged={again}
        />
      ))}
      {helpers.data?.mayRegister ? (
        <NewHelperAccount
          institution={institution}
          onMade={(id) => {
            setPersonId(id);
            again();
          }}
        />
      ) : null}
      {candidates.length > 0 ? (
        <Card title={t("hotline.helpers.register")}>
          <form
            className="stack"
            onSubmit={(event) => {
              event.preventDefault();
              register.mutate({ personId: personId || candidates[0]!.id, kind, area });
            }}
          >
            <div className="hotline-two">
              <SelectField
                label={t("hotline.helpers.who")}
                value={personId || candidates[0]!.id}
                onChange={(event) => setPersonId(event.target.value)}
              >
                {candidates.map((one) => (
                  <option key={one.id} value={one.id}>
                    {one.name}
                  </option>
                ))}
              </SelectField>
              <SelectField
                label={t("hotline.helpers.kind")}
                value={kind}
                onChange={(event) => setKind(event.target.value as HelperKind)}
              >
                {(["volunteer", "neighbour", "committee"] as const).map((value) => (
                  <option key={value} value={value}>
                    {t(`hotline.helpers.kind.${value}`)}
                  </option>
                ))}
              </SelectField>
              <TextField
                label={t("hotline.helpers.area")}
                maxLength={100}
                value={area}
                onChange={(event) => setArea(event.target.value)}
              />
            </div>
            <ProblemNotice error={register.error} />
            <Button type="submit" busy={register.isPending} className="align-start">
              {t("hotline.helpers.register")}
            </Button>
          </form>
        </Card>
      ) : null}
    </main>
  );
}

function HelperCard({
  helper,
  mayEnd,
  onChanged,
}: {
  helper: Helper;
  mayEnd: boolean;
  onChanged: () => void;
}) {
  const t = useText();
  const [adding, setAdding] = useState(false);
  const act = useWrite((path: string, key) => api.post(path, {}, key), { onDone: onChanged });
  return (
    <Card
      title={helper.person.name}
      aside={
        helper.endedAt ? (
          <Status tone="quiet">{t("hotline.helpers.ended")}</Status>
        ) : (
          <Status tone="good">
            {[t(`hotline.helpers.kind.${helper.kind}`), helper.area].filter(Boolean).join(" · ")}
          </Status>
        )
      }
    >
      <ul className="hotline-rows">
        {helper.consents.map((consent) => (
          <li key={consent.id}>
            <span>
              <span className="strong">{consent.patient.name}</span>{" "}
              <span className="muted">“{consent.words}”</span>
              <span className="hotline-line muted small">
                {t("hotline.helpers.consentHow", {
                  how: t(`hotline.helpers.method.${consent.method}`),
                  time: dateTime(consent.givenAt),
                  witness: consent.witnessName,
                  by: consent.recordedBy,
                })}
              </span>
            </span>
            {consent.revokedAt ? (
              <Status tone="warn">{t("hotline.helpers.revoked")}</Status>
            ) : (
              <Button
                look="quiet"
                busy={act.isPending}
                onClick={() => act.mutate(`/api/helper-consents/${consent.id}/revoke`)}
              >
                {t("hotline.helpers.revoke")}
              </Button>
            )}
          </li>
        ))}
      </ul>
      <ProblemNotice error={act.error} />
      {helper.endedAt ? null : adding ? (
        <ConsentForm
          helper={helper}
          onDone={() => {
            setAdding(false);
            onChanged();
          }}
          onCancel={() => setAdding(false)}
        />
      ) : (
        <div className="row">
          <Button onClick={() => setAdding(true)}>{t("hotline.helpers.addConsent")}</Button>
          {mayEnd ? (
            <Button
              look="quiet"
              busy={act.isPending}
              onClick={() => act.mutate(`/api/helpers/${helper.id}/end`)}
            >
              {t("hotline.helpers.end")}
            </Button>
          ) : null}
        </div>
      )}
    </Card>
  );
}

function ConsentForm({
  helper,
  onDone,
  onCancel,
}: {
  helper: Helper;
  onDone: () => void;
  onCancel: () => void;
}) {
  const t = useText();
  const [q, setQ] = useState("");
  const [found, setFound] = useState<SearchAnswer | null>(null);
  const [patient, setPatient] = useState<{ id: string; name: string } | null>(null);
  const [method, setMethod] = useState<HelperConsentMethod>("spoken");
  const [words, setWords] = useState(() =>
    t("hotline.helpers.usualWords", { name: helper.person.name }),
  );
  const [witness, setWitness] = useState("");
  const search = useWrite(
    (text: string, key) => api.post<SearchAnswer>("/api/hotline/search", { q: text }, key),
    { onDone: setFound },
  );
  const save = useWrite(
    (body: object, key) => api.post(`/api/helpers/${helper.id}/consents`, body, key),
    { onDone },
  );
  if (!patient)
    return (
      <div className="stack">
        <form
          className="hotline-search"
          onSubmit={(event) => {
            event.preventDefault();
            if (q.trim()) search.mutate(q.trim());
          }}
        >
          <TextField
            label={t("hotline.helpers.elder")}
            type="search"
            autoFocus
            autoComplete="off"
            value={q}
            onChange={(event) => setQ(event.target.value)}
          />
          <Button type="submit" busy={search.isPending}>
            {t("hotline.person.find")} <kbd>↵</kbd>
          </Button>
        </form>
        <ProblemNotice error={search.error} />
        {found ? (
          <Choices
            label={t("hotline.helpers.elder")}
            options={found.people
              .filter((one) => one.known)
              .map((one) => ({ id: one.id, label: one.name, hint: sexAndAge(one, t) }))}
            onChoose={(id) => setPatient(found.people.find((one) => one.id === id) ?? null)}
          />
        ) : null}
        <Button look="quiet" className="align-start" onClick={onCancel}>
          {t("common.cancel")}
        </Button>
      </div>
    );
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate({
          patientId: patient.id,
          method,
          words: words.trim(),
          witnessName: witness.trim(),
        });
      }}
    >
      <p className="strong">{patient.name}</p>
      <div className="hotline-two">
        <SelectField
          label={t("hotline.helpers.how")}
          value={method}
          onChange={(event) => setMethod(event.target.value as HelperConsentMethod)}
        >
          {(["spoken", "written", "fingerprint"] as const).map((value) => (
            <option key={value} value={value}>
              {t(`hotline.helpers.method.${value}`)}
            </option>
          ))}
        </SelectField>
        <TextField
          label={t("hotline.helpers.witness")}
          required
          maxLength={80}
          autoComplete="off"
          value={witness}
          onChange={(event) => setWitness(event.target.value)}
        />
      </div>
      <TextField
        label={t("hotline.helpers.words")}
        required
        maxLength={300}
        value={words}
        onChange={(event) => setWords(event.target.value)}
      />
      <ProblemNotice error={save.error} />
      <div className="row">
        <Button type="submit" look="primary" busy={save.isPending}>
          {t("hotline.helpers.save")}
        </Button>
        <Button look="quiet" onClick={onCancel}>
          {t("common.cancel")}
        </Button>
      </div>
    </form>
  );
}
