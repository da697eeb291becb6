package summary

// Headings are the titles of a summary's sections in one language, and the few words beside them.
type Headings struct {
	Lead, Decisions, Actions, Questions, Topics string
	// Due stands before a date, Reversed before what took a decision back, More after the number of lines left out.
	Due, Reversed, More string
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
	"en": {"TL;DR", "Decisions", "Action items", "Open questions", "Topics", "due", "taken back", "more", "Nothing was found that is worth telling."},
	"de": {"Kurzfassung", "Entscheidungen", "Aufgaben", "Offene Fragen", "Themen", "fällig", "zurückgenommen", "weitere", "Es fand sich nichts Berichtenswertes."},
	"fr": {"En bref", "Décisions", "Tâches", "Questions ouvertes", "Sujets", "échéance", "annulé", "de plus", "Rien de notable n'a été trouvé."},
	"es": {"En breve", "Decisiones", "Tareas", "Preguntas abiertas", "Temas", "para", "retirado", "más", "No se encontró nada que merezca contarse."},
	"pt": {"Em resumo", "Decisões", "Tarefas", "Perguntas em aberto", "Tópicos", "prazo", "revogado", "mais", "Nada digno de nota foi encontrado."},
	"it": {"In breve", "Decisioni", "Attività", "Domande aperte", "Argomenti", "scadenza", "ritirato", "altri", "Non è stato trovato nulla di rilevante."},
	"nl": {"Kort", "Besluiten", "Actiepunten", "Open vragen", "Onderwerpen", "uiterlijk", "teruggenomen", "meer", "Er is niets gevonden dat het vermelden waard is."},
	"ru": {"Кратко", "Решения", "Задачи", "Открытые вопросы", "Темы", "срок", "отменено", "ещё", "Ничего существенного не найдено."},
	"ja": {"要約", "決定事項", "アクション項目", "未解決の質問", "トピック", "期限", "撤回", "件以上", "特に伝えるべき内容はありませんでした。"},
	"zh": {"摘要", "决定", "待办事项", "未决问题", "话题", "截止", "已撤回", "更多", "没有值得一提的内容。"},
	"ko": {"요약", "결정 사항", "할 일", "미해결 질문", "주제", "기한", "철회됨", "더 있음", "전할 만한 내용이 없습니다."},
}

// LanguageName is the English name of a language, for a prompt; "" for one that is not known.
func LanguageName(language string) string { return languageNames[language] }

var languageNames = map[string]string{
	"en": "English", "de": "German", "fr": "French", "es": "Spanish", "pt": "Portuguese", "it": "Italian", "nl": "Dutch", "ru": "Russian",
	"ja": "Japanese", "zh": "Chinese", "ko": "Korean", "ar": "Arabic", "he": "Hebrew", "hi": "Hindi", "th": "Thai", "el": "Greek",
	"pl": "Polish", "tr": "Turkish", "uk": "Ukrainian", "sv": "Swedish", "da": "Danish", "nb": "Norwegian", "fi": "Finnish", "cs": "Czech",
}
