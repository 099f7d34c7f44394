import { Icon } from "../../design/components/icon.tsx";
import { useLanguage, useText } from "../../i18n/i18n.ts";
import { nameIn } from "../booking/words.tsx";
import { home, person, shield, walk } from "./icons.ts";
import { type SiteView, useSite } from "./queries.ts";
import "./fever.css";

const icons = { mask: shield, way: walk, bring: person };

/** On the pass of a fever clinic: which door, mask, how to come, what to bring. */
export function FeverEntry({ institutionId }: { institutionId: string }) {
  const site = useSite(institutionId);
  return site.data ? <EntrySteps site={site.data} /> : null;
}

export function EntrySteps({ site }: { site: SiteView }) {
  const t = useText();
  const language = useLanguage();
  const entrance = nameIn(site.entrance, language);
  const steps = [
    {
      icon: home,
      title: t("patient.fever.entry.door"),
      how: entrance,
      zh: entrance === site.entrance.zh,
    },
    ...site.entry.map((one) => ({
      icon: icons[one.key],
      title: nameIn(one.title, language),
      how: nameIn(one.how, language),
      zh: false,
    })),
  ];
  return (
    <section className="fever-entry">
      <h2>{t("patient.fever.entry.title")}</h2>
      <ul>
        {steps.map((one) => (
          <li key={one.title}>
            <Icon path={one.icon} />
            <span>
              <strong>{one.title}</strong>
              <br />
              <span lang={one.zh && language !== "zh-CN" ? "zh-CN" : undefined}>{one.how}</span>
            </span>
          </li>
        ))}
      </ul>
      {site.address ? (
        <p className="muted" lang="zh-CN">
          {site.address}
        </p>
      ) : null}
    </section>
  );
}
