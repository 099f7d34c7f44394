/** What may happen, in the words of three languages. Tibetan awaits native review. */
const effect = (zh: string, en: string, bo: string) => ({ zh, en, bo });

export const effects = {
  bleeding: effect("出血风险增加", "the risk of bleeding rises", "ཁྲག་འཐོན་པའི་ཉེན་ཁ་ཆེ་རུ་འགྲོ།"),
  "bleeding-kidney": effect(
    "胃肠出血和肾损伤风险增加",
    "the risk of bleeding from the gut and of kidney injury rises",
    "རྒྱུ་མ་ནས་ཁྲག་འཐོན་པ་དང་མཁལ་མར་གནོད་པའི་ཉེན་ཁ་ཆེ།",
  ),
  blood: effect("可能溶血", "red cells may break down", "ཁྲག་ཕྲ་ཕུང་དམར་པོ་འཇིག་སྲིད།"),
  bronchospasm: effect(
    "互相抵消，可能诱发支气管痉挛",
    "they work against each other; the airways may narrow",
    "ཕན་ཚུན་འགོག་པས་དབུགས་ལམ་འཁུམ་སྲིད།",
  ),
  breathing: effect("可能抑制或影响呼吸", "breathing may be impaired", "དབུགས་གཏོང་ལེན་ལ་གནོད་སྲིད།"),
  morphine: effect(
    "在体内转化为吗啡，可能抑制呼吸",
    "it turns into morphine in the body and may stop breathing",
    "ལུས་ནང་མོར་ཕིན་དུ་འགྱུར་ཏེ་དབུགས་འགགས་སྲིད།",
  ),
  reye: effect("可能引起瑞氏综合征", "it may cause Reye's syndrome", "རེའི་ནད་འབྱུང་སྲིད།"),
  teeth: effect(
    "影响牙齿和骨骼发育",
    "it harms growing teeth and bones",
    "སོ་དང་རུས་པའི་འཕེལ་སྐྱེད་ལ་གནོད།",
  ),
  joints: effect("可能影响关节和肌腱", "joints and tendons may be harmed", "ཚིགས་དང་རྒྱུས་པར་གནོད་སྲིད།"),
  tendon: effect(
    "肌腱炎和肌腱断裂风险增加",
    "the risk of tendon injury rises",
    "རྒྱུས་པ་ཆད་པའི་ཉེན་ཁ་ཆེ་རུ་འགྲོ།",
  ),
  liver: effect("可能损伤肝脏", "the liver may be harmed", "མཆིན་པར་གནོད་སྲིད།"),
  gut: effect("可能引起肠梗阻", "the gut may stop moving", "རྒྱུ་མ་འགག་སྲིད།"),
  movement: effect(
    "可能引起或加重锥体外系反应",
    "disorders of movement may appear or worsen",
    "འགུལ་སྐྱོད་ལ་སྐྱོན་འབྱུང་སྲིད།",
  ),
  "no-child-data": effect(
    "儿童用药没有依据",
    "nothing supports its use in children",
    "བྱིས་པར་སྤྱོད་པའི་གཞི་འཛིན་ས་མེད།",
  ),
  falls: effect("嗜睡、跌倒风险增加", "drowsiness and falls", "གཉིད་ཆེ་བ་དང་འགྱེལ་བའི་ཉེན་ཁ་ཡོད།"),
  qt: effect(
    "可能引起 QT 间期延长和心律失常",
    "the QT interval may lengthen: arrhythmia",
    "སྙིང་གི་འཕར་ལྡིང་མི་སྙོམས་པ་འབྱུང་སྲིད།",
  ),
  lactic: effect("可能引起乳酸酸中毒", "lactic acidosis may follow", "ཁྲག་སྐྱུར་དུག་ཕོག་སྲིད།"),
  nerve: effect(
    "尿中浓度不足，并可能损伤神经",
    "too little reaches the urine, and nerves may be harmed",
    "གཅིན་ནང་མི་འདང་བ་དང་དབང་རྩར་གནོད་སྲིད།",
  ),
  kidney: effect("可能损伤肾功能", "the kidneys may be harmed", "མཁལ་མར་གནོད་སྲིད།"),
  potassium: effect(
    "可能引起高钾血症",
    "potassium may rise dangerously",
    "ཁྲག་ནང་གི་ཀ་ལི་ཡམ་མཐོ་དྲགས་སྲིད།",
  ),
  "potassium-low": effect("可能引起低钾血症", "potassium may fall", "ཁྲག་ནང་གི་ཀ་ལི་ཡམ་དམའ་སྲིད།"),
  "no-effect": effect("效果不足", "it has little effect", "ཕན་ནུས་ཆུང་།"),
  "level-up": effect(
    "药物浓度升高，可能中毒",
    "levels rise: toxicity",
    "སྨན་གྱི་ཚད་མཐོ་རུ་འགྲོ་བས་དུག་ཕོག་སྲིད།",
  ),
  "level-down": effect("药效减弱", "the effect is weakened", "སྨན་གྱི་ནུས་པ་ཇེ་ཞན་དུ་འགྲོ།"),
  "digoxin-toxic": effect(
    "地高辛中毒风险增加",
    "the risk of digoxin toxicity rises",
    "ཌི་གོག་སིན་གྱི་དུག་ཕོག་པའི་ཉེན་ཁ་ཆེ།",
  ),
  "lithium-toxic": effect(
    "锂中毒风险增加",
    "the risk of lithium toxicity rises",
    "ལི་ཐི་ཡམ་གྱི་དུག་ཕོག་པའི་ཉེན་ཁ་ཆེ།",
  ),
  rash: effect("严重皮疹风险增加", "the risk of a severe rash rises", "པགས་ནད་ཚབས་ཆེན་འབྱུང་སྲིད།"),
  muscle: effect(
    "肌病和横纹肌溶解风险增加",
    "the risk of muscle damage rises",
    "ཤ་གནད་ལ་གནོད་པའི་ཉེན་ཁ་ཆེ།",
  ),
  marrow: effect(
    "骨髓抑制，可能致命",
    "the bone marrow may be suppressed, sometimes fatally",
    "རྐང་མར་གནོད་དེ་སྲོག་ལ་ཉེན་ཡོད།",
  ),
  sedation: effect(
    "过度镇静、呼吸抑制风险增加",
    "too much sedation, shallow breathing",
    "གཉིད་ལྗིད་པ་དང་དབུགས་ཞན་པའི་ཉེན་ཁ་ཡོད།",
  ),
  "sugar-low": effect("低血糖风险增加", "the risk of low blood sugar rises", "ཁྲག་གི་མངར་ཆ་དམའ་སྲིད།"),
  "sugar-level": effect("血糖可能波动", "blood sugar may swing", "ཁྲག་གི་མངར་ཆ་མི་བརྟན་པ་འབྱུང་སྲིད།"),
  "double-raas": effect(
    "双重阻断：高钾、肾损伤、低血压",
    "double blockade: potassium, kidneys, low pressure",
    "ནུས་པ་ཉིས་བརྩེགས་ཀྱིས་མཁལ་མ་དང་ཁྲག་ཤེད་ལ་གནོད།",
  ),
  angioedema: effect("可能引起血管性水肿", "angioedema may follow", "གདོང་དང་མགྲིན་པ་སྐྲངས་སྲིད།"),
  "slow-heart": effect(
    "心动过缓、传导阻滞风险增加",
    "a slow heart or a heart block",
    "སྙིང་འཕར་དལ་དྲགས་པའི་ཉེན་ཁ་ཡོད།",
  ),
  "low-pressure": effect(
    "严重低血压风险增加",
    "blood pressure may fall badly",
    "ཁྲག་ཤེད་དམའ་དྲགས་སྲིད།",
  ),
  seizure: effect(
    "茶碱浓度升高，可能心律失常或惊厥",
    "theophylline rises: arrhythmia, seizures",
    "ཐིའོ་ཕི་ལིན་མཐོ་བས་གཟའ་འཕྲོག་པ་འབྱུང་སྲིད།",
  ),
  absorption: effect(
    "吸收减少，请错开时间服用",
    "less is absorbed: take them hours apart",
    "འཇུ་ལེན་ཉུང་བས་དུས་ཚོད་སོ་སོར་འཐུང་དགོས།",
  ),
  "skull-pressure": effect(
    "可能引起颅内压升高",
    "pressure in the skull may rise",
    "ཀླད་པའི་ནང་གནོན་ཤུགས་མཐོ་སྲིད།",
  ),
  serotonin: effect(
    "可能引起 5-羟色胺综合征",
    "serotonin syndrome may follow",
    "སེ་རོ་ཊོ་ནིན་མང་དྲགས་པའི་ནད་འབྱུང་སྲིད།",
  ),
  "fetal-harm": effect("会伤害胎儿", "it harms the unborn child", "མངལ་གྱི་ཕྲུ་གུར་གནོད།"),
  "fetal-caution": effect(
    "对胎儿的安全性不明或有疑问",
    "its safety for the unborn child is not established",
    "མངལ་གྱི་ཕྲུ་གུར་གནོད་མིན་གསལ་པོ་མེད།",
  ),
  "fetal-kidney": effect(
    "可能影响胎儿肾脏，孕 20 周后避免",
    "it may harm the unborn child's kidneys: not from week 20 on",
    "མངལ་གྱི་ཕྲུ་གུའི་མཁལ་མར་གནོད་སྲིད། གཟའ་འཁོར་ ༢༠ རྗེས་མི་སྤྱོད།",
  ),
  "infant-harm": effect(
    "会通过乳汁伤害婴儿",
    "it harms the child through the milk",
    "ནུ་ཞོ་བརྒྱུད་ཕྲུ་གུར་གནོད།",
  ),
  "infant-caution": effect(
    "对哺乳婴儿的安全性不明或有疑问",
    "its safety for a breast-fed child is not established",
    "ནུ་ཞོ་འཐུང་བའི་ཕྲུ་གུར་གནོད་མིན་གསལ་པོ་མེད།",
  ),
  "allergy-same": effect(
    "属于过敏的同一类药物",
    "it is of the group of the allergy",
    "ཕོག་ཐུག་ཡོད་པའི་སྨན་རིགས་གཅིག་པ་ཡིན།",
  ),
  "allergy-cross": effect(
    "可能交叉过敏",
    "a cross-reaction is possible",
    "རིགས་གཞན་ལའང་ཕོག་ཐུག་འབྱུང་སྲིད།",
  ),
} as const satisfies Record<string, { zh: string; en: string; bo: string }>;

export type EffectCode = keyof typeof effects;
export const effectCodes = Object.keys(effects) as [EffectCode, ...EffectCode[]];
