import type { demoPassword } from "../../server/demo/load.ts";
import { useSession } from "../api/session.ts";
import { useText } from "../i18n/i18n.ts";

const password: typeof demoPassword = "yilian-demo";

/** Who came in by one press never chose a password: in the demo it is said where it is asked for. */
export function DemoPassword() {
  const t = useText();
  const session = useSession();
  if (!session.data?.demo) return null;
  return <p className="field-hint">{t("common.demoPassword", { password })}</p>;
}
