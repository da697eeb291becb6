package planted

// phrases is what people say in one language. {word} is what the plant is told by, {who} speaks, {other} is somebody
// else, {day} a day.
type phrases struct {
	decisions, reversals, actions, questions, agree, talk, days []string
}

var people = []string{"Amara", "Bastian", "Chidi", "Delphine", "Emeka", "Farah", "Gustav", "Hanneke", "Ines", "Jorge", "Kiri", "Lazlo"}

var languages = map[string]phrases{
	"en": {
		decisions: []string{
			"Decided: we go with {word} for the new release.", "OK, then it is settled: {word} replaces the old importer.",
			"We agreed in the call to freeze {word} until the audit is over.", "Final decision from my side: {word} ships without the beta flag.",
		},
		reversals: []string{
			"I have to take that back: we do not do {word} after all, legal said no.", "Change of plan: {word} is off, we stay with what we have.",
		},
		actions: []string{
			"I will write the migration guide for {word} by {day}.", "I take {word}: the load test will be done until {day}.",
			"Mine: I call the supplier about {word} on {day}.",
		},
		questions: []string{
			"Does anybody know who owns the budget for {word}?", "Open question: can {word} run on the small machines at all?",
			"Who can tell me why {word} still has no monitoring?",
		},
		agree: []string{"Fine with me.", "+1", "Agreed.", "Yes, let us do that.", "Works for me, thanks."},
		days:  []string{"Tuesday", "Friday", "12 March", "the end of the month", "Thursday noon"},
		talk: []string{
			"Good morning!", "Is the coffee machine broken again?", "lol", "My train is late, back in a bit.", "The build is green here.",
			"I had the same problem last week, a restart helped.", "Can you send me the link again?", "Thanks, that helped.", "brb",
			"I am in a meeting until eleven.", "The logs are a bit noisy today, but nothing bad.", "Nice work on the dashboard, by the way.",
			"Hm, I see the same numbers as yesterday.", "Lunch?", "It rains here all day.", "I do not think that this matters much.",
			"Let me look at it and come back to you.", "The docs say otherwise, but the docs are old.", "Works on my machine :)", "Sorry, wrong channel.",
		},
	},
	"de": {
		decisions: []string{
			"Beschlossen: wir nehmen {word} für die nächste Version.", "Gut, dann steht es fest: {word} ersetzt den alten Import.",
			"Wir haben uns geeinigt, {word} bis zur Prüfung nicht anzufassen.",
		},
		reversals: []string{
			"Ich muss das zurücknehmen: {word} machen wir doch nicht, die Rechtsabteilung ist dagegen.", "Planänderung: {word} ist gestrichen, alles bleibt wie es ist.",
		},
		actions: []string{
			"Ich schreibe die Anleitung für {word} bis {day}.", "Ich übernehme {word}: der Lasttest ist bis {day} fertig.", "Das mache ich: ich rufe wegen {word} am {day} beim Lieferanten an.",
		},
		questions: []string{
			"Weiß jemand, wer das Budget für {word} hat?", "Offene Frage: läuft {word} überhaupt auf den kleinen Maschinen?", "Wer kann mir sagen, warum {word} noch nicht überwacht wird?",
		},
		agree: []string{"Passt für mich.", "+1", "Einverstanden.", "Ja, machen wir so."},
		days:  []string{"Dienstag", "Freitag", "12. März", "Monatsende", "Donnerstagmittag"},
		talk: []string{
			"Guten Morgen zusammen!", "Ist die Kaffeemaschine wieder kaputt?", "Mein Zug hat Verspätung, bis gleich.", "Der Build ist hier grün.", "Danke, das hat geholfen.",
			"Kannst du mir den Link noch einmal schicken?", "Ich bin bis elf in einer Besprechung.", "Hm, ich sehe dieselben Zahlen wie gestern.", "Mittagessen?", "Hier regnet es den ganzen Tag.",
			"Das schaue ich mir an und melde mich.", "Laut Doku ist es anders, aber die Doku ist alt.", "Bei mir geht es :)", "Entschuldigung, falscher Kanal.", "Schöne Arbeit an der Übersicht übrigens.",
		},
	},
	"es": {
		decisions: []string{
			"Decidido: usamos {word} en la próxima versión.", "Bien, queda acordado: {word} sustituye al importador antiguo.", "Hemos acordado congelar {word} hasta que acabe la auditoría.",
		},
		reversals: []string{
			"Tengo que retirarlo: al final no hacemos {word}, legal dijo que no.", "Cambio de plan: {word} queda descartado, seguimos como estamos.",
		},
		actions: []string{
			"Yo escribo la guía de {word} antes del {day}.", "Me encargo de {word}: la prueba de carga estará para el {day}.", "Lo hago yo: llamo al proveedor por {word} el {day}.",
		},
		questions: []string{
			"¿Alguien sabe quién tiene el presupuesto de {word}?", "Pregunta abierta: ¿puede {word} funcionar en las máquinas pequeñas?", "¿Quién me dice por qué {word} sigue sin monitorización?",
		},
		agree: []string{"Por mí bien.", "+1", "De acuerdo.", "Sí, hagámoslo así."},
		days:  []string{"martes", "viernes", "12 de marzo", "fin de mes", "jueves a mediodía"},
		talk: []string{
			"¡Buenos días!", "¿Otra vez está rota la máquina de café?", "Mi tren llega tarde, vuelvo enseguida.", "Aquí la compilación está en verde.", "Gracias, eso ayudó.",
			"¿Me mandas el enlace otra vez?", "Estoy en una reunión hasta las once.", "Veo los mismos números que ayer.", "¿Comemos?", "Aquí llueve todo el día.",
			"Lo miro y te digo.", "La documentación dice otra cosa, pero es vieja.", "En mi máquina funciona :)", "Perdón, canal equivocado.",
		},
	},
}
