package summary

// Headings are the titles of a summary's sections in one language, and the few words beside them.
type Headings struct {
	Lead, Decisions, Actions, Questions, Topics string
	// Threads stands over the recap of a channel, in place of Topics; Outside over what was said there outside of threads.
	Threads, Outside string
	// Due stands before a date, Reversed before what took a decision back.
	Due, Reversed string
	// Nothing is said where there is nothing worth telling.
	Nothing string
}

// HeadingsIn gives the headings in a language ("en", "de", …); English where there are none.
func HeadingsIn(language string) Headings {
	if h, known := headings[language]; known {
		return h
	}
	return headings["en"]
}

var headings = map[string]Headings{
	"en": {"TL;DR", "Decisions", "Action items", "Open questions", "Topics", "Threads", "Outside of threads", "due", "taken back", "Nothing was found that is worth telling."},
	"de": {"Kurzfassung", "Entscheidungen", "Aufgaben", "Offene Fragen", "Themen", "Threads", "Außerhalb von Threads", "fällig", "zurückgenommen", "Es fand sich nichts Berichtenswertes."},
	"fr": {"En bref", "Décisions", "Tâches", "Questions ouvertes", "Sujets", "Fils", "Hors des fils", "échéance", "annulé", "Rien de notable n'a été trouvé."},
	"es": {"En breve", "Decisiones", "Tareas", "Preguntas abiertas", "Temas", "Hilos", "Fuera de los hilos", "para", "retirado", "No se encontró nada que merezca contarse."},
	"pt": {"Em resumo", "Decisões", "Tarefas", "Perguntas em aberto", "Tópicos", "Threads", "Fora das threads", "prazo", "revogado", "Nada digno de nota foi encontrado."},
	"it": {"In breve", "Decisioni", "Attività", "Domande aperte", "Argomenti", "Thread", "Fuori dai thread", "scadenza", "ritirato", "Non è stato trovato nulla di rilevante."},
	"nl": {"Kort", "Besluiten", "Actiepunten", "Open vragen", "Onderwerpen", "Threads", "Buiten threads", "uiterlijk", "teruggenomen", "Er is niets gevonden dat het vermelden waard is."},
	"ru": {"Кратко", "Решения", "Задачи", "Открытые вопросы", "Темы", "Ветки", "Вне веток", "срок", "отменено", "Ничего существенного не найдено."},
	"ja": {"要約", "決定事項", "アクション項目", "未解決の質問", "トピック", "スレッド", "スレッド外", "期限", "撤回", "特に伝えるべき内容はありませんでした。"},
	"zh": {"摘要", "决定", "待办事项", "未决问题", "话题", "讨论串", "讨论串之外", "截止", "已撤回", "没有值得一提的内容。"},
	"ko": {"요약", "결정 사항", "할 일", "미해결 질문", "주제", "스레드", "스레드 밖", "기한", "철회됨", "전할 만한 내용이 없습니다."},
}

// LanguageName is the English name of a language, for a prompt; "" for one that is not known.
func LanguageName(language string) string { return languageNames[language] }

var languageNames = map[string]string{
	"en": "English", "de": "German", "fr": "French", "es": "Spanish", "pt": "Portuguese", "it": "Italian", "nl": "Dutch", "ru": "Russian",
	"ja": "Japanese", "zh": "Chinese", "ko": "Korean", "ar": "Arabic", "he": "Hebrew", "hi": "Hindi", "th": "Thai", "el": "Greek",
	"pl": "Polish", "tr": "Turkish", "uk": "Ukrainian", "sv": "Swedish", "da": "Danish", "nb": "Norwegian", "fi": "Finnish", "cs": "Czech",
}
