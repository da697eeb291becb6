package summary

import (
	"strings"
	"time"
	"unicode"
)

// weekdayNames are the days of the week in the larger languages, from Sunday on, as they occur within lower-case text.
var weekdayNames = [7][]string{
	{"sunday", "sonntag", "dimanche", "domingo", "domenica", "zondag", "воскресен", "日曜", "星期日", "星期天", "周日", "일요일"},
	{"monday", "montag", "lundi", "lunes", "segunda-feira", "lunedì", "lunedi", "maandag", "понедельник", "月曜", "星期一", "周一", "월요일"},
	{"tuesday", "dienstag", "mardi", "martes", "terça-feira", "martedì", "martedi", "dinsdag", "вторник", "火曜", "星期二", "周二", "화요일"},
	{"wednesday", "mittwoch", "mercredi", "miércoles", "miercoles", "quarta-feira", "mercoledì", "mercoledi", "woensdag", "среду", "среды", "水曜", "星期三", "周三", "수요일"},
	{"thursday", "donnerstag", "jeudi", "jueves", "quinta-feira", "giovedì", "giovedi", "donderdag", "четверг", "木曜", "星期四", "周四", "목요일"},
	{"friday", "freitag", "vendredi", "viernes", "sexta-feira", "venerdì", "venerdi", "vrijdag", "пятниц", "金曜", "星期五", "周五", "금요일"},
	{"saturday", "samstag", "sonnabend", "samedi", "sábado", "sabado", "sabato", "zaterdag", "суббот", "土曜", "星期六", "周六", "토요일"},
}

// monthNames are the months in the larger languages in Latin and Cyrillic script, from January on. Short forms and those
// that are other words too ("may", "mars", "set") count only beside a number.
var monthNames = [12][]string{
	{"january", "januar", "janvier", "enero", "janeiro", "gennaio", "januari", "январ", "jan"},
	{"february", "februar", "février", "fevrier", "febrero", "fevereiro", "febbraio", "februari", "феврал", "feb"},
	{"march", "märz", "mars", "marzo", "março", "maart", "март", "mar"},
	{"april", "avril", "abril", "aprile", "апрел", "apr"},
	{"may", "mai", "mayo", "maio", "maggio", "mei", "мая"},
	{"june", "juni", "juin", "junio", "junho", "giugno", "июн", "jun"},
	{"july", "juli", "juillet", "julio", "julho", "luglio", "июл", "jul"},
	{"august", "août", "aout", "agosto", "augustus", "август", "aug"},
	{"september", "septembre", "septiembre", "setembro", "settembre", "сентябр", "sep", "sept"},
	{"october", "oktober", "octobre", "octubre", "outubro", "ottobre", "октябр", "oct", "okt"},
	{"november", "novembre", "noviembre", "novembro", "ноябр", "nov"},
	{"december", "dezember", "décembre", "decembre", "diciembre", "dezembro", "dicembre", "декабр", "dec", "dez"},
}

// weekdaysIn gives the days of the week that a text names.
func weekdaysIn(text string) map[time.Weekday]bool {
	text = strings.ToLower(text)
	found := map[time.Weekday]bool{}
	for day, names := range weekdayNames {
		for _, name := range names {
			if strings.Contains(text, name) {
				found[time.Weekday(day)] = true
				break
			}
		}
	}
	return found
}

// monthOf gives the month that a lower-case word names.
func monthOf(word string) (time.Month, bool) {
	for month, names := range monthNames {
		for _, name := range names {
			if word == name || len(name) > 5 && name[0] >= 0x80 && strings.HasPrefix(word, name) {
				return time.Month(month + 1), true
			}
		}
	}
	return 0, false
}

// monthsIn gives the months that a text names beside a number, "3 March" or "March 3".
func monthsIn(text string) map[time.Month]bool {
	found := map[time.Month]bool{}
	fields := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	numeric := func(i int) bool {
		return i >= 0 && i < len(fields) && fields[i] != "" && fields[i][0] >= '0' && fields[i][0] <= '9'
	}
	for i, word := range fields {
		if month, ok := monthOf(word); ok && (numeric(i-1) || numeric(i+1) || i >= 2 && fields[i-1] == "de" && numeric(i-2)) {
			found[month] = true
		}
	}
	return found
}
