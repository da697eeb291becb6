package summary

import (
	"slices"
	"strings"
	"unicode"
)

// The limits of a merge.
const (
	mergedMost  = 6000 // items that are kept of the whole conversation
	sameCited   = 0.6  // overlap of two items that cite a message in common
	sameUncited = 0.75 // overlap of two that do not, where one says nothing that the other does not say
	backShare   = 0.5  // share of a decision's words that must occur where it is taken back
	rareMost    = 3    // items that hold a word that is rare
	refsJoined  = 5    // citations of an item that was made of several
	answers     = 0.6  // share of a question's words that an answer holds
	candidates  = 32   // items with a word in common that an item is compared with
)

// Merge joins the items of several chunks, whose refs are numbers in the whole conversation: what is said twice becomes one
// item, a question that a later item answers and a decision that a later one takes back are marked. The order is that of
// the conversation. Beyond 6,000 items facts are thinned out evenly; left says how many items are left out.
func Merge(items []Item) (merged []Item, left int) {
	var leads []Item // in the order of the answer: the most important comes first
	for _, item := range items {
		if item.Kind == Lead {
			leads = append(leads, item)
		}
	}
	items = slices.Clone(items)
	slices.SortStableFunc(items, byPlace)
	m := merger{index: map[string][]int{}}
	for _, item := range items {
		if item.Kind != Lead {
			m.add(item)
		}
	}
	m.settle()
	merged = m.kept()
	if over := len(merged) - mergedMost; over > 0 {
		merged = thin(merged, over)
		left = over
	}
	return append(leads, merged...), left
}

// merger finds items that share words through an index.
type merger struct {
	items  []Item
	words  []map[string]bool
	digits []string
	gone   []bool
	index  map[string][]int
}

func (m *merger) add(item Item) {
	w, numbers := words(item.Text), digits(item.Text)
	for _, k := range m.near(w) {
		if m.gone[k] {
			continue
		}
		old := &m.items[k]
		cited := citeTogether(*old, item)
		same := alike(w, m.words[k], cited) && m.digits[k] == numbers
		switch {
		case !same || opposed(old.Text, item.Text):
			continue
		case old.Kind == item.Kind && (old.Owner == item.Owner || old.Owner == "" || item.Owner == ""):
			m.join(k, item)
			return
		case cited && item.Kind == Fact && old.Kind != Fact:
			return // the decision says it already
		case cited && old.Kind == Fact && item.Kind != Fact:
			m.gone[k] = true
		}
	}
	k := len(m.items)
	m.items, m.words, m.gone = append(m.items, item), append(m.words, w), append(m.gone, false)
	m.digits = append(m.digits, numbers)
	for word := range w {
		m.index[word] = append(m.index[word], k)
	}
}

// join adds what a second telling has more.
func (m *merger) join(k int, item Item) {
	old := &m.items[k]
	all := append(slices.Clone(old.Refs), item.Refs...)
	slices.SortFunc(all, func(a, b Ref) int { return a.N - b.N })
	all = slices.CompactFunc(all, func(a, b Ref) bool { return a.N == b.N })
	if len(all) > refsJoined { // the first telling, and the latest
		all = append(all[:refsJoined-1], all[len(all)-1])
	}
	old.Refs = all
	if old.Owner == "" {
		old.Owner = item.Owner
	}
	if item.Reversed.N > 0 {
		old.Reversed = item.Reversed
	}
	if item.Answered.N > 0 {
		old.Answered = item.Answered
	}
	if item.Due != "" { // the later word counts
		old.Due = item.Due
	}
}

// near gives the items that share words with w, those that share rare words first, at most candidates.
func (m *merger) near(w map[string]bool) []int {
	lists := make([][]int, 0, len(w))
	for word := range w {
		if list := m.index[word]; len(list) > 0 {
			lists = append(lists, list)
		}
	}
	slices.SortFunc(lists, func(a, b []int) int { return len(a) - len(b) })
	var out []int
	for _, list := range lists {
		for i := len(list) - 1; i >= 0 && len(out) < candidates; i-- {
			if !slices.Contains(out, list[i]) {
				out = append(out, list[i])
			}
		}
	}
	slices.Sort(out)
	return out
}

// settle marks questions that are answered later and decisions that are taken back later.
func (m *merger) settle() {
	for k := range m.items {
		if m.gone[k] {
			continue
		}
		item := &m.items[k]
		if item.Kind == Question || len(item.Refs) == 0 {
			continue
		}
		back := item.Kind != Action && takesBack(item.Text)
		for _, q := range m.near(m.words[k]) {
			old := &m.items[q]
			if m.gone[q] || q == k || old.last() >= item.last() {
				continue
			}
			switch {
			case old.Kind == Question && old.Answered.N == 0 && len(m.words[q]) > 1 && share(m.words[q], m.words[k]) >= answers:
				old.Answered = item.Refs[len(item.Refs)-1]
			case back && old.Kind == Decision && old.Reversed.N == 0 && !takesBack(old.Text) && m.aboutTheSame(q, k):
				old.Reversed = item.Refs[len(item.Refs)-1]
			}
		}
	}
}

func (m *merger) kept() []Item {
	var out []Item
	for k, item := range m.items {
		if !m.gone[k] {
			out = append(out, item)
		}
	}
	slices.SortStableFunc(out, byPlace)
	return out
}

// thin leaves out over facts, evenly, and then whatever else.
func thin(items []Item, over int) []Item {
	for _, all := range []bool{false, true} {
		facts := 0
		for _, i := range items {
			if all || i.Kind == Fact {
				facts++
			}
		}
		drop := min(over, facts)
		seen, dropped := 0, 0
		out := items[:0:0]
		for _, i := range items {
			if all || i.Kind == Fact {
				seen++
				if dropped*facts < seen*drop && dropped < drop {
					dropped++
					continue
				}
			}
			out = append(out, i)
		}
		items, over = out, over-dropped
	}
	return items
}

// alike reports whether two items with these words say the same.
func alike(a, b map[string]bool, cited bool) bool {
	if len(a) == 0 || len(b) == 0 {
		return false
	}
	n := float64(common(a, b))
	ab, ba := n/float64(len(a)), n/float64(len(b))
	return cited && min(ab, ba) >= sameCited || max(ab, ba) == 1 && min(ab, ba) >= sameUncited
}

// aboutTheSame reports whether item k speaks of what item q is about: they share most words, or one that hardly any other
// item holds.
func (m *merger) aboutTheSame(q, k int) bool {
	if share(m.words[q], m.words[k]) >= backShare {
		return true
	}
	for w := range m.words[q] {
		if !m.words[k][w] || len([]rune(w)) < stemRunes-1 || len(m.index[w]) > rareMost {
			continue
		}
		if len(m.items) > 2*rareMost || retracts(m.items[k].Text) && m.only(q, k, w) && isNamed(m.items[q].Text, w) && isNamed(m.items[k].Text, w) {
			return true
		}
	}
	return false
}

// only reports whether no other decision before item k than q holds the word: among few items, no word is rare, but a name
// that one decision has tells which is taken back.
func (m *merger) only(q, k int, word string) bool {
	return !slices.ContainsFunc(m.index[word], func(i int) bool {
		return i != q && i != k && !m.gone[i] && m.items[i].Kind == Decision && m.items[i].last() < m.items[k].last()
	})
}

// isNamed reports whether a text holds the word, by its stem, with a capital letter and not only where a sentence begins.
func isNamed(text, stem string) bool {
	begins := true
	for _, f := range strings.Fields(text) {
		w := strings.TrimFunc(f, func(r rune) bool { return !unicode.IsLetter(r) })
		r := []rune(w)
		if len(r) > 0 && !begins && unicode.IsUpper(r[0]) && words(w)[stem] {
			return true
		}
		begins = strings.HasSuffix(f, ".") || strings.HasSuffix(f, ":") || strings.HasSuffix(f, "!") || strings.HasSuffix(f, "?")
	}
	return false
}

// digits are the numbers of a text, in order.
func digits(text string) string {
	return strings.Join(digitRuns.FindAllString(plainDigits(text), -1), " ")
}

// citeTogether reports whether two items cite a message in common.
func citeTogether(a, b Item) bool {
	numbers := a.numbers()
	return slices.ContainsFunc(b.Refs, func(r Ref) bool { return slices.Contains(numbers, r.N) })
}

// negations and withdrawals say in the larger languages that something is not, or no longer.
var (
	negations = []string{" not ", "n't ", " no longer ", " never ", " nicht ", " kein", " ne ", " pas ", " no ", " não ", " non ", " niet ", " geen ", " не ", "ない", "不", "没", "않", "안 "}
	withdraws = []string{"forget that", "forget it, we", "scratch that", "on second thought", "vergiss das", "vergesst das", "kommando zurück",
		"oublie ça", "oubliez ça", "olvida eso", "olvidad eso", "olvídalo", "marcha atrás", "esquece isso", "esqueça isso",
		"lascia perdere", "vergeet dat", "забудьте", "забудь",
		"やっぱり", "なかったことに", "忘记刚才", "不换了", "算了", "아까 건 잊",
		"instead of", "no longer", "cancel", "revert", "reversed", "took back", "taken back", "take back", "takes back", "undo", "undone", "scrap", "drop ", "dropped", " is off", "after all", "change of plan",
		"overturn", "withdraw", "rolled back", "changed our mind", "not going to", "won't", "will not", "call off", "called off", "abandon", "reconsider", "supersede", "replaces",
		"stattdessen", "doch nicht", "zurückgenommen", "nehmen wir zurück", "nicht mehr", "verworfen", "storniert", "abgesagt", "rückgängig", "hinfällig", "gestrichen", "planänderung",
		"annul", "ne plus", "finalement", "abandonn", "en vez de", "ya no", "cambio de plan", "al final no", "cancelad", "anulad", "revocad", "se retira", "descarta", "en lugar de", "em vez de", "já não", "cancelado", "invece di", "non più",
		"annullat", "niet meer", "geannuleerd", "отмен", "вместо", "больше не", "передумали", "取りやめ", "撤回", "中止", "やめ", "取消", "不再", "취소", "철회", "대신"}
)

// retractions are what people write when they take back what was decided; unlike withdraws they mean hardly anything else.
var retractions = []string{"forget that", "forget it, we", "scratch that", "on second thought", "vergiss das", "vergesst das", "kommando zurück",
	"oublie ça", "oubliez ça", "olvida eso", "olvidad eso", "olvídalo", "marcha atrás", "esquece isso", "esqueça isso",
	"lascia perdere", "vergeet dat", "забудьте", "забудь",
	"やっぱり", "なかったことに", "忘记刚才", "不换了", "算了", "아까 건 잊",
	"take that back", "take it back", "taking that back", "taken back", "took back", "change of plan", "plans have changed", "plans changed", " is off,", " is off.", " is off ",
	"scrapped", "scrap that", "called off", "changed our mind", "changed my mind", "is cancelled", "is canceled", "not happening", "decision is reversed", "we reverse", "overturned", "is withdrawn", "never mind the decision",
	"zurücknehmen", "zurückgenommen", "nehme das zurück", "nehmen das zurück", "planänderung", "ist gestrichen", "wird gestrichen", "doch nicht", "ist abgesagt", "verworfen", "vom tisch",
	"changement de plan", "finalement pas", "est annulé", "on annule", "on abandonne", "je retire", "cambio de plan", "retirarlo", "descartad", "al final no", "cancelad", "queda anulad",
	"mudança de plano", "afinal não", "cambio di programma", "alla fine non", "annullat", "is geannuleerd", "toch niet", "gaat niet door", "отменя", "отмена", "отменено", "передумали",
	"取りやめ", "撤回", "中止", "取消", "作废", "취소", "철회"}

// retracts reports whether a message takes something back.
func retracts(text string) bool {
	return containsAny(text, retractions) || containsAny(text, negations) && containsAny(text, []string{" after all"})
}

func containsAny(text string, list []string) bool {
	text = " " + strings.ToLower(text) + " "
	return slices.ContainsFunc(list, func(w string) bool { return strings.Contains(text, w) })
}

// takesBack reports whether a decision says that another no longer holds.
func takesBack(text string) bool { return containsAny(text, withdraws) || retracts(text) }

// opposed reports whether one of two texts denies what the other says: those are never made one.
func opposed(a, b string) bool {
	return containsAny(a, negations) != containsAny(b, negations) || takesBack(a) != takesBack(b)
}
