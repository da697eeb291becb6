package summary

import (
	"fmt"
	"strings"
)

// forms are the words for a number of things, %s being the number: for one, for several and, where the language has a
// third form, for many.
type forms [3]string

// counts are the counted words of one language, and how it writes numbers and lists. Which form a number takes is that of
// the plural rules of CLDR (unicode.org/cldr/charts/latest/supplemental/language_plural_rules.html).
type counts struct {
	// form gives the index of the form for a number.
	form func(n int) int
	// group stands between thousands, in numbers of at least digits digits.
	group  string
	digits int
	// list stands between the things of a clause, clause between clauses.
	list, clause string

	// read has two numbers, those that were read and all; its form is that of all.
	read forms
	// messages and people are counted; the others are told of files, or say what was not read.
	messages, people                                forms
	images, voice, videos, documents, others        forms
	unreadable, unopened, unread, extracts, partial forms
	// more are lines left out, threads are threads of which nothing is told; with joins those and their messages, of joins
	// a name and its counts, and counted a title and its counts.
	more, threads     forms
	with, of, counted string
}

// countsIn gives the words in a language; English where there are none.
func countsIn(language string) counts {
	if c, known := countsOf[language]; known {
		return c
	}
	return countsOf["en"]
}

// say writes a number of things.
func (c counts) say(f forms, n int) string {
	return fmt.Sprintf(f[c.form(n)], c.number(n))
}

// number writes a number as the language groups it.
func (c counts) number(n int) string {
	s := fmt.Sprint(n)
	if len(s) < c.digits {
		return s
	}
	var b strings.Builder
	for i, d := range s {
		if i > 0 && (len(s)-i)%3 == 0 {
			b.WriteString(c.group)
		}
		b.WriteRune(d)
	}
	return b.String()
}

// oneOrMany, upToOne, slavic and same are the plural rules of the languages here.
func oneOrMany(n int) int {
	if n == 1 {
		return 0
	}
	return 1
}

func upToOne(n int) int {
	if n < 2 {
		return 0
	}
	return 1
}

func slavic(n int) int {
	switch {
	case n%10 == 1 && n%100 != 11:
		return 0
	case n%10 >= 2 && n%10 <= 4 && (n%100 < 12 || n%100 > 14):
		return 1
	}
	return 2
}

func same(int) int { return 0 }

// Spaces between thousands must not part a number at the end of a line.
const (
	narrowSpace = "\u202f"
	hardSpace   = "\u00a0"
)

var countsOf = map[string]counts{
	"en": {
		form: oneOrMany, group: ",", digits: 4, list: ", ", clause: "; ",
		read:     forms{"%s of %s message", "%s of %s messages"},
		messages: forms{"%s message", "%s messages"}, people: forms{"%s person", "%s people"},
		images: forms{"%s image", "%s images"}, voice: forms{"%s voice note", "%s voice notes"}, videos: forms{"%s video", "%s videos"},
		documents: forms{"%s document", "%s documents"}, others: forms{"%s other file", "%s other files"},
		unreadable: forms{"%s file unreadable", "%s files unreadable"}, unopened: forms{"%s file not opened", "%s files not opened"},
		unread:   forms{"%s message not read", "%s messages not read"},
		extracts: forms{"%s message only in excerpts, because the model gave no answer about it", "%s messages only in excerpts, because the model gave no answer about them"},
		partial:  forms{"%s long message read in part", "%s long messages read in part"},
		more:     forms{"… %s more", "… %s more"}, threads: forms{"%s more thread", "%s more threads"}, with: "%s with %s", of: "%s: %s", counted: "%s (%s)",
	},
	"de": {
		form: oneOrMany, group: ".", digits: 4, list: ", ", clause: "; ",
		read:     forms{"%s von %s Nachricht", "%s von %s Nachrichten"},
		messages: forms{"%s Nachricht", "%s Nachrichten"}, people: forms{"%s Person", "%s Personen"},
		images: forms{"%s Bild", "%s Bilder"}, voice: forms{"%s Sprachnachricht", "%s Sprachnachrichten"}, videos: forms{"%s Video", "%s Videos"},
		documents: forms{"%s Dokument", "%s Dokumente"}, others: forms{"%s andere Datei", "%s andere Dateien"},
		unreadable: forms{"%s Datei nicht lesbar", "%s Dateien nicht lesbar"}, unopened: forms{"%s Datei nicht geöffnet", "%s Dateien nicht geöffnet"},
		unread:   forms{"%s Nachricht nicht gelesen", "%s Nachrichten nicht gelesen"},
		extracts: forms{"%s Nachricht nur in Auszügen, weil das Modell dazu nichts geantwortet hat", "%s Nachrichten nur in Auszügen, weil das Modell dazu nichts geantwortet hat"},
		partial:  forms{"%s lange Nachricht teilweise gelesen", "%s lange Nachrichten teilweise gelesen"},
		more:     forms{"… %s weitere", "… %s weitere"}, threads: forms{"%s weiterer Thread", "%s weitere Threads"}, with: "%s mit %s", of: "%s: %s", counted: "%s (%s)",
	},
	"fr": {
		form: upToOne, group: narrowSpace, digits: 4, list: ", ", clause: " ; ",
		read:     forms{"%s sur %s message", "%s sur %s messages"},
		messages: forms{"%s message", "%s messages"}, people: forms{"%s personne", "%s personnes"},
		images: forms{"%s image", "%s images"}, voice: forms{"%s message vocal", "%s messages vocaux"}, videos: forms{"%s vidéo", "%s vidéos"},
		documents: forms{"%s document", "%s documents"}, others: forms{"%s autre fichier", "%s autres fichiers"},
		unreadable: forms{"%s fichier illisible", "%s fichiers illisibles"}, unopened: forms{"%s fichier non ouvert", "%s fichiers non ouverts"},
		unread:   forms{"%s message non lu", "%s messages non lus"},
		extracts: forms{"%s message seulement en extraits, car le modèle n'a rien répondu à son sujet", "%s messages seulement en extraits, car le modèle n'a rien répondu à leur sujet"},
		partial:  forms{"%s long message lu en partie", "%s longs messages lus en partie"},
		more:     forms{"… %s de plus", "… %s de plus"}, threads: forms{"%s autre fil", "%s autres fils"}, with: "%s avec %s", of: "%s : %s", counted: "%s (%s)",
	},
	"es": {
		form: oneOrMany, group: ".", digits: 5, list: ", ", clause: "; ",
		read:     forms{"%s de %s mensaje", "%s de %s mensajes"},
		messages: forms{"%s mensaje", "%s mensajes"}, people: forms{"%s persona", "%s personas"},
		images: forms{"%s imagen", "%s imágenes"}, voice: forms{"%s nota de voz", "%s notas de voz"}, videos: forms{"%s vídeo", "%s vídeos"},
		documents: forms{"%s documento", "%s documentos"}, others: forms{"%s archivo de otro tipo", "%s archivos de otro tipo"},
		unreadable: forms{"%s archivo ilegible", "%s archivos ilegibles"}, unopened: forms{"%s archivo sin abrir", "%s archivos sin abrir"},
		unread:   forms{"%s mensaje sin leer", "%s mensajes sin leer"},
		extracts: forms{"%s mensaje solo en extractos, porque el modelo no respondió nada sobre él", "%s mensajes solo en extractos, porque el modelo no respondió nada sobre ellos"},
		partial:  forms{"%s mensaje largo leído en parte", "%s mensajes largos leídos en parte"},
		more:     forms{"… %s más", "… %s más"}, threads: forms{"%s hilo más", "%s hilos más"}, with: "%s con %s", of: "%s: %s", counted: "%s (%s)",
	},
	"pt": {
		form: upToOne, group: ".", digits: 4, list: ", ", clause: "; ",
		read:     forms{"%s de %s mensagem", "%s de %s mensagens"},
		messages: forms{"%s mensagem", "%s mensagens"}, people: forms{"%s pessoa", "%s pessoas"},
		images: forms{"%s imagem", "%s imagens"}, voice: forms{"%s mensagem de voz", "%s mensagens de voz"}, videos: forms{"%s vídeo", "%s vídeos"},
		documents: forms{"%s documento", "%s documentos"}, others: forms{"%s outro arquivo", "%s outros arquivos"},
		unreadable: forms{"%s arquivo ilegível", "%s arquivos ilegíveis"}, unopened: forms{"%s arquivo não aberto", "%s arquivos não abertos"},
		unread:   forms{"%s mensagem não lida", "%s mensagens não lidas"},
		extracts: forms{"%s mensagem só em trechos, porque o modelo nada respondeu sobre ela", "%s mensagens só em trechos, porque o modelo nada respondeu sobre elas"},
		partial:  forms{"%s mensagem longa lida em parte", "%s mensagens longas lidas em parte"},
		more:     forms{"… mais %s", "… mais %s"}, threads: forms{"mais %s thread", "mais %s threads"}, with: "%s com %s", of: "%s: %s", counted: "%s (%s)",
	},
	"it": {
		form: oneOrMany, group: ".", digits: 4, list: ", ", clause: "; ",
		read:     forms{"%s su %s messaggio", "%s su %s messaggi"},
		messages: forms{"%s messaggio", "%s messaggi"}, people: forms{"%s persona", "%s persone"},
		images: forms{"%s immagine", "%s immagini"}, voice: forms{"%s messaggio vocale", "%s messaggi vocali"}, videos: forms{"%s video", "%s video"},
		documents: forms{"%s documento", "%s documenti"}, others: forms{"%s altro file", "%s altri file"},
		unreadable: forms{"%s file illeggibile", "%s file illeggibili"}, unopened: forms{"%s file non aperto", "%s file non aperti"},
		unread:   forms{"%s messaggio non letto", "%s messaggi non letti"},
		extracts: forms{"%s messaggio solo in estratti, perché il modello non ha risposto nulla al riguardo", "%s messaggi solo in estratti, perché il modello non ha risposto nulla al riguardo"},
		partial:  forms{"%s messaggio lungo letto in parte", "%s messaggi lunghi letti in parte"},
		more:     forms{"… %s in più", "… altri %s"}, threads: forms{"%s altro thread", "altri %s thread"}, with: "%s con %s", of: "%s: %s", counted: "%s (%s)",
	},
	"nl": {
		form: oneOrMany, group: ".", digits: 4, list: ", ", clause: "; ",
		read:     forms{"%s van %s bericht", "%s van %s berichten"},
		messages: forms{"%s bericht", "%s berichten"}, people: forms{"%s persoon", "%s personen"},
		images: forms{"%s afbeelding", "%s afbeeldingen"}, voice: forms{"%s spraakbericht", "%s spraakberichten"}, videos: forms{"%s video", "%s video's"},
		documents: forms{"%s document", "%s documenten"}, others: forms{"%s ander bestand", "%s andere bestanden"},
		unreadable: forms{"%s bestand onleesbaar", "%s bestanden onleesbaar"}, unopened: forms{"%s bestand niet geopend", "%s bestanden niet geopend"},
		unread:   forms{"%s bericht niet gelezen", "%s berichten niet gelezen"},
		extracts: forms{"%s bericht alleen in fragmenten, omdat het model er niets over antwoordde", "%s berichten alleen in fragmenten, omdat het model er niets over antwoordde"},
		partial:  forms{"%s lang bericht gedeeltelijk gelezen", "%s lange berichten gedeeltelijk gelezen"},
		more:     forms{"… nog %s", "… nog %s"}, threads: forms{"nog %s thread", "nog %s threads"}, with: "%s met %s", of: "%s: %s", counted: "%s (%s)",
	},
	"ru": {
		form: slavic, group: hardSpace, digits: 4, list: ", ", clause: "; ",
		read:     forms{"%s из %s сообщения", "%s из %s сообщений", "%s из %s сообщений"},
		messages: forms{"%s сообщение", "%s сообщения", "%s сообщений"}, people: forms{"%s человек", "%s человека", "%s человек"},
		images: forms{"%s изображение", "%s изображения", "%s изображений"}, voice: forms{"%s голосовое сообщение", "%s голосовых сообщения", "%s голосовых сообщений"},
		videos: forms{"%s видео", "%s видео", "%s видео"}, documents: forms{"%s документ", "%s документа", "%s документов"},
		others:     forms{"%s другой файл", "%s других файла", "%s других файлов"},
		unreadable: forms{"%s файл не читается", "%s файла не читаются", "%s файлов не читаются"},
		unopened:   forms{"%s файл не открыт", "%s файла не открыты", "%s файлов не открыто"},
		unread:     forms{"%s сообщение не прочитано", "%s сообщения не прочитаны", "%s сообщений не прочитано"},
		extracts: forms{"%s сообщение только в отрывках, так как модель ничего о нём не ответила", "%s сообщения только в отрывках, так как модель ничего о них не ответила",
			"%s сообщений только в отрывках, так как модель ничего о них не ответила"},
		partial: forms{"%s длинное сообщение прочитано частично", "%s длинных сообщения прочитаны частично", "%s длинных сообщений прочитано частично"},
		more:    forms{"… ещё %s", "… ещё %s", "… ещё %s"}, threads: forms{"ещё %s ветка", "ещё %s ветки", "ещё %s веток"}, with: "%s (%s)", of: "%s: %s", counted: "%s (%s)",
	},
	"ja": {
		form: same, group: ",", digits: 4, list: "、", clause: "；",
		read: forms{"メッセージ%[2]s件中%[1]s件"}, messages: forms{"メッセージ%s件"}, people: forms{"%s人"},
		images: forms{"画像%s件"}, voice: forms{"ボイスメモ%s件"}, videos: forms{"動画%s件"}, documents: forms{"文書%s件"}, others: forms{"その他のファイル%s件"},
		unreadable: forms{"ファイル%s件は読み取り不可"}, unopened: forms{"ファイル%s件は未確認"}, unread: forms{"メッセージ%s件は未読"},
		extracts: forms{"メッセージ%s件はモデルの回答がなかったため抜粋のみ"}, partial: forms{"長いメッセージ%s件は一部のみ"},
		more: forms{"…ほか%s件"}, threads: forms{"ほかのスレッド%s件"}, with: "%s（%s）", of: "%s：%s", counted: "%s（%s）",
	},
	"zh": {
		form: same, group: ",", digits: 4, list: "，", clause: "；",
		read: forms{"%[2]s条消息中的%[1]s条"}, messages: forms{"%s条消息"}, people: forms{"%s人"},
		images: forms{"%s张图片"}, voice: forms{"%s条语音"}, videos: forms{"%s个视频"}, documents: forms{"%s份文档"}, others: forms{"%s个其他文件"},
		unreadable: forms{"%s个文件无法读取"}, unopened: forms{"%s个文件未打开"}, unread: forms{"%s条消息未读"},
		extracts: forms{"%s条消息仅有摘录，因为模型没有给出回答"}, partial: forms{"%s条长消息只读了一部分"},
		more: forms{"…另有%s条"}, threads: forms{"另有%s个讨论串"}, with: "%s（%s）", of: "%s：%s", counted: "%s（%s）",
	},
	"ko": {
		form: same, group: ",", digits: 4, list: ", ", clause: "; ",
		read: forms{"메시지 %[2]s개 중 %[1]s개"}, messages: forms{"메시지 %s개"}, people: forms{"%s명"},
		images: forms{"이미지 %s개"}, voice: forms{"음성 메모 %s개"}, videos: forms{"동영상 %s개"}, documents: forms{"문서 %s개"}, others: forms{"기타 파일 %s개"},
		unreadable: forms{"파일 %s개 읽을 수 없음"}, unopened: forms{"파일 %s개 열지 않음"}, unread: forms{"메시지 %s개 읽지 않음"},
		extracts: forms{"메시지 %s개는 모델의 답이 없어 발췌만 있음"}, partial: forms{"긴 메시지 %s개는 일부만 읽음"},
		more: forms{"… 외 %s건"}, threads: forms{"그 밖의 스레드 %s개"}, with: "%s(%s)", of: "%s: %s", counted: "%s(%s)",
	},
}
