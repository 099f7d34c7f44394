import { lazy, Suspense, useState } from "react";
import { Button } from "../design/components/button.tsx";
import { Skeleton } from "../design/components/skeleton.tsx";
import { addWords, useText } from "../i18n/i18n.ts";

const phoneWords = {
  "zh-CN": () => import("virtual:messages/patientPages/zh-CN"),
  bo: () => import("virtual:messages/patientPages/bo"),
  en: () => import("virtual:messages/patientPages/en"),
};
const staffWords = {
  "zh-CN": () => import("virtual:messages/workbench/zh-CN"),
  bo: () => import("virtual:messages/workbench/bo"),
  en: () => import("virtual:messages/workbench/en"),
};
const PhoneSignIn = lazy(async () => {
  const [page] = await Promise.all([
    import("../patient/sign-in.tsx"),
    import("../patient/patient.css"),
    addWords(phoneWords),
  ]);
  return { default: page.SignIn };
});
const StaffSignIn = lazy(async () => {
  const [page] = await Promise.all([import("../workbench/sign-in.tsx"), addWords(staffWords)]);
  return { default: page.SignIn };
});

/** Our own doors, here in place: whoever signs in goes on where he was, and nothing is carried in an address. */
export function SignInFirst({ demo }: { demo: boolean }) {
  const t = useText();
  const [who, setWho] = useState<"patient" | "staff" | null>(null);
  if (who === null)
    return (
      <section className="apps-card stack">
        <h1>{t("apps.signIn")}</h1>
        <p>{t("apps.signInWhy")}</p>
        <Button look="primary" size="large" wide onClick={() => setWho("patient")}>
          {t("apps.asPatient")}
        </Button>
        <Button size="large" wide onClick={() => setWho("staff")}>
          {t("apps.asStaff")}
        </Button>
      </section>
    );
  return (
    <Suspense fallback={<Skeleton lines={6} />}>
      {who === "patient" ? <PhoneSignIn demo={demo} /> : <StaffSignIn demo={demo} left={false} />}
    </Suspense>
  );
}
