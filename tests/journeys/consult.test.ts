/**
 * One consult from an unknown child to the archive, by the people of both ends, in their own
 * browsers, over the real server and the real media node.
 */
import { createHash, randomBytes } from "node:crypto";
import type { Browser } from "@playwright/test";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  createPerson,
  drawSignature,
  enterRoom,
  faces,
  fileHash,
  hears,
  hearsNoMore,
  launchBrowser,
  type Person,
  printedDocumentId,
  printedOpinion,
  reportFailure,
  SILENCE_DB,
  seesMoving,
  signIn,
  soundArrives,
} from "../support/people.ts";
import { see } from "../support/see.ts";
import { type Stack, startStack } from "../support/stack.ts";

const patient = {
  /** People type the shad at the end or not; it is no part of the name. */
  typed: "སྒྲོལ་མ།",
  nameBo: "སྒྲོལ་མ",
  id: "540224201703150020",
  wrongId: "540224201703150021",
  mother: "央金",
  phone: "13900139001",
};
const aunt = "卓嘎";
const complaint = "双下肢紫癜 3 天，腹痛 1 天";
const question = "是否过敏性紫癜？腹痛是否要转出？";
const plainWords = "在萨迦就能治。卧床休息，按时吃药；肚子痛得厉害或拉血要马上来医院。";
const decision = "按会诊意见在当地治疗，明早复查尿常规。";
const password = "yilian-demo";

let stack: Stack;
let browser: Browser;
let attending: Person;
let desk: Person;
let specialist: Person;
let interpreter: Person;
let family: Person;
let mother: Person;
let consultId = "";
let hasFailed = false;

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(), launchBrowser()]);
  [attending, desk, specialist, interpreter, family, mother] = await Promise.all([
    createPerson(browser, stack, { device: "desktop", face: faces.attending }),
    createPerson(browser, stack, { device: "desktop" }),
    createPerson(browser, stack, { device: "desktop", face: faces.specialist }),
    createPerson(browser, stack, { device: "desktop", face: faces.interpreter }),
    createPerson(browser, stack, { device: "phone", face: faces.family }),
    createPerson(browser, stack, { device: "phone" }),
  ]);
});
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});
// Each step stands on the one before it: after a failure the others would only wait in vain.
beforeEach(({ skip }) => {
  if (hasFailed) skip("an earlier step failed");
});
afterEach(async ({ task }) => {
  if (task.result?.state !== "fail") return;
  hasFailed = true;
  await reportFailure({ attending, desk, specialist, interpreter, family, mother });
});

/** A page that was not loaded again still has what was written into it. */
const noteInPage = (person: Person) =>
  person.page.evaluate(() => document.documentElement.setAttribute("data-not-reloaded", ""));
const wasReloaded = async (person: Person) =>
  !(await person.page.evaluate(() => document.documentElement.hasAttribute("data-not-reloaded")));

describe("the request, in Sakya", () => {
  it("registers a child with a single Tibetan name and explains a wrong ID", async () => {
    const { page } = attending;
    await signIn(attending, "旦增");
    await page.getByRole("link", { name: "新的会诊申请" }).click();
    await page.getByRole("searchbox", { name: "姓名、身份证号或电话" }).fill(patient.typed);
    await page.getByText("没有找到。请核对写法，或在下面登记。").waitFor();
    await page.getByRole("button", { name: "登记新患者" }).click();
    await see(page.getByLabel("藏文姓名")).toHaveValue(patient.typed);
    await page.getByLabel("身份证号", { exact: false }).last().fill(patient.wrongId);
    await page.getByText("最后一位对不上：多半有一位数字输错或颠倒了").waitFor();
    await page.getByLabel("身份证号", { exact: false }).last().fill(patient.id);
    await page.getByText("号码校验正确").waitFor();
    await see(page.getByLabel("出生日期")).toHaveValue("2017-03-15");
    await see(page.getByRole("radio", { name: "女" })).toBeChecked();
    await page.getByLabel("电话（手机或座机）").fill(patient.phone);
    await page.getByLabel("这是谁的电话").selectOption({ label: "母亲" });
    await page.getByLabel("联系人姓名").fill(patient.mother);
    await page.getByRole("button", { name: "登记并写申请" }).click();
    await page.waitForURL(/\/workbench\/mine\/[0-9a-f-]{36}$/);
    consultId = page.url().split("/").at(-1)!;
    await page.getByText(patient.nameBo).first().waitFor();
  });

  it("keeps the draft over a lost line and over a reload", async () => {
    const { page, context } = attending;
    await page.getByLabel("想问", { exact: true }).fill(question);
    await page
      .getByText(/草稿已存/)
      .first()
      .waitFor();
    await context.setOffline(true);
    await page.getByLabel("主诉").fill(complaint);
    await page.getByText("线路断了，已存在这台电脑，恢复后自动上传").first().waitFor();
    await context.setOffline(false);
    await page
      .getByText(/草稿已存/)
      .first()
      .waitFor();

    // The server cannot be reached while the page is loaded again.
    const draft = `**/api/consults/${consultId}/draft`;
    await page.route(draft, (route) => route.abort("connectionfailed"));
    await page.getByLabel("会诊理由").fill("县里没有血液科。");
    await page.getByText("线路断了，已存在这台电脑，恢复后自动上传").first().waitFor();
    await page.unroute(draft);
    await page.reload();
    await page.getByText("上次没来得及上传的内容已经找回来了。").waitFor();
    await see(page.getByLabel("会诊理由")).toHaveValue("县里没有血液科。");
    await see(page.getByLabel("主诉")).toHaveValue(complaint);
    await page
      .getByText(/草稿已存/)
      .first()
      .waitFor();
  });

  it("says what is missing, and finds diagnoses by words", async () => {
    const { page } = attending;
    await page.getByRole("button", { name: "提交会诊申请" }).click();
    await page
      .getByRole("alert")
      .getByText(/还差 \d+ 项就能提交/)
      .waitFor();
    await see(page.getByRole("alert")).toContainText("知情同意：同意会诊");

    await page.getByRole("radio", { name: "加急" }).check();
    await page.getByLabel("受邀方").selectOption({ label: "徐汇区中心医院" });
    await page.getByLabel("科室").selectOption({ label: "血液科" });
    await page.getByLabel("会诊目的").fill("明确诊断，决定当地治疗还是上转。");
    await page.getByLabel("现病史").fill("两周前上感。3 天前双小腿出现紫癜，昨起脐周阵发腹痛。");
    await page.getByLabel("既往史与过敏").fill("青霉素皮疹史。");
    await page.getByLabel("查体").fill("双下肢对称性紫癜，腹软，脐周轻压痛。");
    await page.getByLabel("血氧 SpO₂ (%)").fill("88");
    await page.getByLabel("已处理").fill("卧床、补液。");
    await page
      .getByRole("combobox", { name: "初步诊断（ICD-10）" })
      .pressSequentially("过敏性紫癜");
    await page.getByRole("option", { name: /D69\.0/ }).click();
    await page.locator(".diagnoses").getByText("D69.0").waitFor();
    await page
      .getByText(/草稿已存/)
      .first()
      .waitFor();
  });

  it("sends a file in pieces and goes on where the line broke", async () => {
    const { page, context } = attending;
    const bytes = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), randomBytes(3 << 20)]);
    const file = { name: "皮疹照片.jpg", mimeType: "image/jpeg", buffer: bytes };
    const offsets: number[] = [];
    let pieces = 0;
    await page.route("**/api/uploads/*", async (route) => {
      const request = route.request();
      if (request.method() !== "PATCH") return route.continue();
      offsets.push(Number(request.headers()["upload-offset"]));
      pieces += 1;
      if (pieces !== 2) return route.continue();
      await context.setOffline(true);
      return route.abort("internetdisconnected");
    });
    await page.locator("input.attach-input").setInputFiles(file);
    await page.getByText(file.name).first().waitFor();
    await page.getByText(/没有网络，停在 \d+%，恢复后自动续传/).waitFor();
    await context.setOffline(false);
    const link = page.getByRole("link", { name: /皮疹照片\.jpg/ }).first();
    await link.waitFor();
    await page.unroute("**/api/uploads/*");
    // The first piece went once.
    expect(offsets.filter((offset) => offset === 0)).toHaveLength(1);
    const address = await link.getAttribute("href");
    expect(await fileHash(attending, address!)).toBe(
      createHash("sha256").update(bytes).digest("hex"),
    );
  });

  it("records each consent in the patient's language, signed on the screen", async () => {
    const { page } = attending;
    for (const kind of ["同意会诊", "同意共享病历资料"]) {
      const part = page.getByRole("region", { name: kind });
      await part.getByRole("button", { name: /^宣读并记录/ }).click();
      await part.getByRole("radio", { name: "བོད་སྐད།" }).check();
      await see(part.locator(".consent-text")).toHaveAttribute("lang", "bo");
      await see(part.locator(".consent-text")).toContainText(patient.nameBo);
      await part.getByLabel("谁回答的（姓名）").fill(patient.mother);
      await part.getByLabel("与患者的关系").selectOption({ label: "母亲" });
      await part.getByRole("button", { name: "记录：同意" }).click();
      await part.getByText("请签名，或改选“按指印”").waitFor();
      await drawSignature(part.locator("canvas"));
      await part.getByRole("button", { name: "记录：同意" }).click();
      await part.getByText(`${patient.mother}（母亲），签名`).waitFor();
    }
  });
});

describe("the desk, in Shanghai", () => {
  it("sees the request come in without a reload", async () => {
    await signIn(desk, "李佳");
    await desk.page.getByText("线路良好").waitFor();
    await noteInPage(desk);
    await see(desk.page.getByRole("link", { name: new RegExp(complaint) })).toHaveCount(0);
    await attending.page.getByRole("button", { name: "提交会诊申请" }).click();
    await attending.page.getByText("已提交，等答复").first().waitFor();
    await desk.page.getByRole("link", { name: new RegExp(complaint) }).waitFor();
    expect(await wasReloaded(desk)).toBe(false);
  });

  it("assigns people, accepts and sets a time that both sides have", async () => {
    const { page } = desk;
    await noteInPage(attending);
    await page.getByRole("link", { name: new RegExp(complaint) }).click();
    await page.getByText(question).first().waitFor();
    await page.getByRole("button", { name: "加人" }).click();
    await page.locator("button.candidate").filter({ hasText: "周敏华" }).click();
    await page.locator(".person-chip").filter({ hasText: "周敏华" }).waitFor();
    await page.locator("button.candidate").filter({ hasText: "拉珍" }).click();
    await page.locator(".person-chip").filter({ hasText: "拉珍" }).waitFor();
    await page.locator("label.slot").nth(1).click();
    await page.getByRole("button", { name: /^受理并通知/ }).click();
    await page.getByText("已约定时间").first().waitFor();
    // The other side has it without a reload.
    await attending.page.getByRole("main").getByText("已约定时间").first().waitFor();
    expect(await wasReloaded(attending)).toBe(false);
  });
});

const toolbar = (person: Person) => person.page.getByRole("toolbar", { name: "会诊室操作" });
const control = (person: Person, name: string) =>
  toolbar(person).getByRole("button", { name, exact: true });

describe("the room", () => {
  it("brings both doctors together: pictures and sound go both ways", async () => {
    await signIn(specialist, "周敏华");
    await specialist.page.getByRole("link", { name: new RegExp(complaint) }).click();
    await specialist.page.getByRole("link", { name: "进入会诊室" }).click();
    await attending.page.getByRole("link", { name: "进入会诊室" }).click();
    await Promise.all([enterRoom(specialist), enterRoom(attending)]);
    await Promise.all([
      seesMoving(attending, "周敏华", faces.specialist),
      seesMoving(specialist, "旦增", faces.attending),
      hears(attending, faces.specialist),
      hears(specialist, faces.attending),
      soundArrives(attending),
      soundArrives(specialist),
    ]);
    await desk.page.getByText("会诊中", { exact: true }).first().waitFor();
  });

  it("gives the interpreter a channel that each listener chooses", async () => {
    await signIn(interpreter, "拉珍");
    await enterRoom(interpreter, `/room/${consultId}`);
    await Promise.all([
      hears(attending, faces.interpreter),
      hears(specialist, faces.interpreter),
      seesMoving(attending, "拉珍", faces.interpreter),
    ]);
    await control(interpreter, "静音").click();
    await hearsNoMore(attending, faces.interpreter);
    const language = interpreter.page
      .getByRole("group", { name: "我口译到" })
      .getByRole("radio", { name: "藏语" });
    await language.click();
    await see(language).toBeChecked();
    await control(attending, "听藏语").click();
    await hears(attending, faces.interpreter);
    await hearsNoMore(specialist, faces.interpreter);
    await control(attending, "听原声").click();
    await hearsNoMore(attending, faces.interpreter);

    await control(interpreter, "离开").click();
    await control(interpreter, "确定离开").click();
    await interpreter.page.getByRole("heading", { name: "您已离开会诊室" }).waitFor();
    await see(attending.page.getByText("拉珍 · 口译")).toHaveCount(0);
  });

  it("lets the aunt in from the lobby, after the patient's side agreed to her", async () => {
    const { page } = attending;
    await control(attending, "请家属").click();
    await page.getByRole("button", { name: "请一位家属" }).click();
    await page.getByLabel("家属姓名").fill(aunt);
    await page.getByLabel("与患者的关系").fill("姑姑");
    await page.getByLabel("谁同意的（患者或监护人）").fill(patient.mother);
    await drawSignature(page.locator("canvas.signature-sheet"));
    await page.getByRole("button", { name: "生成二维码" }).click();
    const link = (await page.locator(".invite-link").textContent())!;
    expect(link.startsWith(`${stack.url}/join/`)).toBe(true);

    await enterRoom(family, link.slice(stack.url.length));
    await family.page.getByRole("heading", { name: "请稍等，医生会请您进来" }).waitFor();
    const door = page.getByRole("status").filter({ hasText: `${aunt}（家属）在门外` });
    await door.getByRole("button", { name: "请进" }).click();
    await Promise.all([
      seesMoving(attending, aunt, faces.family),
      seesMoving(specialist, aunt, faces.family),
      seesMoving(family, "周敏华", faces.specialist),
      hears(attending, faces.family),
      hears(specialist, faces.family),
      hears(family, faces.specialist),
      hears(family, faces.attending),
    ]);
  });

  it("brings a sharp still whole to everybody, and what is drawn on it", async () => {
    await control(attending, "清晰照片").click();
    await attending.page.getByText("清晰照片已发给所有人").waitFor();
    const [photo] = await attending.page.evaluate(() => globalThis.measures.photos);
    expect(photo!.bytes).toBeGreaterThan(3 << 20);
    for (const person of [specialist, family]) {
      const image = person.page.locator(".board img");
      await image.waitFor();
      expect(await fileHash(person, (await image.getAttribute("src"))!)).toBe(photo!.sha256);
      await see(image).toHaveJSProperty("naturalWidth", photo!.width);
      await see(image).toHaveJSProperty("naturalHeight", photo!.height);
    }
    await control(specialist, "标注").click();
    const sheet = (await specialist.page.locator(".board-ink").boundingBox())!;
    await specialist.page.mouse.move(sheet.x + sheet.width * 0.4, sheet.y + sheet.height * 0.5);
    await specialist.page.mouse.down();
    await specialist.page.mouse.move(sheet.x + sheet.width * 0.6, sheet.y + sheet.height * 0.6, {
      steps: 5,
    });
    await specialist.page.mouse.up();
    await family.page.getByRole("img", { name: "1 处标注" }).waitFor();
    await specialist.page.getByRole("button", { name: "回到画面" }).click();
    await family.page.locator(".board").waitFor({ state: "detached" });
    // Said long enough to be read; then it makes room again.
    await attending.page.getByText("清晰照片已发给所有人").waitFor({ state: "detached" });
  });

  it("carries what is written, and names who is off camera", async () => {
    await control(family, "聊天").click();
    await family.page.getByLabel("写一句话").fill("她昨天晚上肚子疼得睡不着。");
    await family.page.getByRole("button", { name: "发送" }).click();
    await specialist.page.getByRole("tab", { name: /^聊天/ }).click();
    await specialist.page.getByText("她昨天晚上肚子疼得睡不着。").waitFor();
    await control(family, "聊天").click();

    const { page } = attending;
    await page.getByLabel("姓名", { exact: true }).fill("德吉");
    await page.getByLabel("是谁（如护士、母亲）").fill("护士");
    await page.getByRole("button", { name: "加上" }).click();
    await specialist.page.getByRole("tab", { name: /^在场/ }).click();
    const rollCall = specialist.page.locator("section", { hasText: "画面外还有谁" }).last();
    await rollCall.getByText("德吉").waitFor();
    await rollCall.getByText(/^旦增 于/).waitFor();
  });

  it("keeps a private talk among the doctors, and tells the aunt why", async () => {
    await attending.page.getByLabel("私谈时用声音").click();
    await see(attending.page.getByLabel("私谈时用声音")).toBeChecked();
    await control(specialist, "医生私谈").click();
    await family.page.getByText("医生正在私下商量，请稍等").waitFor();
    await family.page.getByText(/这段时间您听不到医生/).waitFor();
    await Promise.all([
      hearsNoMore(family, faces.specialist),
      hearsNoMore(family, faces.attending),
      hearsNoMore(attending, faces.family),
    ]);
    await family.page.evaluate(
      (pitches) => globalThis.measures.startListening(pitches),
      [faces.specialist.hertz, faces.attending.hertz],
    );
    // The doctors talk and write; she still sees them.
    await Promise.all([
      hears(attending, faces.specialist),
      hears(specialist, faces.attending),
      seesMoving(family, "周敏华", faces.specialist),
    ]);
    await specialist.page.getByRole("tab", { name: /^聊天/ }).click();
    await specialist.page.getByRole("radio", { name: "只给医生" }).check();
    await specialist.page.getByLabel("写一句话").fill("先排除肠套叠。");
    await specialist.page.getByRole("button", { name: "发送" }).click();
    await attending.page.getByRole("tab", { name: /^聊天/ }).click();
    await attending.page.getByText("先排除肠套叠。").waitFor();
    expect(await family.page.evaluate(() => globalThis.measures.stopListening())).toBeLessThan(
      SILENCE_DB,
    );
    await control(specialist, "结束私谈").click();
    await Promise.all([
      hears(family, faces.specialist),
      hears(family, faces.attending),
      hears(attending, faces.family),
    ]);
    await see(family.page.getByText("医生正在私下商量，请稍等")).toHaveCount(0);
    await control(family, "聊天").click();
    await see(family.page.getByText("先排除肠套叠。")).toHaveCount(0);
  });

  it("has the opinion written in the room, then ends for all", async () => {
    const { page } = specialist;
    await page.getByRole("tab", { name: "会诊意见" }).click();
    await page.getByLabel("看过的资料").fill("病史、皮疹清晰照片、血常规。");
    await page.getByRole("combobox", { name: "诊断编码" }).pressSequentially("D69.0");
    await page.getByRole("option", { name: /D69\.0/ }).click();
    await page.getByLabel("诊断意见").fill("过敏性紫癜（皮肤型合并腹型），暂无外科急腹症征象。");
    await page.getByLabel("建议检查").fill("腹部超声；尿常规每周一次。");
    await page.getByLabel("处理", { exact: true }).fill("泼尼松 1 mg/kg·d，腹痛缓解后减量。");
    await page.getByLabel("转出条件").fill("便血、剧烈腹痛、血尿。");
    await page.getByLabel("给患者的话").fill(plainWords);
    await page
      .getByText(/草稿已存/)
      .first()
      .waitFor();
    // The doctor beside the patient reads along.
    await attending.page.getByRole("tab", { name: "会诊意见" }).click();
    await attending.page.getByText(plainWords).waitFor();

    await attending.page.getByRole("tab", { name: /^在场/ }).click();
    await attending.page.getByRole("button", { name: "结束会诊…" }).click();
    await attending.page.getByRole("button", { name: "现在结束" }).click();
    await Promise.all(
      [attending, specialist, family].map((person) =>
        person.page.getByRole("heading", { name: "您已离开会诊室" }).waitFor(),
      ),
    );
  });
});

describe("the opinion", () => {
  it("is signed with a key that this browser made", async () => {
    const { page } = specialist;
    await page.getByRole("link", { name: "回到工作台" }).click();
    await page.getByText("等会诊意见").first().waitFor();
    await see(page.getByLabel("给患者的话")).toHaveValue(plainWords);
    await page.getByRole("button", { name: "核对并签名" }).click();
    await page.getByLabel("再输一次密码").fill("wrong-password");
    await page.getByRole("button", { name: "生成并登记密钥" }).click();
    await page.getByRole("alert").waitFor();
    await page.getByLabel("再输一次密码").fill(password);
    await page.getByRole("button", { name: "生成并登记密钥" }).click();
    await page.getByRole("button", { name: "用我的密钥签名" }).click();
    await page.getByText("意见已签名").first().waitFor();
    // The private half cannot leave this browser.
    const extractable = await page.evaluate(async () => {
      const found: boolean[] = [];
      for (const { name } of await indexedDB.databases()) {
        const database = await new Promise<IDBDatabase>((resolve, reject) => {
          const opening = indexedDB.open(name!);
          opening.onsuccess = () => resolve(opening.result);
          opening.onerror = () => reject(opening.error);
        });
        for (const store of database.objectStoreNames) {
          const rows = await new Promise<unknown[]>((resolve, reject) => {
            const reading = database.transaction(store).objectStore(store).getAll();
            reading.onsuccess = () => resolve(reading.result);
            reading.onerror = () => reject(reading.error);
          });
          for (const row of rows) {
            const values = row instanceof CryptoKey ? [row] : Object.values(row ?? {});
            for (const value of values)
              if (value instanceof CryptoKey && value.type === "private")
                found.push(value.extractable);
          }
        }
        database.close();
      }
      return found;
    });
    expect(extractable).toEqual([false]);
  });

  it("stays hidden from the patient until it is acknowledged", async () => {
    const { page } = mother;
    await mother.open("/");
    await page.getByLabel("手机号").fill(patient.phone);
    await page.getByRole("button", { name: "发短信验证码" }).click();
    const words = (await page.getByText(/^验证码是 \d{6}$/).textContent())!;
    await page.getByLabel("6 位验证码").fill(/\d{6}/.exec(words)![0]);
    await page.getByRole("button", { name: "登录", exact: true }).click();
    await page.getByRole("navigation").getByRole("link", { name: "记录" }).click();
    await page.getByRole("link", { name: /的会诊/ }).click();
    await page.getByText("意见已写好，医生会先看").waitFor();
    await see(page.getByText(plainWords)).toHaveCount(0);
    await noteInPage(mother);
  });

  it("is acknowledged with a read-back by telephone; then the patient reads it in plain words", async () => {
    const { page } = attending;
    await page.getByRole("link", { name: "回到工作台" }).click();
    await page.getByRole("button", { name: "确认并决定" }).click();
    await page.getByText("请写明怎样治疗").waitFor();
    await page.getByLabel("治疗决定").fill(decision);
    await see(page.getByLabel("已电话复述")).toBeChecked();
    await see(page.getByLabel("听取人")).toHaveValue("周敏华");
    await page.getByRole("button", { name: "确认并决定" }).click();
    await page.getByText(/旦增 于 .* 向 周敏华 电话复述/).waitFor();

    await mother.page.getByText(plainWords).waitFor();
    await mother.page.getByText(decision).waitFor();
    await mother.page.getByText("便血、剧烈腹痛、血尿。").waitFor();
    expect(await wasReloaded(mother)).toBe(false);
  });

  it("prints, and anyone can check that it is genuine", async () => {
    const link = mother.page.getByRole("link", { name: "打开 PDF（可给别的医院看）" });
    expect(await link.getAttribute("href")).toBe(`/api/consults/${consultId}/opinion.pdf`);
    const text = await printedOpinion(mother, consultId);
    expect(text).toContain("D69.0");
    expect(text).toContain("周敏华");

    const stranger = await createPerson(browser, stack, { device: "phone" });
    await stranger.open(`/check/${await printedDocumentId(mother, consultId)}`);
    await stranger.page.getByText("签名有效").waitFor();
    await see(stranger.page.getByRole("definition").first()).toHaveText("周敏华 主任医师");
    await see(stranger.page.getByText("过敏性紫癜")).toHaveCount(0);
    await stranger.open("/check/0d9f6c1e-0000-4000-8000-000000000001");
    await stranger.page.getByText("没有这份文件").waitFor();
    await stranger.close();
  });

  it("lists to the patient who looked", async () => {
    await mother.open("/access");
    for (const who of ["旦增", "周敏华", "李佳"])
      await mother.page.getByRole("listitem").filter({ hasText: who }).first().waitFor();
  });

  it("is filed on both sides", async () => {
    const deskHears = desk.page.waitForResponse(
      (answer) =>
        answer.url().endsWith(`/api/consults/${consultId}`) && answer.request().method() === "GET",
    );
    await attending.page.getByRole("button", { name: "归档" }).click();
    await deskHears;
    await see(attending.page.getByRole("button", { name: "归档" })).toHaveCount(0);
    await desk.page.getByRole("button", { name: "归档" }).click();
    await Promise.all(
      [attending, desk].map(({ page }) =>
        page.getByRole("main").getByText("已归档").first().waitFor(),
      ),
    );
    await Promise.all(
      [attending, desk].map(async ({ page }) => {
        await page.getByRole("navigation").getByRole("link", { name: "归档" }).click();
        await page.getByRole("link", { name: new RegExp(complaint) }).waitFor();
      }),
    );
  });

  it("left no page with an error", () => {
    const people = { attending, desk, specialist, interpreter, family, mother };
    for (const [name, person] of Object.entries(people))
      expect({ name, problems: person.problems }).toEqual({ name, problems: [] });
  });
});
