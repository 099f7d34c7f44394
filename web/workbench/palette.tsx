import { useState } from "react";
import {
  Autocomplete,
  Dialog,
  Input,
  Label,
  Menu,
  MenuItem,
  Modal,
  ModalOverlay,
  SearchField,
  useFilter,
} from "react-aria-components";
import type { StaffView } from "../api/session.ts";
import { useConsults } from "../consult/queries.ts";
import { nameOf } from "../consult/words.ts";
import { Icon } from "../design/components/icon.tsx";
import { file } from "../design/icons.ts";
import { arrow, lock as lockIcon, plus } from "../design/icons-work.ts";
import { useText } from "../i18n/i18n.ts";
import { mayFollowUp, mayManageSchedules, mayRefer, mayReport, seesCapacity } from "./rights.ts";
import "./palette.css";

type Entry = { id: string; words: string; detail?: string; icon: string; run: () => void };

/** One field for everything: type a name or a thing to do, press Enter. */
export function Palette({
  session,
  onClose,
  onGo,
  onLock,
}: {
  session: StaffView;
  onClose: () => void;
  onGo: (path: string) => void;
  onLock: () => void;
}) {
  const t = useText();
  const { contains } = useFilter({ sensitivity: "base" });
  const may = (permission: string) => session.permissions.includes(permission);
  const mine = useConsults("mine");
  const [typed, setTyped] = useState("");
  const entries: Entry[] = [
    ...(mine.data?.consults ?? []).map((consult) => ({
      id: consult.id,
      words: nameOf(consult.patient, t),
      detail: `${t(`state.${consult.state}`)} · ${consult.complaint ?? consult.number}`,
      icon: file,
      run: () => onGo(`/mine/${consult.id}`),
    })),
    ...(may("consult.request")
      ? [{ id: "new", words: t("workbench.new.action"), icon: plus, run: () => onGo("/new") }]
      : []),
    ...(may("consult.desk")
      ? [{ id: "desk", words: t("workbench.nav.desk"), icon: arrow, run: () => onGo("/desk") }]
      : []),
    ...(may("referral.request")
      ? [
          {
            id: "refer",
            words: t("workbench.refer"),
            icon: plus,
            run: () => onGo("/referrals/new"),
          },
        ]
      : []),
    ...(mayRefer(session)
      ? [
          {
            id: "referrals",
            words: t("workbench.nav.referrals"),
            icon: arrow,
            run: () => onGo("/referrals"),
          },
        ]
      : []),
    ...(mayFollowUp(session)
      ? [
          {
            id: "follow-ups",
            words: t("workbench.nav.followUps"),
            icon: arrow,
            run: () => onGo("/follow-ups"),
          },
        ]
      : []),
    ...(mayManageSchedules(session)
      ? [
          {
            id: "schedules",
            words: t("workbench.nav.schedules"),
            icon: arrow,
            run: () => onGo("/schedules"),
          },
        ]
      : []),
    ...(mayReport(session)
      ? [
          {
            id: "reporting",
            words: t("workbench.nav.reporting"),
            icon: arrow,
            run: () => onGo("/reporting"),
          },
        ]
      : []),
    ...(seesCapacity(session)
      ? [
          {
            id: "beds",
            words: t("workbench.nav.beds"),
            icon: arrow,
            run: () => onGo("/beds"),
          },
          {
            id: "capacity",
            words: t("workbench.nav.capacity"),
            icon: arrow,
            run: () => onGo("/capacity"),
          },
        ]
      : []),
    { id: "mine", words: t("workbench.nav.mine"), icon: arrow, run: () => onGo("/mine") },
    { id: "archive", words: t("workbench.nav.archive"), icon: arrow, run: () => onGo("/archive") },
    {
      id: "account",
      words: t("workbench.account.title"),
      icon: arrow,
      run: () => onGo("/account"),
    },
    {
      id: "lock",
      words: t("workbench.lock.action"),
      detail: t("workbench.lock.hint"),
      icon: lockIcon,
      run: onLock,
    },
  ];
  return (
    <ModalOverlay
      isOpen
      isDismissable
      className="palette-scrim"
      onOpenChange={(open) => !open && onClose()}
    >
      <Modal className="palette">
        <Dialog aria-label={t("workbench.search.open")} className="palette-dialog">
          <Autocomplete inputValue={typed} onInputChange={setTyped} filter={contains}>
            <SearchField autoFocus>
              <Label className="visually-hidden">{t("workbench.search.open")}</Label>
              <Input className="palette-input" placeholder={t("workbench.search.placeholder")} />
            </SearchField>
            <Menu
              items={entries}
              className="palette-list"
              renderEmptyState={() => <p className="palette-empty">{t("workbench.search.none")}</p>}
              onAction={(key) => {
                onClose();
                entries.find((entry) => entry.id === key)?.run();
              }}
            >
              {(entry) => (
                <MenuItem className="combo-item" textValue={`${entry.words} ${entry.detail ?? ""}`}>
                  <Icon path={entry.icon} />
                  <span className="grow">{entry.words}</span>
                  {entry.detail ? <span className="muted small">{entry.detail}</span> : null}
                </MenuItem>
              )}
            </Menu>
          </Autocomplete>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
