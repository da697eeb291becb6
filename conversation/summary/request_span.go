package summary

import (
	"strconv"
	"strings"
	"time"
)

// lastMost bounds "last n".
const lastMost = 1_000_000

var (
	// sinceSummary and sinceSpoke are what a person has done here before.
	sinceSummary = begin(`since (?:my|the) (?:last|previous) (?:summary|recap|digest)|seit (?:meiner|der) letzten zusammenfassung|depuis (?:mon|le) dernier résumé|desde (?:mi|el) último resumen|desde (?:o )?(?:meu )?último resumo|da(?:l|ll')?(?: mio)? ultimo (?:riassunto|riepilogo)|sinds (?:mijn|de) (?:laatste|vorige) samenvatting|с (?:моего )?(?:последнего|прошлого) (?:резюме|пересказа|саммари)|с (?:моей )?(?:последней|прошлой) сводки|(?:前回|最後)の(?:要約|まとめ)(?:以降|から|の後)|(?:从|自)?(?:上次|上一次)(?:总结|總結|摘要)(?:以来|之后|后|以後|起)|(?:지난|마지막|이전) ?요약 ?(?:이후|부터|후)(?:로)?`)
	sinceSpoke   = begin(`since (?:i|my) (?:last )?(?:spoke|posted|wrote|was|said (?:something|anything)|message|post|been)(?: last)?(?: here| online| active)*|since i (?:was |have )?last (?:here|active|online|spoke|posted|wrote)(?: here)?|seit(?:dem)? (?:ich (?:hier )?(?:zuletzt|das letzte mal) (?:hier )?(?:geschrieben|gesprochen|etwas gesagt|da|hier)(?: habe| war| hab)?|meiner letzten nachricht)|depuis (?:mon dernier message|que j'ai (?:parlé|écrit)(?: ici)?)(?: ici)?|desde (?:mi último mensaje|que (?:hablé|escribí))(?: aquí)?(?: por última vez)?|desde (?:a )?minha última mensagem(?: aqui)?|da(?:l mio)? ultimo messaggio|dal mio ultimo messaggio(?: qui)?|sinds mijn laatste bericht(?: hier)?|с моего последнего сообщения(?: здесь)?|(?:私|自分)の(?:最後|前回)の(?:発言|投稿|メッセージ)(?:以降|から|の後)|(?:从|自)?我(?:上次|最后一次|最後一次)(?:发言|發言|说话)(?:以来|之后|后|以後|起)|(?:내가|제) ?마지막(?:으로)? ?(?:말한|쓴|메시지|글) ?(?:이후|부터|후)(?:로)?`)

	lastN = begin(`(?:(?:of|for|from|in) )?(?:the |my )?(?:last|past|latest|previous|most recent) (\d{1,7})(?: (?:messages?|msgs?|posts?|lines?))?` +
		`|(?:(?:der|von den|aus den) |die )?letzten (\d{1,7})(?: (?:nachrichten|beiträge|zeilen))?|(?:(?:des|les|ces) )?(\d{1,7}) derni(?:ers|ères)(?: messages)?|(?:(?:de )?(?:los|las) )?últim[oa]s (\d{1,7})(?: mensajes| mensagens)?|(?:(?:d?as|d?os) )últim[oa]s (\d{1,7})(?: mensagens)?|(?:(?:de)?gli )?ultimi (\d{1,7})(?: messaggi)?|(?:(?:van )?de )?laatste (\d{1,7})(?: berichten)?|последни[ех] (\d{1,7})(?: сообщени[йяе])?|(?:最後|直近|最新)の?(\d{1,7})(?:件|個|通)?の?(?:メッセージ|投稿|発言)?(?:の|を)?|(?:最近|最后|最後|最新)的?(\d{1,7})(?:条|條|个|則)?(?:消息|訊息|记录|信息)?(?:的)?|(?:최근|마지막) ?(\d{1,7})(?:개|건)?(?:의)? ?(?:메시지|글)?(?:를|을)?`)

	// lastSpan is a duration up to now.
	lastSpan = begin(`(?:(?:of|for|from|in|over|during|within) )?(?:the )?(?:last|past|previous) (?:(\d{1,4}|couple of|few|an?|one|two|three|four|five|six|seven|ten) )?(minutes?|mins?|hours?|hrs?|days?|weeks?|months?)` +
		`|(?:(?:for|from|in|over) )?(?:the )?(?:last|past) (\d{1,4}) ?(h|hrs?|mins?|d|w|wks?|mo)` +
		`|(?:(?:der|in den|aus den) |die )?letzte[rn]? (?:(\d{1,4}|zwei|drei|vier|fünf) )?(minuten|stunden?|tagen?|wochen?|monaten?)` +
		`|(?:(?:de|du|des|dans) )?(?:les |la |le )?(?:(\d{1,4}|deux|trois) )?derni(?:ers|ères|ère|er) (minutes|heures?|jours?|semaines?|mois)` +
		`|(?:(?:de|en) )?(?:las |los |la |el |as |os |a |o )?últim[oa]s? (?:(\d{1,4}|dos|tres|dois|duas|três) )?(minutos|horas?|días?|dias?|semanas?|mes(?:es)?|mês)` +
		`|(?:(?:de)?(?:gli|le|l') ?)?ultim[oaie] (?:(\d{1,4}|due|tre) )?(minuti|or[ae]|giorn[oi]|settiman[ae]|mes[ei])` +
		`|(?:(?:van )?de |het )?(?:laatste|afgelopen) (?:(\d{1,4}|twee|drie) )?(minuten|uur|dag(?:en)?|we(?:ek|ken)|maand(?:en)?)` +
		`|(?:за )?последн(?:ие|их|юю|ий|ее) (?:(\d{1,4}|два|две|три) )?(минут[ы]?|час(?:а|ов)?|д(?:ень|ня|ней)|недел[юиь]|месяца?(?:ев)?)` +
		`|(?:ここ|過去|直近|この)(\d{1,4})?(分|時間|日|週間|か月)間?の?(?:会話)?(?:の|を)?|(?:最近|过去|過去)(\d{1,4}|两|三|一)?个?(分钟|小时|天|周|个月|月|小時|分鐘)(?:的)?|(?:최근|지난) ?(\d{1,4})? ?(분|시간|일|주일?|개월|달)(?: ?(?:동안|간))?(?:의)?`)

	// ago is a point so long ago: "2d", "3 hours ago".
	ago = begin(`(?:vor |il y a |hace |há |vor den letzten )?(\d{1,4}|an?|one|two|three|einem|einer|zwei|drei|une?|deux|trois|un[ao]?|dos|tres|dois|duas|due|tre|een|twee|drie) ?(m|mins?|minutes?|h|hrs?|hours?|d|days?|w|wks?|weeks?|mo|months?|minuten|stunden?|tage?n?|wochen?|monate?n?|heures?|jours?|semaines?|mois|minutos|horas?|días?|dias?|semanas?|mes(?:es)?|minuti|or[ae]|giorn[oi]|settiman[ae]|uur|dag(?:en)?|week|weken|minut[ay]?|часа?|часов|дн(?:я|ей)|день|недел[юиь])(?: (?:ago|atrás|fa|geleden|назад))?`)

	agoDense = begin(`(\d{1,4}) ?(分|時間|日|週間|か月|ヶ月|分钟|小时|天|周|个月|小時|분|시간|일|주|개월)(?:前|之前|以前| ?전)`)
)

// since introduces a point in time; afterwards stands behind one in languages that put it there.
var (
	since      = begin(`since|from|starting|seit(?: dem| der)?|ab(?: dem)?|depuis(?: le| la)?|à partir (?:de|du)|desde(?: (?:el|la|o|a))?|a partir de|da(?:l|lla|lle|ll')?|sinds|vanaf|со?|начиная со?|从|從|自(?:从|從)?`)
	afterwards = begin(`(?:から(?:の)?|以降(?:の)?|以来|以來|之后|之後|以后|以後|起|开始|開始|부터|이후(?:로)?|까지|の|的|의)+`)
)

// point words give a day back from today; those of a part of today have an hour.
var points = []struct {
	pattern start
	days    int
	hour    int
}{
	{begin(`(?:the )?day before yesterday|vorgestern|avant-hier|anteayer|antes de ayer|anteontem|l'altro ieri|eergisteren|позавчера|一昨日|おととい|前天|그저께|그제`), 2, 0},
	{begin(`yesterday(?: morning)?|gestern(?: früh)?|hier|ayer|ontem|ieri|gisteren|вчера|вчерашнего дня|昨日|きのう|昨天|어제`), 1, 0},
	{begin(`(?:this )?noon|(?:heute )?mittag|midi|mediodía|meio-dia|mezzogiorno|vanmiddag`), 0, 12},
	{begin(`this afternoon`), 0, 12},
	{begin(`this morning|heute (?:morgen|früh)|ce matin|esta mañana|esta manhã|stamattina|vanochtend|утра|сегодняшнего утра|今朝|今天早上|오늘 아침`), 0, 5},
	{begin(`today|heute|aujourd'hui|hoy|hoje|oggi|vandaag|сегодня|сегодняшнего дня|今日|今天|오늘`), 0, 0},
	{begin(`last week|letzter woche|letzte woche|la semaine dernière|la semana pasada|a semana passada|semana passada|la settimana scorsa|vorige week|прошлой недели|на прошлой неделе|先週|上周|上週|지난 ?주`), 7, 0},
	{begin(`last month|letztem monat|le mois dernier|el mes pasado|o mês passado|mês passado|il mese scorso|vorige maand|прошлого месяца|先月|上个月|上個月|지난 ?달`), 30, 0},
}

var (
	thisWeek = begin(`this week|diese(?:r)? woche|cette semaine|esta semana|questa settimana|deze week|этой недели|на этой неделе|今週|这周|這週|本周|이번 ?주`)
	isoDate  = begin(`(\d{4})-(\d{1,2})-(\d{1,2})(?:[t ](\d{1,2}):(\d{2}))?`)
	dotDate  = begin(`(\d{1,2})\.(\d{1,2})\.(\d{2,4})?`)
	dayMonth = begin(`(?:the )?(\d{1,2})(?:st|nd|rd|th|\.|º|er|ª)? (?:of |de |d')?(\p{L}+)`)
	monthDay = begin(`(\p{L}+) (\d{1,2})(?:st|nd|rd|th)?`)
	cjkDate  = begin(`(?:(\d{4})[年년] ?)?(\d{1,2})[月월] ?(\d{1,2})[日号號일]`)
	clock    = begin(`(\d{1,2})(?::(\d{2}))? ?(am|pm|uhr|h|時|点|點|시)?`)
	weekday  = begin(`(?:(?:last|this|letzten?|diesen?|le|el|la|o|a|lo|vorige|прошлого|прошлой|上|先週の|지난) ?)?((?:quarta|quinta|sexta|segunda|terça)-feira|\p{L}+)(?: (?:last|dernier|pasado|passada|passado|scorso|scorsa))?`)
)

// span takes a range off the begin of the rest: one time and one number of messages are taken, in any order.
func (s *asking) span() bool {
	if s.ranged && s.take(afterwards) {
		return true
	}
	return !s.timed && s.time() || s.request.Last == 0 && s.count()
}

// time takes when it begins.
func (s *asking) time() bool {
	switch {
	case s.take(sinceSummary):
		s.request.SinceLastSummary, s.timed, s.ranged, s.bounded = true, true, true, true
		return true
	case s.take(sinceSpoke):
		s.request.SinceSpoke, s.timed, s.ranged, s.bounded = true, true, true, true
		return true
	}
	if m := s.match(lastSpan); m != nil {
		n, unit := group2(m)
		s.begins(s.now.Add(-span(n, unit)))
		s.bounded = true
		return true
	}
	before := s.rest
	if s.take(since) {
		if at, ok := s.point(); ok {
			s.begins(at)
			s.bounded = true
			return true
		}
		s.rest = before
		return false
	}
	if at, ok := s.dayWord(); ok {
		s.begins(at)
		if s.take(afterwards) {
			s.bounded = true
		}
		return true
	}
	return s.dense(before)
}

// begins notes when the stretch begins.
func (s *asking) begins(at time.Time) {
	s.timed, s.ranged = true, true
	if s.request.Future = at.After(s.now); !s.request.Future {
		s.request.Since = at
	}
}

// count takes how many messages are wanted.
func (s *asking) count() bool {
	m := s.match(lastN)
	if m == nil {
		return false
	}
	digits, _ := group2(m)
	n, err := strconv.Atoi(digits)
	if err != nil || n < 1 || n > lastMost {
		return false
	}
	s.request.Last, s.ranged, s.bounded = n, true, true
	return true
}

// dense reads a point that is followed by its "since", as Chinese, Japanese and Korean have it.
func (s *asking) dense(before string) bool {
	if at, ok := s.point(); ok && s.take(afterwards) {
		s.begins(at)
		s.bounded = true
		return true
	}
	s.rest = before
	return false
}

// group2 gives the first two groups that matched.
func group2(m []string) (first, second string) {
	var got []string
	for i, g := range m[1:] {
		if g != "" {
			got = append(got, g)
		} else if len(got) == 1 && i == 0 {
			got = append(got, "")
		}
	}
	switch len(got) {
	case 0:
		return "", ""
	case 1:
		if got[0][0] >= '0' && got[0][0] <= '9' {
			return got[0], ""
		}
		return "", got[0]
	}
	return got[0], got[1]
}

// span is a duration in words.
func span(n, unit string) time.Duration {
	count := 1
	if k, err := strconv.Atoi(n); err == nil {
		count = k
	} else if digits, known := numberWords[n]; known {
		count, _ = strconv.Atoi(digits)
	} else if n == "couple of" || n == "两" || n == "twee" || n == "два" || n == "две" {
		count = 2
	} else if n == "few" || n == "drie" || n == "три" {
		count = 3
	}
	return time.Duration(count) * unitOf(unit)
}

// unitOf is the duration of a unit, a day where it is not known.
func unitOf(unit string) time.Duration {
	const day = 24 * time.Hour
	for _, u := range []struct {
		names string
		is    time.Duration
	}{
		{" m min mins minute minutes minuten minutos minuti минут минуты 分 分钟 分鐘 분 ", time.Minute},
		{" h hr hrs hour hours stunde stunden heure heures hora horas ora ore uur час часа часов 時間 小时 小時 시간 ", time.Hour},
		{" w wk wks week weeks woche wochen semaine semaines semana semanas settimana settimane weken неделю недели недель 週間 周 주 주일 ", 7 * day},
		{" mo month months monat monate monaten mois mes meses mês mese mesi maand maanden месяц месяца месяцев か月 ヶ月 个月 月 개월 달 ", 30 * day},
	} {
		if strings.Contains(u.names, " "+unit+" ") {
			return u.is
		}
	}
	return day
}

// dayWord reads "yesterday", "this morning", "this week".
func (s *asking) dayWord() (time.Time, bool) {
	midnight := time.Date(s.now.Year(), s.now.Month(), s.now.Day(), 0, 0, 0, 0, s.now.Location())
	for _, p := range points {
		if s.take(p.pattern) {
			return midnight.AddDate(0, 0, -p.days).Add(time.Duration(p.hour) * time.Hour), true
		}
	}
	if s.take(thisWeek) {
		return midnight.AddDate(0, 0, -(int(midnight.Weekday())+6)%7), true
	}
	return time.Time{}, false
}

// point reads a point in time.
func (s *asking) point() (time.Time, bool) {
	now, before := s.now, s.rest
	midnight := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	if at, ok := s.dayWord(); ok {
		return at, true
	}
	number := func(text string) int { n, _ := strconv.Atoi(text); return n }
	date := func(year, month, day int) (time.Time, bool) {
		if month < 1 || month > 12 || day < 1 || day > 31 {
			s.rest = before
			return time.Time{}, false
		}
		given := year > 0
		if year > 0 && year < 100 {
			year += 2000
		}
		if !given {
			year = now.Year()
		}
		at := time.Date(year, time.Month(month), day, 0, 0, 0, 0, now.Location())
		if !given && at.After(now) {
			at = at.AddDate(-1, 0, 0)
		}
		return at, true
	}
	if m := s.match(isoDate); m != nil {
		at, ok := date(number(m[1]), number(m[2]), number(m[3]))
		return at.Add(time.Duration(number(m[4]))*time.Hour + time.Duration(number(m[5]))*time.Minute), ok
	}
	if m := s.match(dotDate); m != nil {
		return date(number(m[3]), number(m[2]), number(m[1]))
	}
	if m := s.match(cjkDate); m != nil {
		return date(number(m[1]), number(m[2]), number(m[3]))
	}
	for _, pattern := range []start{ago, agoDense} {
		if m := s.match(pattern); m != nil {
			n, unit := group2(m)
			return now.Add(-span(n, unit)), true
		}
	}
	if m := s.match(dayMonth); m != nil {
		if month, ok := monthOf(m[2]); ok {
			return date(0, int(month), number(m[1]))
		}
		s.rest = before
	}
	if m := s.match(monthDay); m != nil {
		if month, ok := monthOf(m[1]); ok {
			return date(0, int(month), number(m[2]))
		}
		s.rest = before
	}
	if at, ok := s.dayOfWeek(midnight); ok {
		return at, true
	}
	if m := s.match(clock); m != nil && (m[2] != "" || m[3] != "") {
		hour := number(m[1])
		if m[3] == "pm" && hour < 12 {
			hour += 12
		}
		if hour < 24 {
			at := midnight.Add(time.Duration(hour)*time.Hour + time.Duration(number(m[2]))*time.Minute)
			if at.After(now) {
				at = at.AddDate(0, 0, -1)
			}
			return at, true
		}
	}
	s.rest = before
	return time.Time{}, false
}

var denseDay = begin(`(?:先週の|上|지난 ?)?(?:[月火水木金土日]曜日?|(?:星期|周|週)[一二三四五六日天]|[월화수목금토일]요일)`)

// dayOfWeek reads a day of the week: the last one that has begun.
func (s *asking) dayOfWeek(midnight time.Time) (time.Time, bool) {
	before := s.rest
	m := s.match(denseDay)
	if m == nil {
		m = s.match(weekday)
	}
	if m != nil {
		if strings.HasSuffix(m[0], " last") && s.rest != "" && s.rest[0] >= '0' && s.rest[0] <= '9' {
			s.rest = "last " + s.rest // "since Monday last 20": it belongs to the number
		}
		for day := range weekdaysIn(strings.NewReplacer("週", "周").Replace(m[0])) {
			back := (int(midnight.Weekday()) - int(day) + 7) % 7
			return midnight.AddDate(0, 0, -back), true
		}
	}
	s.rest = before
	return time.Time{}, false
}
