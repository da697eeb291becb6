package summary

// signGroup is a sign in several languages: it counts once, however often it is there.
type signGroup struct {
	weight   int
	toModel  bool
	patterns []string
}

// signGroups are what instructions to a model consist of, in the languages of the headings. A person's own instructions
// ("ignore my last message", "the instructions in the README") are none of these.
var signGroups = []signGroup{
	{2, true, overrides}, {2, true, identities}, {1, true, fromNowOn}, {2, true, readers}, {2, true, authorities}, {1, true, newTasks}, {3, true, turnMarks},
	{2, true, ownOutput}, {1, false, weakDemands}, {2, false, strongDemands}, {1, false, exclusively},
}

// overrides take the model's instructions away.
var overrides = []string{
	`(?i)(?:ignore|disregard|forget|override|bypass|(?:do not|don.t|stop) follow(?:ing)?)(?: about)?(?: (?:all|any|every|of|the|your|these|those|previous|prior|above|earlier|preceding|original|initial|other|system|safety|and|former|current|existing))+` +
		` (?:instructions?|prompts?|rules|guidelines|directives?|programming|training|constraints|restrictions)(?: (?:from|of|in) (?:the |your )?(?:system|developers?|operator|prompt|user)|\s*(?:[.,;:!\n)"”'-]|$)| (?:and|then|above|before|you|that you|given|so|about|now|to|instead))`,
	`(?i)(?:ignore|disregard|forget) (?:everything|all|anything|what)(?: (?:that|which))? (?:(?:is |was |comes? |came )?(?:above|before this|said before|written above)|you (?:were|have been|are) (?:told|instructed|trained))`,
	`(?i)(?:ignorier(?:e|t|en sie)|vergiss|vergesst|vergessen sie|missachte|überschreibe)(?: (?:alle[sn]?|deine[rn]?|eure|ihre|die|der|bisherigen?|vorherigen?|vorigen?|obigen?|früheren?|ursprünglichen?|vorangegangenen?|sämtliche))+ (?:anweisung(?:en)?|instruktion(?:en)?|regeln|vorgaben|befehle|prompts?|systemprompts?|richtlinien)(?:[.,;:!"“]|$| und| oben| dann)`,
	`(?i)(?:ignor[ae](?:d|n)?|olvid[ae](?:d|n)?|descarta|omite|desobedece)(?: (?:de|todas?|todos|tus?|sus?|las|los|la|el|vuestras|anteriores|previas|cualquier))+ (?:instrucci[oó]n(?:es)?|reglas|indicaciones|[oó]rdenes|directrices|prompt)(?: (?:anteriores|previas|del sistema))?(?:[.,;:!"»]|$| y | e )`,
	`(?i)(?:ignore[zs]?|oublie[zs]?)(?: (?:toutes?|tous|tes|vos|les|ta|votre|précédentes))+ (?:instructions?|consignes?|règles|directives|ordres)(?: (?:précédentes|antérieures|ci-dessus))?(?:[.,;:!"»]|$| et )`,
	`(?i)(?:ignora(?:te)?|dimentica(?:te)?)(?: (?:tutte|tutti|le|i|tue|tuoi|vostre|precedenti))+ (?:istruzioni|regole|direttive|ordini|indicazioni)(?: (?:precedenti|ricevute))?(?:[.,;:!"»]|$| e )`,
	`(?i)(?:ignor[ae]|esqueça|esquece|desconsidere)(?: (?:todas?|todos|as|os|suas|seus|tuas|anteriores))+ (?:instruções|regras|ordens|diretrizes)(?: (?:anteriores|prévias))?(?:[.,;:!"»]|$| e )`,
	`(?i)(?:negeer|vergeet)(?: (?:al|alle|je|jouw|uw|de|vorige|eerdere|bovenstaande))+ (?:instructies|regels|opdrachten|aanwijzingen|richtlijnen)(?:[.,;:!"]|$| en )`,
	`(?i)(?:про)?(?:игнорируй|забудь)(?:те)?(?: (?:все|всё|свои|твои|ваши|предыдущие|прежние|эти|данные))+ (?:инструкции|указания|правила|команды)(?:[.,;:!"»]|$| и | выше)`,
	`(?:指示|命令|ルール|プロンプト|指令)(?:は|を)?(?:すべて|全て|全部)?(?:を)?無視`,
	`(?:忽略|无视|忘记|忘掉|無視|忽視)(?:你|您|所有|全部|之前|先前|以上|上面|的|一切|任何|系统)+(?:指令|指示|提示词|提示|规则|命令)`,
	`(?:이전|위의|모든|기존|너의|당신의|앞의)[^.\n]{0,8}(?:지시|지침|명령|규칙|프롬프트)[^.\n]{0,8}(?:무시|잊)`,
}

// identities make the model somebody else.
var identities = []string{
	`(?i)you are (?:now|no longer)(?: an?| the)?(?: \p{L}+){0,2}? (?:assistant|ai|chatbot|language model|llm|dan|pirate|hacker|persona|unrestricted|jailbroken|evil|terminal|interpreter|parrot|bound by|restricted|in (?:developer|debug|god|maintenance) mode)\b`,
	`(?i)(?:act|behave) as (?:if you (?:were|are|had)|an? (?:ai|unrestricted|dan|\p{L}+ assistant))|pretend (?:that )?you (?:are|have)|(?:developer|dan|god) mode (?:is )?(?:on|enabled|activated)`,
	`(?i)du bist (?:jetzt|nun|ab jetzt|ab sofort) (?:eine? )?(?:\p{L}+ )?(?:ki|assistent|pirat|sprachmodell|bot|papagei)|ahora eres (?:una? )?(?:\p{L}+ )?(?:ia|asistente|pirata|modelo|bot|loro)|tu es (?:maintenant|désormais) une? (?:\p{L}+ )?(?:ia|assistant|pirate|modèle|perroquet)`,
	`(?i)(?:ora|adesso) sei un[oa']? ?(?:\p{L}+ )?(?:ia|assistente|pirata|modello)|agora você é uma? (?:\p{L}+ )?(?:ia|assistente|pirata|modelo)|je bent (?:nu|vanaf nu) een (?:\p{L}+ )?(?:ai|assistent|piraat|model)`,
	`(?i)(?:теперь ты|ты теперь|отныне ты) (?:\p{L}+ )?(?:ии|ассистент|пират|бот|модель|попугай)|あなたは(?:今|これ)から|今からあなたは|你现在是(?:一[个名只])?|从现在(?:开始|起)[,，]?你|(?:당신|너)[은는] 이제|(?:이제|지금)부터 (?:당신|너)`,
}

// fromNowOn alone is said to colleagues, too.
var fromNowOn = []string{
	`(?i)from now on,? (?:you|your|answer|respond|reply|write)|ab (?:jetzt|sofort) (?:antwortest|schreibst|sagst|bist) du|a partir de ahora,? (?:eres|respondes?|contestas?|escribes?)|à partir de maintenant,? (?:tu|réponds)|d'ora in poi (?:sei|rispondi)|a partir de agora,? (?:você|responda)|vanaf nu (?:ben|antwoord)|с этого момента (?:ты|отвечай)`,
}

// readers call the model by what it is.
var readers = []string{
	`(?i)(?:^|[.!?\n>*\[(] ?)(?:(?:hey|dear|hello|hi|attention|important)[,:]? )?(?:all |any )?(?:ai|assistant|ai (?:assistant|model|agent|reader|system)s?|chatbot|language models?|llms?|gpt|chatgpt|claude|gemini|gemma|summari[sz](?:er|ation (?:bot|model|system|tool)))(?:[,:!]| reading | please | must )`,
	`(?i)(?:note|message|instructions?|attention|reminder) (?:to|for) (?:the |any |all )?(?:ai|llms?|language models?|assistant|chatbot|model|summari[sz]er)s?\b`,
	`(?i)if you(?:.re| are) (?:an? )?(?:ai\b|llm|(?:large )?language model|chatbot|summari[sz]|automated)|(?:whoever|whatever|anyone who|anything that|any (?:ai|bot|model) that|to the one who) (?:is )?summari[sz](?:es|ing)?|when (?:you(?:.re| are)? )?summari[sz](?:e|ing) (?:this|these|the above)`,
	`(?i)(?:hinweis|nachricht|anweisung|achtung) (?:an|für) (?:die |den |das |alle )?(?:kis?\b|assistent|modell|sprachmodell|zusammenfass)|(?:^|[.!?\n] ?)(?:liebe |lieber |hallo )?(?:ki|assistent|sprachmodell)[,:!]|(?:wenn|falls) du (?:eine? )?(?:ki\b|sprachmodell)|wer (?:das|dies\p{L}*)(?: \p{L}+){0,2} zusammenfasst`,
	`(?i)(?:nota|mensaje|aviso|instrucci[oó]n(?:es)?|atención) (?:para|a) (?:la |el |toda |cualquier )?(?:ia\b|asistente|modelo|bot|inteligencia)|(?:^|[.!?¡\n] ?)(?:querida |querido |hola )?(?:ia|asistente|modelo)[,:!]|si eres (?:una? )?(?:ia\b|modelo|inteligencia)|quien (?:resuma|haga el resumen)|cuando resumas (?:este|esta|el|la)`,
	`(?i)(?:note|message|consigne) (?:à|pour|au) (?:l.|la |le )?(?:ia\b|assistant|modèle|bot)|(?:^|[.!?\n] ?)(?:chère |cher )?(?:ia|assistant) ?[,:!]|si (?:tu es|vous êtes) une? (?:ia\b|modèle|intelligence)`,
	`(?i)(?:nota|messaggio) per (?:l.|il )?(?:ia\b|assistente|modello)|se sei un.? ?(?:ia\b|modello|intelligenza)|(?:nota|mensagem) para (?:a |o )?(?:ia\b|assistente|modelo)|se você é uma? (?:ia\b|modelo)|(?:bericht|opmerking) (?:voor|aan) (?:de |het )?(?:ai\b|assistent|model)|als je een (?:ai|taalmodel) bent`,
	`(?i)(?:сообщение|указание|внимание)?(?:^|[\s:,])(?:для )?(?:ии|нейросет[ьи]|языковая модель|языковой модели|ассистент)[,:!]|если ты (?:ии|языковая модель|нейросеть)|AI(?:は|へ|アシスタント)|アシスタント(?:へ|は|よ)|要約(?:する|者)(?:AI|人|へ)|(?:AI|人工智能|助手)(?:助手)?[,，:：]|如果你是(?:AI|人工智能|语言模型)|AI(?:에게|야|는)|(?:요약|인공지능)(?:하는|에게)`,
}

// authorities are forged voices of those whom the model obeys.
var authorities = []string{
	`(?m)(?:^|[\s>\[(<*#])(?:SYSTEM|ADMIN|DEVELOPER|OPERATOR|SISTEMA|SYSTÈME|СИСТЕМА)(?: (?:OVERRIDE|PROMPT|MESSAGE|NOTICE|INSTRUCTIONS?))?\s*[:\]>]`,
	`(?i)\bsystem (?:prompt|message|instruction|override|notice)s? ?:|###\s*(?:system|instructions?|new instructions?|response|task)|</?(?:system|instructions?|admin|prompt|developer)>|\[/?(?:system|admin|developer)\]|"role" ?: ?"(?:system|developer)"`,
	`(?i)\bend of (?:the )?(?:chat|transcript|conversation|messages|thread|log|user input|context|prompt|document)\b[^\n]{0,20}(?:[-=#*\]:.]|$)|system(?:nachricht|anweisung) ?:|mensaje del sistema ?:|message système ?:|messaggio di sistema ?:|системное сообщение ?:|システム(?:メッセージ|プロンプト|指示)?[:：]|系统(?:提示|消息|指令)?[:：]|시스템 ?(?:메시지|지시)?[:：]`,
}

// newTasks are set to colleagues, too.
var newTasks = []string{
	`(?i)(?:new|updated|real|actual|additional|hidden|special) (?:task|instructions?|objective|directive|prompt)s? ?:|(?:overrides?|supersedes?) (?:everything|all|any|your|previous)|(?m:^system ?: )`,
	`(?i)neue (?:aufgabe|anweisung(?:en)?) ?:|nuevas? (?:tarea|instrucci[oó]n(?:es)?) ?:|nouvelles? (?:tâche|consigne|instruction)s? ?:|nuov[oae] (?:compito|istruzion[ei]) ?:|novas? (?:tarefa|instruç(?:ão|ões)) ?:|nieuwe (?:taak|opdracht|instructies?) ?:|нов(?:ая|ые|ое) (?:задача|задание|инструкции) ?:|新しい(?:タスク|指示|命令)|新(?:的)?(?:任务|指令|指示)[:：]|새로운? (?:지시|작업|명령)`,
}

// turnMarks end the message, for a server that reads them.
var turnMarks = []string{
	`(?i)[<‹]/?(?:start|end)_of_turn[>›]|[<‹]\|(?:im_start|im_end|system|user|assistant|eot_id|start_header_id|end_header_id|endoftext)\|?[>›]|\[/?INST\]|<</?SYS>>|(?m:^[<‹]/?s[>›])|(?m:^(?:human|user) ?:[^\n]*\n+(?:assistant|ai) ?:)`,
}

// ownOutput is what the model is about to write.
var ownOutput = []string{
	`(?i)\byour (?:summary|summaries|notes of this|final answer|next (?:answer|reply|response|output)|output)\b|(?:the|this|any) (?:summary|recap|tl;?dr)(?: of (?:this|the) (?:chat|thread|channel|conversation))? (?:must|has to|shall|should|needs to|will) (?:only|just|begin|start|open|end|consist|contain only|say that|read|state that)\b`,
	`(?i)\bdeine[rn]? (?:zusammenfassung|ausgabe|nächste antwort)|(?:die|diese) zusammenfassung (?:muss|soll|hat) (?:\p{L}+ )?(?:nur|mit|aus|lauten|beginnen)|\btu (?:resumen|próxima respuesta|salida)|el resumen (?:debe|tiene que) (?:empezar|comenzar|decir|contener|incluir)|\bton (?:résumé|prochaine réponse)|le résumé doit (?:commencer|dire|contenir)|\bil riassunto deve (?:iniziare|dire|contenere)|o resumo deve (?:começar|dizer|conter)|de samenvatting moet (?:beginnen|zeggen)|(?:сводка|резюме|пересказ) должн[ао] (?:начинаться|содержать)|要約(?:に|は|の)(?:必ず|最初)|(?:摘要|总结)(?:必须|要以|只)|요약(?:은|에) (?:반드시|꼭)`,
}

// weakDemands ask for a certain answer, as people do.
var weakDemands = []string{
	`(?i)(?:answer|respond|reply|output|print|say|write|repeat|echo|return|state|display|report|claim|mention|include|insert|add|append|begin|start|end|tell (?:them|everyone|everybody|users|people|the user|readers|me)|reveal|confirm|leave|omit|speak)(?:,? \p{L}+){0,4}?,? ?(?:only|just|nothing|with|that|in|as|out|:|your|from)\b`,
	`(?i)(?:antworte|schreibe?|sage?|gib|drucke|wiederhole|erwähne|füge|beginne|nenne|behaupte|melde)(?:,? \p{L}+){0,4}?,? ?(?:nur|ausschließlich|dass|mit|aus|hinzu|:)`,
	`(?i)(?:responde|contesta|escribe|di|imprime|repite|incluye|menciona|empieza|comienza|añade|afirma|muestra)(?:,? \p{L}+){0,4}?,? ?(?:s[oó]lo|solamente|únicamente|con|que|:)`,
	`(?i)(?:réponds|répondez|écris|écrivez|dis|dites|affiche[zr]?|répète[zr]?|mentionne[zr]?|commence[zr]?|ajoute[zr]?)(?:,? \p{L}+){0,4}?,? ?(?:seulement|uniquement|par|que|avec|:)|(?:rispondi|scrivi|stampa|ripeti|menziona|inizia|aggiungi)(?:,? \p{L}+){0,4}?,? ?(?:solo|soltanto|con|che|:)`,
	`(?i)(?:responda|escreva|diga|imprima|repita|mencione|comece|adicione)(?:,? \p{L}+){0,4}?,? ?(?:só|somente|apenas|com|que|:)|(?:antwoord|schrijf|zeg|print|herhaal|vermeld|begin|voeg)(?:,? \p{L}+){0,4}?,? ?(?:alleen|enkel|met|dat|:)|(?:ответь|отвечай|напиши|скажи|выведи|повтори|напечатай|добавь|упомяни|начни)(?:те)?(?:,? \p{L}+){0,4}?,? ?(?:только|лишь|с |что|:)`,
	`(?:と|だけ|のみ)(?:を)?(?:答え|回答|出力|書|言|返答|表示|返し)|(?:回答|输出|回复|写|说|打印|返回)[“"「:：出]|只(?:回答|输出|回复|写|说)|(?:만|라고) ?(?:답|출력|말|대답|작성|쓰|써)`,
}

// strongDemands ask for certain words.
var strongDemands = []string{
	`(?:(?i:answer|respond|reply|output|print|say|write|repeat|echo|return|state|display|include|insert|add|append|begin|start|end|antworte|schreibe?|sage?|gib|wiederhole|beginne|responde|contesta|escribe|di|imprime|repite|empieza|comienza|réponds|écris|dis|affiche|commence|rispondi|scrivi|stampa|responda|escreva|diga|antwoord|schrijf|zeg|ответь|напиши|скажи|выведи|начни))(?:[ \n]\p{L}+){0,4}?[ :]+["'“„«` + "`" + `]?(?:\p{Lu}[\p{Lu}\d_-]{3,}|["“„«` + "`" + `])`,
	`(?i)(?:answer|respond|reply|output|print|say|write|repeat|echo|return|antworte|schreibe?|sage?|gib|wiederhole|responde|contesta|escribe|di|imprime|repite|réponds|écris|dis|rispondi|scrivi|responda|escreva|diga|antwoord|schrijf|zeg|ответь|напиши|скажи|выведи)(?: \p{L}+){0,3}? (?:exactly|the (?:word|words|phrase|string|token|sentence|following|system prompt)|your (?:system )?(?:prompt|instructions)|das wort|den satz|folgende[ns]|la palabra|la frase|le mot|la phrase|la parola|a palavra|a frase|het woord|de zin|слово|фразу)`,
}

// exclusively leaves no room for a summary.
var exclusively = []string{
	`(?i)(?:and|or) (?:nothing|no(?:thing)? (?:other|more)|not anything) ?(?:else|text|more|words)?|instead of (?:the |a )?summar|no other (?:text|words|output)|without (?:any )?(?:explanation|comment)|(?:do not|don.t|never) (?:summari[sz]e|mention (?:this|it|that))|und (?:sonst )?nichts (?:anderes|weiter|sonst)|y nada más|et rien d.autre|e nient.altro|e nada mais|en niets anders|и (?:ничего|больше ничего)|以外(?:は|何も)|不要(?:写|说|提)`,
}

// signHints are parts of words of which every sign that speaks to the model holds one; signWords are short words that do.
var (
	signHints = []string{
		"ignor", "disregard", "forget", "override", "bypass", "follow", "vergiss", "vergess", "missacht", "überschreib", "olvid", "descarta", "omite", "desobedece", "oublie", "dimentica", "esque", "desconsidere",
		"negeer", "vergeet", "игнорир", "забудь", "無視", "忽略", "无视", "忘记", "忘掉", "忽視", "무시", "잊",
		"you are", "act as", "behave as", "pretend", " mode", "du bist", "ahora eres", "tu es ", "sei un", "agora você", "je bent", "теперь", "отныне", "あなた", "你现在", "从现在", "이제", "지금부터",
		"from now on", "ab jetzt", "ab sofort", "a partir de", "à partir de", "d'ora in poi", "vanaf nu", "с этого момента",
		"gpt", "claude", "gemini", "gemma", "llm", "model", "modèle", "summar", "assistan", "assistent", "asistente", "chatbot", "taalmodel", "inteligen", "intelligen", "zusammenfass", "resum", "résum", "нейросет", "модел", "ассистент",
		"アシスタント", "要約", "人工智能", "助手", "인공지능", "요약", "ai は", "aiは", "aiへ", "ai에게", "ai야", "ai는", "是ai",
		"system", "admin", "developer", "operator", "sistema", "système", "систем", "###", "end of", "システム", "系统", "시스템", "instruction", "prompt",
		"task", "objective", "directive", "supersede", "aufgabe", "anweisung", "tarea", "instrucci", "tâche", "consigne", "compito", "istruzion", "tarefa", "instruç", "taak", "opdracht", "instructie", "задач", "задание", "инструкц",
		"タスク", "指示", "命令", "任务", "指令", "작업", "지시", "명령",
		"_of_turn", "im_start", "im_end", "|>", "|›", "<|", "‹|", "[inst", "[/inst", "sys>", "<s>", "</s>", "‹s›", "‹/s›", "human:", "human :", "user:", "user :",
		"your notes", "your final", "your next", "your output", "recap", "tl;dr", "tldr", "ausgabe", "antwort", "respuesta", "salida", "réponse", "riassunto", "samenvatting", "сводка", "резюме", "пересказ", "摘要", "总结",
	}
	signWords = []string{"ai", "ki", "kis", "ia", "ии", "bot", "robot"}
)
