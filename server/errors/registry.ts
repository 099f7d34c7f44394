/**
 * The one registry of refusals. A sentence says what happened, what is kept, what to do.
 * `{name}` is filled from the parameters. Tibetan sentences await native review.
 */
type Entry = { status: number; zh: string; en: string; bo: string };
const entry = (status: number, zh: string, en: string, bo: string): Entry => ({
  status,
  zh,
  en,
  bo,
});

export const errorRegistry = {
  "request.invalid": entry(
    400,
    "有内容填得不对，请按提示修改。已填的内容都还在。",
    "Some of it is not right: correct the marked fields. What you filled in is kept.",
    "འབྲི་ནོར་ཤོར་བ་འདུག རྟགས་བརྒྱབ་པའི་ས་བཅོས་རོགས། བྲིས་ཟིན་པ་ཉར་ཡོད།",
  ),
  "request.not-found": entry(
    404,
    "没有找到，可能已移走，或者您看不到它。",
    "Not found: it may have moved, or it is not yours to see.",
    "རྙེད་མ་བྱུང་། ཡང་ན་ཁྱེད་ལ་བལྟ་བའི་དབང་མེད།",
  ),
  "request.too-large": entry(
    413,
    "内容太大，请分开发送或缩小附件。",
    "This is too large: send it in parts or make the attachment smaller.",
    "ཆེ་དྲགས་འདུག ཁག་ཁག་བྱས་ནས་སྐུར་རོགས།",
  ),
  "request.too-many": entry(
    429,
    "操作太快了，请等 {seconds} 秒再试，内容没有丢。",
    "Too many at once: wait {seconds} seconds and try again, nothing is lost.",
    "མགྱོགས་དྲགས་འདུག སྐར་ཆ་ {seconds} རྗེས་ཡང་བསྐྱར་བྱོས།",
  ),
  "request.media-type": entry(
    415,
    "这种格式收不了，请用 JSON。",
    "This format cannot be taken: send JSON.",
    "རྣམ་གཞག་འདི་བསྡུ་མི་ཐུབ།",
  ),
  "fhir.not-acceptable": entry(
    406,
    "FHIR 接口只提供 JSON（application/fhir+json）。",
    "The FHIR API answers in JSON (application/fhir+json) only.",
    "FHIR མཐུད་སྣེས་ JSON མ་གཏོགས་མི་སྤྲོད།",
  ),
  "service.failed": entry(
    500,
    "系统出了问题，没有保存这一步。请再试；仍不行请报编号 {correlationId}。",
    "Something failed on our side and this step was not saved. Try again; if it stays, tell us number {correlationId}.",
    "མ་ལག་ལ་སྐྱོན་ཤོར། གོམ་པ་འདི་ཉར་མ་ཐུབ། ཡང་བསྐྱར་བྱོས། ཨང་ {correlationId}",
  ),
  "service.unavailable": entry(
    503,
    "系统正在恢复，稍候会自动重试，您填的都还在。",
    "The service is recovering and will be tried again by itself; what you filled in is kept.",
    "མ་ལག་སླར་གསོ་བྱེད་བཞིན་པ། ཅུང་ཙམ་སྒུགས་རོགས།",
  ),
  "auth.required": entry(
    401,
    "请先登录。没有保存的内容留在这台设备上。",
    "Sign in first. What is not saved yet stays on this device.",
    "སྔོན་ལ་ནང་འཛུལ་བྱོས།",
  ),
  "auth.wrong": entry(
    401,
    "用户名或密码不对，请核对后再试。",
    "The name or the password is not right: check and try again.",
    "མིང་ངམ་གསང་གྲངས་མི་འགྲིག ཡང་བསྐྱར་བལྟོས།",
  ),
  "auth.locked": entry(
    429,
    "试错太多次，{minutes} 分钟后再试，或请管理员解锁。",
    "Too many wrong tries: try again in {minutes} minutes, or ask an administrator.",
    "ཐེངས་མང་ནོར་སོང་། སྐར་མ་ {minutes} རྗེས་བྱོས།",
  ),
  "auth.code-wrong": entry(
    401,
    "验证码不对或已过期，请重新获取。",
    "The code is wrong or has expired: ask for a new one.",
    "ཨང་གྲངས་མི་འགྲིག་པའམ་དུས་ཡོལ་འདུག གསར་པ་ལོངས།",
  ),
  "auth.code-missing": entry(
    401,
    "请再输入动态验证码。",
    "Write the code of your authenticator app as well.",
    "འགྱུར་རྟགས་ཨང་གྲངས་ཀྱང་འབྲི་རོགས།",
  ),
  "auth.code-used": entry(
    401,
    "这个动态码已经用过。等应用里换出下一个，再输入。",
    "This code was used already: wait for the next one in the app and write that.",
    "ཨང་རྟགས་འདི་བེད་སྤྱོད་བཏང་ཟིན། ཨང་རྟགས་རྗེས་མ་སྒུགས་ནས་བྲིས།",
  ),
  "auth.totp-wrong": entry(
    401,
    "动态码不对。请看验证器应用里现在的 6 位数字，再输入。",
    "The code is not right: write the 6 digits that the authenticator app shows now.",
    "འགུལ་རྣམ་ཨང་རྟགས་མི་འགྲིག མཉེན་ཆས་ནང་ད་ལྟའི་ཨང་གྲངས་ ༦ བྲིས།",
  ),
  "auth.attempt-over": entry(
    401,
    "这次登录已用过或超过 5 分钟，请从头再登录一次。",
    "This sign-in was used or is older than 5 minutes: begin again.",
    "ནང་འཛུལ་འདི་བེད་སྤྱོད་བཏང་ཟིན་པའམ་སྐར་མ་ ༥ འགོར་སོང་། འགོ་ནས་བྱོས།",
  ),
  "auth.passkey-unknown": entry(
    401,
    "这把通行密钥在这里没有登记，或没有验证到本人。请换一把，或用密码登录。",
    "This passkey is not registered here, or it did not check that it is you: use another one, or your password.",
    "འགྲོ་ཆོག་ལྡེ་མིག་འདི་ཐོ་འགོད་བྱས་མེད། གཞན་ཞིག་གམ་གསང་གྲངས་བེད་སྤྱོད་བྱོས།",
  ),
  "auth.passkey-needed": entry(
    403,
    "这个账号用通行密钥验证，不用密码。请按“用通行密钥验证”。",
    "This account proves itself with a passkey, not with a password: choose “Prove with a passkey”.",
    "རྩིས་ཐོ་འདི་འགྲོ་ཆོག་ལྡེ་མིག་གིས་ར་སྤྲོད་བྱེད། གསང་གྲངས་མ་ཡིན།",
  ),
  "auth.last-factor": entry(
    409,
    "这是最后一道验证，删了就不能工作。请先添加另一道，再删除它。",
    "This is your last second factor, and you could not work without one: add another first, then remove it.",
    "འདི་ཞིབ་བཤེར་མཐའ་མ་ཡིན། སྔོན་ལ་གཞན་ཞིག་སྣོན་ནས་སུབས།",
  ),
  "auth.csrf": entry(
    403,
    "页面已过期，请刷新后再试；草稿已保留。",
    "This page is out of date: reload and try again; your draft is kept.",
    "ཤོག་ངོས་རྙིང་འདུག བསྐྱར་དུ་ཁ་ཕྱེས།",
  ),
  "auth.stale": entry(
    403,
    "做这一步前，请再验证一次身份。",
    "Prove who you are once more before this step.",
    "གོམ་པ་འདི་མ་བྱས་གོང་ཐོབ་ཐང་བསྐྱར་དུ་ར་སྤྲོད་བྱོས།",
  ),
  "auth.link-dead": entry(
    410,
    "这个邀请链接已失效，请让医生再发一个。",
    "This invitation is no longer good: ask the doctor for a new one.",
    "མགྲོན་འབོད་འདི་ནུས་མེད་སོང་། སྨན་པར་གསར་པ་ཞུས།",
  ),
  "auth.no-demo": entry(
    404,
    "这里没有演示账号。",
    "There are no demo accounts here.",
    "དཔེ་མཚོན་གྱི་ཐོ་མེད།",
  ),
  "permission.denied": entry(
    403,
    "您在这家机构没有做这一步的权限，请联系管理员。",
    "You may not do this at this institution: ask an administrator.",
    "ཁྱེད་ལ་དབང་ཆ་མེད། དོ་དམ་པར་འབྲེལ་བ་གྱིས།",
  ),
  "idempotency.key-reused": entry(
    422,
    "同一个请求号用在了不同的内容上，没有保存；请刷新页面。",
    "One request number was used for different contents and nothing was saved: reload the page.",
    "ཞུ་ཨང་གཅིག་ནང་དོན་མི་འདྲ་བར་བེད་སྤྱད་འདུག",
  ),
  "patient.resident-id": entry(
    422,
    "身份证号不对：{reason}。请对照证件再输一次。",
    "The resident ID is not right ({reason}): compare it with the card and type it again.",
    "ཐོབ་ཐང་ཨང་གྲངས་མི་འགྲིག {reason}",
  ),
  "patient.phone": entry(
    422,
    "电话号码不对。没有电话可以不填，也可以填家属的。",
    "The phone number is not right. None is needed; a relative's will do.",
    "ཁ་པར་ཨང་གྲངས་མི་འགྲིག མེད་ན་མི་འབྲི་ཡང་ཆོག",
  ),
  "patient.name-missing": entry(
    422,
    "请填姓名；不知道是谁就勾“不知道是谁”。",
    "Write a name, or mark the person as unknown.",
    "མིང་འབྲི་རོགས། ངོས་མ་ཟིན་ན་རྟགས་རྒྱོབ།",
  ),
  "schedule.past": entry(
    422,
    "过去的日子不能再改，请选今天或以后的日期。您填的还在。",
    "Past days cannot be changed: choose today or later. What you filled in is kept.",
    "འདས་ཟིན་པའི་ཉིན་བཅོས་མི་ཐུབ། དེ་རིང་ངམ་རྗེས་ཀྱི་ཉིན་འདེམས་རོགས།",
  ),
  "schedule.overlap": entry(
    422,
    "周{weekday}的出诊时间互相重叠，请错开。您填的还在。",
    "Times of weekday {weekday} lie over each other (Monday is 1): move one. What you filled in is kept.",
    "གཟའ་ {weekday} ཡི་དུས་ཚོད་ཐོག་བརྩེགས་ཤོར་འདུག བཅོས་རོགས། བྲིས་ཟིན་པ་ཉར་ཡོད།",
  ),
  "schedule.exists": entry(
    409,
    "这个科室（医生）已经有同名的门诊，请换个名称，或修改原来的。",
    "This department (or doctor) has a clinic of that name: choose another name, or change that one.",
    "ཚན་པ་འདིར་མིང་གཅིག་པའི་སྨན་བཅོས་ཡོད། མིང་གཞན་ཞིག་འདེམས་རོགས།",
  ),
  "schedule.doctor": entry(
    422,
    "这位医生不在这个科室，请重新选择科室或医生。",
    "This doctor does not work in this department: choose again.",
    "སྨན་པ་འདི་ཚན་པ་འདིར་མེད། བསྐྱར་འདེམས་གནང་རོགས།",
  ),
  "consult.illegal-step": entry(
    409,
    "会诊现在的状态不能做这一步，页面已更新为最新状态。",
    "This step is not possible in the consult's present state; the page now shows the newest.",
    "གྲོས་བཅོས་ཀྱི་གནས་སྟངས་འདིར་གོམ་པ་འདི་བྱེད་མི་ཐུབ།",
  ),
  "consult.changed-meanwhile": entry(
    409,
    "{by} 刚刚改过这份会诊，请看最新内容再操作；您写的还在。",
    "{by} has just changed this consult: look at the newest and go on; what you wrote is kept.",
    "{by} ཡིས་ད་ལྟ་བཅོས་འདུག གསར་ཤོས་ལ་བལྟོས།",
  ),
  "consult.incomplete": entry(
    422,
    "还差几项才能提交：{missing}。",
    "Some things are still missing before it can go out: {missing}.",
    "ད་དུང་མི་ཚང་བ། {missing}",
  ),
  "consult.no-agreement": entry(
    403,
    "两家机构之间没有有效的会诊协议，请联系医联体管理员。",
    "There is no valid consult agreement between the two institutions: ask the alliance administrator.",
    "སྨན་ཁང་གཉིས་བར་གྲོས་མཐུན་མེད།",
  ),
  "consult.reason-missing": entry(
    422,
    "请写明原因，对方会看到。",
    "Write the reason: the other side will read it.",
    "རྒྱུ་མཚན་འབྲི་རོགས།",
  ),
  "consult.observer-consent": entry(
    403,
    "患者没有同意旁听，不能安排旁听人员。",
    "The patient has not agreed to observers.",
    "ནད་པ་ཉན་མཁན་ལ་མོས་མཐུན་མ་བྱུང་།",
  ),
  "consult.no-lead": entry(
    422,
    "请先指定一位主要会诊专家。",
    "Choose the specialist who leads and signs.",
    "གཙོ་བོའི་ཆེད་མཁས་སྨན་པ་ཞིག་འདེམས།",
  ),
  "consult.not-eligible": entry(
    422,
    "{name} 独立执业未满三年，不能出具会诊意见。",
    "{name} has less than three years of independent practice and may not give an opinion.",
    "{name} ལོ་གསུམ་མ་ལོན་པས་གྲོས་བཅོས་བསམ་འཆར་འདོན་མི་ཆོག",
  ),
  "consult.outside-hours": entry(
    422,
    "{institution} 这个时间不上班（{why}）。要定在这里请写明原因。",
    "{institution} does not work at that time ({why}). To keep it, write why.",
    "{institution} དུས་ཚོད་འདིར་ལས་ཀ་མི་བྱེད། {why}",
  ),
  "consult.in-the-past": entry(
    422,
    "时间已过，请选以后的时间。",
    "That time has passed: choose a later one.",
    "དུས་ཚོད་ཡོལ་ཟིན།",
  ),
  "consult.overlap": entry(
    409,
    "{name} 这个时间已有另一场会诊，没有保存；请换个时间或换人。",
    "{name} already has another consult at that time and nothing was saved: choose another time or another person.",
    "{name} དུས་ཚོད་འདིར་གྲོས་བཅོས་གཞན་ཞིག་ཡོད། ཉར་མེད། དུས་ཚོད་དམ་མི་གཞན་འདེམས་རོགས།",
  ),
  "consult.consent-missing": entry(
    409,
    "患者没有同意会诊或已撤回同意，不能继续；病历还在，请邀请方重新征得同意。",
    "The patient did not agree to the consult, or took it back, so it cannot go on. The file is kept: the inviting side asks again.",
    "ནད་པས་གྲོས་བཅོས་ལ་མོས་མཐུན་མ་བྱུང་བའམ་ཕྱིར་བསྡུས་འདུག མུ་མཐུད་མི་ཐུབ། ནད་ཐོ་ཉར་ཡོད། གདན་འདྲེན་ཕྱོགས་ཀྱིས་བསྐྱར་དུ་མོས་མཐུན་ཞུ་རོགས།",
  ),
  "consult.room-closed": entry(
    409,
    "会诊室现在没有开放。",
    "The room is not open now.",
    "གྲོས་བཅོས་ཁང་ད་ལྟ་ཁ་ཕྱེ་མེད།",
  ),
  "media.no-node": entry(
    503,
    "视频服务正在恢复，请稍候，页面会自动重试。",
    "The media service is recovering; the page will try again by itself.",
    "བརྙན་འཕྲིན་ཞབས་ཞུ་སླར་གསོ་བྱེད་བཞིན་པ།",
  ),
  "consult.readback-missing": entry(
    422,
    "急会诊的意见要电话复述：请填谁复述、向谁、几点。",
    "An urgent opinion is read back by telephone: write who, to whom and when.",
    "ཛ་དྲག་གི་བསམ་འཆར་ཁ་པར་ནས་བསྐྱར་བཤད་དགོས།",
  ),
  "consult.private-data": entry(
    403,
    "患者没有同意共享病历。",
    "The patient has not agreed to share records.",
    "ནད་པ་ནད་ཐོ་མཉམ་སྤྱོད་ལ་མོས་མཐུན་མ་བྱུང་།",
  ),
  "consent.evidence": entry(
    422,
    "请让患者签名；按指印的要写见证人和原因。",
    "Let the patient sign; for a fingerprint write the witness and the reason.",
    "ནད་པར་མཚན་རྟགས་འགོད་དུ་ཆུག མཛུབ་རྟགས་ཡིན་ན་དཔང་པོ་དང་རྒྱུ་མཚན་འབྲི།",
  ),
  "consent.guardian": entry(
    422,
    "患者不满 {years} 岁，要由监护人或近亲属签字；请改填签字人。",
    "The patient is under {years}: a guardian or near relative signs. Write who signs.",
    "ནད་པ་ལོ་ {years} མ་ལོན་པས་ལྟ་སྐྱོང་བའམ་ཉེ་འབྲེལ་གྱིས་མཚན་རྟགས་འགོད་དགོས། སུས་འགོད་པ་བཅོས་རོགས།",
  ),
  "consent.relative-name": entry(
    422,
    "请写明患者同意谁加入。",
    "Write whom the patient lets in.",
    "ནད་པ་སུ་ལ་མོས་མཐུན་བྱུང་བ་འབྲི།",
  ),
  "opinion.empty": entry(
    422,
    "诊断意见和处理建议还没有写，不能签名。",
    "The diagnostic opinion and the plan are still empty: it cannot be signed.",
    "བསམ་འཆར་དང་འཆར་གཞི་སྟོང་པ་རེད།",
  ),
  "opinion.signed": entry(
    409,
    "意见已签名，不能再改；如有补充请另写。",
    "The opinion is signed and cannot be changed.",
    "བསམ་འཆར་ལ་མཚན་རྟགས་བརྒྱབ་ཟིན། བཅོས་མི་ཆོག",
  ),
  "signature.unknown-key": entry(
    422,
    "这把签名钥匙没有登记，请先登记再签。",
    "This signing key is not registered: register it first.",
    "མཚན་རྟགས་ལྡེ་མིག་འདི་ཐོ་འགོད་བྱས་མེད།",
  ),
  "signature.revoked-key": entry(
    422,
    "这把签名钥匙已停用，请换新的。",
    "This signing key was revoked: use a new one.",
    "མཚན་རྟགས་ལྡེ་མིག་འདི་མཚམས་བཞག་ཟིན།",
  ),
  "signature.altered": entry(
    422,
    "签名和内容对不上，没有保存；请重新核对后签名。",
    "The signature does not fit the content and nothing was saved: review and sign again.",
    "མཚན་རྟགས་དང་ནང་དོན་མི་མཐུན།",
  ),
  "signature.bad": entry(
    422,
    "签名无法验证，没有保存；请重新签名。",
    "The signature cannot be verified and nothing was saved: sign again.",
    "མཚན་རྟགས་ར་སྤྲོད་མ་ཐུབ།",
  ),
  "realtime.outdated": entry(
    426,
    "页面版本旧了，请刷新；草稿已保留。",
    "This page is of an older version: reload it; your draft is kept.",
    "ཤོག་ངོས་རྙིང་འདུག བསྐྱར་དུ་ཁ་ཕྱེས། ཟིན་བྲིས་ཉར་ཡོད།",
  ),
  "attachment.content": entry(
    422,
    "文件内容和类型对不上或已损坏，没有保留；请重新选择文件。",
    "The file is damaged or is not of the kind it says, and was not kept: choose it again.",
    "ཡིག་ཆའི་ནང་དོན་དང་རིགས་མི་མཐུན། ཉར་མེད། ཡང་བསྐྱར་འདེམས།",
  ),
  "attachment.unfinished": entry(
    409,
    "文件还没有传完，请稍候。",
    "The file has not arrived completely yet: wait a moment.",
    "ཡིག་ཆ་ད་དུང་ཚང་མ་འབྱོར་མེད། ཅུང་ཙམ་སྒུགས།",
  ),
  "attachment.foreign-upload": entry(
    403,
    "这个上传是别人开始的，请自己重新上传。",
    "Someone else began this upload: start your own.",
    "འཇོག་པ་འདི་གཞན་གྱིས་འགོ་བཙུགས་པ་རེད། རང་གིས་གསར་དུ་འཇོག",
  ),
  "signature.key-exists": entry(
    409,
    "这把签名钥匙已经登记过了，可以直接使用。",
    "This signing key is registered already and can be used.",
    "མཚན་རྟགས་ལྡེ་མིག་འདི་ཐོ་འགོད་བྱས་ཟིན།",
  ),
  "attachment.kind": entry(
    422,
    "这种文件不能上传，请用图片、PDF 或文本。",
    "This kind of file cannot be uploaded: use a picture, PDF or text.",
    "ཡིག་ཆ་འདི་རིགས་འཇོག་མི་ཐུབ།",
  ),
  "attachment.too-large": entry(
    413,
    "文件超过 {megabytes} MB，请缩小或分开。",
    "The file is over {megabytes} MB: make it smaller or split it.",
    "ཡིག་ཆ་ {megabytes} MB ལས་ཆེ་བ་འདུག",
  ),
  "reporting.illegal-step": entry(
    409,
    "现在的状态不能做这一步，页面已更新为最新状态。",
    "This step is not possible in the present state; the page now shows the newest.",
    "གནས་སྟངས་འདིར་གོམ་པ་འདི་བྱེད་མི་ཐུབ། ཤོག་ངོས་ནས་གསར་ཤོས་བལྟོས།",
  ),
  "reporting.changed-meanwhile": entry(
    409,
    "{by} 刚刚处理过这一条，请看最新内容；您写的还在。",
    "{by} has just dealt with this: look at the newest. What you wrote is kept.",
    "{by} ཡིས་ད་ལྟ་བསྒྲུབས་འདུག གསར་ཤོས་ལ་བལྟོས། བྲིས་ཟིན་པ་ཉར་ཡོད།",
  ),
  "reporting.receiver": entry(
    422,
    "请指定一位能接收的人：本院或这次会诊另一方的在岗人员，或写明姓名和电话。不能是发现者本人。",
    "Name somebody who can receive it: a colleague here or on the other side of this consult, or a name with a telephone. Not the finder.",
    "སུས་བསྡུ་ལེན་བྱེད་མིན་གསལ་པོར་འབྲི་རོགས། རྙེད་མཁན་རང་ཉིད་ཡིན་མི་ཆོག",
  ),
  "reporting.read-back": entry(
    422,
    "复述里没有数值 {value}，请按听到的完整复述。您写的还在。",
    "The words do not repeat the value {value}: write them as they were read back. What you wrote is kept.",
    "བསྐྱར་བཤད་ནང་གྲངས་ཀ་ {value} མི་འདུག ཐོས་པ་བཞིན་འབྲི་རོགས།",
  ),
  "reporting.disease": entry(
    422,
    "诊断那一天的法定传染病目录里没有这个病种，请重新选择。",
    "This disease was not notifiable on the day of the diagnosis: choose another one.",
    "ནད་འདི་ཉིན་དེའི་སྙན་ཞུ་བྱ་དགོས་པའི་ཐོ་ནང་མེད། བསྐྱར་དུ་འདེམས་རོགས།",
  ),
  "reporting.time": entry(
    422,
    "时间在将来，请核对。",
    "That time lies in the future: check it.",
    "དུས་ཚོད་མ་འོངས་པ་རེད། ཞིབ་བཤེར་བྱོས།",
  ),
  "reporting.already-reported": entry(
    409,
    "这位患者的这个病已经在上报中，没有重复上报；诊断有变化请用订正。",
    "This patient's disease is already being reported and was not reported twice: if the diagnosis changed, correct that report.",
    "ནད་པ་འདིའི་ནད་འདི་སྙན་ཞུ་བྱེད་བཞིན་པ་རེད། ཐེངས་གཉིས་མ་བྱས། འགྱུར་བ་ཡོད་ན་དེ་བཅོས་རོགས།",
  ),
  "reporting.no-cdc": entry(
    409,
    "还没有设置本机构对应的疾控中心，请联系管理员；报告还在，请先电话报告。",
    "No CDC is set for this institution: ask an administrator, and report by telephone meanwhile. The report is kept.",
    "སྨན་ཁང་འདིའི་ནད་འགོག་ལྟེ་གནས་གཏན་འཁེལ་བྱས་མེད། དོ་དམ་པར་འབྲེལ་བ་གྱིས། སྔོན་ལ་ཁ་པར་ནས་ཞུ་རོགས།",
  ),
  "booking.full": entry(
    409,
    "这个时段刚刚约满了。您填的还在，请选别的时段，或加入候补。",
    "This time has just been taken. What you filled in is kept: choose another time, or join the waitlist.",
    "དུས་ཚོད་འདི་ད་ལྟ་གང་སོང་། གཞན་ཞིག་འདེམས་པའམ་སྒུག་ཐོར་འཛུལ་རོགས།",
  ),
  "booking.not-released": entry(
    409,
    "这一天还没放号，到放号时间再来就能约。",
    "Places for this day are not released yet: come back at the release time.",
    "ཉིན་འདིའི་ཨང་ད་དུང་བཏང་མེད། བཏང་བའི་དུས་སུ་ཡོང་རོགས།",
  ),
  "booking.waiting-room": entry(
    409,
    "现在放号，人多，请先在候号室排队。您选的时段还在，轮到您会自动继续。",
    "Places are being released and many people want one: please wait your turn in the waiting room. What you chose is kept and goes on by itself.",
    "ད་ལྟ་ཨང་བཏང་བཞིན་ཡོད། མི་མང་བས་སྒུག་ཁང་དུ་གྲལ་སྒྲིག་རོགས། འདེམས་པ་རྣམས་ཉར་ཡོད།",
  ),
  "booking.no-waiting-room": entry(
    409,
    "现在不用排队，可以直接选时间预约。",
    "There is no waiting room now: choose a time and book directly.",
    "ད་ལྟ་གྲལ་སྒྲིག་མི་དགོས། དུས་ཚོད་བདམས་ནས་ཐད་ཀར་མངགས་ཆོག",
  ),
  "booking.not-full": entry(
    409,
    "现在还有号，可以直接预约，不用候补。",
    "There are places left: book one, no need to wait.",
    "ད་དུང་ཨང་ཡོད། ཐད་ཀར་མངགས་ཆོག",
  ),
  "booking.already-booked": entry(
    409,
    "同一天同一科室已经有一个预约，没有重复预约。要换时间请用“改时间”。",
    "There is already an appointment in this department on this day, so none was added. Change its time instead.",
    "ཉིན་གཅིག་ལ་ཚན་པ་གཅིག་ཏུ་མངགས་ཟིན། དུས་ཚོད་བརྗེ་ན་“དུས་བརྗེ་”བེད་སྤྱོད་གནང་།",
  ),
  "booking.blocked": entry(
    403,
    "近期几次约了没来，网上预约暂停到 {until}。可以直接到医院挂号，或打医院电话。",
    "Several appointments were missed, so booking is closed until {until}. You can still walk in or telephone the hospital.",
    "མངགས་ནས་ཐེངས་ཁ་ཤས་མ་ཡོང་བས་ {until} བར་དྲ་ཐོག་མངགས་མི་ཆོག སྨན་ཁང་ལ་ཐད་ཀར་ཡོང་ཆོག",
  ),
  "booking.too-many-patients": entry(
    409,
    "这个手机号替人预约的人数已到上限。看完一位再约，或打医院电话。",
    "This phone already books for as many people as it may. Book again after one of the visits, or telephone the hospital.",
    "ཁ་པར་འདིས་མངགས་པའི་མི་གྲངས་ཚད་ལ་སླེབས་འདུག སྨན་ཁང་ལ་ཁ་པར་གཏོང་རོགས།",
  ),
  "booking.stopped": entry(
    409,
    "这次门诊停诊了，不算爽约。请改约别的时间，或打医院电话。",
    "This clinic was stopped; it does not count against you. Choose another time, or telephone the hospital.",
    "སྨན་བརྟག་འདི་མཚམས་བཞག་ཡོད། ཁྱེད་ཀྱི་ནོར་འཁྲུལ་མིན། དུས་གཞན་ཞིག་འདེམས་རོགས།",
  ),
  "booking.over": entry(
    409,
    "这个时段已经过了，请选后面的时段。",
    "This time is over: choose a later one.",
    "དུས་ཚོད་འདི་ཚར་སོང་། རྗེས་མའི་དུས་ཚོད་འདེམས་རོགས།",
  ),
  "booking.lapsed": entry(
    409,
    "留号的时间过了，号已经放回去。您填的还在，再选一次就好。",
    "The time to confirm is over and the place went back. What you filled in is kept: choose once more.",
    "ཉར་བའི་དུས་ཚོད་རྫོགས་ནས་ཨང་ཕྱིར་བཏང་སོང་། བསྐྱར་དུ་འདེམས་རོགས།",
  ),
  "booking.too-late": entry(
    409,
    "已过可以自己取消或改时间的时候。请打医院电话，让别人用得上这个号。",
    "It is too late to cancel or change it here. Please telephone the hospital, so that someone else can use the place.",
    "རང་ཉིད་ཀྱིས་འདོར་བའི་དུས་ཚོད་ཡོལ་སོང་། སྨན་ཁང་ལ་ཁ་པར་གཏོང་རོགས།",
  ),
  "booking.too-early": entry(
    409,
    "还没到签到时间，到时间再来签到就好，号给您留着。",
    "Check-in is not open yet. Your place is kept: check in when it opens.",
    "སླེབས་ཐོའི་དུས་ཚོད་ད་དུང་མ་སླེབས། ཁྱེད་ཀྱི་ཨང་ཉར་ཡོད།",
  ),
  "booking.place": entry(
    422,
    "地点码对不上，请看诊室门口牌子上的四位码再输一次。",
    "The place code does not match: look at the four characters on the sign at the door and try again.",
    "གནས་ཨང་མི་འགྲིག སྒོ་ཁའི་ཡིག་འབྲུ་བཞི་ལ་གཟིགས་ནས་ཡང་བསྐྱར་འབྲི་རོགས།",
  ),
  "booking.step": entry(
    409,
    "这个预约现在的状态不能做这一步，页面已更新。",
    "This is not possible in the appointment's present state; the page now shows the newest.",
    "མངགས་པ་འདིའི་གནས་སྟངས་ལ་གོམ་པ་འདི་བྱེད་མི་ཐུབ།",
  ),
  "booking.changed-meanwhile": entry(
    409,
    "别人刚刚处理过这位患者，页面已更新，请再看一眼。",
    "A colleague has just dealt with this patient; the page now shows the newest, please look again.",
    "ལས་རོགས་ཤིག་གིས་ད་ལྟ་བཅོས་སོང་། ཡང་བསྐྱར་གཟིགས་རོགས།",
  ),
  "booking.phone-unknown": entry(
    422,
    "请再填一次您登录用的手机号，号码要一致。",
    "Please type the phone number you signed in with once more; it must be the same.",
    "ཁྱེད་ཀྱིས་ནང་འཇུག་བྱས་པའི་ཁ་པར་ཨང་གྲངས་ཡང་བསྐྱར་འབྲི་རོགས།",
  ),
} as const satisfies Record<string, Entry>;

export type ErrorCode = keyof typeof errorRegistry;

/** The sentence of a code in a language, parameters filled in. */
export function sentence(
  code: ErrorCode,
  language: string,
  params: Readonly<Record<string, unknown>>,
): string {
  const entry: Entry = errorRegistry[code];
  const text = language === "bo" ? entry.bo : language === "en" ? entry.en : entry.zh;
  return text.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = params[name];
    return Array.isArray(value) ? value.join(language === "en" ? ", " : "、") : String(value ?? "");
  });
}
