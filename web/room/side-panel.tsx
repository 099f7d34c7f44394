import { Tab, TabList, TabPanel, Tabs } from "react-aria-components";
import { OpinionEditor } from "../consult/opinion-editor.tsx";
import { OpinionView } from "../consult/opinion-view.tsx";
import { PersonLine } from "../consult/person-line.tsx";
import { useConsult } from "../consult/queries.ts";
import { RecordSide } from "../consult/record-side.tsx";
import { RequestView } from "../consult/request-view.tsx";
import { Icon } from "../design/components/icon.tsx";
import { ProblemNotice } from "../design/components/problem.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { close } from "../design/icons-work.ts";
import { useText } from "../i18n/i18n.ts";
import { Chat } from "./chat.tsx";
import { EndConsult } from "./end-consult.tsx";
import { Invite } from "./invite.tsx";
import { People } from "./people.tsx";
import { RollCall } from "./roll-call.tsx";
import { type PanelTab, useRoom } from "./room-context.ts";

/** Beside the picture, never over it: request, record, opinion, chat, who is here. */
export function SidePanel() {
  const t = useText();
  const { tab, setTab, room, session, place } = useRoom();
  const staff = session.kind === "staff" && place === "consult" ? session : null;
  const tabs: PanelTab[] = staff
    ? ["request", "record", "opinion", "chat", "people"]
    : ["chat", "people"];
  return (
    <Tabs
      className="panel"
      selectedKey={tab ?? "chat"}
      onSelectionChange={(key) => setTab(key as PanelTab)}
    >
      <div className="panel-head">
        <TabList className="panel-tabs" aria-label={t("room.panel.label")}>
          {tabs.map((one) => (
            <Tab key={one} id={one} className="panel-tab">
              {t(`room.panel.${one}`)}
              {one === "chat" && room.chat.length > 0 ? (
                <span className="figure"> {room.chat.length}</span>
              ) : null}
              {one === "people" ? <span className="figure"> {room.peers.length + 1}</span> : null}
            </Tab>
          ))}
        </TabList>
        <button type="button" className="panel-close" onClick={() => setTab(null)}>
          <Icon path={close} />
          <span className="visually-hidden">{t("room.panel.close")}</span>
        </button>
      </div>
      {staff ? <ConsultPanels personId={staff.person.id} /> : null}
      <TabPanel id="chat" className="panel-body panel-chat">
        <Chat />
      </TabPanel>
      <TabPanel id="people" className="panel-body">
        <div className="stack stack-6">
          <People />
          {staff ? <Invite /> : null}
          {place === "consult" ? <RollCall /> : null}
          {staff ? <EndConsult /> : null}
        </div>
      </TabPanel>
    </Tabs>
  );
}

function ConsultPanels({ personId }: { personId: string }) {
  const { consultId } = useRoom();
  const t = useText();
  const consult = useConsult(consultId);
  const body = (id: PanelTab) => {
    if (!consult.data) {
      return consult.isError ? (
        <ProblemNotice error={consult.error} retry={() => void consult.refetch()} />
      ) : (
        <Skeleton lines={6} />
      );
    }
    const detail = consult.data;
    return (
      <div className="stack">
        <PersonLine person={detail.patient} level={2} />
        {id === "request" ? (
          <RequestView consult={detail} narrow />
        ) : id === "record" ? (
          <RecordSide consult={detail} />
        ) : detail.opinion?.signedAt ? (
          <OpinionView opinion={detail.opinion} />
        ) : detail.mayEditOpinion ? (
          <OpinionEditor consult={detail} personId={personId} />
        ) : detail.opinion ? (
          <>
            <p className="muted">
              {t("room.opinion.draftBy", { name: detail.opinion.editedBy ?? "" })}
            </p>
            <OpinionView opinion={detail.opinion} />
          </>
        ) : (
          <p className="muted">{t("room.opinion.none")}</p>
        )}
      </div>
    );
  };
  return (["request", "record", "opinion"] as const).map((id) => (
    <TabPanel key={id} id={id} className="panel-body">
      {body(id)}
    </TabPanel>
  ));
}
