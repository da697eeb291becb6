package summary

import (
	"regexp"
	"sync"
)

// vocabulary is how one language asks for a summary. Each pattern matches at the begin of a folded text.
type vocabulary struct {
	language string
	// strong asks for a summary whatever follows; weak does only where it is said of what, or since when.
	strong, weak start
	// thread, channel and object name what is summed up; filler is politeness and wishes of form.
	thread, channel, object, filler start
}

// start is a pattern for the begin of a text, compiled when it is first needed: there are many, and few programs need any.
type start func() *regexp.Regexp

// begin makes a start; of several matches the longest counts.
func begin(pattern string) start {
	return sync.OnceValue(func() *regexp.Regexp {
		r := regexp.MustCompile(`^(?:` + pattern + `)`)
		r.Longest()
		return r
	})
}

// vocabularies: languages that put the verb last (Japanese, Korean, Chinese) are read by the same rules, because parts may
// stand in any order.
var vocabularies = []vocabulary{
	{
		language: "en",
		strong: begin(`(?:(?:can|could|would|will) (?:you|u) (?:please |pls |kindly )?)?(?:` +
			`(?:summari[sz]e|recap)(?: (?:this|everything|all of (?:this|it)|all this|it all|the above))?` +
			`|sum (?:up|this up|it (?:all )?up|everything up|this|up everything|up this)` +
			`|(?:(?:give|send|write|make|show|get|post|do|provide|prepare|create)(?: me| us)? )?(?:an? )?(?:quick |short |brief |concise |full |detailed )?(?:summary|recap|tl;? ?dr)` +
			`|(?:catch|bring|get|fill) (?:me|us) (?:up(?: to (?:speed|date))?|in))` +
			`|what (?:did|have) (?:i|we) miss(?:ed)?|what'?d i miss|what i(?:'ve| have)? missed|(?:anything|something) i(?:'ve| have)? missed` +
			`|(?:i (?:need|want)|i'd like|i would like|we need) (?:an? )?(?:quick |short |brief )?(?:summary|recap|tl;? ?dr)`),
		weak:    begin(`(?:(?:can|could) (?:you|u) (?:please )?)?(?:give me )?(?:an? )?(?:quick |short |brief )?(?:catch[- ]?up|digest|overview|rundown)|what(?:'s| is| has) (?:been )?(?:new|happened|happening|going on)|what happened|what was (?:said|discussed|decided)`),
		thread:  begin(`(?:(?:on|of|from|in|for) )?(?:all (?:of )?)?(?:this|the|that|our) (?:whole |entire |full |long |current |above )?threads?|(?:the )?(?:whole |entire )thread|thread`),
		channel: begin(`(?:(?:on|of|from|in|for) )?(?:all (?:of )?)?(?:this|the|our) (?:whole |entire |full |current )?(?:channel|room|group)|channel`),
		object:  begin(`(?:(?:on|of|from|in|for) )?(?:(?:all (?:of )?)?(?:this|the|our) (?:whole |entire |full |long |current |above |recent )?(?:conversation|discussion|chat|convo|dm|messages|history|backlog|talk|debate)|what (?:was|has been|'s been) (?:said|discussed|going on)(?: (?:here|so far))?|what (?:happened|we (?:discussed|talked about|said))(?: here)?|everything(?: (?:above|here|so far))?|the above|here|in here)`),
		filler: begin(`please|pls|plz|anyway|thanks|thank you|thx|hey|hi|hello|ok|okay|so|now|quickly|briefly|shortly|again|for me|for us|so far|up to now|until now|above|` +
			`in (?:short|brief|bullets?|(?:a few|\d{1,2}|one|two|three|four|five|ten) (?:short )?(?:lines?|sentences?|bullets?(?: points?)?|words|paragraphs?))|as (?:bullets?|bullet points)|with (?:sources|links)`),
	},
	{
		language: "de",
		strong: begin(`(?:(?:kannst|könntest|würdest|magst) du (?:mir |uns )?(?:bitte )?|(?:können|könnten) sie (?:mir |uns )?(?:bitte )?)?(?:(?:fass(?:e|t|en)?|fassen sie)(?: (?:mir|uns|das|alles|dies|diesen thread|den thread|diesen kanal|den kanal|diese unterhaltung|die unterhaltung|das gespräch|die diskussion|diese diskussion|den chat|diesen chat|den verlauf|mal|bitte|das alles|hier))* (?:zusammen|kurz zusammen)|zusammenfassen` +
			`|(?:gib|schreib|schick|mach|erstell)e? (?:mir |uns )?(?:bitte )?(?:eine |ne )?(?:kurze |schnelle )?zusammenfassung|(?:eine )?(?:kurze )?zusammenfassung|bring mich auf den (?:neuesten )?stand)` +
			`|was (?:habe|hab) ich (?:hier )?(?:alles )?verpasst|was ist mir entgangen`),
		weak:    begin(`was (?:ist|war) (?:hier )?(?:passiert|los|neu)|was gibt es neues|was wurde (?:hier )?(?:besprochen|gesagt|beschlossen)`),
		thread:  begin(`(?:(?:von|aus|in|zu) )?(?:dies(?:en|er|em|es|e)|den|dem|des|der) (?:ganzen )?(?:threads?)|(?:vom|im|zum) (?:ganzen )?thread|thread`),
		channel: begin(`(?:(?:von|aus|in|zu) )?(?:dies(?:en|er|em|es|e)|den|dem|des|der) (?:ganzen )?(?:kanals?|channels?|gruppe)|(?:vom|im|zum) (?:ganzen )?(?:kanal|channel)|kanal`),
		object:  begin(`(?:(?:von|aus|in|zu) )?(?:(?:diese[rsnm]?|die|der|das|den|dem|des) (?:ganzen? |bisherigen? )?(?:unterhaltung|gesprächs?|diskussion|chats?|verlaufs?|nachrichten|besprechung)|was (?:hier )?(?:besprochen|gesagt) wurde|alles|hier|das)`),
		filler:  begin(`bitte|danke|trotzdem|hallo|hi|mal|kurz|schnell|noch(?: ?mal| einmal)?|für mich|für uns|bisher|bis jetzt|oben|alles|bis dahin|in (?:\d{1,2}|zwei|drei|vier|fünf|wenigen|ein paar) (?:sätzen|zeilen|punkten|worten|stichpunkten)|in stichpunkten|kannst du|könntest du|mir|uns`),
	},
	{
		language: "fr",
		strong:   begin(`(?:(?:peux-tu|tu peux|pourrais-tu|pouvez-vous|pourriez-vous)(?: (?:me|nous))? )?(?:résum(?:e|er|ez|é)(?:[- ]moi)?(?: (?:ça|cela|tout|tout ça))?|resume[rz]?|(?:fais|faites|faire|donne|donnez|écris)(?:[- ](?:moi|nous))? (?:un )?(?:petit |bref |court )?(?:résumé|récap(?:itulatif)?)|(?:un )?(?:petit |bref )?(?:résumé|récap(?:itulatif)?)|mets-moi à jour)|qu'est-ce que j'ai (?:manqué|raté|loupé)|qu'ai-je (?:manqué|raté)|j'ai (?:manqué|raté) quoi`),
		weak:     begin(`que s'est-il passé|qu'est-ce qui s'est passé|quoi de neuf`),
		thread:   begin(`(?:(?:de|dans|du|sur) )?(?:ce|cette|le|la|tout le|l') ?(?:fil(?: de discussion)?|thread)|du (?:fil|thread)|fil`),
		channel:  begin(`(?:(?:de|dans|du|sur) )?(?:ce|le|tout le) (?:canal|salon|groupe)|du (?:canal|salon)`),
		object:   begin(`(?:(?:de|dans|du|sur) )?(?:(?:cette|la|toute la|notre|ces|les|l') ?(?:conversation|discussion|échange|messages|historique|débat)|tout|ici|ce qui (?:a été dit|s'est dit|s'est passé)(?: ici)?)|ça`),
		filler:   begin(`quand même|s'il (?:te|vous) pla[iî]t|stp|svp|merci|bonjour|salut|brièvement|vite|rapidement|encore|pour moi|pour nous|jusqu'ici|en (?:\d{1,2}|deux|trois|quatre|cinq|quelques) (?:lignes|phrases|points|mots)|en bref`),
	},
	{
		language: "es",
		strong:   begin(`(?:(?:puedes|podrías|puede|podría)(?: (?:me|nos))? )?(?:res[uú]m(?:e|a|ir|an)(?:me|nos|lo|melo)?(?: (?:esto|todo|todo esto))?|(?:haz|hazme|dame|dar|darme|escribe|hacer|hacerme|envíame)(?: (?:me|nos))? (?:un )?(?:breve |pequeño )?resumen|(?:un )?(?:breve )?resumen|ponme al (?:día|corriente)|ponerme al día)|(?:qué|que) me (?:he perdido|perdí|perdi)`),
		weak:     begin(`(?:qué|que) (?:ha pasado|pasó|paso|hay de nuevo)`),
		thread:   begin(`(?:(?:de|en|del|sobre) )?(?:este|el|todo el) hilo|del hilo|hilo`),
		channel:  begin(`(?:(?:de|en|del|sobre) )?(?:este|el|todo el) (?:canal|grupo)|del canal|canal`),
		object:   begin(`(?:(?:de|en|del|sobre) )?(?:(?:esta|la|toda la|nuestra|este|el|los|estos) (?:conversación|conversacion|discusión|charla|chat|mensajes|historial|debate)|lo que se (?:dijo|ha dicho|habló)(?: aquí)?|todo|aquí|aqui|esto)`),
		filler:   begin(`de todos modos|por favor|porfa|gracias|hola|brevemente|rápido|rápidamente|otra vez|de nuevo|para mí|hasta ahora|en (?:\d{1,2}|dos|tres|cuatro|cinco|pocas) (?:líneas|frases|puntos|palabras)|en breve`),
	},
	{
		language: "pt",
		strong:   begin(`(?:(?:pode|podes|poderia|você pode|consegue)(?: me)? )?(?:resum(?:e|a|ir|am)(?:[- ](?:me|nos))?(?: (?:isto|isso|tudo|tudo isso))?|(?:faz|faça|fazer|dá|dê|dar|me dê|me dá|escreve|escreva)(?:[- ](?:me|nos))? (?:um )?(?:breve |pequeno )?resumo|(?:um )?(?:breve )?resumo|(?:me )?(?:põe|coloca|coloque|atualiza|atualize)(?:-me)?(?: a par| em dia)?)|o que (?:eu )?(?:perdi|é que perdi)|que perdi eu`),
		weak:     begin(`o que (?:aconteceu|houve|há de novo|se passou)`),
		thread:   begin(`(?:(?:de|em|sobre) )?(?:d?n?est[ae]|[ao]|d[ao]|n[ao]|toda a|todo o) (?:thread|tópico|fio)|thread`),
		channel:  begin(`(?:(?:de|em|sobre) )?(?:d?n?este|o|do|no|todo o) (?:canal|grupo)|canal`),
		object:   begin(`(?:(?:de|em|sobre) )?(?:(?:d?n?est[ae]s?|d?n?ess[ae]s?|[ao]s?|d[ao]s?|n[ao]s?|toda a) (?:conversa|discussão|chat|mensagens|histórico|debate)|tudo|aqui|isto|isso|o que (?:foi dito|se disse)(?: aqui)?)`),
		filler:   begin(`mesmo assim|por favor|obrigad[oa]|olá|oi|brevemente|rápido|rapidamente|de novo|outra vez|para mim|até agora|em (?:\d{1,2}|duas|três|quatro|cinco|poucas) (?:linhas|frases|pontos|palavras)|em resumo`),
	},
	{
		language: "it",
		strong:   begin(`(?:(?:puoi|potresti|può|potrebbe)(?: (?:mi|ci))? )?(?:(?:ri)?assum(?:i|ere|imi|ici|a|ete)(?: (?:questo|tutto|tutto questo))?|riassumer(?:e|mi|ci|lo)|(?:fai|fammi|fare|farmi|dammi|dare|darmi|scrivi)(?: (?:mi|ci))? (?:un )?(?:breve |rapido )?(?:riassunto|riepilogo)|(?:un )?(?:breve )?(?:riassunto|riepilogo)|riepiloga(?:re|mi)?|aggiornami|mettimi al corrente)|(?:che )?cosa mi sono pers[oa]|che mi sono pers[oa]`),
		weak:     begin(`(?:che )?cosa è successo|che è successo|novità`),
		thread:   begin(`(?:(?:di|in|su) )?(?:quest[oa]|il|del|nel|tutto il) thread|thread`),
		channel:  begin(`(?:(?:di|in|su) )?(?:questo|il|del|nel|tutto il) (?:canale|gruppo)|canale`),
		object:   begin(`(?:(?:di|in|su) )?(?:(?:quest[oaie]|la|il|della|del|nella|i|gli|tutta la|l'|dell'|nell') ?(?:conversazione|discussione|chat|messaggi|cronologia|dibattito)|tutto|qui|questo|quello che (?:è stato detto|si è detto)(?: qui)?)`),
		filler:   begin(`comunque|per favore|per piacere|grazie|ciao|brevemente|velocemente|di nuovo|ancora|per me|finora|fino ad ora|in (?:\d{1,2}|due|tre|quattro|cinque|poche) (?:righe|frasi|punti|parole)|in breve`),
	},
	{
		language: "nl",
		strong:   begin(`(?:(?:kun|kan|zou) (?:je|jij|u) (?:mij |me |ons )?(?:alsjeblieft )?)?(?:vat (?:(?:dit|alles|deze thread|de thread|dit kanaal|het kanaal|dit gesprek|het gesprek|deze discussie|de discussie|deze chat|de chat|even|alsjeblieft|kort|me) )*samen|samenvatten|(?:geef|maak|schrijf|stuur) (?:me |mij |ons )?(?:een )?(?:korte )?samenvatting|(?:een )?(?:korte )?samenvatting|praat me bij|breng me op de hoogte)|wat heb ik (?:hier )?gemist`),
		weak:     begin(`wat is er (?:hier )?(?:gebeurd|nieuw)`),
		thread:   begin(`(?:(?:van|in|uit) )?(?:deze|de|dit|het) (?:hele )?(?:thread|draad|draadje)|thread`),
		channel:  begin(`(?:(?:van|in|uit) )?(?:dit|het) (?:hele )?kanaal|(?:(?:van|in|uit) )?(?:deze|de) groep|kanaal`),
		object:   begin(`(?:(?:van|in|uit) )?(?:(?:deze|de|dit|het) (?:hele )?(?:gesprek|discussie|chat|berichten|geschiedenis)|alles|hier|dit|wat er (?:hier )?(?:is )?gezegd(?: is)?)`),
		filler:   begin(`toch|alsjeblieft|alstublieft|aub|bedankt|dank je|hallo|hoi|even|kort|snel|nog een keer|opnieuw|voor mij|tot nu toe|in (?:\d{1,2}|twee|drie|vier|vijf|een paar) (?:regels|zinnen|punten|woorden)`),
	},
	{
		language: "ru",
		strong:   begin(`(?:(?:можешь|можете|мог бы ты|не мог бы ты) (?:пожалуйста )?)?(?:(?:кратко |коротко )?(?:суммируй|суммировать|резюмируй|резюмировать|подытожь|подытожить|перескажи|пересказать|подведи итоги?|подвести итоги?)(?:те)?(?: (?:это|всё|все|всё это))?|(?:сделай|дай|напиши|пришли)(?:те)?(?: мне)? (?:краткое |короткое )?(?:резюме|саммари|сводку|выжимку|пересказ)|(?:краткое |краткий )?(?:резюме|саммари|сводка|пересказ)|введи меня в курс(?: дела)?)|что я (?:тут |здесь )?пропустил[аи]?`),
		weak:     begin(`что (?:тут |здесь )?(?:произошло|случилось|было|нового)`),
		thread:   begin(`(?:(?:из|в|по) )?(?:этот|этого|этом|этому|весь|всего)? ?(?:тред|треда|треде|треду|ветку|ветки|ветке)|(?:эту|этой|всю|всей) (?:ветку|ветки|ветке)`),
		channel:  begin(`(?:(?:из|в|по) )?(?:этот|этого|этом|этому|весь|всего)? ?(?:канал|канала|канале|каналу|группу|группы)`),
		object:   begin(`(?:(?:из|в|по) )?(?:эт(?:у|от|ой|ого|о|и)|всю|весь|всей)? ?(?:переписк[уи]|обсуждени[ея]|разговор[ае]?|беседу|беседы|чата?|дискусси[юи]|сообщени[яй]|историю)|всё|все|здесь|тут|это`),
		filler:   begin(`всё равно|все равно|пожалуйста|спасибо|привет|кратко|коротко|быстро|ещё раз|еще раз|для меня|до сих пор|в (?:\d{1,2}|двух|трёх|трех|четырёх|пяти|нескольких) (?:строках|предложениях|словах|пунктах)`),
	},
	{
		language: "ja",
		strong:   begin(`(?:要約|まとめ|サマリー?)(?:を)?(?:して|してください|して下さい|してくれる|してくれますか|してもらえますか|お願い|おねがい|お願いします|ください|下さい|作って|作成して|教えて|て|てください|て下さい|てくれる|てもらえますか)*(?:ください|下さい)?(?:か)?|(?:何|なに)(?:か|を)?(?:見逃|見落と)し(?:た|ました)(?:か|の)?|追いつかせて(?:ください)?`),
		weak:     begin(`何が(?:あった|ありました|起きた|起きました)(?:か|の)?`),
		thread:   begin(`(?:この|本|全)?スレッド(?:全体)?(?:の(?:内容)?|を|について|で)?`),
		channel:  begin(`(?:この|本)?(?:チャンネル|グループ)(?:全体)?(?:の(?:内容)?|を|について|で)?`),
		object:   begin(`(?:この|ここまでの|これまでの|今までの|ここの)?(?:会話|議論|チャット|やり取り|やりとり|話|内容|メッセージ|履歴|流れ)(?:全体)?(?:の(?:内容)?|を|について)?|(?:ここまで|これまで|全部|ここ|これ)(?:の|を)?`),
		filler:   begin(`それでも|お願い(?:します)?|ください|下さい|簡単に|短く|簡潔に|手短に|もう一度|ありがとう|すみません|\d{1,2}行で|三行で|日本語で|の|を`),
	},
	{
		language: "zh",
		strong:   begin(`(?:(?:请|請|麻烦|麻煩|帮我|幫我|帮忙|能不能|可以|能)(?:你)?(?:帮我|幫我)?)*(?:(?:总结|總結|概括|归纳|歸納|摘要)(?:一下|一下子|下)?|(?:做|写|寫|给我|給我|发|發)(?:个|個|一个|一個|一份|份)?(?:总结|總結|摘要|概要))|(?:我)?(?:错过|錯過|漏掉|漏)了?(?:什么|什麼|哪些|啥)(?:内容|內容|消息)?`),
		weak:     begin(`(?:发生|發生)了?(?:什么|什麼)(?:事)?`),
		thread:   begin(`(?:这个|這個|本|整个|整個|该)?(?:帖子|线程|討論串|讨论串|话题串|主题帖)(?:的(?:内容|內容)?|里|裡)?`),
		channel:  begin(`(?:这个|這個|本|整个|整個)?(?:频道|頻道|群|群组|群組)(?:的(?:内容|內容)?|里|裡)?`),
		object:   begin(`(?:这个|這個|这段|這段|本|整个|整個|上面的|以上|上述|我们的|我們的)?(?:对话|對話|讨论|討論|聊天|聊天记录|聊天記錄|会话|消息|訊息|内容|內容|记录)(?:的(?:内容|內容)?)?|以上|上面|全部|这里|這裡|一下`),
		filler:   begin(`无论如何|请|請|谢谢|謝謝|你好|吗|嗎|吧|呢|的|简单|简短|简要|用中文|再|(?:用)?(?:\d{1,2}|一|两|三|四|五)(?:句话|行|点)`),
	},
	{
		language: "ko",
		strong:   begin(`(?:요약|정리)(?: ?(?:좀|을|를))?(?: ?(?:해 ?(?:줘|주세요|줄래|주실래요|줄 수 있어|주시겠어요|달라)|부탁(?:해|드려요|드립니다|합니다)?|해|하세요|만들어 ?(?:줘|주세요)|하기))?|(?:내가 |제가 )?(?:뭘|무엇을|뭐|놓친) ?(?:놓쳤(?:어|지|나|나요|어요|는지)?|게 ?뭐(?:야|지|예요|에요)?|(?:거|내용|것) ?(?:알려 ?(?:줘|주세요)|있어|있나요)?)`),
		weak:     begin(`무슨 일이? ?있었(?:어|나|나요|어요|지)`),
		thread:   begin(`(?:이|전체|본)? ?(?:스레드|쓰레드)(?: ?전체)?(?:를|을|의|에서|에)?(?: 내용(?:을)?)?`),
		channel:  begin(`(?:이|전체)? ?(?:채널|그룹)(?: ?전체)?(?:를|을|의|에서|에)?(?: 내용(?:을)?)?`),
		object:   begin(`(?:이|위|위의|지금까지의?|여기)? ?(?:대화|토론|논의|채팅|메시지|내용|글)(?:를|을|의|들을?)?(?: 내용(?:을)?)?|지금까지|여기|전부|이거|위에`),
		filler:   begin(`그래도|좀|제발|부탁(?:해|드려요|드립니다|해요)?|감사(?:합니다|해요)?|고마워|안녕(?:하세요)?|간단히|짧게|간략하게|다시|(?:\d{1,2}|한|두|세|네|다섯) ?(?:줄|문장)(?:로|으로)?|한국어로|해줘|해 줘`),
	},
}

var inLanguage = begin(`(?:in|auf|en|em|in het|на|по-|in lingua) ?(english|german|french|spanish|portuguese|italian|dutch|russian|japanese|chinese|korean|englisch|deutsch|französisch|spanisch|italienisch|russisch|japanisch|anglais|allemand|français|espagnol|inglés|alemán|francés|español|inglês|português|espanhol|inglese|tedesco|italiano|engels|duits|nederlands|английском|русском|русски|английски)`)

var languageWords = map[string]string{
	"english": "en", "englisch": "en", "anglais": "en", "inglés": "en", "inglês": "en", "inglese": "en", "engels": "en", "английском": "en", "английски": "en",
	"german": "de", "deutsch": "de", "allemand": "de", "alemán": "de", "tedesco": "de", "duits": "de", "french": "fr", "französisch": "fr", "français": "fr", "francés": "fr",
	"spanish": "es", "spanisch": "es", "espagnol": "es", "español": "es", "espanhol": "es", "portuguese": "pt", "português": "pt", "italian": "it", "italienisch": "it", "italiano": "it",
	"dutch": "nl", "nederlands": "nl", "russian": "ru", "russisch": "ru", "русском": "ru", "русски": "ru", "japanese": "ja", "japanisch": "ja", "chinese": "zh", "korean": "ko",
}
