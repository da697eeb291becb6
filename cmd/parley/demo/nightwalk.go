package demo

import "time"

// nightWalk is a conversation that is worth summing up: two days, decisions, tasks, an open question, a link, a picture and
// two languages.
const nightWalk = "night-walk"

// said is one line of it, after a pause since the one before. A file stands under it where picture is set.
type said struct {
	who, text string
	after     time.Duration
	picture   bool
}

// nightWalkAgo is how long before the start it began; its pauses add up to less.
const nightWalkAgo = 47 * time.Hour

var nightWalkStory = []said{
	{who: "Ana", text: "New idea for the autumn: a night walk along the harbour, with lanterns. Who is in?"},
	{who: "Bo", text: "Me! The rock pools are wonderful in the dark.", after: 3 * time.Minute},
	{who: "Chi", text: "I am in. But we need a tide that is low in the evening.", after: 2 * time.Minute},
	{who: "Ana", text: "The tables are here: https://tides.example/harbour/november", after: 4 * time.Minute},
	{who: "Chi", text: "Low water is at 19:40 on Friday the 14th and at 20:25 on Saturday the 15th.", after: 6 * time.Minute},
	{who: "Bo", text: "Friday is hard for families, the ferry from the island comes at 20:00 only.", after: 5 * time.Minute},
	{who: "Ana", text: "Saturday then? The band plays in the old town that evening.", after: 3 * time.Minute},
	{who: "Bo", text: "Better: people are in town anyway.", after: 2 * time.Minute},
	{who: "Chi", text: "Saturday is fine with me too.", after: 7 * time.Minute},
	{who: "Ana", text: "Decided: the night walk is on Saturday 15 November, we meet at 19:30 at the old lighthouse.", after: 4 * time.Minute},
	{who: "Bo", text: "¡Perfecto! Mi hermana viene con su grupo, son ocho personas.", after: 9 * time.Minute},
	{who: "Ana", text: "¡Qué bien! ¿Hablan todos español?", after: 2 * time.Minute},
	{who: "Bo", text: "Sí, y dos niños hablan también inglés.", after: 1 * time.Minute},
	{who: "Chi", text: "Then the leaflet has to be in English and Spanish.", after: 3 * time.Minute},
	{who: "Ana", text: "Agreed, the leaflet is in two languages.", after: 2 * time.Minute},
	{who: "Chi", text: "I will draw the leaflet by Monday.", after: 1 * time.Minute},
	{who: "Ana", text: "How many people can we take?", after: 40 * time.Minute},
	{who: "Bo", text: "The path at the north pier is narrow. Last spring we were 34 and it was too many.", after: 4 * time.Minute},
	{who: "Chi", text: "24 would be two guides with twelve people each.", after: 3 * time.Minute},
	{who: "Bo", text: "And a third person at the end of the line, with a lamp.", after: 2 * time.Minute},
	{who: "Ana", text: "Decided: 24 people at most, two guides and one at the end of the line.", after: 6 * time.Minute},
	{who: "Bo", text: "I will put the places into the booking system by tomorrow.", after: 3 * time.Minute},
	{who: "Ana", text: "Thanks! And lunch now.", after: 1 * time.Minute},
	{who: "Chi", text: "Enjoy :)", after: 1 * time.Minute},
	{who: "Chi", text: "Here is a first sketch for the leaflet: the lighthouse, the moon and the path.", after: 3 * time.Hour, picture: true},
	{who: "Ana", text: "Lovely. The moon may be larger.", after: 5 * time.Minute},
	{who: "Bo", text: "Me gusta mucho. En gris se verá bien también.", after: 3 * time.Minute},
	{who: "Chi", text: "Yes, the lines stay readable without colours.", after: 4 * time.Minute},
	{who: "Ana", text: "What do we do about lanterns?", after: 90 * time.Minute},
	{who: "Bo", text: "The scouts lend us 20, with LED lamps. Candles are forbidden on the pier.", after: 8 * time.Minute},
	{who: "Chi", text: "Then four are missing.", after: 1 * time.Minute},
	{who: "Ana", text: "We have six in the shed, two of them broken.", after: 5 * time.Minute},
	{who: "Bo", text: "So exactly 24. I will fetch the lanterns from the scouts on Thursday.", after: 2 * time.Minute},
	{who: "Chi", text: "Red light, please: white light scares the crabs.", after: 3 * time.Minute},
	{who: "Bo", text: "Red foil costs nothing, there is a roll in the workshop.", after: 4 * time.Minute},
	{who: "Ana", text: "Good. Lanterns with red foil it is.", after: 2 * time.Minute},
	{who: "Ana", text: "Good morning! The harbour office has answered.", after: 14 * time.Hour},
	{who: "Ana", text: "They allow the walk, and ask for a list of names and for high-visibility vests.", after: 1 * time.Minute},
	{who: "Bo", text: "¿Chalecos para todos?", after: 6 * time.Minute},
	{who: "Ana", text: "Solo para los guías. Los demás llevan un brazalete.", after: 2 * time.Minute},
	{who: "Chi", text: "We have three vests from the spring.", after: 3 * time.Minute},
	{who: "Ana", text: "I will send the list of names to the harbour office by Thursday.", after: 2 * time.Minute},
	{who: "Bo", text: "What does a ticket cost?", after: 35 * time.Minute},
	{who: "Ana", text: "The spring walk was 6 euros. Insurance is 48 euros for the evening.", after: 5 * time.Minute},
	{who: "Chi", text: "And 30 euros for print. With 24 people that is 3.25 each.", after: 4 * time.Minute},
	{who: "Bo", text: "5 euros, children free?", after: 2 * time.Minute},
	{who: "Ana", text: "Settled: 5 euros a ticket, and children under 12 walk free.", after: 7 * time.Minute},
	{who: "Chi", text: "Nice round number.", after: 1 * time.Minute},
	{who: "Bo", text: "Who calls the band, so that they stop before we start at the lighthouse?", after: 50 * time.Minute},
	{who: "Chi", text: "I do not know anybody there.", after: 12 * time.Minute},
	{who: "Ana", text: "Let me think about that one.", after: 3 * time.Minute},
	{who: "Bo", text: "The weather service says wind from the west, and dry until Sunday.", after: 2 * time.Hour},
	{who: "Chi", text: "We need a second plan for a storm.", after: 4 * time.Minute},
	{who: "Ana", text: "Then we show the film about sea slugs in the boat house, it has 40 seats.", after: 6 * time.Minute},
	{who: "Bo", text: "Agreed: with more than 7 Beaufort we go to the boat house.", after: 3 * time.Minute},
	{who: "Chi", text: "The signs at the north pier are repaired, by the way.", after: 70 * time.Minute},
	{who: "Ana", text: "Great work! That was the last gap.", after: 2 * time.Minute},
	{who: "Bo", text: "12 places are booked already, and it is only Tuesday.", after: 3 * time.Hour},
	{who: "Chi", text: "Wow.", after: 1 * time.Minute},
	{who: "Ana", text: "I will write to the newspaper tonight.", after: 5 * time.Minute},
	{who: "Bo", text: "¡Vamos! See you all at the lighthouse.", after: 8 * time.Minute},
}
