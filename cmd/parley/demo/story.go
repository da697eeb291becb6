package demo

import "time"

// The fictional project that both workspaces talk about, so that there is something to ask.
const (
	projectName = "Tidepool"
	botName     = "Parley"
)

var (
	people       = []string{"Ana", "Bo", "Chi"}
	channelNames = []string{"general", nightWalk, "design"}
)

var topics = map[string]string{
	"general": "The spring launch of the Tidepool walk app",
	nightWalk: "Lanterns, tides and tickets for 15 November",
	"design":  "Maps, signs and pictures",
}

// line is one seeded message. The first line with a thread's name begins that thread.
type line struct {
	channel, thread, who, text string
	ago                        time.Duration // before the start
}

var slackStory = []line{
	{"general", "", "Chi", "Hello! The tide tables for March are in the shared folder.", 185 * time.Minute},
	{"general", "launch", "Ana", "Spring launch of the walk app: where do we stand? Please answer in this thread.", 170 * time.Minute},
	{"general", "launch", "Bo", "Booking is done. The payment tests still fail on older phones; I need two more days.", 164 * time.Minute},
	{"general", "launch", "Chi", "The store pictures are ready in five languages. The Japanese texts come on Thursday.", 158 * time.Minute},
	{"general", "launch", "Ana", "Then let us move the launch from 3 March to *10 March*. Any objection?", 121 * time.Minute},
	{"general", "launch", "Bo", "None. That leaves time to repair the payment tests.", 117 * time.Minute},
	{"general", "launch", "Chi", "Fine with me. I will write to the press list tomorrow.", 96 * time.Minute},
	{"general", "launch", "Ana", "Decided: we launch on 10 March. Bo repairs payments, Chi writes to the press, I update the web site.", 95 * time.Minute},
	{"design", "", "Chi", "New drawing of the harbour map: the path is `#0f7d8a` now, so that it can be read in the sun.", 80 * time.Minute},
	{"design", "", "Ana", "Much better. Could the ferry line be dashed?", 74 * time.Minute},
}

var discordStory = []line{
	{"general", "", "Ana", "Welcome to the Tidepool community! The first walk is on Saturday at **9:30**, we meet at the old lighthouse.", 0},
	{"general", "", "Bo", "I bring twelve pairs of boots, sizes 36 to 45.", 0},
	{"general", "", "Chi", "I look after the signs along the path. Two of them are missing at the north pier.", 0},
	{"general", "", "Ana", "Thanks! Low tide is at 10:12, so please be on time.", 0},
	{"design", "Map colours", "Chi", "Which colours shall the paper map have?", 0},
	{"design", "Map colours", "Bo", "Teal for the path and orange for danger. Grey for everything else.", 0},
	{"design", "Map colours", "Ana", "Agreed: teal and orange. And a large scale, for those without glasses.", 0},
}
